"""Every module of rules, imported once so that all ids are registered."""

from compliance.rules import (
    content,
    electronic,
    frequency,
    furnish_sell_sue,
    hours,
    house,
    instructions,
    licenses,
    medical,
    payments,
    states,
    status,
    uk_gdpr,
)

ALL = (
    content, electronic, frequency, furnish_sell_sue, hours, house, instructions, licenses, medical, payments, states,
    status, uk_gdpr,
)  # fmt: skip

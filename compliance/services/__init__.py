"""The one door for contact. `may_contact` answers; nothing calls, writes or texts without its stored verdict.

Asked when work is offered and again in the moment of acting, inside the transaction that records
the act and with the person's row locked, so two workers can never place the eighth call (DECISIONS 16).
"""

from .asking import (
    Answer,
    Request,
    action_for,
    badges,
    facts_for,
    judge_as_known,
    may_contact,
    may_contact_many,
)
from .holds import lift_hold, open_holds, place_hold, place_holds
from .hours import is_open, open_zone_keys
from .licences import save_licence
from .overrides import (
    OverrideRefused,
    approve_override,
    decide_override,
    may_be_overridden,
    request_override,
)
from .telling import (
    lock,
    record_care,
    record_cease,
    record_consent,
    record_contact,
    record_opt_out,
    record_preference,
    withdraw_preference,
)

__all__ = [
    "Answer",
    "OverrideRefused",
    "Request",
    "action_for",
    "approve_override",
    "badges",
    "decide_override",
    "facts_for",
    "is_open",
    "judge_as_known",
    "lift_hold",
    "lock",
    "may_be_overridden",
    "may_contact",
    "may_contact_many",
    "open_holds",
    "open_zone_keys",
    "place_hold",
    "place_holds",
    "record_care",
    "record_cease",
    "record_consent",
    "record_contact",
    "record_opt_out",
    "record_preference",
    "request_override",
    "save_licence",
    "withdraw_preference",
]

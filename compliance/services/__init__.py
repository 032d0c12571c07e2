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
    judge_now,
    may_contact,
    may_contact_many,
)
from .holds import lift_hold, open_holds, place_hold, place_holds
from .hours import Limits, is_open, limits, open_keys, opens_at
from .licences import save_licence
from .offering import Offer, offers
from .overrides import (
    OverrideRefused,
    approve_override,
    decide_override,
    may_be_overridden,
    request_override,
)
from .reassigned import Recorded, last_check, numbers_due, record_checks
from .sampling import SampleRefused, ask_sample, build_samples, take_sample
from .telling import (
    Happening,
    contact,
    lock,
    record_care,
    record_cease,
    record_consent,
    record_contact,
    record_opt_out,
    record_preference,
    told,
    withdraw_preference,
)

__all__ = [
    "Answer",
    "Happening",
    "Limits",
    "Offer",
    "OverrideRefused",
    "Recorded",
    "Request",
    "SampleRefused",
    "action_for",
    "approve_override",
    "ask_sample",
    "badges",
    "build_samples",
    "contact",
    "decide_override",
    "facts_for",
    "is_open",
    "judge_as_known",
    "judge_now",
    "last_check",
    "lift_hold",
    "limits",
    "lock",
    "may_be_overridden",
    "may_contact",
    "may_contact_many",
    "numbers_due",
    "offers",
    "open_holds",
    "open_keys",
    "opens_at",
    "place_hold",
    "place_holds",
    "record_care",
    "record_cease",
    "record_checks",
    "record_consent",
    "record_contact",
    "record_opt_out",
    "record_preference",
    "request_override",
    "save_licence",
    "take_sample",
    "told",
    "withdraw_preference",
]

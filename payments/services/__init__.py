"""Writes about money received and what people agreed to pay. Money moves only through accounts.services."""

from .announcing import announce
from .applying import apply_by_itself, apply_held, with_held
from .applying import next_number as next_application
from .applying import targets as application_targets
from .batches import (
    BatchRefused,
    add_line,
    close_batch,
    discard_batch,
    open_batch,
    post_released,
    release_batch,
    remove_line,
    reopen_batch,
)
from .drafting import PlanRefused, Terms
from .fees import fee_decision, set_return_fee, take_back_return_fee
from .judging import judge
from .lowering import leave_out_disputed
from .month_end import JOB as MONTH_END
from .month_end import post_month_end
from .payments import PaymentRefused, default_amount, preview, record_payment
from .plans import cancel_plan, open_plan
from .promises import PromiseRefused, cancel_promise, default_promise, make_promise, replace_promise
from .retrying import retry_payment
from .retrying import verdicts as retries
from .returns import return_payment
from .stay_days import post_stay_interest, stays, unposted
from .stay_days import say as say_days

__all__ = [
    "MONTH_END",
    "BatchRefused",
    "PaymentRefused",
    "PlanRefused",
    "PromiseRefused",
    "Terms",
    "add_line",
    "announce",
    "application_targets",
    "apply_by_itself",
    "apply_held",
    "cancel_plan",
    "cancel_promise",
    "close_batch",
    "default_amount",
    "default_promise",
    "discard_batch",
    "fee_decision",
    "judge",
    "leave_out_disputed",
    "make_promise",
    "next_application",
    "open_batch",
    "open_plan",
    "post_month_end",
    "post_released",
    "post_stay_interest",
    "preview",
    "record_payment",
    "release_batch",
    "remove_line",
    "reopen_batch",
    "replace_promise",
    "retries",
    "retry_payment",
    "return_payment",
    "say_days",
    "set_return_fee",
    "stays",
    "take_back_return_fee",
    "unposted",
    "with_held",
]

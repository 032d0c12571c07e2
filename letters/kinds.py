"""What each kind of message is for: its purpose in the rules' words, whether it asks for money, by which channels."""

from dataclasses import dataclass

from letters.merge_fields import KINDS as NAMES

SMS, EMAIL, POST = "sms", "email", "post"
CHANNEL_IN_RULES = {POST: "letter", EMAIL: "email", SMS: "sms"}
POINT_KIND = {POST: "ADDRESS", EMAIL: "EMAIL", SMS: "PHONE"}
LEAST_EFFORT = (SMS, EMAIL, POST)
ON_PAPER = (EMAIL, POST)


@dataclass(frozen=True, slots=True)
class Kind:
    """`asks`: it asks for money, so it goes only about a debt that is open, owed, undisputed and has no unapplied
    money. `purpose` is the one of compliance VECTORS.md. `channels` are tried in this order."""

    purpose: str = "collect"
    asks: bool = False
    channels: tuple[str, ...] = LEAST_EFFORT


KINDS: dict[str, Kind] = {
    "validation_notice": Kind("validation_notice", asks=True, channels=(POST,)),
    "promise_confirmation": Kind(asks=True),
    "promise_reminder": Kind(asks=True),
    "broken_promise": Kind(asks=True, channels=(POST, EMAIL)),
    "plan_confirmation": Kind(asks=True, channels=ON_PAPER),
    "installment_reminder": Kind(asks=True),
    "payment_received": Kind(channels=(SMS, EMAIL, POST)),
    "paid_in_full": Kind(channels=ON_PAPER),
    "returned_payment": Kind(asks=True, channels=ON_PAPER),
    "cease_acknowledgment": Kind("termination_notice", channels=(POST,)),
    "dispute_acknowledgment": Kind("respond_to_consumer", channels=(POST, EMAIL)),
    "original_creditor_answer": Kind("original_creditor_response", channels=(POST,)),
    "callback_confirmation": Kind("respond_to_consumer", channels=(SMS, EMAIL)),
    "stop_confirmation": Kind("opt_out_confirmation", channels=(SMS,)),
    "help_answer": Kind("respond_to_consumer", channels=(SMS,)),
    "general": Kind(asks=True, channels=(POST, EMAIL)),
}


def of(kind: str) -> Kind:
    """The kind; an unknown one is treated as strictly as one that asks for money."""
    return KINDS.get(kind, Kind(asks=True))


def label(kind: str) -> str:
    """In words, for a screen."""
    return NAMES.get(kind, kind.replace("_", " "))

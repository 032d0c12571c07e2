"""An outcome is taken back by adding: a note that reverses it, and the call once more, waiting for the right one."""

from datetime import datetime

from django.db import transaction

from contacts.models import Disposition, Interaction
from core import audit
from users import services as users
from users.models import TimeState, User

from .calls import no_other
from .closing import IN_DISTRESS

FINAL = {
    Disposition.Follow.PAYMENT: "Money was recorded. Reverse the payment on its own page.",
    Disposition.Follow.PLAN: "A plan was agreed. Change or end it on its own page.",
    Disposition.Follow.DISPUTE: "The dispute stands. Answer or withdraw it on its own page.",
    Disposition.Follow.STOP: "The request to stop stands. Compliance can lift it.",
    Disposition.Follow.ATTORNEY: "The attorney stands. Compliance can lift it.",
    Disposition.Follow.WRONG_PARTY: "The number is off everywhere. Add it again if the person gives it anew.",
}
KEPT = ("verified_at", "verified_facts", "script_version", "script_step", "steps_done", "verdict_id", "call_ref")


def binding(call: Interaction) -> str:
    """Why this outcome can't be taken back, in a sentence; empty when it can."""
    if call.disposition is None:
        return "This call has no outcome yet."
    if Interaction.objects.filter(corrects=call, kind=Interaction.Kind.CALL).exists():
        return "This outcome was taken back already."
    return is_final(call.disposition)


def is_final(outcome: Disposition) -> str:
    """Why an outcome of this kind is never taken back; empty when it may be."""
    if outcome.code == IN_DISTRESS:
        return "The pause stands until its review."
    if "message" in outcome.call_outcome:
        return "A message was left; that can't be taken back."
    return FINAL.get(Disposition.Follow(outcome.follow), "")


@transaction.atomic
def take_back(*, call: Interaction, by: User, at: datetime) -> Interaction:
    """Write that the outcome was taken back, and open the same call again for another one; no new attempt.

    Raises CallMistake when the officer has another call open.
    """
    no_other(by)
    assert call.disposition is not None
    shared = {
        "debtor_id": call.debtor_id, "account_id": call.account_id, "account_ids": call.account_ids,
        "direction": call.direction, "contact_point_id": call.contact_point_id, "officer": by, "corrects": call,
    }  # fmt: skip
    Interaction.objects.create(
        **shared, kind=Interaction.Kind.NOTE, state=Interaction.State.CLOSED, started_at=at, ended_at=at,
        recorded_at=at, note=f"“{call.disposition.label}” was taken back. The attempt stays counted.",
    )  # fmt: skip
    facts = {**call.facts, "line": "ended", "first": call.facts.get("first", call.pk)}
    again = Interaction.objects.create(
        **shared, **{name: getattr(call, name) for name in KEPT}, kind=Interaction.Kind.CALL, dialed=call.dialed,
        started_at=call.started_at, recorded_at=at, facts=facts,
    )  # fmt: skip
    users.set_time_state(user=by, state=TimeState.WRAP_UP, at=at)
    audit.record(
        "call.outcome_taken_back", actor=by, subject=call, data={"outcome": call.disposition.code, "again": again.pk},
        person_id=call.debtor_id, at=at,
    )  # fmt: skip
    return again

"""How a contact ended: one outcome, consistent with whom we reached, written once (F35)."""

from datetime import datetime

from django.db import transaction

from accounts.models import Account, ContactPoint
from contacts import gate
from contacts.models import Disposition, Draft, Interaction
from core import audit
from users import services as users
from users.models import TimeState, User

from .calls import locked, mine
from .scripting import unread

MISSED_OUT = frozenset({"hung-up"})  # may happen after the identity check too


class OutcomeRefused(Exception):
    """The outcome does not fit the call; a sentence, and the `field` it is about."""

    def __init__(self, text: str, field: str | None = None) -> None:
        super().__init__(text)
        self.field = field


def allowed_outcome(*, call: Interaction, disposition: Disposition) -> bool:
    """Before the identity check only results that disclose nothing; after it only talks with the person (F34)."""
    group = Disposition.Group
    if not disposition.active or disposition.group == group.OTHER:
        return False
    if call.verified_at is None:
        return not disposition.right_party and (call.direction == "out" or disposition.code not in _UNANSWERED)
    return disposition.group == group.ANSWERED or disposition.code in MISSED_OUT


_UNANSWERED = frozenset({"no-answer", "busy", "not-in-service", "message-left"})


@transaction.atomic
def close_call(*, call: Interaction, disposition: Disposition, note: str, by: User, at: datetime) -> Interaction:
    """End a call with its outcome: note kept, the attempt's result told to compliance, the number's last result.

    The same outcome again by the same officer returns the closed call. Raises OutcomeRefused, CallMistake.
    """
    call = locked(call)
    if call.state == Interaction.State.CLOSED and call.officer_id == by.pk and call.disposition_id == disposition.pk:
        return call
    mine(call, by)
    call.officer = by
    _check(call, disposition, note)
    call.disposition, call.right_party, call.note = disposition, disposition.right_party, note
    call.state, call.ended_at = Interaction.State.CLOSED, at
    call.facts = {**call.facts, "line": "ended"}
    call.save(update_fields=["disposition", "right_party", "note", "state", "ended_at", "facts"])
    accounts = list(Account.objects.filter(pk__in=call.account_ids))
    gate.record_outcome(call=call, accounts=accounts, outcome=disposition.call_outcome)
    if call.contact_point_id:
        rows = ContactPoint.objects.filter(pk=call.contact_point_id)
        rows.update(last_result=disposition.label, last_result_at=at)
    Draft.objects.filter(user=by, debtor=call.debtor_id).delete()
    audit.record(
        "call.closed",
        actor=by,
        subject=call,
        data={"outcome": disposition.code, "right_party": call.right_party, "direction": call.direction},
        person_id=call.debtor_id,
        at=at,
    )
    users.set_time_state(user=by, state=TimeState.READY, at=at)
    return call


def _check(call: Interaction, disposition: Disposition, note: str) -> None:
    if not allowed_outcome(call=call, disposition=disposition):
        words = "Check the identity first" if call.verified_at is None else "You talked with the person"
        raise OutcomeRefused(f"{words}: “{disposition.label}” does not fit this call.", "disposition")
    if disposition.right_party and (steps := unread(call)):
        raise OutcomeRefused(f"Read the step “{steps[0].title}” before you save.", "disposition")
    if disposition.note_required and not note.strip():
        raise OutcomeRefused("Add a note: what did the person say?", "note")

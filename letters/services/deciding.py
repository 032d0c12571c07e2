"""What a person decides about a message: send it again, or say what became of one nobody knows about."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import Document
from core import audit
from letters import states
from letters.models import Message
from letters.states import State

from . import recording
from .queueing import KEEP

AGAIN = frozenset({State.FAILED, State.WITHHELD})


class DecisionRefused(Exception):
    """It cannot be done with this message as it is now; a sentence."""


@transaction.atomic
def send_again(*, message: Message, by: Any, at: datetime) -> Message:
    """Put a failed or held-back message in the queue again under its own key; it is judged anew when sent.

    Raises DecisionRefused when it is in another state.
    """
    row = Message.objects.select_for_update().get(pk=message.pk)
    if row.state not in AGAIN:
        raise DecisionRefused(f"This message is {row.get_state_display().lower()}; it can't be sent again.")
    _queue(row, at)
    audit.record("message.sent_again", actor=by, subject=row, person_id=row.debtor_id, at=at)
    return row


@transaction.atomic
def send_failed_again(*, messages: Iterable[Message], by: Any, at: datetime) -> int:
    """The failed ones of a run, and only those; what went out stays out. Returns how many (F114)."""
    ids = [m.pk for m in messages]
    rows = Message.objects.select_for_update().filter(pk__in=ids, state=State.FAILED).order_by("pk")
    found = list(rows)
    for row in found:
        _queue(row, at)
    audit.record("message.run_sent_again", actor=by, data={"messages": [r.pk for r in found]}, at=at)
    return len(found)


def _queue(row: Message, at: datetime) -> None:
    expires = row.expires_at
    if expires is not None and expires <= at:
        expires = at + KEEP if row.subject_id is None else expires
    Message.objects.filter(pk=row.pk).update(
        state=State.QUEUED, due_at=at, tries=0, reason="", finished_at=None, expires_at=expires, prepared=None
    )
    row.state = State.QUEUED


def went_out_after_all(row: Message, at: datetime) -> dict[str, Any]:
    """Keep the paper and count the contact of a message that turned out to have gone; the columns that say so."""
    moment = datetime.fromisoformat(row.prepared["at"]) if row.prepared else at
    columns: dict[str, Any] = {"sent_at": moment}
    if row.prepared:
        paper = recording.document(row, at)
        Document.objects.bulk_create([paper])
        columns["document_id"] = paper.pk
    for told in recording.events(row, moment):
        told.save(force_insert=True)
    return columns


@transaction.atomic
def decide_unknown(*, message: Message, went_out: bool, by: Any, at: datetime, reason: str) -> Message:
    """Somebody looked: it went out (then it counts and its paper is kept), or it did not (then it failed).

    Raises DecisionRefused when it is not waiting for that.
    """
    row = Message.objects.select_for_update().get(pk=message.pk)
    if row.state != State.UNKNOWN:
        raise DecisionRefused("It is known by now what became of this message.")
    to = State.SENT if went_out else State.FAILED
    if to not in states.TABLE[row.state]:
        raise DecisionRefused("This message can't be decided.")
    columns: dict[str, Any] = {"state": to, "finished_at": at, "prepared": None, "reason": reason[:300]}
    if went_out:
        columns |= went_out_after_all(row, at)
    Message.objects.filter(pk=row.pk).update(**columns)
    audit.record(
        "message.decided", actor=by, subject=row, data={"went_out": went_out}, reason=reason[:500],
        person_id=row.debtor_id, at=at,
    )  # fmt: skip
    row.refresh_from_db()
    return row

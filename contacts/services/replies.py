"""A text or an e-mail that came in and is no command: it waits until somebody has answered or says that it is done."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import Debtor
from contacts import signals
from contacts.models import Reply
from core import audit


@transaction.atomic
def receive_reply(
    *, debtor: Debtor, channel: str, key: str, event_id: UUID, received_at: datetime, at: datetime
) -> Reply:
    """Keep that somebody has to answer; the same key again gives the row that is there, whatever became of it."""
    reply, new = Reply.objects.get_or_create(
        key=key,
        defaults={
            "debtor": debtor, "channel": channel, "event_id": event_id, "received_at": received_at, "recorded_at": at,
        },
    )  # fmt: skip
    if new:
        _tell([reply], at)
    return reply


@transaction.atomic
def finish_replies(*, debtor: Debtor, by: Any, at: datetime) -> int:
    """Nothing is left to do about what this person wrote; returns how many there were. Again it changes nothing."""
    closed = _close(Reply.objects.filter(debtor=debtor), Reply.State.DONE, by, at)
    if closed:
        audit.record("reply.done", actor=by, subject=debtor, data={"replies": closed}, person_id=debtor.pk, at=at)
    return closed


@transaction.atomic
def answer_replies(*, written: Iterable[tuple[int, datetime, int]], at: datetime) -> int:
    """Somebody of ours wrote: (person, when it was written, who wrote). What came before that is answered.

    One statement when nothing waits for an answer; returns how many were answered.
    """
    rows = list(written)
    waiting = set(
        Reply.objects.filter(debtor__in={person for person, _, _ in rows}, state=Reply.State.OPEN).values_list(
            "debtor_id", flat=True
        )
    )
    count = 0
    for person, wrote_at, by in rows:
        if person in waiting:
            mine = Reply.objects.filter(debtor=person, received_at__lte=wrote_at)
            count += _close(mine, Reply.State.ANSWERED, by, at)
    return count


@transaction.atomic
def reopen_replies(*, debtor: Debtor, by: Any, answered_at: datetime, at: datetime) -> int:
    """The talk of `by` that answered them at that moment is taken back: they wait again. Returns how many."""
    rows = Reply.objects.filter(debtor=debtor, state=Reply.State.ANSWERED, closed_by=by, closed_at=answered_at)
    found = list(rows.select_for_update())
    if not found:
        return 0
    Reply.objects.filter(pk__in=[row.pk for row in found]).update(
        state=Reply.State.OPEN, closed_at=None, closed_by=None
    )
    audit.record("reply.reopened", actor=by, subject=debtor, data={"replies": len(found)}, person_id=debtor.pk, at=at)
    _tell(found, at)
    return len(found)


def _close(rows: Any, state: str, by: Any, at: datetime) -> int:
    found = list(rows.filter(state=Reply.State.OPEN).select_for_update())
    who = by if isinstance(by, int) else by.pk
    Reply.objects.filter(pk__in=[row.pk for row in found]).update(state=state, closed_at=at, closed_by=who)
    if found:
        _tell(found, at)
    return len(found)


def _tell(replies: list[Reply], at: datetime) -> None:
    transaction.on_commit(lambda: signals.replies_changed.send(sender=Reply, replies=replies, at=at), robust=True)

"""What providers tell us: kept once, then taken in. The row is the queue; order and repeats don't matter.

A receipt only moves its message forward. What came back makes its address bad and is no contact any more; a first
notice that came back was never given (12 CFR 1006.34(a), comment 34(b)(5)-2).
"""

import json
import logging
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

from django.db import models, transaction

from accounts import services as accounts
from compliance import services as compliance
from compliance.services import recording_many
from core import audit, work
from letters import states
from letters.channels import hooks
from letters.channels.hooks import Event
from letters.models import Message, ProviderEvent, Receipt
from letters.states import EventState, State

from . import replies
from .deciding import went_out_after_all

log = logging.getLogger(__name__)
WORK = work.WorkKind(ProviderEvent, ready=(EventState.NEW,), leased=EventState.WORKING)
OVERTAKES = 8  # tries while its message may still be on its way into our books: about half an hour
TO = {
    hooks.DELIVERED: State.DELIVERED,
    hooks.BOUNCED: State.RETURNED,
    hooks.RETURNED: State.RETURNED,
    hooks.FAILED: State.RETURNED,
}
FOR_GOOD = frozenset({hooks.BOUNCED, hooks.RETURNED})
WORDS = {hooks.BOUNCED: "It bounced", hooks.RETURNED: "The post returned it", hooks.FAILED: "It did not arrive"}


class NotYet(Exception):
    """The event came before its message was recorded as sent."""


class LostLease(Exception):
    """A successor owns the row; nothing of ours is kept."""


def take(*, channel: str, events: Iterable[Event], at: datetime) -> list[int]:
    """Keep what a provider said, each event once. Returns the ids of the rows that are new."""
    rows = []
    for event in events:
        said = json.dumps(asdict(event), default=str, ensure_ascii=False)
        row = ProviderEvent(
            channel=channel, event_id=event.id, kind=event.kind, reference=event.reference,
            occurred_at=min(event.occurred_at, at), received_at=at, due_at=at,
        )  # fmt: skip
        row.seal(said)
        rows.append(row)
    known = set(
        ProviderEvent.objects.filter(channel=channel, event_id__in=[r.event_id for r in rows]).values_list(
            "event_id", flat=True
        )
    )
    ProviderEvent.objects.bulk_create(rows, ignore_conflicts=True)
    new = [r.event_id for r in rows if r.event_id not in known]
    return list(ProviderEvent.objects.filter(channel=channel, event_id__in=new).values_list("pk", flat=True))


def take_in(*, at: datetime, limit: int = 1000, ids: Iterable[int] | None = None) -> dict[str, int]:
    """Act on what is kept and due, or on these rows. Returns counts by outcome. Safe to run any number of times."""
    rows = ProviderEvent.objects.filter(pk__in=list(ids)) if ids is not None else None
    tally: Counter[str] = Counter()
    for row in work.claim(WORK, at=at, limit=limit, rows=rows):
        try:
            tally[_taken_in(row, at)] += 1
        except NotYet as early:
            tally["too_early"] += work.retry(WORK, row=row, at=at, error=str(early), dead=EventState.FAILED)
        except LostLease:
            log.warning("lease lost", extra={"row": str(row.pk)})
        except Exception as wrong:
            log.exception("an event was not understood", extra={"row": str(row.pk)})
            work.retry(WORK, row=row, at=at, error=type(wrong).__name__, dead=EventState.FAILED)
            tally["not_understood"] += 1
    return dict(tally)


@transaction.atomic
def _taken_in(row: ProviderEvent, at: datetime) -> str:
    said = json.loads(row.said())
    if row.kind == hooks.INBOUND:
        state, outcome = replies.heard(row, said["sender"], said["text"], at)
    elif row.kind in TO:
        state, outcome = _receipt(row, said["code"], at)
    else:
        state, outcome = EventState.IGNORED, "This kind of event changes nothing."
    columns = {"outcome": outcome[:200], "finished_at": at, "message_id": row.message_id, "last_error": ""}
    if not work.finish(WORK, pk=row.pk, token=row.lease_token, state=state, **columns):
        raise LostLease
    return state.lower()


def _receipt(row: ProviderEvent, code: str, at: datetime) -> tuple[EventState, str]:
    found = _message_of(row)
    if found is None:
        if row.tries < OVERTAKES:
            raise NotYet("No message has this reference yet.")
        return EventState.IGNORED, "No message of ours has this reference."
    recording_many.lock_many([found.debtor_id])
    message = Message.objects.select_for_update(of=("self",)).get(pk=found.pk)
    row.message = message
    if message.state in states.OPEN:
        raise NotYet("Its message is on its way into our books.")
    new = Receipt.objects.get_or_create(
        message=message, kind=row.kind, provider_event=row.event_id, defaults={"at": row.occurred_at, "code": code}
    )[1]
    if message.state == State.UNKNOWN:
        _prove(message, at)
    to = TO[row.kind]
    if not new or to not in states.TABLE[message.state]:
        return EventState.IGNORED, f"Its message was {State(message.state).label.lower()} already."
    reason = "" if to == State.DELIVERED else f"{WORDS[row.kind]}. {code}".strip()
    Message.objects.filter(pk=message.pk).update(state=to, reason=reason[:300])
    if to == State.RETURNED:
        _came_back(row, message, reason, at)
    return EventState.DONE, f"Its message is {State(to).label.lower()}."


def _message_of(row: ProviderEvent) -> Message | None:
    """By the provider's reference, or by our own key."""
    if not row.reference:
        return None
    mine = Message.objects.filter(channel=row.channel)
    key, _, number = row.reference.rpartition(":")
    where = models.Q(provider_ref=row.reference)
    if key == "message" and number.isascii() and number.isdigit() and len(number) < 19:
        where |= models.Q(pk=int(number))
    return mine.filter(where).order_by("pk").first()


def _prove(message: Message, at: datetime) -> None:
    """A receipt says that it went out, which nobody knew."""
    columns = went_out_after_all(message, at)
    Message.objects.filter(pk=message.pk).update(state=State.SENT, finished_at=at, prepared=None, reason="", **columns)
    message.state = State.SENT


def _came_back(row: ProviderEvent, message: Message, reason: str, at: datetime) -> None:
    point = message.contact_point
    compliance.record_contact(
        debtor=message.debtor, accounts=[message.account], kind="undeliverable", at=row.occurred_at, direction="in",
        point=point, facts={"ref": str(message.pk), "medium": message.channel}, source=row,
    )  # fmt: skip
    if point is not None and row.kind in FOR_GOOD and point.usable:
        accounts.set_contact_status(point=point, status="BAD", by=None, at=at, reason=reason[:200])
    audit.record("message.returned", subject=message, data={"kind": row.kind}, person_id=message.debtor_id, at=at)

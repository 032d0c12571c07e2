"""What is done with an item: finished, put off, given, called back, flagged; and taken back (F19, F21, F22)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from accounts import states
from accounts.models import Account, Debtor
from contacts import services as contacts
from core import audit, prepared
from users.models import User

from . import bulk_email, holds, items_sql
from .models import BulkAction, Queue, WorkItem
from .refresh import open_item, refresh_people
from .rules.steps import NEXT_STEPS

CALLBACK_AHEAD = timedelta(days=60)
UNATTENDED = timedelta(minutes=10)  # a due call-back that nobody takes goes to the team (F19)
UNDO_FOR = timedelta(hours=24)


class CallbackRefused(Exception):
    """The time does not fit, or the person has no open debt; the message is for the officer."""


class UndoRefused(Exception):
    """It was undone before, is somebody else's, or is older than a day."""


@transaction.atomic(savepoint=False)
def finish_item(
    *,
    debtor: Debtor,
    by: Any,
    at: datetime,
    queue: str,
    next_step: str,
    not_before: datetime,
    assigned_to: User | None = None,
    only_time: bool = False,
    let_go: bool = False,
) -> WorkItem | None:
    """Close what was to do about a person and open what comes next, or None when there is nothing to do but wait.

    `queue` empty means: the facts say it. `not_before` is the first moment it may be offered again. `only_time`:
    nothing else changed than when and how she was called last, so one statement does; the points follow with the
    next refresh, before she may be offered. `let_go` also releases her from the hand of `by`.
    """
    moved = queue in Queue.values and queue not in (Queue.CALLBACK, Queue.GENERAL)
    if only_time:
        values = {
            "debtor": debtor.pk, "by": by.pk, "at": at, "next_step": next_step[:80], "not_before": not_before,
            "to": assigned_to.pk if assigned_to else None, "let_go": let_go, "queue": queue if moved else "",
        }  # fmt: skip
        row = prepared.one(items_sql.FOLLOWING, values, items_sql.TYPES)
        if row is not None:
            made: WorkItem = prepared.read(WorkItem, row)
            return _scored(made, at) if moved else made
    following = _refreshed(debtor, by, at, queue if moved else "", next_step, not_before, assigned_to)
    if let_go:
        holds.release(user=by, debtor=debtor, at=at, reason="done")
    return following


@transaction.atomic
def alert(*, debtor_id: int, to: User | None, next_step: str, at: datetime) -> WorkItem | None:
    """Something happened that an officer has to know now: the person's item says it, on the list of `to`.

    A time that was put off is over; without an active officer the item keeps who has it. When there was nothing to
    do about the person (her plan is on track), it is a call that is due now. None: she has no open debt.
    """
    item = open_item(debtor_id)
    if item is None:
        try:
            item = _made(Debtor.objects.get(pk=debtor_id), at)
        except CallbackRefused:
            return None
        item.queue, item.due_at = Queue.CALLBACK, at
    item.next_step, item.not_before, item.updated_at = next_step[:80], at, at
    if to is not None and to.is_active:
        item.assigned_to = to
    item.save(update_fields=["queue", "due_at", "next_step", "not_before", "assigned_to", "updated_at"])
    refresh_people([debtor_id], at)
    item.refresh_from_db()
    return item


@transaction.atomic
def finish_replies(*, debtor: Debtor, by: User, at: datetime) -> int:
    """Nothing is left to do about what a person wrote: her item ends, or says again what else there is to do.

    Returns how many texts and e-mails that were; doing it again changes nothing.
    """
    item = open_item(debtor.pk)
    closed = contacts.finish_replies(debtor=debtor, by=by, at=at)
    if closed and item is not None and item.queue == Queue.REPLY:
        finish_item(debtor=debtor, by=by, at=at, queue="", next_step="", not_before=at)
    return closed


@transaction.atomic
def hurry_replies(*, debtor_id: int, waits: bool, at: datetime) -> None:
    """A reply came, or the last one has its answer: an item that was put off is due now; a call-back waits again.

    The queue is that of the facts (refresh); an agreed call-back keeps its queue and its time.
    """
    item = open_item(debtor_id)
    if item is None:
        return
    words, agreed = NEXT_STEPS[Queue.REPLY], NEXT_STEPS[Queue.CALLBACK]
    if waits:
        item.next_step, item.not_before = words, min(item.not_before, at)
    elif item.queue == Queue.CALLBACK and item.due_at is not None and item.next_step == words:
        item.next_step, item.not_before = agreed, max(item.due_at, item.not_before)
    else:
        return
    item.updated_at = at
    item.save(update_fields=["next_step", "not_before", "updated_at"])


def _scored(item: WorkItem, at: datetime) -> WorkItem | None:
    """The item with the points of the queue it was moved to; None if other facts end it."""
    refresh_people([item.debtor_id], at)
    return WorkItem.objects.filter(pk=item.pk, state=WorkItem.State.OPEN).first()


def _refreshed(
    debtor: Debtor, by: Any, at: datetime, queue: str, next_step: str, not_before: datetime, to: User | None
) -> WorkItem | None:
    """The same by the facts; `queue` is one that was chosen, or empty."""
    item = open_item(debtor.pk)
    if item is not None:
        _end(item, by=by, at=at)
    refresh_people([debtor.pk], at)
    following = open_item(debtor.pk)
    if following is None:
        return None
    if queue:
        following.set_queue = following.queue = queue
    following.next_step = next_step[:80] or following.next_step
    following.not_before = not_before
    following.assigned_to = to
    following.updated_at = at
    following.save(update_fields=["set_queue", "queue", "next_step", "not_before", "assigned_to", "updated_at"])
    if queue:  # another queue has other points
        refresh_people([debtor.pk], at)
        following.refresh_from_db()
    return following


def _end(item: WorkItem, *, by: Any, at: datetime) -> None:
    item.state, item.done_at, item.done_by, item.held = WorkItem.State.DONE, at, by, False
    item.updated_at = at
    item.save(update_fields=["state", "done_at", "done_by", "held", "updated_at"])


@transaction.atomic
def schedule_callback(*, debtor: Debtor, at_time: datetime, by: User | None, at: datetime) -> WorkItem:
    """Promise to call a person at a time; the item interrupts `by` then. Raises CallbackRefused.

    The verdict is asked when it is due, not now: rules may change until then.
    """
    if not at < at_time <= at + CALLBACK_AHEAD:
        raise CallbackRefused("Choose a time from now to 60 days ahead.")
    item = open_item(debtor.pk) or _made(debtor, at)
    item.queue, item.due_at, item.not_before = Queue.CALLBACK, at_time, at_time
    item.assigned_to, item.next_step, item.updated_at = by, "Call back as agreed", at
    item.save(update_fields=["queue", "due_at", "not_before", "assigned_to", "next_step", "updated_at"])
    audit.record(
        "work.callback_scheduled",
        actor=by,
        subject=item,
        data={"at": at_time},
        person_id=debtor.pk,
        portfolio_id=item.portfolio_id,
    )
    refresh_people([debtor.pk], at)
    item.refresh_from_db()
    return item


def _made(debtor: Debtor, at: datetime) -> WorkItem:
    """An item for somebody about whom there was nothing to do (a promise is open, a debt is held)."""
    refresh_people([debtor.pk], at)
    item = open_item(debtor.pk)
    if item is not None:
        return item
    account = Account.objects.filter(debtor=debtor, status__in=states.OPEN).order_by("-balance", "pk").first()
    if account is None:
        raise CallbackRefused("This person has no open debt.")
    return WorkItem.objects.create(
        debtor=debtor,
        account=account,
        portfolio=account.portfolio,
        team=account.portfolio.teams.order_by("pk").first(),
        queue=Queue.CALLBACK,
        name=debtor.name,
        folded_name=debtor.folded_name,
        zone_key=debtor.zone_key,
        home_zone=debtor.home_zone,
        language=debtor.language,
        amount=account.balance,
        currency=account.currency,
        not_before=at,
        created_at=at,
        updated_at=at,
    )


def due_callbacks(*, user: User, at: datetime) -> QuerySet[WorkItem]:
    """This officer's call-backs whose time has come and that nobody has in hand, the oldest first."""
    return WorkItem.objects.filter(
        assigned_to=user, state=WorkItem.State.OPEN, queue=Queue.CALLBACK, due_at__lte=at, held=False
    ).order_by("due_at", "pk")


@transaction.atomic
def pass_on_callbacks(*, at: datetime) -> int:
    """Give call-backs that stood unattended for ten minutes to the team; returns how many (F19)."""
    late = WorkItem.objects.filter(
        queue=Queue.CALLBACK, state=WorkItem.State.OPEN, due_at__lte=at - UNATTENDED, held=False
    ).exclude(assigned_to=None)
    rows = list(late.select_for_update(skip_locked=True)[:1000])
    WorkItem.objects.filter(pk__in=[item.pk for item in rows]).update(assigned_to=None, updated_at=at)
    for item in rows:
        audit.record(
            "work.callback_passed_on",
            subject=item,
            data={"from": item.assigned_to_id, "due": item.due_at},
            person_id=item.debtor_id,
            portfolio_id=item.portfolio_id,
        )
    return len(rows)


@transaction.atomic
def assign(*, items: Sequence[WorkItem], to: User | None, by: User, at: datetime) -> BulkAction:
    """Give these items to one colleague (None: to the team). Can be undone for a day."""
    before = {str(item.pk): {"assigned_to_id": item.assigned_to_id} for item in items}
    WorkItem.objects.filter(pk__in=[item.pk for item in items]).update(assigned_to=to, updated_at=at)
    return _kept("assign", before, by=by, at=at, data={"to": to.pk if to else None})


@transaction.atomic
def snooze(*, items: Sequence[WorkItem], until: datetime, by: User, at: datetime) -> BulkAction:
    """Offer these items to nobody before `until`. Can be undone for a day."""
    before = {str(item.pk): {"not_before": item.not_before.isoformat()} for item in items}
    WorkItem.objects.filter(pk__in=[item.pk for item in items]).update(not_before=until, updated_at=at)
    return _kept("snooze", before, by=by, at=at, data={"until": until})


def _kept(kind: str, before: dict[str, Any], *, by: User, at: datetime, data: dict[str, Any]) -> BulkAction:
    action = BulkAction.objects.create(kind=kind, by=by, at=at, before=before, count=len(before))
    audit.record(f"work.bulk_{kind}", actor=by, subject=action, data={**data, "items": sorted(before)})
    return action


@transaction.atomic
def undo(*, action_id: int, by: User, at: datetime) -> int:
    """Put back what a bulk act changed on items that are still open, and e-mails that have not left; returns how many.

    Raises UndoRefused.
    """
    action = BulkAction.objects.select_for_update().filter(pk=action_id, by=by).first()
    if action is None or action.undone_at is not None or at - action.at > UNDO_FOR:
        raise UndoRefused("This can't be undone any more.")
    put_back = bulk_email.take_back(action, at) if action.kind == bulk_email.KIND else _put_back(action, at)
    action.undone_at = at
    action.save(update_fields=["undone_at"])
    audit.record(f"work.bulk_{action.kind}_undone", actor=by, subject=action, data={"count": put_back})
    return put_back


def _put_back(action: BulkAction, at: datetime) -> int:
    put_back = 0
    for pk, columns in sorted(action.before.items()):
        rows = WorkItem.objects.filter(pk=int(pk), state=WorkItem.State.OPEN)
        put_back += rows.update(**columns, updated_at=at)
    return put_back


@transaction.atomic
def flag_wrong_priority(*, item: WorkItem, by: User, at: datetime) -> None:
    """An officer says that this person should not be first; the share of such flags is a figure (D10)."""
    if not WorkItem.objects.filter(pk=item.pk, wrong_priority_at=None).update(wrong_priority_at=at):
        return
    audit.record(
        "work.priority_flagged",
        actor=by,
        subject=item,
        data={"priority": item.priority, "reasons": item.reasons, "queue": item.queue},
        person_id=item.debtor_id,
        portfolio_id=item.portfolio_id,
    )

"""Who has a person in hand; one open hold each, by constraint (DECISIONS 3).

The writer of PersonHold; only `items_sql.FOLLOWING` also closes an officer's own hold, with the item it ends.

Locks are taken in one order everywhere: first the work item, then the hold.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from accounts.access import portfolio_ids
from accounts.models import Debtor
from core import audit
from users.models import User

from . import prepared
from .models import PersonHold, WorkItem

HOLD_FOR = timedelta(minutes=30)
PASSED_FOR = timedelta(minutes=15)


class Held(Exception):
    """Somebody else has the person in hand; the message says who and until when."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A person in an officer's hand, why she was first, and until when. `verdict_id` is the stored answer."""

    hold_id: int
    debtor_id: int
    account_id: int | None
    work_item_id: int | None
    queue: str
    priority: int
    reasons: dict[str, int] = field(default_factory=dict)
    next_step: str = ""
    position: int = 0
    expires_at: datetime | None = None
    verdict_id: UUID | None = None

    @property
    def debtor(self) -> Debtor:
        return Debtor.objects.get(pk=self.debtor_id)

    @property
    def url(self) -> str:
        return f"/people/P-{self.debtor_id}/?queue={self.queue}"


_TYPES = {
    "user": "bigint",
    "debtor": "bigint",
    "kind": "text",
    "item": "bigint",
    "at": "timestamptz",
    "until": "timestamptz",
    "queue": "text",
    "day": "timestamptz",
    "verdict": "uuid",
    "books": "bigint[]",
}
# The officer's place in a queue: "7 of 42". The counts are kept (counts.py) and up to a minute old, so while they are
# older than her last claim they know less than that claim did, and its size stays.
PLACE = """SELECT b.position + 1 AS position, GREATEST(b.position + 1,
        CASE WHEN b.size > 0 AND c.counted_at < b.taken_at THEN b.size ELSE b.position + c.waiting END) AS size
    FROM (SELECT COALESCE(sum(q.waiting), 0)::int AS waiting, max(q.counted_at) AS counted_at
        FROM strategies_queuecount q WHERE q.portfolio_id = ANY(%(books)s) AND q.queue = {queue}) c,
    LATERAL (SELECT COALESCE(max(l.position), 0) AS position, max(l.size) AS size, max(l.taken_at) AS taken_at
        FROM (SELECT position, size, taken_at FROM strategies_personhold
            WHERE user_id = %(user)s AND taken_at > %(day)s AND queue = {queue} AND position > 0
            ORDER BY taken_at DESC LIMIT 1) l) b"""
_TAKE = f"""WITH place AS MATERIALIZED ({PLACE.format(queue="%(queue)s")}), taken AS (
    INSERT INTO strategies_personhold (debtor_id, user_id, kind, work_item_id, taken_at, expires_at, release_reason,
        queue, position, size, verdict_id)
    SELECT %(debtor)s, %(user)s, %(kind)s, %(item)s, %(at)s, %(until)s, '', %(queue)s, place.position, place.size,
        %(verdict)s
    FROM place
    ON CONFLICT DO NOTHING
    RETURNING id, position
), marked AS (
    UPDATE strategies_workitem SET held = true WHERE id = %(item)s
) SELECT id, position FROM taken"""


def insert(
    user: User | None,
    debtor_id: int,
    *,
    at: datetime,
    until: datetime,
    kind: str,
    item: int | None,
    queue: str,
    verdict: UUID | None = None,
) -> tuple[int, int] | None:
    """Insert the open hold and mark the item; None when somebody has one."""
    values = {
        "user": user.pk if user else None,
        "debtor": debtor_id,
        "kind": kind,
        "item": item,
        "at": at,
        "until": until,
        "queue": queue,
        "day": at - timedelta(hours=12),
        "verdict": verdict,
        "books": sorted(portfolio_ids(user) or ()),
    }
    return prepared.one(_TAKE, values, _TYPES)


@transaction.atomic
def claim(*, user: User, debtor: Debtor, at: datetime, queue: str = "") -> Claim:
    """Take this person in hand; an own hold is extended, a reserve gives way. Raises Held when somebody else has her.

    Called by the first act on a person's page (opening it takes nothing). The act asks its own verdict.
    """
    item = WorkItem.objects.select_for_update().filter(debtor=debtor, state=WorkItem.State.OPEN).first()
    hold = PersonHold.objects.select_for_update().filter(debtor=debtor, released_at=None).first()
    until = at + HOLD_FOR
    if hold is not None and hold.kind == PersonHold.Kind.RESERVED:
        _release([hold], at=at, reason="taken by name")
        hold = None
    elif hold is not None and hold.expires_at <= at and hold.user_id != user.pk:
        _release([hold], at=at, reason="expired")
        hold = None
    if hold is not None:
        if hold.user_id != user.pk:
            raise Held(_who_has(hold))
        PersonHold.objects.filter(pk=hold.pk).update(expires_at=until)
        return _claim_of(hold, item, until)
    taken = insert(
        user,
        debtor.pk,
        at=at,
        until=until,
        kind=PersonHold.Kind.OFFICER,
        item=item.pk if item else None,
        queue=queue or (item.queue if item else ""),
    )
    if taken is None:
        raise Held("Somebody else has just taken this person.")
    return _claim_of(PersonHold.objects.get(pk=taken[0]), item, until)


def _claim_of(hold: PersonHold, item: WorkItem | None, until: datetime) -> Claim:
    return Claim(
        hold_id=hold.pk,
        debtor_id=hold.debtor_id,
        account_id=item.account_id if item else None,
        work_item_id=item.pk if item else None,
        queue=hold.queue or (item.queue if item else ""),
        priority=item.priority if item else 0,
        reasons=item.reasons if item else {},
        next_step=item.next_step if item else "",
        position=hold.position,
        expires_at=until,
        verdict_id=hold.verdict_id,
    )


def _who_has(hold: PersonHold) -> str:
    name = str(hold.user) if hold.user else hold.get_kind_display()
    return f"{name} has this person in hand until {hold.expires_at:%H:%M} UTC."


def hold_of(debtor: Debtor) -> PersonHold | None:
    """The open hold on a person with its user, or None; a reserve is nobody's hand."""
    return _in_hand().select_related("user").filter(debtor=debtor).first()


_QUEUE = """SELECT queue FROM strategies_personhold
WHERE debtor_id = %(debtor)s AND released_at IS NULL AND kind <> 'RESERVED' AND expires_at > %(at)s"""
_QUEUE_TYPES = {"debtor": "bigint", "at": "timestamptz"}


def queue_of(debtor_id: int, at: datetime) -> str:
    """The queue in which somebody has this person in hand now; empty when nobody has."""
    row = prepared.one(_QUEUE, {"debtor": debtor_id, "at": at}, _QUEUE_TYPES)
    return str(row[0]) if row else ""


def _in_hand() -> QuerySet[PersonHold]:
    return PersonHold.objects.filter(released_at=None).exclude(kind=PersonHold.Kind.RESERVED)


@transaction.atomic(savepoint=False)
def release(*, user: User, debtor: Debtor, at: datetime, reason: str) -> bool:
    """Let go of a person in one's own hand; False when she was not (nothing changes)."""
    WorkItem.objects.select_for_update().filter(debtor=debtor, state=WorkItem.State.OPEN).first()
    mine = list(PersonHold.objects.select_for_update().filter(debtor=debtor, user=user, released_at=None))
    return bool(_release(mine, at=at, reason=reason))


def extend(*, user: User, debtor: Debtor, at: datetime) -> bool:
    """Keep a person in hand for another half hour; False when the hold is gone."""
    rows = _in_hand().filter(debtor=debtor, user=user)
    return bool(rows.update(expires_at=at + HOLD_FOR))


@transaction.atomic
def expire(*, at: datetime) -> int:
    """Let go of everybody whose hold ran out; returns how many."""
    due = PersonHold.objects.filter(released_at=None, expires_at__lte=at)
    people = list(due.values_list("debtor_id", flat=True)[:5000])
    _lock_items(people)
    return _release(list(due.filter(debtor__in=people).select_for_update()), at=at, reason="expired")


@transaction.atomic
def release_all(*, user: User, at: datetime, reason: str) -> list[int]:
    """Let go of everybody in a person's hand and of the reserve (sign-off); returns the ids of those in hand."""
    mine = PersonHold.objects.filter(user=user, released_at=None)
    people = list(mine.values_list("debtor_id", flat=True))
    _lock_items(people)
    held = list(mine.select_for_update())
    _release(held, at=at, reason=reason)
    return [hold.debtor_id for hold in held if hold.kind != PersonHold.Kind.RESERVED]


@transaction.atomic
def pass_over(*, user: User, at: datetime) -> int:
    """Let go of everybody in this officer's hand who is not on a call, and offer them to nobody for a while.

    Pressing N again without an outcome must not bring the same person. Returns how many.
    """
    from contacts.models import Interaction

    talking = Interaction.objects.filter(officer=user, state=Interaction.State.OPEN, kind=Interaction.Kind.CALL)
    mine = _in_hand().filter(user=user).exclude(debtor__in=talking.values("debtor"))
    people = list(mine.values_list("debtor_id", flat=True))
    _lock_items(people)
    count = _release(list(mine.select_for_update()), at=at, reason="passed over")
    rows = WorkItem.objects.filter(debtor__in=people, state=WorkItem.State.OPEN, not_before__lt=at + PASSED_FOR)
    rows.update(not_before=at + PASSED_FOR)
    return count


@transaction.atomic
def takeover(*, debtor: Debtor, by: User, at: datetime, reason: str) -> Claim:
    """A lead takes a live person from an officer. The call, its identity check and script place stay as they are."""
    item = WorkItem.objects.select_for_update().filter(debtor=debtor, state=WorkItem.State.OPEN).first()
    hold = PersonHold.objects.select_for_update().filter(debtor=debtor, released_at=None).first()
    reserved = hold is not None and hold.kind == PersonHold.Kind.RESERVED
    before = hold.user_id if hold and not reserved else None
    if hold is not None and hold.user_id != by.pk and not reserved:
        _release([hold], at=at, reason="taken over")
    taken = claim(user=by, debtor=debtor, at=at, queue=hold.queue if hold else "")
    audit.record(
        "work.taken_over",
        actor=by,
        subject=item,
        data={"from": before},
        reason=reason,
        person_id=debtor.pk,
        portfolio_id=item.portfolio_id if item else None,
    )
    return taken


def _lock_items(people: list[int]) -> None:
    rows = WorkItem.objects.filter(debtor__in=people, state=WorkItem.State.OPEN).order_by("pk")
    list(rows.select_for_update().values_list("pk", flat=True))


def _release(holds: list[PersonHold], *, at: datetime, reason: str) -> int:
    """Close these holds and free their items. The items must be locked."""
    people = [hold.debtor_id for hold in holds]
    if not people:
        return 0
    WorkItem.objects.filter(debtor__in=people, state=WorkItem.State.OPEN, held=True).update(held=False)
    rows = PersonHold.objects.filter(pk__in=[hold.pk for hold in holds], released_at=None)
    return rows.update(released_at=at, release_reason=reason)

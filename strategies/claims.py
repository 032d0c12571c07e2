"""The next person, please: the most urgent one an officer may call now (F16, F20). One index walk per book."""

import json
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from accounts.access import portfolio_ids
from accounts.models import Debtor
from users.models import User

from . import gate, holds, prepared
from .holds import Claim
from .models import PersonHold, Queue, WorkItem
from .rules import steps

TRIES = 25
NEAR = 40  # candidates looked at without a lock; more than ever claim in the same millisecond
WITHHELD_FOR = timedelta(hours=12)  # when the verdict knows no next time

_TYPES = {
    "user": "bigint",
    "books": "bigint[]",
    "at": "timestamptz",
    "queue": "text",
    "zones": "text[]",
    "languages": "text[]",
}
_ROW = "id, priority + 100000 AS rank"
_MINE = f"""(SELECT {_ROW} FROM strategies_workitem
    WHERE assigned_to_id = %(user)s AND state = 'OPEN' AND queue = 'callbacks' AND due_at <= %(at)s
        AND not_before <= %(at)s AND NOT held AND portfolio_id = ANY(%(books)s)
    ORDER BY due_at LIMIT 5)"""
_BOOK = """(SELECT id, priority AS rank FROM strategies_workitem
    WHERE portfolio_id = {book} AND state = 'OPEN' AND NOT held AND not_before <= %(at)s
        AND (assigned_to_id IS NULL OR assigned_to_id = %(user)s)
        {queue} {zones} {language}
    ORDER BY priority DESC, id LIMIT {near})"""
# The state is asked again in other words, so that only the primary key fits: an index of all that is open is slow here.
_PICK = """WITH near AS MATERIALIZED (
    SELECT id, rank FROM ({branches}) each ORDER BY rank DESC, id LIMIT {near}
), pick AS (
    SELECT w.id, w.debtor_id, w.account_id, w.queue, w.priority, w.reasons, w.next_step
    FROM strategies_workitem w JOIN near USING (id)
    WHERE w.state NOT IN ('DONE', 'CANCELLED') AND NOT w.held
    ORDER BY near.rank DESC, w.id LIMIT 1 FOR UPDATE OF w SKIP LOCKED
) SELECT pick.*, d.name, d.state, d.language, (SELECT count(*) FROM near)
FROM (SELECT 1) one LEFT JOIN pick ON true LEFT JOIN accounts_debtor d ON d.id = pick.debtor_id"""


def _pick_sql(books: list[int], queue: str | None, languages: bool) -> str:
    """One index walk per book, merged by priority: cost does not grow with the number of people."""
    calling = queue is None or queue in steps.CALLING
    names = ", ".join(f"'{name}'" for name in sorted(steps.CALLING))
    branch = {
        "queue": "AND queue = %(queue)s" if queue else f"AND queue IN ({names})",
        "zones": "AND zone_key = ANY(%(zones)s)" if calling else "",
        "language": "AND language = ANY(%(languages)s)" if languages else "",
    }
    branches = [_MINE, *(_BOOK.format(book=int(book), near=NEAR, **branch) for book in books)]
    return _PICK.format(branches=" UNION ALL ".join(branches), near=NEAR)


def books_of(user: User) -> list[int]:
    """Ids of the portfolios this person works; compliance reads all and works none."""
    return sorted(portfolio_ids(user) or ())


def claim_next(*, user: User, at: datetime, queue: str | None = None) -> Claim | None:
    """Take the most urgent person this officer may call now, or None.

    An own call-back that is due comes first. The verdict is asked and stored; a "no" puts the item off to its
    next allowed time and the next person is tried, at most TRIES times.
    """
    books = books_of(user)
    if not books:
        return None
    if queue not in Queue.values:
        queue = None
    zones = sorted(gate.open_zone_keys(at))
    awake = books if zones or (queue and queue not in steps.CALLING) else []  # at night only own call-backs
    sql = _pick_sql(awake, queue, bool(user.languages))
    values = {
        "user": user.pk,
        "books": books,
        "at": at,
        "queue": queue,
        "zones": zones,
        "languages": user.languages,
    }
    for _ in range(TRIES):
        with transaction.atomic():
            *row, near = prepared.one(sql, values, _TYPES) or (None, 0)
            if not near:
                return None
            # All that were near may have gone to others since this statement began: look again.
            claim = _take(row, user=user, at=at) if row[0] is not None else None
        if claim is not None:
            return claim
    return None


def _take(row: list[Any], *, user: User, at: datetime) -> Claim | None:
    item, debtor_id, account_id, queue, points, reasons, next_step, *about = row
    verdict_id = None
    if queue in steps.CALLING:
        answer = gate.may_be_offered(debtor=_person(debtor_id, *about), at=at, by=user)
        verdict_id = answer.record_id
        if not answer.allowed:
            later = answer.next_allowed or at + WITHHELD_FOR
            WorkItem.objects.filter(pk=item).update(not_before=max(later, at + timedelta(minutes=1)))
            return None
    until = at + holds.HOLD_FOR
    kind = PersonHold.Kind.CALLBACK if queue == Queue.CALLBACK else PersonHold.Kind.OFFICER
    hold = holds.insert(user, debtor_id, at=at, until=until, kind=kind, item=item, queue=queue, verdict=verdict_id)
    if hold is None:
        return None
    parts = json.loads(reasons) if isinstance(reasons, str) else reasons
    return Claim(hold[0], debtor_id, account_id, item, queue, points, parts, next_step, hold[1], until, verdict_id)


def _person(pk: int, name: str, state: str, language: str) -> Debtor:
    """The person with what a verdict reads; the rest is read when somebody asks for it."""
    known = {"id": pk, "name": name, "state": state, "language": language}
    fields = [field.attname for field in Debtor._meta.concrete_fields if field.attname in known]
    return Debtor.from_db(None, fields, [known[name] for name in fields])

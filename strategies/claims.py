"""The next person, please: the most urgent one an officer may call now (F16, F20). One index walk per book."""

import json
import time
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import transaction

from accounts.access import portfolio_ids
from accounts.models import Debtor
from core import prepared
from users.models import User

from . import gate, holds, reserve
from .holds import Claim
from .models import PersonHold, Queue, WorkItem
from .rules import steps

TRIES = 25  # people refused before those are asked for whom others keep ready
LOST = 100  # rounds in which others were quicker, each after a short wait: half a second at most
PAUSE = 0.005
EMPTY = 3  # looks that found nobody who may be called, free or kept ready, before nobody is left
NEAR = 40  # candidates looked at without a lock
WIDE = 400  # after a round in which all of those were in other hands: 32 officers lock up to 160 people at once
WITHHELD_FOR = timedelta(hours=12)  # when the verdict knows no next time

_TYPES = {
    "user": "bigint",
    "books": "bigint[]",
    "at": "timestamptz",
    "queue": "text",
    "zones": "text[]",
    "languages": "text[]",
    "many": "int",
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
    SELECT w.id, w.debtor_id, w.account_id, w.queue, w.priority, w.reasons, w.next_step, near.rank
    FROM strategies_workitem w JOIN near USING (id)
    WHERE w.state NOT IN ('DONE', 'CANCELLED') AND NOT w.held
    ORDER BY near.rank DESC, w.id
    LIMIT CASE WHEN (SELECT count(*) FROM near) >= {enough} THEN %(many)s ELSE 1 END FOR UPDATE OF w SKIP LOCKED
) SELECT (SELECT count(*) FROM near), pick.id, pick.debtor_id, pick.account_id, pick.queue, pick.priority, pick.reasons,
    pick.next_step, d.name, d.state, d.language
FROM (SELECT 1) one LEFT JOIN pick ON true LEFT JOIN accounts_debtor d ON d.id = pick.debtor_id
ORDER BY pick.rank DESC, pick.id"""


def _pick_sql(books: list[int], queue: str | None, languages: bool, near: int = NEAR) -> str:
    """One index walk per book, merged by priority: cost does not grow with the number of people."""
    calling = queue is None or queue in steps.CALLING
    names = ", ".join(f"'{name}'" for name in sorted(steps.CALLING))
    branch = {
        "queue": "AND queue = %(queue)s" if queue else f"AND queue IN ({names})",
        "zones": "AND zone_key = ANY(%(zones)s)" if calling else "",
        "language": "AND language = ANY(%(languages)s)" if languages else "",
    }
    branches = [_MINE, *(_BOOK.format(book=int(book), near=near, **branch) for book in books)]
    return _PICK.format(branches=" UNION ALL ".join(branches), near=near, enough=NEAR)


def books_of(user: User) -> list[int]:
    """Ids of the portfolios this person works; compliance reads all and works none."""
    return sorted(portfolio_ids(user) or ())


class Picked(NamedTuple):
    """A locked item and what a verdict reads of its person."""

    item: int
    debtor_id: int
    account_id: int
    queue: str
    points: int
    reasons: Any
    next_step: str
    name: str
    state: str
    language: str

    @property
    def is_call(self) -> bool:
        return self.queue in steps.CALLING

    @property
    def person(self) -> Debtor:
        """The person with what a verdict reads; the rest is read when somebody asks for it."""
        known = {"id": self.debtor_id, "name": self.name, "state": self.state, "language": self.language}
        fields = [field.attname for field in Debtor._meta.concrete_fields if field.attname in known]
        return Debtor.from_db(None, fields, [known[name] for name in fields])


def claim_next(*, user: User, at: datetime, queue: str | None = None) -> Claim | None:
    """Take the most urgent person this officer may call now, or None.

    An own call-back that is due comes first, then the officer's reserve. Else the verdict is asked and stored; a "no"
    puts the item off to its next allowed time and the next person is tried; after TRIES of them those come whom others
    keep ready. An officer who goes fast gets a reserve with it (reserve.py), unless few are left for the others.
    """
    books = books_of(user)
    if not books:
        return None
    asked = queue if queue in Queue.values else ""
    handed = reserve.hand_out(user=user, books=books, at=at, asked=asked)
    if handed.claim is not None:
        return handed.claim
    if handed.kept:
        with transaction.atomic():
            handed = handed._replace(kept=handed.kept - reserve.drop(user=user, at=at, asked=asked))
    return _full_claim(user, books, at, asked, many=1 + max(reserve.SIZE - handed.kept, 0) if handed.fast else 1)


def _full_claim(user: User, books: list[int], at: datetime, asked: str, many: int) -> Claim | None:
    zones = sorted(gate.open_zone_keys(at))
    awake = books if zones or (asked and asked not in steps.CALLING) else []  # at night only own call-backs
    looks = [_pick_sql(awake, asked or None, bool(user.languages), near) for near in (NEAR, WIDE)]
    values = {
        "user": user.pk,
        "books": books,
        "at": at,
        "queue": asked or None,
        "zones": zones,
        "languages": user.languages,
        "many": many,
    }
    refused = lost = empty = 0
    while lost < LOST and empty < EMPTY:
        with transaction.atomic():
            rows = prepared.rows(looks[lost > 0], values, _TYPES)
            near = rows[0][0]
            picked = [Picked(*row[1:]) for row in rows if row[1] is not None]
            claim = _take(picked, user=user, at=at, asked=asked) if picked else None
            few = not near or refused >= TRIES  # time to ask for those whom others keep ready
            shared = reserve.share(books=books, at=at) if few and claim is None else 0
        if claim is not None:
            return claim
        refused += bool(picked)
        if shared or (near and not picked):  # all that were near are in the hands of transactions about to commit
            lost += 1
        elif few:  # or somebody gave people back between the two looks
            empty += 1
        if few:
            values["many"] = 1
        if few or not picked:
            time.sleep(PAUSE)
    return None


def _take(picked: list[Picked], *, user: User, at: datetime, asked: str) -> Claim | None:
    """The first who may be called goes into the officer's hand; of the others, those who may are kept ready."""
    claim: Claim | None = None
    ready: list[reserve.Kept] = []
    for row, answer, lasts in _judged(picked, user, at):
        if answer is not None and not answer.allowed:
            _put_off(row, answer, at)
        elif claim is None:
            claim = _claimed(row, answer, user=user, at=at)
        elif lasts and row.queue != Queue.CALLBACK:
            ready.append(reserve.Kept(row.debtor_id, row.item, row.queue, answer.record_id if answer else None))
    reserve.keep(ready, user=user, at=at, asked=asked)
    return claim


def _judged(picked: list[Picked], user: User, at: datetime) -> list[tuple[Picked, gate.Answer | None, bool]]:
    """Each with its stored answer (None: not worked by phone), and whether a yes lasts as long as a reserve."""
    calls = [row for row in picked if row.is_call]
    if len(calls) < 2:
        said = [(gate.may_be_offered(debtor=row.person, at=at, by=user), False) for row in calls]
    else:
        until = at + reserve.LASTS
        said = gate.may_be_offered_together(people=[row.person for row in calls], at=at, until=until, by=user)
    answers = {row.item: answer for row, answer in zip(calls, said, strict=True)}
    return [(row, *answers.get(row.item, (None, True))) for row in picked]


def _put_off(row: Picked, answer: gate.Answer, at: datetime) -> None:
    later = answer.next_allowed or at + WITHHELD_FOR
    WorkItem.objects.filter(pk=row.item).update(not_before=max(later, at + timedelta(minutes=1)))


def _claimed(row: Picked, answer: gate.Answer | None, *, user: User, at: datetime) -> Claim | None:
    until, verdict = at + holds.HOLD_FOR, answer.record_id if answer else None
    kind = PersonHold.Kind.CALLBACK if row.queue == Queue.CALLBACK else PersonHold.Kind.OFFICER
    hold = holds.insert(
        user, row.debtor_id, at=at, until=until, kind=kind, item=row.item, queue=row.queue, verdict=verdict
    )
    if hold is None:
        return None
    parts = json.loads(row.reasons) if isinstance(row.reasons, str) else row.reasons
    return Claim(
        hold[0], row.debtor_id, row.account_id, row.item, row.queue, row.points, parts, row.next_step, hold[1], until,
        verdict,
    )  # fmt: skip

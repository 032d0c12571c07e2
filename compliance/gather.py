"""From rows to what the rules need to know: three or four queries for one person or for a thousand.

`happenings` reads the history, `past` how numbers stood then; `portrait` turns the rows into facts.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from accounts.models import AccountParty, ContactPoint
from compliance.rules.facts import License

from . import happenings, past, rulebooks
from .happenings import Happening
from .rulebooks import Library

LIABLE = (AccountParty.Role.PRIMARY, AccountParty.Role.CO_OBLIGOR, AccountParty.Role.GUARANTOR)

# One statement for everything that is a short list: what holds, what was wished, who belongs to a debt, our licences,
# and which versions of the rules are approved.
_REGISTER = """
SELECT 'hold', debtor_id, account_id, kind, since, until, lifted_at, facts, source, NULL::bigint
FROM compliance_hold
WHERE debtor_id = ANY(%(people)s) AND since <= %(at)s AND recorded_at <= %(known)s
  AND (until IS NULL OR until > %(at)s)
  AND (lifted_at IS NULL OR lifted_at > %(known_then)s OR kind = 'CEASE')
UNION ALL
SELECT 'preference', debtor_id, NULL, kind, since, until, withdrawn_at, facts, source, contact_point_id
FROM compliance_preference
WHERE debtor_id = ANY(%(people)s) AND since <= %(at)s AND recorded_at <= %(known)s
  AND (until IS NULL OR until > %(at)s) AND (withdrawn_at IS NULL OR withdrawn_at > %(known_then)s)
UNION ALL
SELECT 'party', debtor_id, account_id, role, recorded_at, NULL, NULL, '{}'::jsonb, '', NULL
FROM accounts_accountparty
WHERE account_id = ANY(%(accounts)s) AND (valid_until IS NULL OR valid_until >= %(day)s)
UNION ALL
SELECT 'licence', NULL, NULL, state, NULL, NULL, NULL,
  jsonb_build_object('from', valid_from, 'until', valid_until), '', NULL
FROM accounts_licence
UNION ALL
SELECT 'rules', NULL, NULL, string_agg(slug || '=' || mark, ' ' ORDER BY slug COLLATE "C"), NULL, NULL, NULL,
  '{}'::jsonb, '', NULL
FROM compliance_rulepack WHERE mark <> ''
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A hold or a wish as the register has it; `ended` is when it was lifted or withdrawn."""

    owner: int
    account: int | None
    kind: str
    since: datetime
    until: datetime | None
    ended: datetime | None
    facts: dict[str, Any]
    source: str
    point: int | None


@dataclass(slots=True)
class Rows:
    """What was read for one person. `withdrawn` are cease requests that somebody lifted."""

    points: list[ContactPoint] = field(default_factory=list)
    holds: list[Entry] = field(default_factory=list)
    withdrawn: list[Entry] = field(default_factory=list)
    preferences: list[Entry] = field(default_factory=list)
    events: list[Happening] = field(default_factory=list)


@dataclass(slots=True)
class Book:
    """What was read for many: rows by person, roles by (account, person), where we hold a licence, and the rules."""

    people: dict[int, Rows]
    roles: dict[tuple[int, int], str]
    licenses: tuple[License, ...] | None
    library: Library


def read(
    people: Iterable[int],
    accounts: Iterable[int],
    *,
    at: datetime,
    known_at: datetime | None = None,
    stood_then: bool = False,
) -> Book:
    """Everything about these people and debts: three queries, one more when the rules have changed.

    With `known_at`, only what had been recorded by then: what we knew at that moment. `stood_then`: numbers with
    the status they had at `at` (one query more). Without any licence row licences are not judged (a firm that
    needs none).
    """
    ids = sorted(set(people))
    book = Book({pk: Rows() for pk in ids}, {}, None, rulebooks.shipped())
    _read_register(book, ids, sorted(set(accounts)), at, known_at)
    points = list(ContactPoint.objects.filter(debtor__in=ids).order_by("pk"))
    if stood_then:
        points = _as_they_stood(points, at, known_at)
    for point in points:
        book.people[point.debtor_id].points.append(point)
    for row in happenings.read(ids, at, known_at):
        rows = book.people[row.debtor_id]
        if not (row.kind == "cease" and any(_lifted(row, entry) for entry in rows.withdrawn)):
            rows.events.append(row)
    for rows in book.people.values():
        rows.events = happenings.settled(rows.events)
    return book


def _as_they_stood(points: list[ContactPoint], at: datetime, known_at: datetime | None) -> list[ContactPoint]:
    """Those that were known, with the status of then; one without a history counted as in use before it was set."""
    known = [p for p in points if known_at is None or p.source_at <= known_at]
    stood = past.statuses(ContactPoint, [p.pk for p in known], at, known_at)
    for point in known:
        if point.pk in stood:
            point.status = stood[point.pk]
        elif point.status_at > min(at, known_at or at):
            point.status = ContactPoint.Status.ACTIVE
    return known


def _read_register(book: Book, ids: list[int], accounts: list[int], at: datetime, known_at: datetime | None) -> None:
    licences: list[License] = []
    never = datetime.max.replace(tzinfo=at.tzinfo)
    then = min(at, known_at or at)
    given: dict[str, Any] = {
        "people": ids, "accounts": accounts, "at": at, "known": known_at or never, "day": at.date(),
        "known_then": then,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_REGISTER, given)
        for what, owner, account, kind, since, until, ended, facts, source, point in cursor.fetchall():
            loaded = json.loads(facts) if isinstance(facts, str) else facts
            if what == "rules":
                book.library = rulebooks.library(kind or "")
            elif what == "licence":
                licences.append(License(kind, _day(loaded["until"]), _day(loaded["from"])))
            elif what == "party":
                book.roles[account, owner] = kind
            else:
                entry = Entry(owner, account, kind, since, until, ended, loaded, source, point)
                _sort_in(book.people[owner], what, entry, then)
    book.licenses = tuple(licences) or None


def _sort_in(rows: Rows, what: str, entry: Entry, then: datetime) -> None:
    if what == "preference":
        rows.preferences.append(entry)
    elif entry.ended is not None and entry.ended <= then:
        rows.withdrawn.append(entry)
    else:
        rows.holds.append(entry)


def _day(value: str | None) -> Any:
    return datetime.fromisoformat(value).date() if value else None


def _lifted(event: Happening, entry: Entry) -> bool:
    """A cease request that somebody lifted binds no more."""
    if entry.ended is None or entry.ended < event.at:
        return False
    return entry.account is None or event.account_ids == [entry.account]

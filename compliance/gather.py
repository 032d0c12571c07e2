"""From rows to what the rules need to know: one prepared query for a few people, three or four for a thousand.

`happenings` reads the history, `past` how numbers stood then; `portrait` turns the rows into facts.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any

from django.db import connection

from accounts.models import AccountParty, ContactPoint
from compliance.rules.facts import License
from core import prepared

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
SELECT 'licences', NULL, NULL, string_agg(concat_ws(' ', state, valid_from, valid_until), ',' ORDER BY id), NULL, NULL,
  NULL, '{}'::jsonb, '', NULL
FROM accounts_licence
UNION ALL
SELECT 'rules', NULL, NULL, string_agg(slug || '=' || mark, ' ' ORDER BY slug COLLATE "C"), NULL, NULL, NULL,
  '{}'::jsonb, '', NULL
FROM compliance_rulepack WHERE mark <> ''
"""

# For a few people the three readings are one statement, planned once: register, history and numbers side by side.
FEW = 20
_TYPES = {
    "people": "bigint[]", "accounts": "bigint[]", "at": "timestamptz", "known": "timestamptz", "day": "date",
    "known_then": "timestamptz", "since": "timestamptz",
}  # fmt: skip
_WIDE, _LONG = 10, 12  # columns of the register and of the history


@cache
def _together() -> str:
    points = f"SELECT {prepared.columns(ContactPoint, 'c')} FROM accounts_contactpoint c"  # noqa: S608
    return f"""SELECT * FROM ({_REGISTER}) r({_names("r", _WIDE)})
FULL JOIN ({happenings.READ}) e({_names("e", _LONG)}) ON false
FULL JOIN ({points} WHERE c.debtor_id = ANY(%(people)s)) p ON false"""  # noqa: S608


def _names(letter: str, count: int) -> str:
    return ", ".join(f"{letter}{n}" for n in range(count))


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
    """Everything about these people and debts: one query (more than FEW people: three), one more when rules changed.

    With `known_at`, only what had been recorded by then: what we knew at that moment. `stood_then`: numbers with
    the status they had at `at` (one query more). Without any licence row licences are not judged (a firm that
    needs none).
    """
    ids, debts = sorted(set(people)), sorted(set(accounts))
    book = Book({pk: Rows() for pk in ids}, {}, None, rulebooks.shipped())
    given = _given(ids, debts, at, known_at)
    register, events, points = _few(given) if len(ids) <= FEW else _many(given)
    _read_register(book, register, given["known_then"])
    if stood_then:
        points = _as_they_stood(points, at, known_at)
    for point in points:
        book.people[point.debtor_id].points.append(point)
    for row in happenings.told(events):
        rows = book.people[row.debtor_id]
        if not (row.kind == "cease" and any(_lifted(row, entry) for entry in rows.withdrawn)):
            rows.events.append(row)
    for rows in book.people.values():
        rows.events = happenings.settled(rows.events)
    return book


def _given(ids: list[int], accounts: list[int], at: datetime, known_at: datetime | None) -> dict[str, Any]:
    return {
        "people": ids, "accounts": accounts, "at": at, "known": known_at or datetime.max.replace(tzinfo=at.tzinfo),
        "day": at.date(), "known_then": min(at, known_at or at), "since": at - happenings.LOOK_BACK,
    }  # fmt: skip


_Read = tuple[list[Any], list[Any], list[ContactPoint]]


def _few(given: dict[str, Any]) -> _Read:
    found = prepared.rows(_together(), given, _TYPES)
    register = [row[:_WIDE] for row in found if row[0] is not None]
    events = [row[_WIDE : _WIDE + _LONG] for row in found if row[_WIDE] is not None]
    points = [row[_WIDE + _LONG :] for row in found if row[_WIDE + _LONG] is not None]
    read = [prepared.read(ContactPoint, row) for row in points]
    return register, sorted(events, key=happenings.order), sorted(read, key=lambda point: point.pk)


def _many(given: dict[str, Any]) -> _Read:
    with connection.cursor() as cursor:
        cursor.execute(_REGISTER, given)
        register = cursor.fetchall()
        cursor.execute(f"{happenings.READ} ORDER BY at, recorded_at, id", given)
        events = cursor.fetchall()
    return register, events, list(ContactPoint.objects.filter(debtor__in=given["people"]).order_by("pk"))


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


def _read_register(book: Book, register: Iterable[Any], then: datetime) -> None:
    for what, owner, account, kind, since, until, ended, facts, source, point in register:
        if what == "rules":
            book.library = rulebooks.library(kind or "")
        elif what == "licences":
            book.licenses = _licences(kind or "")
        elif what == "party":
            book.roles[account, owner] = kind
        else:
            loaded = json.loads(facts) if isinstance(facts, str) else facts
            entry = Entry(owner, account, kind, since, until, ended, loaded, source, point)
            _sort_in(book.people[owner], what, entry, then)


@lru_cache(maxsize=64)
def _licences(text: str) -> tuple[License, ...] | None:
    """ "TX 2024-07-01 2027-06-30,…": state, first day, last day if there is one. None without any: not judged then."""
    rows = [[*line.split(" "), ""][:3] for line in text.split(",") if line]
    return tuple(License(state, _day(until), _day(begins)) for state, begins, until in rows) or None


def _sort_in(rows: Rows, what: str, entry: Entry, then: datetime) -> None:
    if what == "preference":
        rows.preferences.append(entry)
    elif entry.ended is not None and entry.ended <= then:
        rows.withdrawn.append(entry)
    else:
        rows.holds.append(entry)


def _day(value: str) -> date | None:
    return date.fromisoformat(value) if value else None


def _lifted(event: Happening, entry: Entry) -> bool:
    """A cease request that somebody lifted binds no more."""
    if entry.ended is None or entry.ended < event.at:
        return False
    return entry.account is None or event.account_ids == [entry.account]

"""The list behind each figure. Its rows come from the very text the day facts are added up from (D3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from accounts.states import Status
from core import keyset
from letters.states import State as MessageState
from payments.models import Method
from payments.states import PlanState, PromiseState

from . import build_sql, kpis, services, sources
from .scope import Scope

PAGE = 100
MOST = 100_000


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a list, such as the kept ones; the first part of a list is what its figure counts."""

    code: str
    label: str
    where: str


@dataclass(frozen=True, slots=True)
class ListSpec:
    """One list: its source, its parts, the head of its words column, and labels for codes in it."""

    slug: str
    title: str
    definition: str
    source: str
    parts: tuple[Part, ...]
    words: str
    money: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)

    def part(self, code: str) -> Part:
        return next((part for part in self.parts if part.code == code), self.parts[0])

    @property
    def meaning(self) -> kpis.Definition:
        return kpis.DEFINITIONS[self.definition]


@dataclass(frozen=True, slots=True)
class ListRow:
    """One row: day and moment, person, debt, officer, amount, what happened."""

    id: str
    on: date
    at: datetime
    debtor_id: int
    person: str
    account_id: int
    officer: str
    amount: Decimal | None
    words: str
    portfolio: str
    currency: str


_PROMISES = {state.value: str(state.label) for state in PromiseState}
LISTS: dict[str, ListSpec] = {
    spec.slug: spec
    for spec in (
        ListSpec(
            "collected", "Payments and returns", "collected", sources.COLLECTED,
            (Part("", "All", "true"), Part("payments", "Payments", "NOT back"), Part("returned", "Returned", "back")),
            "Paid by", True, {method.value: str(method.label) for method in Method},
        ),
        ListSpec(
            "promises", "Promises that came due", "kept_rate", sources.MATURED,
            (
                Part("", "Due", "true"), Part("kept", "Kept", "kept"),
                Part("part", "Partly kept", "state = 'PART_KEPT'"),
                Part("missed", "Missed", "state IN ('BROKEN', 'REPLACED')"),
            ),
            "Outcome", True, {**_PROMISES, "REPLACED": "Replaced after its date"},
        ),
        ListSpec(
            "calls", "Calls tried", "rpc_rate", sources.CALLS,
            (
                Part("", "Tried", "direction = 'out'"), Part("right", "Right person", "right_party"),
                Part("answered", "Somebody answered", "direction = 'out' AND answered"),
                Part("inbound", "Calls to us", "direction = 'in'"),
            ),
            "Outcome",
        ),
        ListSpec("worked", "People worked", "worked", sources.WORKED, (Part("", "All", "true"),), "Outcome"),
        ListSpec(
            "stopped", "Contacts stopped by rules", "stopped", sources.DECISIONS,
            (Part("", "Stopped", "stopped"), Part("all", "All decisions", "true")), "Rule",
        ),
        ListSpec(
            "messages", "Letters and messages", "messages", sources.MESSAGES,
            (
                Part("", "Ended", "true"), Part("left", "Sent", "left_us"),
                Part("held", "Held back", "held_back"), Part("failed", "Failed", "state = 'FAILED'"),
            ),
            "Kind or reason", False, {state.value: str(state.label) for state in MessageState},
        ),
        ListSpec(
            "reach", "Debts that could be worked", "penetration", sources.REACH,
            (
                Part("", "Tried", "tried"), Part("all", "Could be worked", "true"),
                Part("untried", "Not tried", "NOT tried"),
            ),
            "Calls",
        ),
        ListSpec(
            "cured", "Debts late at the last month end", "cure_rate", sources.LATE,
            (Part("", "Brought current", "cured"), Part("late", "Late then", "true")),
            "State now", True, {status.value: str(status.label) for status in Status},
        ),
        ListSpec(
            "made", "Promises made", "made", sources.MADE, (Part("", "All", "true"),), "State now", True, _PROMISES
        ),
        ListSpec(
            "plans", "Plans agreed", "made", sources.PLANS, (Part("", "All", "true"),), "State now", True,
            {state.value: str(state.label) for state in PlanState},
        ),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """Which list, which part, of whose: the parameters of its SQL."""

    spec: ListSpec
    part: Part
    scope: Scope
    officer_id: int | None = None
    nobody: bool = False

    @property
    def source(self) -> str:
        """The rows; with the bucket of each when one is asked for."""
        return build_sql.bucketed(self.spec.source) if self.scope.bucket else self.spec.source

    def where(self) -> tuple[str, dict[str, Any]]:
        through = self.scope.period.through(self.scope.today)
        values = sources.bounds(self.scope.period.start, through, self.scope.today)
        narrowed, more = sources.narrow(self.scope.ids, self.officer_id, nobody=self.nobody)
        if self.scope.bucket:
            narrowed, more = f"{narrowed} AND bucket = %(bucket)s", {**more, "bucket": self.scope.bucket}
        if self.spec.slug == "reach":
            more |= services.reach_values(self.scope.ids, self.scope.period)
        elif self.spec.slug == "cured":
            more |= services.late_values(self.scope.ids, through, today=self.scope.today)
        return narrowed, {**values, **more}


def totals(asked: Asked) -> dict[str, tuple[int, Decimal]]:
    """How many rows each part has, and their money in the scope's currency. One query."""
    where, values = asked.where()
    columns = ", ".join(
        f"count(*) FILTER (WHERE {part.where}),"
        f" COALESCE(sum(amount) FILTER (WHERE ({part.where}) AND book.currency = %(currency)s), 0)"
        for part in asked.spec.parts
    )
    sql = f"""SELECT {columns} FROM ({asked.source}) rows
JOIN accounts_portfolio book ON book.id = portfolio_id WHERE {where}"""
    with connection.cursor() as cursor:
        cursor.execute(sql, {**values, "currency": asked.scope.currency})
        found = cursor.fetchone()
    return {part.code: (found[2 * i], found[2 * i + 1]) for i, part in enumerate(asked.spec.parts)}


def page(asked: Asked, *, cursor: str = "", size: int = PAGE) -> tuple[list[ListRow], str]:
    """Rows, newest first, and the cursor of the next page ("" on the last). One query."""
    where, values = asked.where()
    key = keyset.decode(cursor, 2) if cursor else None
    if key is not None and _is_moment(key[0]):
        where += " AND (at, rows.id::text) < (%(after)s::timestamptz, %(after_id)s)"
        values = {**values, "after": key[0], "after_id": str(key[1])}
    rows = list(_read(asked, where, values, size + 1))
    more = len(rows) > size
    rows = rows[:size]
    return rows, keyset.encode([rows[-1].at, rows[-1].id]) if more else ""


def everything(asked: Asked) -> Iterator[ListRow]:
    """All rows, at most 100,000, for a file."""
    where, values = asked.where()
    yield from _read(asked, where, values, MOST)


def _is_moment(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(datetime.fromisoformat(value))
    except ValueError:
        return False


def _read(asked: Asked, where: str, values: dict[str, Any], size: int) -> Iterator[ListRow]:
    spec = asked.spec
    sql = f"""SELECT rows.id::text, rows."on", rows.at, rows.debtor_id, person.name, rows.account_id,
  COALESCE(who.display_name, ''), rows.amount, COALESCE(rows.words, ''), book.name, book.currency
FROM ({asked.source}) rows JOIN accounts_debtor person ON person.id = rows.debtor_id
JOIN accounts_portfolio book ON book.id = rows.portfolio_id
LEFT JOIN users_user who ON who.id = rows.officer_id
WHERE {where} AND {asked.part.where} ORDER BY rows.at DESC, rows.id::text DESC LIMIT {int(size)}"""
    with connection.cursor() as db:
        db.execute(sql, values)
        for row in db.fetchall():
            found = ListRow(*row)
            yield replace(found, words=spec.labels.get(found.words, found.words.replace("_", " ")))

"""Reads for the lists. One statement per page whatever the size: an index walk per book, merged (P1, P2)."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from accounts.models import Portfolio
from core import keyset
from users.models import User

from . import gate
from .filters import Filters
from .rules import steps

SIZE = 50


class Row(NamedTuple):
    """One person in the list. Amounts in `currency`; `calls` are those of seven days about the main debt."""

    id: int
    debtor_id: int
    portfolio_id: int
    queue: str
    priority: int
    name: str
    amount: Decimal
    currency: str
    late_since: date
    debts: int
    missed_amount: Decimal | None
    missed_on: date | None
    last_contact_at: datetime | None
    last_contact: str
    next_step: str
    not_before: datetime
    due_at: datetime | None
    zone_key: str
    assigned_to_id: int | None
    key: Any
    home_zone: str
    holder: str | None
    calls: int
    talked_at: datetime | None
    holds: list[str] | None

    @property
    def ref(self) -> str:
        return f"P-{self.debtor_id}"


_COLUMNS = """id, debtor_id, account_id, portfolio_id, queue, priority, name, amount, currency, late_since, debts,
    missed_amount, missed_on, last_contact_at, last_contact, next_step, not_before, due_at, zone_key,
    home_zone, held, assigned_to_id"""
_PAGE = """WITH page AS MATERIALIZED (
    SELECT * FROM ({branches}) each ORDER BY {name} {way}, id {way_id} LIMIT {size}
) SELECT p.id, p.debtor_id, p.portfolio_id, p.queue, p.priority, p.name, p.amount, p.currency, p.late_since, p.debts,
    p.missed_amount, p.missed_on, p.last_contact_at, p.last_contact, p.next_step, p.not_before, p.due_at, p.zone_key,
    p.assigned_to_id, p.{name} AS key, p.home_zone, h.holder, c.calls, c.talked_at,
    s.kinds
FROM page p
LEFT JOIN LATERAL (
    SELECT COALESCE(u.display_name, t.kind) AS holder FROM strategies_personhold t
    LEFT JOIN users_user u ON u.id = t.user_id
    WHERE p.held AND t.debtor_id = p.debtor_id AND t.released_at IS NULL AND t.kind <> 'RESERVED' LIMIT 1) h ON true
LEFT JOIN LATERAL (
    SELECT count(DISTINCT COALESCE(NULLIF(e.source_id, ''), e.id::text))
            FILTER (WHERE e.direction = 'out' AND p.account_id = ANY(e.account_ids)) AS calls,
        max(e.at) FILTER (WHERE e.kind = 'call' AND e.outcome = 'conversation') AS talked_at
    FROM compliance_contactevent e
    WHERE e.debtor_id = p.debtor_id AND e.at > %(week)s AND e.at <= %(at)s AND e.kind IN ('call', 'attempt')) c
    ON true
LEFT JOIN LATERAL (
    SELECT array_agg(x.kind::text ORDER BY x.kind) AS kinds FROM compliance_hold x
    WHERE x.debtor_id = p.debtor_id AND x.account_id IS NULL AND x.lifted_at IS NULL
        AND (x.until IS NULL OR x.until > %(at)s)) s ON true
ORDER BY p.{name} {way}, p.id {way_id}"""


def books(user: User) -> list[Portfolio]:
    """The portfolios a person may see, with their creditors. One query (and one for the right, once a request)."""
    return list(Portfolio.objects.visible_to(user).select_related("creditor").order_by("name"))


def worklist(*, user: User, asked: Filters, books: Sequence[Portfolio], at: datetime, size: int = SIZE) -> keyset.Page:
    """One page of the people in these books, by key: page 200 costs what page 1 costs. One statement.

    Days late are counted on the UTC day of `at`. `books` must come from `visible_to`.
    """
    chosen = [b.pk for b in books if asked.creditor in (None, b.creditor_id)]
    if not chosen:
        return keyset.Page([], "", "")
    order, falling = asked.order
    values: dict[str, Any] = {"at": at, "week": at - timedelta(days=7), "me": user.pk}
    where = _where(asked, values, at=at)
    where += _after(asked, values, column=order.column, falling=falling != asked.back)
    plain = order.column in _COLUMNS.replace(",", " ").split()
    columns = _COLUMNS if plain else f"{_COLUMNS}, {order.column} AS key"
    shape = {
        "name": order.column if plain else "key",
        "way": "DESC" if falling != asked.back else "ASC",
        "way_id": "DESC" if asked.back else "ASC",
        "size": size + 1,
    }
    # Each book's walk ends by itself: the planner keeps the order of an index only below its own LIMIT.
    tail = "ORDER BY {name} {way}, id {way_id} LIMIT {size}".format(**shape)
    branches = [
        f"(SELECT {columns} FROM strategies_workitem WHERE portfolio_id = {int(book)} AND state = 'OPEN'{where} {tail})"
        for book in chosen
    ]
    sql = _PAGE.format(branches=" UNION ALL ".join(branches), **shape)
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        found = [Row(*row) for row in cursor.fetchall()]
    return _page(found, asked, size)


def _where(asked: Filters, values: dict[str, Any], *, at: datetime) -> str:
    """Conditions on one book's items; every value is a parameter."""
    parts: list[str] = []
    if asked.queue:
        parts.append("queue = %(queue)s")
        values["queue"] = asked.queue
    if asked.owner == "none":
        parts.append("assigned_to_id IS NULL")
    elif asked.owner:
        parts.append("assigned_to_id = %(owner)s")
        values["owner"] = values["me"] if asked.owner == "me" else int(asked.owner)
    today = at.date()
    bounds: tuple[tuple[str, str, Any], ...] = (
        ("late_since <= %(late_from)s", "late_from", _back(today, asked.late_from)),
        ("late_since >= %(late_to)s", "late_to", _back(today, asked.late_to)),
        ("amount >= %(amount_from)s", "amount_from", asked.amount_from),
        ("amount <= %(amount_to)s", "amount_to", asked.amount_to),
        ("missed_on >= %(missed_since)s", "missed_since", _back(today, asked.missed_within)),
    )
    for words, name, value in bounds:
        if value is not None:
            parts.append(words)
            values[name] = value
    if asked.now:
        parts.append("not_before <= %(at)s AND NOT held AND zone_key = ANY(%(zones)s) AND queue = ANY(%(calling)s)")
        values["zones"] = sorted(gate.open_zone_keys(at)) or [""]
        values["calling"] = sorted(steps.CALLING)
    return "".join(f" AND {part}" for part in parts)


def _back(today: date, days: int | None) -> date | None:
    return None if days is None else today - timedelta(days=days)


def _after(asked: Filters, values: dict[str, Any], *, column: str, falling: bool) -> str:
    cursor = asked.cursor
    if cursor is None:
        return ""
    values["key"], values["key_id"] = cursor
    sign, beyond = ("<", "<=") if falling else (">", ">=")
    ids = "<" if asked.back else ">"
    return f" AND {column} {beyond} %(key)s AND ({column} {sign} %(key)s OR id {ids} %(key_id)s)"


def _page(found: list[Row], asked: Filters, size: int) -> keyset.Page:
    more = len(found) > size
    rows = found[:size]
    if asked.back:
        rows.reverse()
    started = asked.cursor is not None
    has_next = bool(rows) and (more or asked.back)
    has_previous = bool(rows) and (more if asked.back else started)
    return keyset.Page(
        rows,
        keyset.encode([rows[-1].key, rows[-1].id]) if has_next else "",
        keyset.encode([rows[0].key, rows[0].id]) if has_previous else "",
    )


class Figures(NamedTuple):
    """What an officer did: calls and talks today, promises and plans today, promises kept and judged this month."""

    calls: int
    talked: int
    promises: int
    plans: int
    kept: int
    judged: int
    promised: Decimal
    payments: int
    collected_today: Decimal
    collected_month: Decimal


_FIGURES = """SELECT i.calls, i.talked, p.promises, l.plans, m.kept, m.judged, p.promised, y.payments, y.today, y.month
FROM (SELECT count(*) AS calls, count(*) FILTER (WHERE c.right_party) AS talked FROM contacts_interaction c
        WHERE c.officer_id = %(me)s AND c.kind = 'CALL' AND c.started_at >= %(day)s AND NOT EXISTS (
          SELECT 1 FROM contacts_interaction again WHERE again.corrects_id = c.id AND again.kind = 'CALL')) i,
    (SELECT count(*) AS promises, COALESCE(sum(amount), 0) AS promised FROM payments_promise
        WHERE made_by_id = %(me)s AND made_at >= %(day)s) p,
    (SELECT count(*) AS plans FROM payments_plan WHERE agreed_by_id = %(me)s AND agreed_at >= %(day)s) l,
    (SELECT count(*) FILTER (WHERE state = 'KEPT') AS kept, count(*) AS judged FROM payments_promise
        WHERE made_by_id = %(me)s AND state IN ('KEPT', 'PART_KEPT', 'BROKEN') AND judged_at >= %(month)s) m,
    (SELECT count(*) FILTER (WHERE recorded_at >= %(day)s) AS payments,
        COALESCE(sum(amount) FILTER (WHERE recorded_at >= %(day)s), 0) AS today, COALESCE(sum(amount), 0) AS month
        FROM payments_payment WHERE taken_by_id = %(me)s AND recorded_at >= %(month)s AND state = 'POSTED') y"""


def figures(*, user: User, day: datetime, month: datetime) -> Figures:
    """Today's and this month's figures of one officer; `day` and `month` are the moments they began. One query.

    Money in the currency it came in, payments the officer took, returned ones left out.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FIGURES, {"me": user.pk, "day": day, "month": month})
        return Figures(*cursor.fetchone())

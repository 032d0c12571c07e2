"""Interest at month end: every open debt that bears interest gets a month's worth in one posting a portfolio and chunk.

The figures are those of `payoffs.payoff` for the day (DECISIONS 21), worked out by the database for a chunk of debts at
once. A chunk is one transaction; a debt is done when its balance is accrued to the day, so a run that was killed goes
on, a second one writes nothing, and two at once take turns on the rows.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from accounts.models import Portfolio
from accounts.services.debts import post_collective
from accounts.services.payoffs import INTEREST, PRINCIPAL
from accounts.states import WORKABLE
from core.prepared import array
from ledger.models import Journal
from ledger.services import Line

CHUNK = 2000
PAGE = 50_000

_FROM = f"""FROM accounts_account a
    LEFT JOIN ledger_balance i ON i.subject_id = a.id AND i.account_id = '{INTEREST}' AND i.currency = a.currency
    LEFT JOIN ledger_balance p ON p.subject_id = a.id AND p.account_id = '{PRINCIPAL}' AND p.currency = a.currency"""
_BEARS = """a.portfolio_id = %(portfolio)s AND a.status = ANY(%(statuses)s) AND a.interest_rate > 0
        AND greatest(i.accrued_to, a.placed_on) < %(on)s"""
_PAGE = f"""SELECT a.id {_FROM}
    WHERE {_BEARS} AND a.id > %(after)s AND a.id <> ALL(%(paused)s::bigint[]) ORDER BY a.id LIMIT {PAGE}"""
_LOCK = "SELECT count(*) FROM (SELECT 1 FROM accounts_account WHERE id = ANY(%s::bigint[]) ORDER BY id FOR UPDATE) a"
# Principal stood from `day` on: what it is now less what moved it later. A day's interest is of the principal before
# its postings. The division is exact: cents by `div`, never by a rounded quotient.
_AMOUNTS = f"""
WITH debt AS MATERIALIZED (
    SELECT a.id, a.interest_rate AS rate, greatest(i.accrued_to, a.placed_on) AS start,
        coalesce(p.amount, 0) AS principal
    {_FROM} WHERE a.id = ANY(%(ids)s::bigint[]) AND {_BEARS}
), move AS MATERIALIZED (
    SELECT d.id, m.day, m.change FROM debt d CROSS JOIN LATERAL (
        SELECT e.effective_date AS day, coalesce(sum(coalesce(e.debit, 0) - coalesce(e.credit, 0))
            FILTER (WHERE e.account_id = '{PRINCIPAL}'), 0) AS change
        FROM ledger_entry e
        WHERE e.subject_id = d.id AND e.effective_date > d.start
            AND e.effective_date > (SELECT min(start) FROM debt)
        GROUP BY e.effective_date) m
), stood AS (
    SELECT d.id, d.start AS day, d.principal - coalesce(sum(m.change), 0) AS principal
    FROM debt d LEFT JOIN move m USING (id) GROUP BY d.id, d.start, d.principal
    UNION ALL
    SELECT m.id, m.day, d.principal - coalesce(sum(m.change) OVER (
        PARTITION BY m.id ORDER BY m.day ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING), 0)
    FROM move m JOIN debt d USING (id)
), stretch AS (
    SELECT id, greatest(principal, 0) AS principal,
        least(coalesce(lead(day) OVER (PARTITION BY id ORDER BY day), %(on)s), %(on)s) - day AS days
    FROM stood WHERE day < %(on)s
), exact AS (
    SELECT s.id, sum(s.principal * s.days) * d.rate * 100 AS cents
    FROM stretch s JOIN debt d USING (id) GROUP BY s.id, d.rate
), rounded AS (
    SELECT id, CASE %(rounding)s
        WHEN 'down' THEN div(cents, %(basis)s)
        WHEN 'up' THEN div(cents, %(basis)s) + CASE WHEN mod(cents, %(basis)s) > 0 THEN 1 ELSE 0 END
        ELSE div(2 * cents + %(basis)s, 2 * %(basis)s) END AS cents
    FROM exact
)
SELECT id, round(cents / 100, 2) FROM rounded WHERE cents > 0 ORDER BY id
"""  # noqa: S608


def post_month(
    *, portfolio: Portfolio, on: date, at: datetime, paused: Collection[int] = (), chunk: int = CHUNK
) -> dict[str, int]:
    """Post the interest of a portfolio's open debts up to `on`, a month's last day. Counts of debts, journals, cents.

    In the portfolio's currency, rounded once for each debt by its rule. Debts that are disputed or held wait: their
    interest is posted when they are open again. `paused`: ids of debts that bear no interest now (bankruptcy).
    """
    counts = {"debts": 0, "journals": 0, "cents": 0}
    if not portfolio.charges_interest:
        return counts
    for ids in _pages(portfolio, on, paused):
        for start in range(0, len(ids), chunk):
            amounts = _post_chunk(portfolio, ids[start : start + chunk], on, at)
            counts["debts"] += len(amounts)
            counts["journals"] += bool(amounts)
            counts["cents"] += int(sum(amount for _, amount in amounts) * 100)
    return counts


def _pages(portfolio: Portfolio, on: date, paused: Collection[int]) -> Iterator[list[int]]:
    values = _values(portfolio, on) | {"paused": array(paused), "after": 0}
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_PAGE, values)
            ids = [row[0] for row in cursor.fetchall()]
        yield ids
        if len(ids) < PAGE:
            return
        values["after"] = ids[-1]


@transaction.atomic
def _post_chunk(portfolio: Portfolio, ids: Sequence[int], on: date, at: datetime) -> list[tuple[int, Decimal]]:
    """Lock the debts, then work out what is due: only a statement after the lock sees what came before it."""
    values = _values(portfolio, on) | {
        "ids": array(ids),
        "basis": 360 if portfolio.interest_basis == 360 else 365,
        "rounding": portfolio.rounding,
    }
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [values["ids"]])
        cursor.execute(_AMOUNTS, values)
        amounts: list[tuple[int, Decimal]] = cursor.fetchall()
    if amounts:
        lines = [Line(INTEREST, debit=amount, subject_id=account) for account, amount in amounts]
        lines.append(Line("income.interest", credit=sum((amount for _, amount in amounts), Decimal(0))))
        post_collective(
            key=f"interest:{portfolio.pk}:{on}:{amounts[0][0]}",
            code=Journal.Code.INTEREST,
            currency=portfolio.currency,
            lines=lines,
            effective_date=on,
            at=at,
        )
    return amounts


def _values(portfolio: Portfolio, on: date) -> dict[str, Any]:
    return {"portfolio": portfolio.pk, "statuses": [status.value for status in sorted(WORKABLE)], "on": on}

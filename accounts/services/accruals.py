"""Interest at month end: every open debt that bears interest gets a month's worth in one posting a portfolio and chunk.

The figures are those of `payoffs.payoff` for the day (DECISIONS 21), worked out by the database for a chunk of debts at
once. A chunk is one transaction; a debt is done when its balance is accrued to the day, so a run that was killed goes
on, a second one writes nothing, and two at once take turns on the rows.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from accounts.models import Portfolio
from accounts.services.payoffs import INTEREST, PRINCIPAL
from accounts.states import WORKABLE
from core.prepared import array
from ledger import services as ledger
from ledger.models import Journal

CHUNK = 2000
PAGE = 50_000

_INTEREST = f"""LEFT JOIN ledger_balance i
        ON i.subject_id = a.id AND i.account_id = '{INTEREST}' AND i.currency = a.currency"""
_BEARS = """a.portfolio_id = %(portfolio)s AND a.status = ANY(%(statuses)s) AND a.interest_rate > 0
        AND greatest(i.accrued_to, a.placed_on) < %(on)s"""
_PAGE = f"""SELECT a.id FROM accounts_account a {_INTEREST}
    WHERE {_BEARS} AND a.id > %(after)s AND a.id <> ALL(%(paused)s::bigint[]) ORDER BY a.id LIMIT {PAGE}"""
_LOCK = "SELECT count(*) FROM (SELECT 1 FROM accounts_account WHERE id = ANY(%s::bigint[]) ORDER BY id FOR UPDATE) a"
# Principal stood from `day` on: what it is now less what moved it later. A day's interest is of the principal before
# its postings. The division is exact: cents by `div`, never by a rounded quotient. Most debts had no principal moved
# since their last posting; the few that had are found by one stretch of the index, not by a look for each debt.
_AMOUNTS = f"""
WITH debt AS MATERIALIZED (
    SELECT a.id, a.interest_rate AS rate, greatest(i.accrued_to, a.placed_on) AS start,
        coalesce(p.amount, 0) AS principal
    FROM accounts_account a {_INTEREST}
    LEFT JOIN ledger_balance p ON p.subject_id = a.id AND p.account_id = '{PRINCIPAL}' AND p.currency = a.currency
    WHERE a.id = ANY(%(ids)s::bigint[]) AND {_BEARS}
), move AS MATERIALIZED (
    SELECT d.id, e.effective_date AS day, sum(coalesce(e.debit, 0) - coalesce(e.credit, 0)) AS change
    FROM ledger_entry e JOIN debt d ON d.id = e.subject_id
    WHERE e.subject_id BETWEEN %(first)s AND %(last)s AND e.account_id = '{PRINCIPAL}'
        AND e.effective_date >= (SELECT min(start) + 1 FROM debt) AND e.effective_date > d.start
    GROUP BY d.id, e.effective_date
), stood AS (
    SELECT d.id, d.start AS day, d.principal - sum(m.change) AS principal
    FROM debt d JOIN move m USING (id) GROUP BY d.id, d.start, d.principal
    UNION ALL
    SELECT m.id, m.day, d.principal - coalesce(sum(m.change) OVER (
        PARTITION BY m.id ORDER BY m.day ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING), 0)
    FROM move m JOIN debt d USING (id)
), stretch AS (
    SELECT id, greatest(principal, 0) AS principal,
        least(coalesce(lead(day) OVER (PARTITION BY id ORDER BY day), %(on)s), %(on)s) - day AS days
    FROM stood WHERE day < %(on)s
), moved AS MATERIALIZED (
    SELECT id, sum(principal * days) AS principal_days FROM stretch GROUP BY id
), exact AS (
    SELECT d.id, coalesce(m.principal_days, greatest(d.principal, 0) * (%(on)s - d.start)) * d.rate * 100 AS cents
    FROM debt d LEFT JOIN moved m USING (id)
), rounded AS (
    SELECT id, CASE %(rounding)s
        WHEN 'down' THEN div(cents, %(basis)s)
        WHEN 'up' THEN div(cents, %(basis)s) + CASE WHEN mod(cents, %(basis)s) > 0 THEN 1 ELSE 0 END
        ELSE div(2 * cents + %(basis)s, 2 * %(basis)s) END AS cents
    FROM exact
), due AS (
    SELECT id, round(cents / 100, 2) AS amount FROM rounded WHERE cents > 0 ORDER BY id
)
SELECT count(*), min(id), (100 * sum(amount))::bigint, array_agg(id)::text, array_agg(amount)::text FROM due
"""  # noqa: S608
_MOVE = """UPDATE accounts_account a SET balance = a.balance + m.amount, version = a.version + 1
FROM unnest(%s::bigint[], %s::numeric[]) AS m (id, amount) WHERE a.id = m.id"""


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
            debts, cents = _post_chunk(portfolio, ids[start : start + chunk], on, at)
            counts["debts"] += debts
            counts["journals"] += bool(debts)
            counts["cents"] += cents
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
def _post_chunk(portfolio: Portfolio, ids: Sequence[int], on: date, at: datetime) -> tuple[int, int]:
    """Lock the debts, then work out what is due: only a statement after the lock sees what came before it.

    How many debts, and cents.
    """
    values = _values(portfolio, on) | {
        "ids": array(ids),
        "first": ids[0],
        "last": ids[-1],
        "basis": 360 if portfolio.interest_basis == 360 else 365,
        "rounding": portfolio.rounding,
    }
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [values["ids"]])
        cursor.execute(_AMOUNTS, values)
        debts, first, cents, subjects, amounts = cursor.fetchone()
        if not debts:
            return 0, 0
        posting = ledger.Spread(
            key=f"interest:{portfolio.pk}:{on}:{first}",
            code=Journal.Code.INTEREST,
            currency=portfolio.currency,
            account=INTEREST,
            against="income.interest",
            subjects=subjects,
            amounts=amounts,
            effective_date=on,
        )
        ledger.post_spread(posting, at=at)
        cursor.execute(_MOVE, [subjects, amounts])
    return debts, cents


def _values(portfolio: Portfolio, on: date) -> dict[str, Any]:
    return {"portfolio": portfolio.pk, "statuses": [status.value for status in sorted(WORKABLE)], "on": on}

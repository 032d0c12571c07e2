"""From sources to day facts: one statement each that adds up, removes what is gone and writes what differs.

Each answers how many rows it wrote and removed.
"""

from accounts import buckets, states

from . import sources

MEASURES = (
    "worked", "attempts", "contacts", "right_party", "inbound", "inbound_right_party", "promise_talks",
    "promise_talks_due", "promise_talks_kept", "promises", "promised", "plans", "matured", "kept", "matured_amount",
    "kept_amount", "collected", "payments", "returned", "blocked", "decisions",
)  # fmt: skip
_OUT = "count(*) FILTER (WHERE direction = 'out')"
_PARTS: tuple[tuple[str, dict[str, str]], ...] = (
    (sources.WORKED, {"worked": "count(*)"}),
    (
        sources.CALLS,
        {
            "attempts": _OUT,
            "contacts": "count(*) FILTER (WHERE direction = 'out' AND answered)",
            "right_party": "count(*) FILTER (WHERE right_party)",
            "inbound": "count(*) FILTER (WHERE direction = 'in')",
            "inbound_right_party": "count(*) FILTER (WHERE direction = 'in' AND talked)",
        },
    ),
    (
        sources.TALKS,
        {
            "promise_talks": "count(*)",
            "promise_talks_due": "count(*) FILTER (WHERE due)",
            "promise_talks_kept": "count(*) FILTER (WHERE kept)",
        },
    ),
    (sources.MADE, {"promises": "count(*)", "promised": "sum(amount)"}),
    (sources.PLANS, {"plans": "count(*)"}),
    (
        sources.MATURED,
        {
            "matured": "count(*)",
            "kept": "count(*) FILTER (WHERE kept)",
            "matured_amount": "sum(amount)",
            "kept_amount": "sum(paid)",
        },
    ),
    (
        sources.COLLECTED,
        {
            "collected": "sum(amount)",
            "payments": "count(*) FILTER (WHERE NOT back)",
            "returned": "count(*) FILTER (WHERE back)",
        },
    ),
    (sources.DECISIONS, {"blocked": "count(*) FILTER (WHERE stopped)", "decisions": "count(*)"}),
)


def bucket(scheme: str, row: str, day: str) -> str:
    """The bucket of a row's delinquency date on a day, as an SQL expression."""
    parts = [
        f"WHEN {day}::date - {row}.delinquency_date <= {found.last} THEN '{found.code}'"
        for found in buckets.SCHEMES[scheme]
        if found.last is not None
    ]
    last = buckets.SCHEMES[scheme][-1].code
    return f"(CASE WHEN {row}.delinquency_date IS NULL THEN '0' {' '.join(parts)} ELSE '{last}' END)"


_DAY = 'rows."on"'
_BUCKET = " ".join(f"WHEN '{scheme}' THEN {bucket(scheme, 'late', _DAY)}" for scheme in buckets.SCHEMES)


def bucketed(source: str) -> str:
    """The rows of a source with the `bucket` in which each debt was when the row's day began (DailyBucketFact).

    Every book has its snapshots at each month end, so two months back hold the one before any day.
    """
    return f"""SELECT rows.*, CASE its.bucket_scheme {_BUCKET} END AS bucket
FROM ({source}) rows JOIN accounts_account debt ON debt.id = rows.account_id
JOIN accounts_portfolio its ON its.id = rows.portfolio_id
LEFT JOIN LATERAL (SELECT s.delinquency_date, true AS known FROM accounts_accountsnapshot s
  WHERE s.account_id = rows.account_id AND s.valid_from < rows."on" AND s.valid_from >= rows."on" - 62
  ORDER BY s.valid_from DESC, s.recorded_at DESC LIMIT 1) was ON true
CROSS JOIN LATERAL (
  SELECT CASE WHEN was.known THEN was.delinquency_date ELSE debt.delinquency_date END AS delinquency_date) late"""


def _branch(source: str, found: dict[str, str]) -> str:
    columns = ", ".join(f"{found.get(name, '0')} AS {name}" for name in MEASURES)
    return (
        f'SELECT "on", officer_id, portfolio_id, bucket, {columns} FROM ({bucketed(source)}) rows'
        ' GROUP BY "on", officer_id, portfolio_id, bucket'
    )


def _upsert(table: str, key: tuple[str, ...], values: tuple[str, ...], fresh: str, *, stamped: bool = True) -> str:
    names = [f'"{name}"' for name in (*key, *values)]
    # Equality, with 0 for nobody: IS NOT DISTINCT FROM cannot hash, and the join would be quadratic.
    same = " AND ".join(
        f'COALESCE(f."{name}", 0) = COALESCE(t."{name}", 0)' if name == "officer_id" else f'f."{name}" = t."{name}"'
        for name in key
    )
    now = ", ".join(f'"{name}"' for name in values)
    old = ", ".join(f'{table}."{name}"' for name in values)
    new = ", ".join(f'EXCLUDED."{name}"' for name in values)
    stamp, at = (', "built_at"', ", %(at)s") if stamped else ("", "")
    changes = ", ".join(f'"{name}" = EXCLUDED."{name}"' for name in values)
    changes += ', "built_at" = EXCLUDED."built_at"' if stamped else ""
    return f"""
WITH fresh AS MATERIALIZED ({fresh}), gone AS (
  DELETE FROM {table} t WHERE {{scope}} AND NOT EXISTS (SELECT 1 FROM fresh f WHERE {same}) RETURNING 1
), written AS (
  INSERT INTO {table} ({", ".join(names)}{stamp})
  SELECT {", ".join(f'"{name}"' for name in key)}, {now}{at} FROM fresh
  ON CONFLICT ({", ".join(f'"{name}"' for name in key)}) DO UPDATE SET {changes}
  WHERE ({old}) IS DISTINCT FROM ({new}) RETURNING 1
)
SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM written)"""


_DAYS = 't."on" BETWEEN %(first)s AND %(last)s'
_SUMS = ", ".join(f"sum({name}) AS {name}" for name in MEASURES)
BUCKETS = _upsert(
    "reports_dailybucketfact",
    ("on", "officer_id", "portfolio_id", "bucket"),
    ("currency", *MEASURES),
    f"""SELECT parts."on", parts.officer_id, parts.portfolio_id, parts.bucket, book.currency, {_SUMS}
FROM ({" UNION ALL ".join(_branch(source, found) for source, found in _PARTS)}) parts
JOIN accounts_portfolio book ON book.id = parts.portfolio_id
GROUP BY parts."on", parts.officer_id, parts.portfolio_id, parts.bucket, book.currency""",
).format(scope=_DAYS)
OFFICERS = _upsert(  # after BUCKETS: their sums
    "reports_dailyofficerfact",
    ("on", "officer_id", "portfolio_id"),
    ("currency", *MEASURES),
    f"""SELECT "on", officer_id, portfolio_id, currency, {_SUMS} FROM reports_dailybucketfact
WHERE "on" BETWEEN %(first)s AND %(last)s GROUP BY "on", officer_id, portfolio_id, currency""",
).format(scope=_DAYS)
MESSAGES = _upsert(
    "reports_dailymessagefact",
    ("on", "portfolio_id", "channel", "state"),
    ("messages",),
    f"""SELECT "on", portfolio_id, channel, state, count(*) AS messages FROM ({sources.MESSAGES}) rows
GROUP BY 1, 2, 3, 4""",
    stamped=False,
).format(scope=_DAYS)
RULES = _upsert(
    "reports_dailyrulefact",
    ("on", "portfolio_id", "rule_id"),
    ("stopped",),
    f"""SELECT "on", portfolio_id, rule_id, count(*) AS stopped FROM ({sources.DECISIONS} AND stopped) rows
GROUP BY 1, 2, 3""",
    stamped=False,
).format(scope=_DAYS)
SHIFTS = _upsert(
    "reports_dailyshiftfact",
    ("on", "officer_id"),
    ("signed_seconds", "productive_seconds"),
    """SELECT "on", officer_id, sum(seconds)::int AS signed_seconds,
  COALESCE(sum(seconds) FILTER (WHERE state IN ('READY', 'ON_CALL', 'WRAP_UP')), 0)::int AS productive_seconds
FROM (
  SELECT (part.started_at AT TIME ZONE COALESCE(home.time_zone, 'UTC'))::date AS "on", s.user_id AS officer_id,
    part.state, extract(epoch FROM LEAST(COALESCE(part.ended_at, %(at)s), %(at)s) - part.started_at) AS seconds
  FROM users_shiftpart part JOIN users_shift s ON s.id = part.shift_id
  LEFT JOIN LATERAL (SELECT t.time_zone FROM users_user_teams m JOIN users_team t ON t.id = m.team_id
    WHERE m.user_id = s.user_id ORDER BY t.id LIMIT 1) home ON true
  WHERE part.started_at >= %(lo)s AND part.started_at < %(hi)s AND part.started_at <= %(at)s
) parts WHERE "on" BETWEEN %(first)s AND %(last)s GROUP BY 1, 2""",
    stamped=False,
).format(scope=_DAYS)

MONTH_MEASURES = ("collected", "matured", "kept", "attempts", "right_party")
_MONTH_SUMS = ", ".join(f"sum({name}) AS {name}" for name in MONTH_MEASURES)
MONTHS = _upsert(
    "reports_monthfact",
    ("portfolio_id", "month"),
    ("currency", *MONTH_MEASURES),
    f"""SELECT portfolio_id, date_trunc('month', "on")::date AS month, min(currency) AS currency, {_MONTH_SUMS}
FROM reports_dailyofficerfact
WHERE "on" >= date_trunc('month', %(first)s::date)
  AND "on" < date_trunc('month', %(last)s::date) + interval '1 month'
GROUP BY 1, 2""",
    stamped=False,
).format(scope="t.month BETWEEN date_trunc('month', %(first)s::date) AND date_trunc('month', %(last)s::date)")

REACH = _upsert(
    "reports_reachfact",
    ("kind", "start", "portfolio_id"),
    ("eligible", "tried"),
    f"""SELECT %(kind)s::varchar AS kind, %(first)s::date AS start, portfolio_id, count(*) AS eligible,
  count(*) FILTER (WHERE tried) AS tried FROM ({sources.REACH}) rows GROUP BY portfolio_id""",
    stamped=False,
).format(scope="t.kind = %(kind)s AND t.start = %(first)s AND t.portfolio_id = ANY(%(portfolios)s)")

_BOOKS = "portfolio_id = ANY(%(portfolios)s)"
_OPEN = ", ".join(f"'{status.value}'" for status in sorted(states.OPEN))


def state_of(day: str, base: str) -> str:
    """Each debt as it was at the end of a day, from the snapshots since `base` (the month end before it)."""
    return f"""SELECT DISTINCT ON (account_id) account_id, portfolio_id, status, balance, delinquency_date
FROM accounts_accountsnapshot WHERE {_BOOKS} AND valid_from >= {base} AND valid_from <= {day}
ORDER BY account_id, valid_from DESC, recorded_at DESC"""


LIVE = f"""SELECT id AS account_id, portfolio_id, status, balance, delinquency_date FROM accounts_account
WHERE {_BOOKS}"""


def ageing(scheme: str, end: str) -> str:
    """Open balances by bucket at the end of the day; `end` is LIVE or a `state_of`."""
    fresh = f"""SELECT %(on)s::date AS "on", portfolio_id, {bucket(scheme, "e", "%(on)s")} AS bucket,
  count(*) AS accounts, sum(balance) AS balance,
  COALESCE(sum(balance) FILTER (WHERE status = 'ARRANGED'), 0) AS in_plan,
  COALESCE(sum(balance) FILTER (WHERE status IN ('DISPUTED', 'HELD')), 0) AS paused
FROM ({end}) e WHERE status IN ({_OPEN}) AND balance > 0 GROUP BY 2, 3"""
    return _upsert(
        "reports_dailyportfoliofact",
        ("on", "portfolio_id", "bucket"),
        ("accounts", "balance", "in_plan", "paused"),
        fresh,
    ).format(scope=f't."on" = %(on)s AND t.{_BOOKS}')


def rolls(scheme: str, end: str) -> str:
    """Where the open balances of the last month end are now, in dollars of that month end."""
    opening = state_of("%(opened)s", "%(opened_base)s")
    fresh = f"""SELECT %(on)s::date AS "on", o.portfolio_id, {bucket(scheme, "o", "%(opened)s")} AS from_bucket,
  CASE WHEN e.status IN ('PAID', 'SETTLED') THEN 'paid' WHEN e.status IN ({_OPEN}) AND e.balance <= 0 THEN 'paid'
    WHEN e.status IN ({_OPEN}) THEN {bucket(scheme, "e", "%(on)s")} ELSE 'left' END AS to_bucket,
  %(opened)s::date AS opened_on, count(*) AS accounts, sum(o.balance) AS balance
FROM ({opening}) o JOIN ({end}) e ON e.account_id = o.account_id
WHERE o.status IN ({_OPEN}) AND o.balance > 0 GROUP BY 2, 3, 4"""
    return _upsert(
        "reports_rollfact",
        ("on", "portfolio_id", "from_bucket", "to_bucket"),
        ("opened_on", "accounts", "balance"),
        fresh,
        stamped=False,
    ).format(scope=f't."on" = %(on)s AND t.{_BOOKS}')


_MONTHS = """GREATEST(0, extract(year FROM age({day}, a.placed_on)) * 12
      + extract(month FROM age({day}, a.placed_on)))::int"""
VINTAGES = _upsert(
    "reports_vintagefact",
    ("portfolio_id", "placed_month", "k"),
    ("accounts", "placed", "collected"),
    f"""WITH batch AS (
  SELECT portfolio_id, date_trunc('month', placed_on)::date AS placed_month, count(*) AS accounts,
    sum(placed_amount) AS placed
  FROM accounts_account GROUP BY 1, 2
), money AS (
  SELECT portfolio_id, placed_month, k, sum(amount) AS collected FROM (
    SELECT a.portfolio_id, date_trunc('month', a.placed_on)::date AS placed_month,
      {_MONTHS.format(day="pay.effective_date")} AS k, pay.amount
    FROM payments_payment pay JOIN accounts_account a ON a.id = pay.account_id
    UNION ALL
    SELECT a.portfolio_id, date_trunc('month', a.placed_on)::date, {_MONTHS.format(day="r.returned_on")}, -pay.amount
    FROM payments_paymentreturn r JOIN payments_payment pay ON pay.id = r.payment_id
    JOIN accounts_account a ON a.id = pay.account_id
  ) parts GROUP BY 1, 2, 3
), steps AS (
  SELECT portfolio_id, placed_month, 0 AS k FROM batch UNION SELECT portfolio_id, placed_month, k FROM money
)
SELECT batch.portfolio_id, batch.placed_month, steps.k, batch.accounts, batch.placed,
  COALESCE(money.collected, 0) AS collected
FROM batch JOIN steps USING (portfolio_id, placed_month) LEFT JOIN money USING (portfolio_id, placed_month, k)""",
    stamped=False,
).format(scope="true")

"""The night's ageing: bucket moves with history, and a snapshot row for what changed (DECISIONS 12 and 21, P8).

Days past due are never stored; only accounts whose bucket changes are written, in small transactions so that no
payment waits. What stands in the wrong bucket is found by index, bucket by bucket. What may need a snapshot row is
found by `Account.changed_in_night`: a trigger notes there the portfolio's night in which something in it changed.
"""

import calendar
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from accounts import buckets, states
from accounts.models import Account, Portfolio

CHUNK = 2000
_OPEN = tuple(sorted(status.value for status in states.OPEN))
_CODES = sorted({"", *(bucket.code for scheme in buckets.SCHEMES.values() for bucket in scheme)})

# A bucket holds the delinquency dates from `first` to `last`; open accounts of it outside of them are due. Three
# walks of the index account_ageing for each portfolio and bucket, each empty but for what moves.
_HERE = """
    SELECT a.id FROM accounts_account a
    WHERE a.portfolio_id = book.id AND a.bucket = own.bucket AND a.status = ANY(%(open)s) AND a.delinquency_date"""
_DUE = f"""
SELECT due.id FROM unnest(%(portfolios)s::bigint[]) AS book(id)
CROSS JOIN unnest(%(buckets)s::text[], %(firsts)s::date[], %(lasts)s::date[], %(undated)s::bool[])
    AS own(bucket, first, last, undated)
CROSS JOIN LATERAL (
    {_HERE} < own.first
    UNION ALL
    {_HERE} > own.last
    UNION ALL
    {_HERE} IS NULL AND NOT own.undated
) due
ORDER BY due.id
"""
_MOVE = """
WITH due AS (
    SELECT a.id, a.bucket AS old, {bucket} AS new FROM accounts_account a
    WHERE a.id = ANY(%(ids)s) AND a.status = ANY(%(open)s) AND a.bucket <> {bucket}
    ORDER BY a.id FOR NO KEY UPDATE
), moved AS (
    UPDATE accounts_account a SET bucket = due.new, bucket_on = %(on)s FROM due WHERE a.id = due.id
    RETURNING a.id, due.old, due.new
)
INSERT INTO core_statuschange (subject_type, subject_id, field, from_status, to_status, at, recorded_at, reason)
SELECT 'accounts.account', id, 'bucket', old, new, %(at)s, %(at)s, '' FROM moved
"""
_INSERT = """
INSERT INTO accounts_accountsnapshot
    (id, account_id, portfolio_id, valid_from, month_end, status, balance, delinquency_date, bucket, recorded_at)
SELECT gen_random_uuid(), a.id, a.portfolio_id, %(on)s, %(month_end)s, a.status, a.balance, a.delinquency_date,
       a.bucket, %(at)s
FROM accounts_account a
"""
# Changed since the night before the last: one night more than needed, for what was not yet committed in the last one.
# The nights stand in the statement as numbers, one pair a portfolio, so that the planner knows how few rows those are.
_CHANGED = f"""
{_INSERT} LEFT JOIN LATERAL (
    SELECT status, balance, delinquency_date, bucket FROM accounts_accountsnapshot
    WHERE account_id = a.id AND valid_from >= %(base)s AND valid_from <= %(on)s
    ORDER BY valid_from DESC, recorded_at DESC LIMIT 1
) s ON true
WHERE {{since}}
  AND (s.status IS NULL
       OR (s.status, s.balance, s.bucket) <> (a.status, a.balance, a.bucket)
       OR s.delinquency_date IS DISTINCT FROM a.delinquency_date)
"""
_NIGHT_OVER = """
UPDATE accounts_portfolio
SET night = night + 1, month_ended_on = CASE WHEN %(month_end)s THEN %(on)s ELSE month_ended_on END
WHERE id = ANY(%(portfolios)s)
"""
# The first row of each portfolio is one step of an index; the smallest of all would read them all.
_FIRST = """
SELECT min(first.day) FROM unnest(%(portfolios)s::bigint[]) AS book(id) CROSS JOIN LATERAL (
    SELECT valid_from AS day FROM accounts_accountsnapshot
    WHERE portfolio_id = book.id AND valid_from <= %(on)s ORDER BY valid_from LIMIT 1
) first
"""


@dataclass(frozen=True, slots=True)
class Book:
    """A portfolio as the night finds it."""

    id: int
    night: int
    month_ended_on: date | None


def age_accounts(*, on: date, at: datetime, portfolios: Iterable[int] | None = None) -> dict[str, int]:
    """Move open accounts into the bucket of the day and write the snapshot rows due; a second run writes nothing.

    `on` is the business day (each portfolio's own); `portfolios` narrows. Returns how many moves and snapshots.
    """
    rows = Portfolio.objects.all() if portfolios is None else Portfolio.objects.filter(pk__in=list(portfolios))
    schemes: dict[str, list[Book]] = {}
    for found in rows.values_list("pk", "night", "month_ended_on", "bucket_scheme"):
        schemes.setdefault(found[3], []).append(Book(*found[:3]))
    moved = sum(_move(scheme, [book.id for book in books], on, at) for scheme, books in schemes.items())
    written = sum(_snapshot(books, on, at) for books in schemes.values())
    return {"moved": moved, "snapshots": written}


def bucket_sql(scheme: str) -> str:
    """The bucket of accounts_account `a` on the parameter `on`, as an SQL expression."""
    parts = [
        f"WHEN %(on)s::date - a.delinquency_date <= {bucket.last} THEN '{bucket.code}'"
        for bucket in buckets.SCHEMES[scheme]
        if bucket.last is not None
    ]
    last = buckets.SCHEMES[scheme][-1].code
    return f"(CASE WHEN a.delinquency_date IS NULL THEN '0' {' '.join(parts)} ELSE '{last}' END)"


def _move(scheme: str, portfolios: list[int], on: date, at: datetime) -> int:
    values: dict[str, Any] = {"portfolios": portfolios, "open": list(_OPEN), "on": on, "at": at}
    with transaction.atomic(), connection.cursor() as cursor:
        # Bitmap scans never drop the entries of accounts that moved on: each night would visit them all again.
        # Compiling takes far longer than these few steps of an index.
        cursor.execute("SET LOCAL enable_bitmapscan = off; SET LOCAL jit = off")
        cursor.execute(_DUE, values | _dates(scheme, on))
        ids = [row[0] for row in cursor.fetchall()]
    statement = _MOVE.format(bucket=bucket_sql(scheme))
    return sum(_run(statement, {**values, "ids": part}) for part in _chunks(ids))


def _dates(scheme: str, on: date) -> dict[str, list[Any]]:
    """For each bucket code there is: the delinquency dates it holds on the day, and whether it holds the dateless.

    A code the scheme does not have holds none.
    """
    own = {bucket.code: bucket for bucket in buckets.SCHEMES["trade" if scheme == "trade" else "bank"]}
    found: dict[str, list[Any]] = {"buckets": _CODES, "firsts": [], "lasts": [], "undated": []}
    for code in _CODES:
        bucket = own.get(code)
        first, last = date.max, date.max
        if bucket is not None:
            first = date.min if bucket.last is None else on - timedelta(days=bucket.last)
            last = date.max if bucket.first == 0 else on - timedelta(days=bucket.first)
        found["firsts"].append(first)
        found["lasts"].append(last)
        found["undated"].append(code == "0")
    return found


def _snapshot(books: Sequence[Book], on: date, at: datetime) -> int:
    portfolios = [book.id for book in books]
    base, month_end = _base(books, on)
    values = {"portfolios": portfolios, "on": on, "at": at, "base": base, "month_end": month_end}
    since = " OR ".join(f"(a.portfolio_id = {book.id} AND a.changed_in_night >= {book.night - 1})" for book in books)
    everything = f"{_INSERT} WHERE a.portfolio_id = ANY(%(portfolios)s)"
    with transaction.atomic():
        _run("SET LOCAL jit = off", {})
        written = _run(everything if month_end else _CHANGED.format(since=f"({since})"), values)
        if written:
            _run(_NIGHT_OVER, values)
    return written


def _base(books: Sequence[Book], on: date) -> tuple[date, bool]:
    """The day from which every account has a row (the last month end), and whether a month end is due now."""
    due = _last_month_end(on)
    ended = max((day for book in books if (day := book.month_ended_on) and day <= on), default=None)
    if ended is not None and ended >= due:
        return ended, False
    with connection.cursor() as cursor:
        cursor.execute(_FIRST, {"portfolios": [book.id for book in books], "on": on})
        (first,) = cursor.fetchone()
    if first is None:
        return on, due == on
    return ended or first, first <= due


def _last_month_end(on: date) -> date:
    if on.day == calendar.monthrange(on.year, on.month)[1]:
        return on
    return on.replace(day=1) - timedelta(days=1)


def _run(statement: str, values: dict[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


def _chunks(ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]


def bucket_of(account: Account, on: date) -> str:
    """The bucket an account stands in on a day, by its portfolio's scheme."""
    scheme: buckets.Scheme = "trade" if account.portfolio.bucket_scheme == "trade" else "bank"
    return buckets.bucket_for(account.days_past_due(on), scheme).code

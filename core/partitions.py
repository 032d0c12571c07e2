"""Append-only tables are partitioned by month (DECISIONS 21)."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db import connection, migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

PARTITIONED: dict[str, str] = {
    "core_auditevent": "at",
    "ledger_entry": "effective_date",
    "compliance_verdictrecord": "asked_at",
    "accounts_accountsnapshot": "valid_from",
}


def _convert(table: str, column: str) -> list[str]:
    return [
        f'ALTER TABLE "{table}" RENAME TO "{table}_plain"',
        f'CREATE TABLE "{table}" (LIKE "{table}_plain" INCLUDING DEFAULTS INCLUDING CONSTRAINTS) '
        f'PARTITION BY RANGE ("{column}")',
        f'ALTER TABLE "{table}" ADD PRIMARY KEY ("id", "{column}")',
        f'DROP TABLE "{table}_plain"',
        f'CREATE TABLE "{table}_rest" PARTITION OF "{table}" DEFAULT',
    ]


class PartitionByMonth(migrations.RunPython):
    """Right after CreateModel: make the still empty table a partitioned one.

    The primary key becomes (id, column), as PostgreSQL asks; ids are UUIDs made in Python.
    """

    def __init__(self, table: str) -> None:
        def forwards(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
            for statement in _convert(table, PARTITIONED[table]):
                editor.execute(statement)

        super().__init__(forwards, migrations.RunPython.noop)
        self.table = table

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (type(self).__name__, [self.table], {})


def months(first: date, last: date) -> Iterator[tuple[date, date]]:
    """Each month from first to last as (first day, first day of the next month)."""
    year, month = first.year, first.month
    while (year, month) <= (last.year, last.month):
        following = (year + month // 12, month % 12 + 1)
        yield date(year, month, 1), date(*following, 1)
        year, month = following


def children() -> list[str]:
    """Every partition of every partitioned table, by name."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT i.inhrelid::regclass::text FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent "
            "WHERE p.relkind = 'p' AND p.relnamespace = 'public'::regnamespace ORDER BY 1"
        )
        return [row[0] for row in cursor.fetchall()]


def close_to_writes() -> None:
    """The application writes through the parent only, whose statement triggers prove that a journal balances.

    A statement on a partition itself would pass them by. Needs the owner role; does nothing without crm_app.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = 'crm_app'")
        if cursor.fetchone() and (tables := ", ".join(children())):
            cursor.execute(f"REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON {tables} FROM crm_app")


def ensure(first: date, last: date) -> int:
    """Make the missing monthly partitions of every table; needs the owner role. Returns how many were made.

    A month whose rows already lie in the rest partition is left there. New ones take no writes but the parent's.
    """
    made = 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relispartition")
        present = {row[0] for row in cursor.fetchall()}
        for table, column in PARTITIONED.items():
            for start, end in months(first, last):
                name = f"{table}_{start:%Y%m}"
                if name in present:
                    continue
                cursor.execute(
                    f'SELECT 1 FROM "{table}_rest" WHERE "{column}" >= %s AND "{column}" < %s LIMIT 1',
                    [start, end],
                )
                if cursor.fetchone():
                    continue
                cursor.execute(
                    f"CREATE TABLE \"{name}\" PARTITION OF \"{table}\" FOR VALUES FROM ('{start}') TO ('{end}')"
                )
                made += 1
    if made:
        close_to_writes()  # the server may have default privileges that opened them
    return made

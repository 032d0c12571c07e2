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


def ensure(first: date, last: date) -> int:
    """Make the missing monthly partitions of every table; needs the owner role. Returns how many were made.

    A month whose rows already lie in the rest partition is left there.
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
    return made

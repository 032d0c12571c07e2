"""Long statements that are planned once per connection: for one person, planning costs ten times the running."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from hashlib import sha256
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connection, models

MOST = 64  # statements kept on one connection; a plan takes memory of the server
_NAMED = re.compile(r"%\((\w+)\)s")
_known: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()


def one(sql: str, values: Mapping[str, Any], types: Mapping[str, str]) -> tuple[Any, ...] | None:
    """The first row of a statement with `%(name)s` parameters, or None. `types`: name -> SQL type, all of them.

    The plan knows no values, so a condition that is to find its partial index is written out in the statement.
    """
    found = rows(sql, values, types)
    return found[0] if found else None


def rows(sql: str, values: Mapping[str, Any], types: Mapping[str, str]) -> list[tuple[Any, ...]]:
    """All rows of such a statement; it has to return some kind of row. Joins the transaction in progress."""
    names = list(types)
    with connection.cursor() as cursor:
        name = _prepare(cursor, sql, names, list(types.values()))
        cursor.execute(f"EXECUTE {name} ({_places(len(names))})", [values[each] for each in names])
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def insert(row: models.Model) -> None:
    """Insert an unsaved row in one prepared statement and give it its key; no save() and no signals of it are run.

    For rows written with every request: the ORM takes five times as long to write such a statement as to send it.
    """
    kind = type(row)
    fields = _fields(kind, with_key=row.pk is not None)
    found = one(_insert_sql(kind, fields), _values(row, fields), _types(fields))
    if row.pk is None and found:
        row.pk = found[0]
    row._state.adding, row._state.db = False, connection.alias


def one_and_insert(
    sql: str, values: Mapping[str, Any], types: Mapping[str, str], rows: Sequence[models.Model]
) -> tuple[Any, ...] | None:
    """`one` for a statement that begins with WITH, which inserts these rows too; no save() and no signals are run.

    The rows are unsaved and have their keys; no name in the statement begins with `row`.
    """
    every, kinds = dict(values), dict(types)
    parts = []
    for number, row in enumerate(rows):
        kind = type(row)
        fields = _fields(kind, with_key=True)
        parts.append((kind, f"row{number}_"))
        every |= {f"row{number}_{name}": value for name, value in _values(row, fields).items()}
        kinds |= {f"row{number}_{name}": of for name, of in _types(fields).items()}
    found = one(_with_inserts(sql, tuple(parts)), every, kinds)
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias
    return found


def read(kind: type[models.Model], values: Sequence[Any]) -> Any:
    """An instance from a row of `columns(kind)`, as the ORM would have read it."""
    fields = kind._meta.concrete_fields
    found = [
        f.from_db_value(value, None, connection) if hasattr(f, "from_db_value") else value
        for f, value in zip(fields, values, strict=True)
    ]
    return kind.from_db(connection.alias, [f.attname for f in fields], found)


def read_all(row: Sequence[Any], kinds: Sequence[type[models.Model]]) -> list[Any]:
    """One instance per kind from their columns side by side; None where an outer join found nothing."""
    found = []
    for kind in kinds:
        width = len(kind._meta.concrete_fields)
        own, row = row[:width], row[width:]
        found.append(read(kind, own) if own[0] is not None else None)
    return found


def columns(kind: type[models.Model], alias: str) -> str:
    """All columns of a model for a SELECT, under the alias of its table."""
    return ", ".join(f'{alias}."{f.column}"' for f in kind._meta.concrete_fields)


def array(items: Iterable[Any]) -> str:
    """A PostgreSQL array of numbers, dates or words without commas, quotes, blanks or braces; None is NULL."""
    return "{" + ",".join("NULL" if item is None else str(item) for item in items) + "}"


def _places(count: int) -> str:
    return ", ".join(["%s"] * count)


def _prepare(cursor: Any, sql: str, names: Sequence[str], types: Sequence[str]) -> str:
    """Prepare it on this connection unless it is; a prepared statement outlives a rollback."""
    name = _name(sql)
    known = _known.setdefault(connection.connection, set())
    if name in known:
        return name
    if len(known) >= MOST:
        cursor.execute("DEALLOCATE ALL")
        known.clear()
    text = _NAMED.sub(lambda found: f"${names.index(found[1]) + 1}", sql).replace("%%", "%")
    cursor.execute(f"PREPARE {name} ({', '.join(types)}) AS {text}")
    known.add(name)
    return name


@cache
def _fields(kind: type[models.Model], *, with_key: bool) -> tuple[Any, ...]:
    return tuple(f for f in kind._meta.concrete_fields if with_key or not f.primary_key)


def _values(row: models.Model, fields: Iterable[Any]) -> dict[str, Any]:
    return {f.column: f.get_db_prep_save(getattr(row, f.attname), connection) for f in fields}


@cache
def _types(fields: tuple[Any, ...]) -> dict[str, str]:
    return {f.column: str(f.rel_db_type(connection)) for f in fields}


@cache
def _with_inserts(sql: str, parts: tuple[tuple[type[models.Model], str], ...]) -> str:
    inserts = (f"{mark} AS ({_insert_sql(kind, _fields(kind, with_key=True), mark)})" for kind, mark in parts)
    return f"WITH {', '.join(inserts)}, {sql.removeprefix('WITH ')}"


@cache
def _insert_sql(kind: type[models.Model], fields: tuple[Any, ...], mark: str = "") -> str:
    names = ", ".join(f'"{f.column}"' for f in fields)
    values = ", ".join(f"%({mark}{f.column})s" for f in fields)
    key = kind._meta.pk.column if kind._meta.pk is not None else "1"
    return f'INSERT INTO "{kind._meta.db_table}" ({names}) VALUES ({values}) RETURNING "{key}"'  # noqa: S608


@lru_cache(maxsize=4 * MOST)
def _name(sql: str) -> str:
    return f"crm_{sha256(sql.encode()).hexdigest()[:24]}"

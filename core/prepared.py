"""Long statements that are planned once per connection: for one person, planning costs ten times the running."""

import re
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connection

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


_names: dict[str, str] = {}


def _name(sql: str) -> str:
    if sql not in _names:
        _names[sql] = f"crm_{sha256(sql.encode()).hexdigest()[:24]}"
    return _names[sql]

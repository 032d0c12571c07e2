"""Long statements that are planned once per connection: for one person, planning costs ten times the running."""

import re
from collections.abc import Mapping, Sequence
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
    names = list(types)
    with connection.cursor() as cursor:
        name = _prepare(cursor, sql, names, list(types.values()))
        places = ", ".join(f"%({each})s" for each in names)
        cursor.execute(f"EXECUTE {name} ({places})", {each: values[each] for each in names})
        found: tuple[Any, ...] | None = cursor.fetchone()
    return found


def _prepare(cursor: Any, sql: str, names: Sequence[str], types: Sequence[str]) -> str:
    """Prepare it on this connection unless it is; a prepared statement outlives a rollback."""
    name = f"crm_{sha256(sql.encode()).hexdigest()[:24]}"
    known = _known.setdefault(connection.connection, set())
    if len(known) >= MOST:
        cursor.execute("DEALLOCATE ALL")
        known.clear()
    if name not in known:
        text = _NAMED.sub(lambda found: f"${names.index(found[1]) + 1}", sql).replace("%%", "%")
        cursor.execute(f"PREPARE {name} ({', '.join(types)}) AS {text}")
        known.add(name)
    return name

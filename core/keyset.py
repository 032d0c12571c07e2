"""Pages by key, not by OFFSET: page 200 costs what page 1 costs (DECISIONS, P2)."""

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, QuerySet


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one page with the cursors of its neighbours ("" when there is none)."""

    rows: list[Any]
    next: str
    previous: str


def encode(values: list[Any]) -> str:
    raw = json.dumps(
        [v.isoformat() if isinstance(v, (date, datetime)) else str(v) if isinstance(v, Decimal) else v for v in values]
    )
    return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def decode(cursor: str, length: int) -> list[Any] | None:
    """The key values in a cursor, or None when it is not one of ours."""
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error, UnicodeDecodeError):
        return None
    ok = isinstance(values, list) and len(values) == length
    ok = ok and all(v is None or isinstance(v, (str, int, float)) for v in values)
    return values if ok else None


def _after(keys: list[tuple[str, bool]], values: list[Any]) -> Q:
    where, equal = Q(), Q()
    for (name, descending), value in zip(keys, values, strict=True):
        where |= equal & Q(**{f"{name}__{'lt' if descending else 'gt'}": value})
        equal &= Q(**{name: value})
    return where


def paginate(
    rows: QuerySet[Any],
    *,
    order: list[str],
    cursor: str = "",
    back: bool = False,
    size: int = 50,
    value: Callable[[Any, str], Any] = getattr,
) -> Page:
    """One page of `rows` in `order` (field names, `-` for descending; the last must be unique, none nullable)."""
    keys = [(name.lstrip("-"), name.startswith("-") != back) for name in order]
    where = decode(cursor, len(keys)) if cursor else None
    ordered = rows.order_by(*[F(n).desc() if d else F(n).asc() for n, d in keys])
    if where is not None:
        ordered = ordered.filter(_after(keys, where))
    found = list(ordered[: size + 1])
    more = len(found) > size
    found = found[:size]
    if back:
        found.reverse()

    def key_of(row: Any) -> str:
        return encode([value(row, name) for name, _ in keys])

    has_next = bool(found) and (more if not back else True)
    has_previous = bool(found) and (where is not None if not back else more)
    return Page(found, key_of(found[-1]) if has_next else "", key_of(found[0]) if has_previous else "")

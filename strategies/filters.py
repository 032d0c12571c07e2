"""What an officer asked of the list: view, filters, order, columns, all from the address; anything odd is left out."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode

from core import keyset

from .models import Queue

ALL, MINE = "all", "mine"
DEFAULT_SORT = "-priority"
LONGEST = 200  # characters of any one value
MOST_DAYS, MOST_MONEY = 36_500, Decimal("9999999999.99")


@dataclass(frozen=True, slots=True)
class Order:
    """A column that may be sorted: its SQL expression, the type of its cursor, and which way up `-` is."""

    column: str
    kind: type
    flipped: bool = False


ORDERS: dict[str, Order] = {
    "priority": Order("priority", int),
    "name": Order("folded_name", str),
    "amount": Order("amount", Decimal),
    "late": Order("late_since", date, flipped=True),
    "missed": Order("COALESCE(missed_on, DATE '0001-01-01')", date),
    "contact": Order("COALESCE(last_contact_at, TIMESTAMPTZ '1970-01-01 00:00+00')", datetime),
}
COLUMNS: dict[str, str] = {
    "priority": "Priority",
    "time": "Local time",
    "creditor": "Creditor",
    "amount": "May collect",
    "late": "Days late",
    "missed": "Missed promise",
    "phone": "Contact by phone",
    "calls": "Calls, 7 d",
    "contact": "Last contact",
    "step": "Next step",
    "queue": "Queue",
    "state": "State",
}
SHOWN = tuple(name for name in COLUMNS if name not in ("queue", "state"))


@dataclass(frozen=True, slots=True)
class Filters:
    """The question behind one page. Days are calendar days late; money in the debts' currency."""

    queue: str = ""
    creditor: int | None = None
    owner: str = ""  # "me", "none" or a user's id
    late_from: int | None = None
    late_to: int | None = None
    amount_from: Decimal | None = None
    amount_to: Decimal | None = None
    missed_within: int | None = None
    now: bool = False
    sort: str = DEFAULT_SORT
    cols: tuple[str, ...] = SHOWN
    after: str = ""
    before: str = ""

    @property
    def order(self) -> tuple[Order, bool]:
        """The column to sort by and whether the largest (of the column in the table) comes first."""
        order = ORDERS[self.sort.lstrip("-")]
        return order, self.sort.startswith("-") != order.flipped

    @property
    def cursor(self) -> tuple[Any, int] | None:
        """The key after (or before) which the page starts; None for the first page or a cursor that isn't ours."""
        found = keyset.decode(self.after or self.before, 2) if self.after or self.before else None
        if found is None or not isinstance(found[1], int) or not -(2**63) < found[1] < 2**63:
            return None
        value = _as(self.order[0].kind, found[0])
        return None if value is None else (value, found[1])

    @property
    def back(self) -> bool:
        return bool(self.before) and not self.after and self.cursor is not None

    def query(self, **changes: Any) -> str:
        """The address of this list with some values changed: `?sort=-amount&creditor=3`; pages start anew."""
        return "?" + urlencode(as_query(replace(self, after="", before="", **changes)))


def _as(kind: type, value: Any) -> Any:
    try:
        if kind is int:
            return value if isinstance(value, int) and abs(value) < 2**31 else None
        if kind is Decimal:
            return _money(str(value))
        if kind is str:
            return str(value)[:LONGEST] if "\0" not in str(value) else None
        if kind is date:
            return date.fromisoformat(str(value))
        moment = datetime.fromisoformat(str(value))
        return moment if moment.tzinfo else None
    except ValueError:
        return None


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and int(text[:9]) <= MOST_DAYS else None


def _money(text: str) -> Decimal | None:
    try:
        amount = Decimal(text.replace(",", "").replace("$", "") or "x")
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 <= amount <= MOST_MONEY else None


def parse(query: Mapping[str, str], *, view: str) -> Filters:
    """The question in a query string; `view` is the part of the path. Never raises."""

    def value(name: str) -> str:
        text = query.get(name, "")
        return text.strip() if len(text) <= LONGEST and "\0" not in text else ""

    sort = value("sort")
    columns = tuple(name for name in value("cols").split(",") if name in COLUMNS)
    owner = value("owner")
    return Filters(
        queue=view if view in Queue.values else value("queue") if value("queue") in Queue.values else "",
        creditor=_id(value("creditor")),
        owner="me" if view == MINE else owner if owner in ("me", "none") or _id(owner) else "",
        late_from=_whole(value("late_from")),
        late_to=_whole(value("late_to")),
        amount_from=_money(value("amount_from")),
        amount_to=_money(value("amount_to")),
        missed_within=_whole(value("missed_within")),
        now=value("now") == "1",
        sort=sort if sort.removeprefix("-") in ORDERS else DEFAULT_SORT,
        cols=columns or SHOWN,
        after=value("after"),
        before=value("before"),
    )


def _id(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def as_query(asked: Filters) -> dict[str, str]:
    """The same question as query parameters, without what is usual."""
    usual = Filters()
    found: dict[str, str] = {}
    for field in fields(Filters):
        value = getattr(asked, field.name)
        if value == getattr(usual, field.name):
            continue
        found[field.name] = ",".join(value) if isinstance(value, tuple) else "1" if value is True else str(value)
    return found

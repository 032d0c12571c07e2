"""Rows of the list as HTML: fifty rows are written here, escaped once, since templates cost nine tenths of a page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from compliance.services import Limits
from core import formats, minis
from core.templatetags.ui import badge as badge_tag
from core.templatetags.ui import tag

from .badges import ALLOWED, badge
from .models import NOT_LATE, Queue
from .queries import Row

QUEUES = dict(Queue.choices)


@dataclass(frozen=True, slots=True)
class Look:
    """What all rows of a page share: the moment, the local day, names of the books, the view, the limits of calls."""

    at: datetime
    today: date
    books: Mapping[int, str]
    view: str
    allowed: Limits


@lru_cache(maxsize=256)
def _allowed() -> SafeString:
    return tag(ALLOWED.words, ALLOWED.kind)


@lru_cache(maxsize=256)
def _points(priority: int) -> str:
    return f'<td><span class="prio">{priority}{minis.bar(min(priority, 100), "c1", True)}</span></td>'


def _phone(row: Row, look: Look) -> str:
    said = badge(row, look.at, look.allowed)
    if said is ALLOWED:
        return f"<td>{_allowed()}</td>"
    return f"<td>{badge_tag(said.words, said.kind, f'why-{row.ref}', f'/work/why/{row.ref}/')}</td>"


def _time(row: Row, look: Look) -> str:
    if not row.home_zone:
        return f'<td class="num">{formats.DASH}</td>'
    return f'<td class="num">{formats.clock_time(look.at.astimezone(ZoneInfo(row.home_zone)))}</td>'


def _creditor(row: Row, look: Look) -> str:
    more = f" +{row.debts - 1}" if row.debts > 1 else ""
    return f"<td>{escape(look.books.get(row.portfolio_id, ''))}{more}</td>"


def _late(row: Row, look: Look) -> str:
    days = 0 if row.late_since == NOT_LATE else max((look.today - row.late_since).days, 0)
    return f'<td class="num">{days:,}</td>'


def _missed(row: Row, look: Look) -> str:
    if row.missed_on is None:
        return "<td></td>"
    return (
        f"<td>{formats.money(row.missed_amount, row.currency)} due {formats.short_day(row.missed_on, look.today)}</td>"
    )


def _contact(row: Row, look: Look) -> str:
    if row.last_contact_at is None:
        return '<td class="muted">None yet</td>'
    return f'<td class="muted">{formats.short_day(row.last_contact_at, look.today)}, {escape(row.last_contact)}</td>'


def _step(row: Row, look: Look) -> str:
    due = f", {formats.time_at(row.due_at, row.home_zone or 'UTC')}" if row.due_at and row.queue == "callbacks" else ""
    return f"<td>{escape(row.next_step)}{escape(due)}</td>"


CELLS: dict[str, Callable[[Row, Look], str]] = {
    "priority": lambda row, look: _points(row.priority),
    "time": _time,
    "creditor": _creditor,
    "amount": lambda row, look: f'<td class="num">{formats.money(row.amount, row.currency)}</td>',
    "late": _late,
    "missed": _missed,
    "phone": _phone,
    "calls": lambda row, look: f"<td>{minis.pips(row.calls, look.allowed.calls)} {row.calls}</td>",
    "contact": _contact,
    "step": _step,
    "queue": lambda row, look: f"<td>{QUEUES.get(row.queue, '')}</td>",
    "state": lambda row, look: f"<td>{'In hand' if row.holder else 'Waiting'}</td>",
}


def line(row: Row, look: Look, columns: tuple[str, ...]) -> SafeString:
    """One `<tr>`: the box, the chosen columns in their order, the person always in second place."""
    name, ref = escape(row.name), row.ref
    held = f' <span class="tag info">With {escape(row.holder)}</span>' if row.holder else ""
    person = (
        f'<th scope="row"><a href="/people/{ref}/?queue={look.view}" id="open-{ref}">{name}</a>'
        f' <span class="sub">{ref}</span>{held}</th>'
    )
    cells = [CELLS[column](row, look) for column in columns]
    first = 1 if columns and columns[0] == "priority" else 0
    cells.insert(first, person)
    box = f'<td><input type="checkbox" name="ref" value="{ref}" form="bulk" aria-label="Select {name}"></td>'
    cents = int(row.amount * 100)
    return mark_safe(f'<tr id="row-{ref}" data-cents="{cents}">{box}{"".join(cells)}</tr>')  # escaped above

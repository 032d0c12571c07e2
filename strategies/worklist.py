"""Everything one worklist page shows, gathered once; the view only renders it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.safestring import SafeString, mark_safe

from accounts.models import Portfolio
from compliance import services as compliance
from core import charts, formats, keyset
from users.models import Team, User

from . import cells, counts, figures
from .filters import ALL, COLUMNS, MINE, SHOWN, Filters
from .models import Queue, SavedView

FIXED = (*[(queue.value, str(queue.label)) for queue in Queue], (MINE, "Given to me"), (ALL, "Everybody"))
FIRST_HOUR, LAST_HOUR = 8, 20


class NoSuchView(Exception):
    """Neither a fixed view nor one saved by this person or their team."""


def saved_views(user: User, teams: Sequence[Team]) -> list[SavedView]:
    """This person's own and their teams' saved views. One query."""
    return list(SavedView.objects.filter(Q(user=user) | Q(team__in=[team.pk for team in teams])))


def titles(slug: str, saved: Sequence[SavedView]) -> tuple[str, dict[str, str]]:
    """The words of a view and the query it stands for. Raises NoSuchView."""
    fixed = dict(FIXED)
    if slug in fixed:
        return fixed[slug], {}
    for view in saved:
        if view.slug == slug:
            return view.name, {str(k): str(v) for k, v in view.query.items()}
    raise NoSuchView(slug)


def local(teams: Sequence[Team], at: datetime) -> datetime:
    """The moment on the clock of the first team (UTC without one)."""
    return at.astimezone(ZoneInfo(teams[0].time_zone if teams else "UTC"))


def greeting(hour: int) -> str:
    return "Good morning" if hour < 12 else "Good afternoon" if hour < 18 else "Good evening"


def header(
    *, user: User, waiting: counts.Waiting, queue: str | None, at: datetime, here: datetime, live: bool = False
) -> dict[str, Any]:
    """Greeting, sentence, figures of the day and the hours at which people may be called.

    `live`: the figures of this moment, else they may be half a minute old.
    """
    day = here.replace(hour=0, minute=0, second=0, microsecond=0)
    asleep = waiting.waiting_for_morning(at, queue)
    now = waiting.callable_at(at, queue)
    total = waiting.of(queue)
    read = figures.figures if live else figures.recent
    done = read(user=user, day=day, month=day.replace(day=1))
    return {
        "greeting": f"{greeting(here.hour)}, {user.first_name}.",
        "total": total,
        "now": now,
        "asleep": asleep,
        "opens": opening_words(at),
        "other": max(total - now - asleep, 0),
        "clock": f"{formats.day(here, here.date())}, {formats.clock_time(here)} {formats.zone_words(str(here.tzinfo))}",
        "place": formats.zone_words(str(here.tzinfo)),
        "figures": done,
        "kept": formats.percent(done.kept / done.judged) if done.judged else formats.DASH,
        "hours": _hours(waiting, queue, here),
    }


def opening_words(at: datetime) -> str:
    """ "8:00": when call hours begin, wherever somebody is."""
    return "{}:{:02d}".format(*divmod(compliance.limits(at).opens, 60))


def _hours(waiting: counts.Waiting, queue: str | None, here: datetime) -> charts.HourBars:
    """People you may call at each hour of the team's day, from the zones of those who wait."""
    start = here.replace(minute=here.minute, second=0, microsecond=0)
    each = tuple(
        waiting.callable_at(start + timedelta(hours=hour - here.hour), queue)
        for hour in range(FIRST_HOUR, LAST_HOUR + 1)
    )
    now = here.hour if FIRST_HOUR <= here.hour <= LAST_HOUR else None
    best = max(range(len(each)), key=each.__getitem__)
    label = (
        f"People you may call by hour: {waiting.callable_at(here, queue)} now,"
        f" highest {each[best]} at {formats.hour_words(FIRST_HOUR + best)}"
    )
    return charts.HourBars(each, FIRST_HOUR, now, label)


def tabs(slug: str, saved: Sequence[SavedView], waiting: counts.Waiting) -> list[dict[str, Any]]:
    """The fixed views with their counts (empty queues are left out), then the saved ones."""
    shown = []
    for name, label in FIXED:
        if name not in (slug, MINE, ALL) and not waiting.of(name):
            continue
        count = "" if name == MINE else counts.words(waiting.of(None if name == ALL else name))
        shown.append({"label": label, "url": f"/work/{name}/", "current": name == slug, "count": count})
    for view in saved:
        shown.append({"label": view.name, "url": f"/work/{view.slug}/", "current": view.slug == slug, "count": None})
    return shown


def chips(asked: Filters, view: str, books: Sequence[Portfolio], people: Sequence[User]) -> list[dict[str, str]]:
    """Each filter as a sentence, with the address that takes it away."""
    names = {book.creditor_id: book.creditor.name for book in books}
    owners = {"me": "me", "none": "nobody", **{str(person.pk): person.display_name for person in people}}
    found: list[tuple[str, str, dict[str, Any]]] = []
    if asked.queue and asked.queue != view:
        found.append(("Queue", str(Queue(asked.queue).label), {"queue": ""}))
    if asked.creditor is not None:
        found.append(("Creditor", names.get(asked.creditor, "unknown"), {"creditor": None}))
    if asked.owner and view != MINE:
        found.append(("Owner", owners.get(asked.owner, "unknown"), {"owner": ""}))
    if asked.late_from is not None or asked.late_to is not None:
        found.append(("Days late", _range(asked.late_from, asked.late_to), {"late_from": None, "late_to": None}))
    if asked.amount_from is not None or asked.amount_to is not None:
        words = _range(
            formats.money(asked.amount_from) if asked.amount_from is not None else None,
            formats.money(asked.amount_to) if asked.amount_to is not None else None,
        )
        found.append(("May collect", words, {"amount_from": None, "amount_to": None}))
    if asked.missed_within is not None:
        found.append(("Promise", f"missed in {asked.missed_within} days", {"missed_within": None}))
    if asked.now:
        found.append(("Call", "allowed now", {"now": False}))
    return [{"label": a, "value": b, "remove_url": _without(asked, view, changes)} for a, b, changes in found]


def _without(asked: Filters, view: str, changes: dict[str, Any]) -> str:
    kept = replace(asked, queue="" if asked.queue == view else asked.queue)
    return kept.query(**changes)


def _range(low: object, high: object) -> str:
    if low is None:
        return f"up to {high}"
    return f"{low} or more" if high is None else f"{low} to {high}"


HEADS = {"priority": "priority", "amount": "amount", "late": "late", "missed": "missed", "contact": "contact"}
NUMERIC = frozenset({"time", "amount", "late"})


def heads(asked: Filters) -> list[dict[str, Any]]:
    """Column heads in their order: the ones that sort, with direction and address."""
    shown = list(asked.cols)
    shown.insert(1 if shown and shown[0] == "priority" else 0, "name")
    found = []
    for name in shown:
        field = name if name == "name" else HEADS.get(name, "")
        rising, falling = asked.sort == field, asked.sort == f"-{field}"
        turned = field if falling or (field == "name" and not rising) else f"-{field}"
        found.append(
            {
                "label": "Person" if name == "name" else COLUMNS[name],
                "field": field,
                "numeric": name in NUMERIC,
                "aria": "ascending" if rising else "descending" if falling else "",
                "url": asked.query(sort=turned) if field else "",
            }
        )
    return found


def column_choices(asked: Filters) -> list[dict[str, Any]]:
    return [{"name": name, "label": label, "on": name in asked.cols} for name, label in COLUMNS.items()]


def body(page: keyset.Page, asked: Filters, look: cells.Look) -> SafeString:
    """All rows of the page."""
    columns = asked.cols or SHOWN
    return mark_safe("\n".join(cells.line(row, look, columns) for row in page.rows))  # each line is escaped

"""Answers around the verdict that screens and lists need: the day's open hours, call counters, opening minutes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from compliance.rules import clock, packs
from compliance.rules.clock import DAY
from compliance.rules.context import Context, as_utc
from compliance.rules.facts import Action, Facts, Window
from compliance.rules.frequency import counted_calls, in_days
from compliance.rules.packs import Rulebook, Step
from compliance.rules.verdict import BLOCK

CLOCK_RULES = frozenset({
    "POLICY-UNKNOWN-PLACE", "REGF-1006.6B1-TIME-CONSUMER", "REGF-1006.6B1-TIME-DEFAULT", "FL-559.72-17-TIME",
    "WV-46A-2-125-TIME", "MA-940CMR7.04-TIME", "POLICY-3P-HOURS", "POLICY-QUIET-HOURS", "POLICY-HOLIDAY",
})  # fmt: skip

Interval = tuple[datetime, datetime]


def open_intervals(facts: Facts, action: Action, day: date, *, packs: Rulebook | None = None) -> list[Interval]:
    """When the clock rules alone are open on that local day of the home zone: half-open UTC intervals in order.

    Counters, requests and holds are left out: this is the ruler of the day, not the answer.
    """
    book = packs or _default()
    context = Context(facts, action, clock.instant(ZoneInfo("UTC"), day))
    context.move(clock.instant(context.home, day))
    start, end = clock.instant(context.home, day), clock.instant(context.home, day + DAY)
    steps = tuple(step for step in book.plan(context) if step[1].id in CLOCK_RULES)
    edges = sorted({start, *(t for t in _edges(context, steps, day) if start < t < end)})
    intervals: list[Interval] = []
    for began, ended in zip(edges, [*edges[1:], end], strict=True):
        context.move(began)
        if _is_closed(context, steps):
            continue
        if intervals and intervals[-1][1] == began:
            began = intervals.pop()[0]
        intervals.append((began, ended))
    return intervals


def _default() -> Rulebook:
    return packs.rulebook()


def _is_closed(context: Context, steps: tuple[Step, ...]) -> bool:
    hits = (function(context, rule) for function, rule, _ in steps)
    return any(hit is not None and hit.decision == BLOCK for hit in hits)


def _edges(context: Context, steps: tuple[Step, ...], day: date) -> set[datetime]:
    """Every instant around that day at which a clock rule may open or close."""
    minutes = {0}
    for _, rule, _ in steps:
        minutes |= {int(rule.params[name]) for name in ("open", "close") if name in rule.params}
    quiet = context.facts.policy.quiet_hours
    if quiet is not None:
        minutes |= {quiet.open, quiet.close}
    zones = list(context.zones)
    wanted = context.place.preferences
    windows: tuple[Window, ...] = wanted.inconvenient + wanted.convenient
    for window in windows:
        minutes |= {window.start, window.end}
        if window.tz:
            zones.append(clock.zone(window.tz))
    known = context.place.known_location
    if known is not None:
        zones += [clock.zone(name) for name in known.tz] + list(context._zones_at_home)
    days = (day - DAY, day, day + DAY)
    return {clock.instant(where, d, minute, fold) for where in zones for d in days for minute in minutes
            for fold in (0, 1)}  # fmt: skip


def calls_in_window(
    facts: Facts, debt_id: str, now: datetime, *, person_id: str = "", packs: Rulebook | None = None
) -> tuple[int, int]:
    """Counted calls about that debt in the seven local days to now, and the limit (12 CFR 1006.14(b)).

    The most careful candidate zone counts, and of several packs the one that allows least. Consented, unconnected and
    wrong-number calls are left out.
    """
    context = Context(facts, Action("call", person_id=person_id, debt_ids=(debt_id,)), as_utc(now))
    rules = [rule for _, rule, _ in (packs or _default()).plan(context) if rule.id == "REGF-1006.14-FREQ-7IN7"]
    limit, days = min(((int(r.params["limit"]), int(r.params["days"])) for r in rules), default=(7, 7))
    calls = counted_calls(context, context.debts[0].group)
    zones = zip(context.zones, context.locals, strict=True)
    return max(len(in_days(calls, where, local.date(), days)) for where, local in zones), limit


def opening_hours(
    zones: Sequence[str], *, on: date, open_at: int = 480, close_at: int = 1260
) -> tuple[int, int] | None:
    """Minutes of the UTC day `on` between which every zone is inside its hours, for prefilters of lists.

    Open lies in 0 … 1439; close is later and may pass 1440 (into the next UTC day). None without zones or without a
    common hour. Store it anew when a clock changes: the answer is for that day.
    """
    if not zones:
        return None
    common: list[Interval] | None = None
    for name in zones:
        where = clock.zone(name)
        days = (on - DAY, on, on + DAY)
        spans = [(clock.instant(where, d, open_at), clock.instant(where, d, close_at)) for d in days]
        common = spans if common is None else _meet(common, spans)
    midnight = datetime(on.year, on.month, on.day, tzinfo=UTC)
    for start, end in common or ():
        if midnight <= start < midnight + DAY:
            return _minutes(start, midnight), _minutes(end, midnight)
    return None


def _meet(left: list[Interval], right: list[Interval]) -> list[Interval]:
    found = [(max(a, c), min(b, d)) for a, b in left for c, d in right]
    return sorted((start, end) for start, end in found if start < end)


def _minutes(moment: datetime, midnight: datetime) -> int:
    return int((moment - midnight).total_seconds()) // 60

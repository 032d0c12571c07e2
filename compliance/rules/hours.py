"""Hours: local time in every place where the person may be (12 CFR 1006.6(b)(1)(i) and state and house clocks)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from compliance.rules import clock
from compliance.rules.calendars import legal_holidays
from compliance.rules.clock import DAY
from compliance.rules.context import Context
from compliance.rules.facts import TIMED, Window
from compliance.rules.registry import Hit, Rule, rule
from compliance.rules.words import say_day, say_minute, say_time

_ONE_DAY = timedelta(days=1)


def _in_window(window: Window, local: datetime) -> date | None:
    """The day on which the window that holds this local time began, None outside it."""
    minute = local.hour * 60 + local.minute
    day = local.date()
    if window.start < window.end:
        return day if window.start <= minute < window.end and _on(window, day) else None
    if minute >= window.start and _on(window, day):  # over midnight
        return day
    before = day - _ONE_DAY
    return before if minute < window.end and _on(window, before) else None


def _on(window: Window, day: date) -> bool:
    if day.weekday() not in window.days or (window.from_ is not None and day < window.from_):
        return False
    return window.until is None or day <= window.until


def _window_end(window: Window, began: date, where: ZoneInfo, t: datetime) -> datetime:
    day = began if window.start < window.end else began + _ONE_DAY
    return clock.instant_after(where, day, window.end, t)


def _window_start(window: Window, where: ZoneInfo, local: datetime, t: datetime) -> datetime | None:
    """The next start of the window after t, within eight days."""
    day = local.date()
    for _ in range(9):
        if _on(window, day):
            start = clock.instant(where, day, window.start)
            if start > t:
                return start
        day += _ONE_DAY
    if window.from_ is not None and window.from_ >= day:
        start = clock.instant(where, window.from_, window.start)
        return start if _on(window, window.from_) else start
    return None


@lru_cache(maxsize=256)
def _bounds(open_at: int, close_at: int) -> tuple[int, int]:
    return open_at * 60, close_at * 60


def closed_until(context: Context, open_at: int, close_at: int, convenient: bool = True) -> datetime | None:
    """None while every candidate zone is inside [open, close) minutes; else when the last of them opens (UTC)."""
    latest: datetime | None = None
    windows = context.place.preferences.convenient if convenient else ()
    first, last = _bounds(open_at, close_at)
    for where, local in zip(context.zones, context.locals, strict=True):
        seconds = local.hour * 3600 + local.minute * 60 + local.second
        if first <= seconds < last:
            continue
        if windows and any(_in_window(w, _there(context, w, local)) for w in windows):
            continue
        day = local.date() if seconds < first else local.date() + DAY
        opens = clock.instant_after(where, day, open_at, context.now)
        for window in windows:
            here = clock.zone(window.tz) if window.tz else where
            start = _window_start(window, here, _there(context, window, local), context.now)
            if start is not None and start < opens:
                opens = start
        if latest is None or opens > latest:
            latest = opens
    return latest


def _there(context: Context, window: Window, local: datetime) -> datetime:
    return context.now.astimezone(clock.zone(window.tz)) if window.tz else local


def _hours(context: Context, r: Rule) -> Hit | None:
    if context.action.purpose == "opt_out_confirmation" or context.action.court_permission or not context.zones_known:
        return None
    open_at, close_at = r.params["open"], r.params["close"]
    until = closed_until(context, open_at, close_at)
    return _clock_hit(context, until, open_at, close_at) if until is not None else None


def _clock_hit(context: Context, until: datetime, open_at: int, close_at: int) -> Hit:
    times = " and ".join(dict.fromkeys(say_time(local) for local in context.locals))
    return Hit(until, {"times": times, "open": say_minute(open_at), "close": say_minute(close_at)})


@rule("POLICY-UNKNOWN-PLACE", TIMED, scope="all")
def unknown_place(context: Context, r: Rule) -> Hit | None:
    """Missing facts never mean yes: without any known place no clock can be read."""
    if context.zones_known:
        return None
    place = context.place
    missing = "address and number" if not place.addresses and not place.phones else "time zone of any address or number"
    return Hit(None, {"missing": missing})


@rule("REGF-1006.6B1-TIME-DEFAULT", TIMED, regf=True, persons="consumer")
def time_default(context: Context, r: Rule) -> Hit | None:
    return _hours(context, r)


@rule("FL-559.72-17-TIME", TIMED - {"email"}, states=frozenset({"FL"}))
def florida_hours(context: Context, r: Rule) -> Hit | None:
    return _hours(context, r)


@rule("WV-46A-2-125-TIME", TIMED, states=frozenset({"WV"}))
def west_virginia_hours(context: Context, r: Rule) -> Hit | None:
    return _hours(context, r)


@rule("MA-940CMR7.04-TIME", TIMED, states=frozenset({"MA"}))
def massachusetts_hours(context: Context, r: Rule) -> Hit | None:
    return _hours(context, r)


@rule("POLICY-3P-HOURS", TIMED, persons="third")
def third_party_hours(context: Context, r: Rule) -> Hit | None:
    return _hours(context, r)


@rule("POLICY-QUIET-HOURS", TIMED, scope="all")
def quiet_hours(context: Context, r: Rule) -> Hit | None:
    wanted = [(r.params["open"], r.params["close"])] if "open" in r.params and "close" in r.params else []
    quiet = context.facts.policy.quiet_hours
    if quiet is not None:
        wanted.append((quiet.open, quiet.close))
    if not wanted or context.action.purpose == "opt_out_confirmation" or not context.zones_known:
        return None
    opens, closes = max(first for first, _ in wanted), min(last for _, last in wanted)
    until = closed_until(context, opens, closes, convenient=False)
    return _clock_hit(context, until, opens, closes) if until is not None else None


@rule("POLICY-HOLIDAY", TIMED, scope="all")
def holiday(context: Context, r: Rule) -> Hit | None:
    policy = context.facts.policy
    closed_days = policy.no_contact_days | frozenset(r.params.get("days", ()))
    closed_holidays = policy.no_contact_federal_holidays or r.params.get("federal_holidays", False)
    if not closed_days and not closed_holidays:
        return None
    if context.action.purpose == "opt_out_confirmation":
        return None
    for where, local in zip(context.zones, context.locals, strict=True):
        day = local.date()
        is_holiday = closed_holidays and day in legal_holidays(day.year)
        if is_holiday or day.weekday() in closed_days:
            what = "a federal holiday" if is_holiday else "a day without contact"
            return Hit(clock.instant(where, day + DAY), {"day": say_day(day, context.today), "what": what})
    return None


@rule("REGF-1006.6B1-TIME-CONSUMER", TIMED, regf=True, persons="consumer")
def time_consumer(context: Context, r: Rule) -> Hit | None:
    windows = context.place.preferences.inconvenient
    if not windows or context.action.purpose == "opt_out_confirmation" or context.action.court_permission:
        return None
    for window in windows:
        for where, local in zip(context.zones, context.locals, strict=True):
            here = clock.zone(window.tz) if window.tz else where
            there = _there(context, window, local)
            began = _in_window(window, there)
            if began is None:
                continue
            if _answers_inside(context, clock.instant(here, began, window.start)):
                continue
            end = _window_end(window, began, here, context.now)
            words = {"start": say_minute(window.start), "end": say_minute(window.end)}
            whole = window.start == 0 and window.end == 1440
            return Hit(end, {**words, "day": _DAY_NAMES[began.weekday()]}, "text_day" if whole else "text")
    return None


def _answers_inside(context: Context, began: datetime) -> bool:
    return context.action.purpose == "respond_to_consumer" and context.may_answer_once(began)


_DAY_NAMES = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")

"""Local time: days and minutes of the day in a zone, turned into UTC instants. Zones are IANA names."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """The zone of that IANA name. Raises ZoneInfoNotFoundError for an unknown one."""
    return ZoneInfo(name)


@lru_cache(maxsize=65536)
def instant(where: ZoneInfo, day: date, minute: int = 0, fold: int = 0) -> datetime:
    """The UTC instant at which a wall clock there shows that minute of the day (1440: the next midnight)."""
    if minute >= 1440:
        day, minute = day + DAY, minute - 1440
    wall = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=where, fold=fold)
    return wall.astimezone(UTC)


def instant_after(where: ZoneInfo, day: date, minute: int, t: datetime) -> datetime:
    """The first instant after `t` at which the clock there shows that minute, on `day` or later."""
    found = instant(where, day, minute)
    if found > t:
        return found
    found = instant(where, day, minute, 1)
    while found <= t:
        day = day + DAY
        found = instant(where, day, minute)
    return found


def day_start(zones: Iterable[ZoneInfo], day: date) -> datetime:
    """The UTC instant from which it is `day` (or later) in every one of the zones."""
    return max(instant(where, day) for where in zones)


def minute_of(text: str) -> int:
    """Minutes of the day of "HH:MM" ("24:00" is 1440). Raises ValueError on anything else."""
    hours, minutes = text.split(":")
    value = int(hours) * 60 + int(minutes)
    if not 0 <= value <= 1440:
        raise ValueError(f"not a time of day: {text!r}")
    return value


def seconds_of(local: datetime) -> int:
    """Whole seconds of the local day."""
    return local.hour * 3600 + local.minute * 60 + local.second

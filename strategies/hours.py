"""Where it is a lawful hour to call: the prefilter of lists and claims (DECISIONS, P12).

A `zone_key` names every place where a person may be ("America/Chicago|America/Denver"). The verdict at the
claim decides; this only spares it the people whose clock already says no.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

OPENS, CLOSES = 8, 21  # local hours, half-open: 21:00:00 counts as closed (12 CFR 1006.6(b)(1)(i))


@lru_cache(maxsize=1024)
def _zones(zone_key: str) -> tuple[ZoneInfo, ...] | None:
    try:
        return tuple(ZoneInfo(name) for name in zone_key.split("|") if name)
    except (ZoneInfoNotFoundError, ValueError):
        return None


def is_open(zone_key: str, at: datetime) -> bool:
    """Is it between 8 AM and 9 PM in every place of the key? A key without a place we know is closed."""
    zones = _zones(zone_key)
    return bool(zones) and all(OPENS <= at.astimezone(zone).hour < CLOSES for zone in zones or ())


def opens_at(zone_key: str, at: datetime) -> datetime | None:
    """The next moment (UTC) at which every place of the key is open; `at` itself when it is now."""
    if not _zones(zone_key):
        return None
    if is_open(zone_key, at):
        return at
    quarter = at.astimezone(UTC).replace(minute=at.minute // 15 * 15, second=0, microsecond=0)
    for step in range(1, 4 * 48 + 1):
        moment = quarter + timedelta(minutes=15 * step)
        if is_open(zone_key, moment):
            return moment
    return None


def open_keys(keys: Iterable[str], at: datetime) -> frozenset[str]:
    """Those of the keys that are open at a moment."""
    return frozenset(key for key in keys if is_open(key, at))

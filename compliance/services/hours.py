"""What lists may know of the rules without asking them: opening hours and call counts (decision 0007).

A prefilter, never the verdict. The packs for everybody are read; a pack bound to some creditors, a preference or a
hold may allow less, and the claim asks about them.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from compliance import rulebooks
from compliance.rules.packs import Rulebook

_FRESH = 30.0  # seconds for which a process believes that the packs are what they were
_HOURS = ("REGF-1006.6B1-TIME-DEFAULT", "POLICY-QUIET-HOURS")
_CALLS, _TALK = "REGF-1006.14-FREQ-7IN7", "REGF-1006.14-FREQ-POSTCONV"


@dataclass(frozen=True, slots=True)
class Limits:
    """Minutes of the local day, end exclusive; calls in so many days; days of peace after a conversation."""

    opens: int = 480
    closes: int = 1260
    calls: int = 7
    days: int = 7
    talk_days: int = 7


class _Memory:
    read_at = 0.0
    library: rulebooks.Library | None = None


def limits(at: datetime) -> Limits:
    """What the packs for everybody in force at that moment say; the strictest of several. At most one query."""
    memory = _Memory
    if memory.library is None or time.monotonic() - memory.read_at > _FRESH:
        memory.library, memory.read_at = rulebooks.current(), time.monotonic()
    return _limits(memory.library.at(at))


def forget() -> None:
    """The packs have changed in this process."""
    _Memory.library = None


def _limits(book: Rulebook) -> Limits:
    everybodys = [pack for pack in book.packs if not pack.is_bound and "US" in pack.jurisdictions]
    rules = [rule for pack in everybodys for rule in pack.rules]

    def said(name: str, usual: int, *ids: str) -> list[int]:
        return [int(r.params[name]) for r in rules if r.id in ids and name in r.params] or [usual]

    usual = Limits()
    return Limits(
        opens=max(said("open", usual.opens, *_HOURS)),
        closes=min(said("close", usual.closes, *_HOURS)),
        calls=min(said("limit", usual.calls, _CALLS)),
        days=max(said("days", usual.days, _CALLS)),
        talk_days=max(said("days", usual.talk_days, _TALK)),
    )


@lru_cache(maxsize=1024)
def _zones(zone_key: str) -> tuple[ZoneInfo, ...]:
    try:
        return tuple(ZoneInfo(name) for name in zone_key.split("|") if name)
    except (ZoneInfoNotFoundError, ValueError):
        return ()


def is_open(zone_key: str, at: datetime, allowed: Limits) -> bool:
    """Is it a lawful hour in every place of the key ("America/Chicago|America/Denver")? An unknown place is closed."""
    zones = _zones(zone_key)
    return bool(zones) and all(_inside(at.astimezone(zone), allowed) for zone in zones)


def _inside(there: datetime, allowed: Limits) -> bool:
    return allowed.opens <= there.hour * 60 + there.minute < allowed.closes


def opens_at(zone_key: str, at: datetime, allowed: Limits) -> datetime | None:
    """The next moment (UTC, a quarter of an hour) at which every place is open; `at` itself when it is now."""
    if not _zones(zone_key):
        return None
    if is_open(zone_key, at, allowed):
        return at
    quarter = at.astimezone(UTC).replace(minute=at.minute // 15 * 15, second=0, microsecond=0)
    moments = (quarter + timedelta(minutes=15 * step) for step in range(1, 4 * 48 + 1))
    return next((moment for moment in moments if is_open(zone_key, moment, allowed)), None)


def open_keys(keys: Iterable[str], at: datetime) -> frozenset[str]:
    """Those of the keys that are open at a moment."""
    allowed = limits(at)
    return frozenset(key for key in keys if key and is_open(key, at, allowed))

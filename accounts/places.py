"""Where is it what time: zones of a ZIP, a state and telephone numbers. Every zone of a split one counts."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

_TABLE = Path(__file__).resolve().with_name("zones.toml")
_SAMPLES = tuple(datetime(year, month, 15, 12, tzinfo=UTC) for year in (2025, 2026, 2027) for month in range(1, 13))
_DIGITS = re.compile(r"\D")


@dataclass(frozen=True, slots=True)
class _Tables:
    zips: Mapping[str, str]
    zip3: Mapping[str, tuple[str, ...]]
    area_codes: Mapping[str, tuple[str, ...]]
    main: Mapping[str, str]  # area code → the zone of most of its ZIPs
    states: Mapping[str, str]
    no_location: frozenset[str]


def _signature(name: str) -> tuple[Any, ...]:
    zone = ZoneInfo(name)
    return tuple(moment.astimezone(zone).utcoffset() for moment in _SAMPLES)


def _canonicalizer(preferred: Iterable[str]) -> dict[tuple[Any, ...], str]:
    found: dict[tuple[Any, ...], str] = {}
    for name in preferred:
        found.setdefault(_signature(name), name)
    return found


@lru_cache(maxsize=1)
def _tables() -> _Tables:
    """Read once, on the first question: the conservative table, then 42,000 ZIPs and their area codes."""
    import zipcodes  # noqa: PLC0415  (its data takes a third of a second)

    raw = tomllib.loads(_TABLE.read_text(encoding="utf-8"))["zones"]
    canonical = _canonicalizer(raw["canonical"])
    names: dict[str, str] = {}

    def plain(name: str) -> str:
        if name not in names:
            names[name] = canonical.get(_signature(name), name)
        return names[name]

    zips: dict[str, str] = {}
    codes: dict[str, Counter[str]] = {}
    for row in zipcodes.list_all():  # type: ignore[no-untyped-call]
        if "/" not in row["timezone"]:  # a few rows of the package carry a place name instead of a zone
            continue
        zone = zips[row["zip_code"]] = plain(row["timezone"])
        for code in row["area_codes"]:
            codes.setdefault(code, Counter())[zone] += 1
    area_codes = {code: _real_share(found) for code, found in codes.items()}
    area_codes.update({code: _unique(plain(z) for z in found) for code, found in raw["area_codes"].items()})
    return _Tables(
        zips=zips,
        zip3={prefix: _unique(plain(z) for z in found) for prefix, found in raw["zip3"].items()},
        area_codes=area_codes,
        main={code: min(found, key=lambda z: (-found[z], z)) for code, found in codes.items()},
        states={state: plain(zone) for state, zone in raw["state_default"].items()},
        no_location=frozenset(raw["no_location"]),
    )


def _real_share(found: Counter[str]) -> tuple[str, ...]:
    """Zones with at least a tenth of the area code's ZIPs; fewer are neighbors' ZIPs, not a split code."""
    floor = sum(found.values()) / 10
    return tuple(sorted((z for z in found if found[z] >= floor), key=lambda z: (-found[z], z)))


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


@lru_cache(maxsize=65536)
def zip_zones(zip_code: str, state: str = "") -> tuple[str, ...]:
    """Zones of a ZIP: its own first, then those of its split prefix; the state's for an unknown ZIP; else none."""
    tables = _tables()
    digits = _DIGITS.sub("", zip_code)[:5]
    own = tables.zips.get(digits) if len(digits) == 5 else None
    if own is not None:
        return _unique([own, *tables.zip3.get(digits[:3], ())])
    prefix = tables.zip3.get(digits[:3], ()) if len(digits) >= 3 else ()
    default = tables.states.get(state.strip().upper())
    return _unique([*([default] if default else []), *prefix])


@lru_cache(maxsize=65536)
def phone_zones(e164: str) -> tuple[str, ...]:
    """Every zone of a North American number's area code; nothing for toll-free, foreign and unknown ones."""
    code = _area_code(e164)
    return _tables().area_codes.get(code, ()) if code else ()


def _area_code(e164: str) -> str:
    digits = _DIGITS.sub("", e164)
    if len(digits) != 11 or digits[0] != "1":
        return ""
    code = digits[1:4]
    return "" if code in _tables().no_location else code


def zones_for(zip_code: str, state: str, phone_e164s: Iterable[str]) -> tuple[str, ...]:
    """Every IANA zone in which the person may be, home first: the ZIP's, then those of each active number.

    Split ZIP prefixes and split area codes contribute every zone (RULES.md section 9, which wins over the
    looser count of the card book's acceptance file: see `main_zones_for`).
    """
    zones = list(zip_zones(zip_code or "", state or ""))
    for number in phone_e164s:
        zones.extend(phone_zones(number))
    return _unique(zones)


def main_zones_for(zip_code: str, state: str, phone_e164s: Iterable[str]) -> tuple[str, ...]:
    """The ZIP's own zone and the main zone of each area code: a split code counts once. For comparison only."""
    tables = _tables()
    zones = list(zip_zones(zip_code or "", state or "")[:1])
    zones += [tables.main[code] for code in map(_area_code, phone_e164s) if code in tables.main]
    return _unique(zones)

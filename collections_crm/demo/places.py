"""Where people live and which numbers ring there: ZIP, area code, state and time zone agree."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from random import Random
from typing import Any

from accounts import places

# Population in 100,000s, rounded; weights for drawing a state.
WEIGHTS = {
    "AL": 51, "AK": 7, "AZ": 74, "AR": 31, "CA": 390, "CO": 59, "CT": 36, "DE": 10, "DC": 7, "FL": 226, "GA": 110,
    "HI": 14, "ID": 20, "IL": 125, "IN": 69, "IA": 32, "KS": 29, "KY": 45, "LA": 46, "ME": 14, "MD": 62, "MA": 70,
    "MI": 100, "MN": 57, "MS": 29, "MO": 62, "MT": 11, "NE": 20, "NV": 32, "NH": 14, "NJ": 93, "NM": 21, "NY": 196,
    "NC": 108, "ND": 8, "OH": 118, "OK": 41, "OR": 42, "PA": 130, "RI": 11, "SC": 54, "SD": 9, "TN": 71, "TX": 305,
    "UT": 34, "VT": 6, "VA": 87, "WA": 78, "WV": 18, "WI": 59, "WY": 6,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """One ZIP with area codes that lie wholly in its own time zone."""

    zip_code: str
    city: str
    state: str
    zone: str
    area_codes: tuple[str, ...]


def _place(row: Mapping[str, Any]) -> Place | None:
    """The row as a place, when its ZIP has one zone and at least one area code of just that zone."""
    zones = places.zip_zones(row["zip_code"], row["state"])
    if len(zones) != 1:
        return None
    fitting = tuple(c for c in sorted(row["area_codes"]) if places.phone_zones(f"+1{c}5550100") == zones)
    return Place(row["zip_code"], row["city"], row["state"], zones[0], fitting) if fitting else None


@lru_cache(maxsize=1)
def by_state() -> Mapping[str, Sequence[Place]]:
    """Up to 60 places of each state, spread evenly over its ZIPs."""
    import zipcodes  # its data takes a third of a second

    rows: dict[str, list[Any]] = {state: [] for state in WEIGHTS}
    for row in zipcodes.list_all():  # type: ignore[no-untyped-call]
        if row["zip_code_type"] == "STANDARD" and row["active"] and row["state"] in rows:
            rows[row["state"]].append(row)
    found: dict[str, list[Place]] = {}
    for state, some in rows.items():
        step = max(1, len(some) // 80)
        kept = [place for row in some[::step] if (place := _place(row)) is not None]
        if kept:
            found[state] = kept[:60]
    return found


class Atlas:
    """Draws places by population, and numbers 555-0100 to 555-0199 in turn within an area code."""

    def __init__(self) -> None:
        table = by_state()
        self._states = [state for state in WEIGHTS if state in table]
        self._sums = list(accumulate(WEIGHTS[state] for state in self._states))
        self._table = table
        self._next: dict[str, int] = {}

    def place(self, rng: Random) -> Place:
        """A place somewhere in the country."""
        state = rng.choices(self._states, cum_weights=self._sums)[0]
        return rng.choice(self._table[state])

    def at(self, zip_code: str) -> Place:
        """The place of one ZIP. Raises LookupError when it is split between zones or unknown."""
        import zipcodes

        place = next((p for row in zipcodes.matching(zip_code) if (p := _place(row))), None)  # type: ignore[no-untyped-call]
        if place is None:
            raise LookupError(zip_code)
        return place

    def phone(self, rng: Random, place: Place) -> str:
        """A fictitious number of the place's area code, E.164."""
        code = rng.choice(place.area_codes)
        number = self._next.get(code, rng.randrange(100))
        self._next[code] = number + 1
        return f"+1{code}55501{number % 100:02d}"

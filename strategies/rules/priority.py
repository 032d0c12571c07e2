"""How many points a person gets, as parts that add up to the score (D10). Weights are data (F17).

Each part gives a share of its weight, in whole percent, by a table; points are weight × share ÷ 100,
rounded down. The same tables are written out as SQL by strategies/refresh_sql.py; a test compares both.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .facts import PersonFacts

Band = tuple[int, int]  # from this value on (inclusive) → percent of the weight


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the score: its key in the weights, its words, its weight to start with."""

    code: str
    label: str
    weight: int


PARTS = (
    Part("reason", "Why it is in this queue", 40),
    Part("amount", "Amount that may be collected", 25),
    Part("lateness", "Days late", 15),
    Part("quiet", "Time since the last contact", 10),
    Part("missed", "Missed promise, how fresh", 10),
)
DEFAULT: dict[str, int] = {part.code: part.weight for part in PARTS}
LABELS: dict[str, str] = {part.code: part.label for part in PARTS}
MOST = 100  # the largest weight

REASON: dict[str, int] = {
    "callbacks": 100,
    "replies": 95,
    "broken-promises": 90,
    "plans-at-risk": 75,
    "new": 60,
    "disputes": 50,
    "review": 40,
    "general": 30,
    "skip": 20,
}
AMOUNT: tuple[Band, ...] = ((0, 8), (100, 20), (250, 36), (500, 52), (1000, 68), (2500, 84), (5000, 100))
# The longer a debt is late the less comes in: fresh lateness gets the points (roll rates of any book).
LATENESS: tuple[Band, ...] = ((0, 20), (1, 100), (31, 87), (61, 73), (91, 60), (121, 47), (181, 27), (366, 13))
QUIET: tuple[Band, ...] = ((0, 0), (2, 30), (4, 60), (8, 80), (15, 100))
MISSED: tuple[Band, ...] = ((0, 100), (4, 80), (8, 50), (15, 20), (31, 0))
NEVER_CONTACTED = 100


def share(bands: tuple[Band, ...], value: int | Decimal) -> int:
    """Percent of the weight for a value: the last band that starts at or below it."""
    found = bands[0][1]
    for start, percent in bands:
        if value >= start:
            found = percent
    return found


def components(facts: PersonFacts, *, queue: str, on: date, weights: Mapping[str, int] = DEFAULT) -> dict[str, int]:
    """Points by part on a local day; their sum is the score."""
    quiet = facts.days_quiet(on)
    percents = {
        "reason": REASON[queue],
        "amount": share(AMOUNT, facts.amount),
        "lateness": share(LATENESS, facts.days_late(on)),
        "quiet": NEVER_CONTACTED if quiet is None else share(QUIET, quiet),
        "missed": share(MISSED, (on - facts.missed_on).days) if facts.missed_on else 0,
    }
    return {code: weights.get(code, 0) * percent // 100 for code, percent in percents.items()}


def score(parts: Mapping[str, int]) -> int:
    """The priority: the sum of its parts."""
    return sum(parts.values())

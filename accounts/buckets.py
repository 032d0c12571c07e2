"""Days past due and the buckets they fall into. Pure. A scheme belongs to a portfolio (DECISIONS 12)."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date
from typing import Literal

Scheme = Literal["bank", "trade"]


@dataclass(frozen=True, slots=True)
class Bucket:
    """A range of days past due, both ends included; last is None for the open one."""

    code: str
    first: int
    last: int | None
    label: str

    @property
    def position(self) -> int:
        """Sorts buckets of one scheme from not due to worst."""
        return self.first


def _scheme(*starts: int) -> tuple[Bucket, ...]:
    buckets = [Bucket("0", 0, 0, "Not past due")]
    for first, following in zip(starts, [*starts[1:], None], strict=True):
        if following is None:
            buckets.append(Bucket(f"{first}+", first, None, f"{first} days or more"))
        else:
            last = following - 1
            buckets.append(Bucket(f"{first}-{last}", first, last, f"{first}\u2013{last} days"))
    return tuple(buckets)


SCHEMES: dict[str, tuple[Bucket, ...]] = {
    "bank": _scheme(1, 30, 60, 90, 120, 150, 180),
    "trade": _scheme(1, 31, 61, 91),
}
_FIRSTS = {name: [bucket.first for bucket in buckets] for name, buckets in SCHEMES.items()}


def dpd(delinquency_date: date | None, on: date) -> int:
    """Days past due on a day: days since the delinquency date; 0 before it, or when there is none."""
    return 0 if delinquency_date is None else max((on - delinquency_date).days, 0)


def bucket_for(days: int, scheme: Scheme = "bank") -> Bucket:
    """The bucket of a number of days past due; negative days are not past due."""
    return SCHEMES[scheme][bisect_right(_FIRSTS[scheme], max(days, 0)) - 1]


def bucket_codes(scheme: Scheme = "bank") -> list[str]:
    """All codes of a scheme, best first."""
    return [bucket.code for bucket in SCHEMES[scheme]]


def bucket_label(code: str, scheme: Scheme = "bank") -> str:
    """The words for a bucket's code. Raises KeyError for a code the scheme does not have."""
    return {bucket.code: bucket.label for bucket in SCHEMES[scheme]}[code]


def bucket_starts_on(bucket: Bucket, delinquency_date: date) -> date:
    """The day an account with this delinquency date enters the bucket, if nothing is paid."""
    return date.fromordinal(delinquency_date.toordinal() + bucket.first)

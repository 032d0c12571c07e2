"""Periods of the board: a day, a week, a month, a quarter; and the like part of the one before (DECISIONS 25)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from core.dates import ONE_DAY, add_months, is_business_day

KINDS = ("day", "week", "month", "quarter")
_FIRST_YEAR, _LAST_YEAR = 2000, 2100
_PATTERNS = (
    ("quarter", re.compile(r"([0-9]{4})-Q([1-4])")),
    ("week", re.compile(r"([0-9]{4})-W([0-9]{2})")),
    ("day", re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")),
    ("month", re.compile(r"([0-9]{4})-([0-9]{2})")),
)


@dataclass(frozen=True, slots=True)
class Period:
    """Days from start up to, and without, end. Weeks begin on Monday (ISO)."""

    kind: str
    start: date
    end: date

    @property
    def last(self) -> date:
        return self.end - ONE_DAY

    @property
    def code(self) -> str:
        """As in the address: 2026-11-24, 2026-W48, 2026-11, 2026-Q4."""
        if self.kind == "week":
            year, week, _ = self.start.isocalendar()
            return f"{year}-W{week:02d}"
        if self.kind == "quarter":
            return f"{self.start.year}-Q{(self.start.month + 2) // 3}"
        return self.start.isoformat() if self.kind == "day" else f"{self.start:%Y-%m}"

    @property
    def words(self) -> str:
        """`November 2026`, `Q4 2026`, `Week of Nov 23`, `Nov 24`."""
        if self.kind == "month":
            return f"{self.start:%B %Y}"
        if self.kind == "quarter":
            return f"Q{(self.start.month + 2) // 3} {self.start.year}"
        day = f"{self.start:%b} {self.start.day}"
        return f"Week of {day}" if self.kind == "week" else day

    @property
    def short(self) -> str:
        """`November`, `Q4`, `last week`: to name the period compared with."""
        if self.kind == "month":
            return f"{self.start:%B}"
        return self.words.split(" ")[0] if self.kind == "quarter" else self.words.lower()

    def through(self, today: date) -> date:
        """The last day of the period that has begun."""
        return min(self.last, max(today, self.start))

    def before(self) -> Period:
        """The period of the same kind before this one."""
        return period_of(self.start - ONE_DAY, self.kind)

    def after(self) -> Period:
        """The period of the same kind after this one."""
        return period_of(self.end, self.kind)

    def like(self, today: date) -> tuple[date, date]:
        """First and last day of the like part of the period before: as many days as this one has had."""
        before = self.before()
        days = (self.through(today) - self.start).days
        last = (
            before.last if self.through(today) == self.last else min(before.start + timedelta(days=days), before.last)
        )
        return before.start, last

    def working_days(self, today: date) -> tuple[int, int]:
        """Working days gone (today among them) and in all; legal holidays do not count."""
        days = [self.start + timedelta(days=i) for i in range((self.end - self.start).days)]
        working = [day for day in days if is_business_day(day)]
        return sum(day <= today for day in working), len(working)

    def months(self) -> list[tuple[date, Decimal]]:
        """The months it touches, each with the share of that month's working days that lie in it."""
        found, month = [], self.start.replace(day=1)
        while month < self.end:
            following = add_months(month, 1)
            days = [month + timedelta(days=i) for i in range((following - month).days)]
            working = [day for day in days if is_business_day(day)]
            inside = sum(self.start <= day < self.end for day in working)
            found.append((month, Decimal(inside) / Decimal(len(working))))
            month = following
        return found


def period_of(day: date, kind: str) -> Period:
    """The period of a kind that holds the day. Raises ValueError for a kind that is not one."""
    if kind == "day":
        return Period(kind, day, day + ONE_DAY)
    if kind == "week":
        start = day - timedelta(days=day.weekday())
        return Period(kind, start, start + timedelta(days=7))
    if kind == "month":
        start = day.replace(day=1)
        return Period(kind, start, add_months(start, 1))
    if kind == "quarter":
        start = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
        return Period(kind, start, add_months(start, 3))
    raise ValueError(f"no such period: {kind}")


def parse(code: str, today: date) -> Period:
    """The period with this code; the month of today for anything else, and for a period that has not begun."""
    try:
        found = _parse(code)
    except (ValueError, OverflowError):
        found = None
    if found is None or found.start > today or not _FIRST_YEAR <= found.start.year <= _LAST_YEAR:
        return period_of(today, code if code in KINDS else "month")
    return found


def _parse(code: str) -> Period | None:
    for kind, pattern in _PATTERNS:
        match = pattern.fullmatch(code)
        if match is None:
            continue
        parts = [int(part) for part in match.groups()]
        if kind == "quarter":
            return period_of(date(parts[0], parts[1] * 3, 1), kind)
        if kind == "week":
            return period_of(date.fromisocalendar(parts[0], parts[1], 1), kind)
        return period_of(date(parts[0], parts[1], parts[2] if kind == "day" else 1), kind)
    return None


def days_words(first: date, last: date) -> str:
    """`Oct 1–24`, `Oct 28–Nov 3`."""
    if first == last:
        return f"{first:%b} {first.day}"
    tail = str(last.day) if first.month == last.month else f"{last:%b} {last.day}"
    return f"{first:%b} {first.day}–{tail}"

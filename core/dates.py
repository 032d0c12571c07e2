"""Days: three calendars of business days, months that clip, half-open periods. Dates only, no time zones.

`legal`: Monday to Friday without the holidays named in 5 USC 6103(a). Days "in lieu of" a holiday are not in
6103(a), so Friday 3 July 2026 counts (compliance/RULES.md). `bank`: days on which the Federal Reserve Banks
are open: a holiday on Sunday closes Monday, one on Saturday closes nothing. `post`: days on which mail is
delivered, Saturdays among them; a holiday on Sunday is kept on Monday.
Holidays follow the law as it stands since 1986 (Juneteenth since 2021).
"""

from __future__ import annotations

import calendar as months
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

Calendar = Literal["legal", "bank", "post"]

ONE_DAY = timedelta(days=1)
MONDAY, THURSDAY, SATURDAY, SUNDAY = 0, 3, 5, 6
ASSUMED_RECEIPT_DAYS = 5
VALIDATION_DAYS = 30


@lru_cache(maxsize=256)
def legal_holidays(year: int) -> frozenset[date]:
    """The legal public holidays of 5 USC 6103(a), on their own dates."""
    days = {
        date(year, 1, 1),
        _nth_weekday(year, 1, MONDAY, 3),
        _nth_weekday(year, 2, MONDAY, 3),
        _last_monday_of_may(year),
        date(year, 7, 4),
        _nth_weekday(year, 9, MONDAY, 1),
        _nth_weekday(year, 10, MONDAY, 2),
        date(year, 11, 11),
        _nth_weekday(year, 11, THURSDAY, 4),
        date(year, 12, 25),
    }
    if year >= 2021:
        days.add(date(year, 6, 19))
    return frozenset(days)


@lru_cache(maxsize=256)
def closed_days(year: int, calendar: Calendar) -> frozenset[date]:
    """The holidays on which the calendar is closed, as observed by it."""
    holidays = legal_holidays(year)
    if calendar == "legal":
        return holidays
    return frozenset(day + ONE_DAY if day.weekday() == SUNDAY else day for day in holidays)


def is_business_day(day: date, calendar: Calendar = "legal") -> bool:
    """Whether the day counts in the calendar."""
    resting = (SUNDAY,) if calendar == "post" else (SATURDAY, SUNDAY)
    return day.weekday() not in resting and day not in closed_days(day.year, calendar)


def is_bank_day(day: date) -> bool:
    """Whether the Federal Reserve Banks are open."""
    return is_business_day(day, "bank")


def add_business_days(day: date, n: int, calendar: Calendar = "legal") -> date:
    """The n-th business day after the day (before it when n is negative); the day itself is not counted.

    n = 0 gives the day back, business day or not.
    """
    step = ONE_DAY if n > 0 else -ONE_DAY
    for _ in range(abs(n)):
        day += step
        while not is_business_day(day, calendar):
            day += step
    return day


def next_business_day(day: date, calendar: Calendar = "legal") -> date:
    """The day itself when it is a business day, else the first one after it."""
    while not is_business_day(day, calendar):
        day += ONE_DAY
    return day


def previous_business_day(day: date, calendar: Calendar = "legal") -> date:
    """The day itself when it is a business day, else the last one before it."""
    while not is_business_day(day, calendar):
        day -= ONE_DAY
    return day


def next_bank_day(day: date) -> date:
    """The day itself when it is a bank day, else the first one after it."""
    return next_business_day(day, "bank")


def previous_bank_day(day: date) -> date:
    """The day itself when it is a bank day, else the last one before it."""
    return previous_business_day(day, "bank")


def add_months(day: date, n: int, *, anchor: int | None = None) -> date:
    """The same day n months on, clipped to the month's end: 31 January + 1 is 28 or 29 February.

    `anchor` is the day of month to return to (31 for a series that began on the 31st).
    """
    year, month = divmod(day.year * 12 + day.month - 1 + n, 12)
    return date(year, month + 1, min(anchor or day.day, days_in_month(year, month + 1)))


def days_in_month(year: int, month: int) -> int:
    """28 to 31."""
    return months.monthrange(year, month)[1]


def month_end(day: date) -> date:
    """The last day of the day's month."""
    return day.replace(day=days_in_month(day.year, day.month))


def days_between(start: date, end: date) -> int:
    """Days from start to end: the first day is not counted, the last one is (money_rules M-INT-2)."""
    return (end - start).days


def age_on(born: date, on: date) -> int:
    """Full years of age on a day. Somebody born on 29 February turns a year older on 1 March."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def assumed_receipt(sent_on: date) -> date:
    """When a notice may be taken as received: the fifth legal business day after sending (1006.34(b)(5))."""
    return add_business_days(sent_on, ASSUMED_RECEIPT_DAYS, "legal")


def validation_period_end(sent_on: date) -> date:
    """Last day of the validation period: 30 calendar days after assumed receipt (12 CFR 1006.34(b)(5)).

    The end is not moved for weekends or holidays.
    """
    return assumed_receipt(sent_on) + timedelta(days=VALIDATION_DAYS)


@dataclass(frozen=True, slots=True)
class Period:
    """Days from start up to, and without, end. Raises ValueError when end lies before start."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError("A period does not end before it starts.")

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    def __iter__(self) -> Iterator[date]:
        return (self.start + timedelta(days=at) for at in range(self.days))

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.end - self.start).days

    def overlaps(self, other: Period) -> bool:
        """Whether the two share a day."""
        return max(self.start, other.start) < min(self.end, other.end)

    @classmethod
    def month_of(cls, day: date) -> Period:
        """The calendar month that holds the day."""
        first = day.replace(day=1)
        return cls(first, add_months(first, 1))


def _nth_weekday(year: int, month: int, weekday: int, n: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (n - 1))


def _last_monday_of_may(year: int) -> date:
    last = date(year, 5, 31)
    return last - timedelta(days=last.weekday())

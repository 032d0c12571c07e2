"""Legal holidays (5 USC 6103(a)), business days and month arithmetic. Pure date functions."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from functools import lru_cache


def _nth(year: int, month: int, weekday: int, n: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (n - 1))


def _last_monday(year: int, month: int) -> date:
    last = date(year, month, calendar.monthrange(year, month)[1])
    return last - timedelta(days=last.weekday())


@lru_cache(maxsize=256)
def legal_holidays(year: int) -> frozenset[date]:
    """The eleven statute days of 5 USC 6103(a). Days observed in lieu are not among them."""
    return frozenset({
        date(year, 1, 1), _nth(year, 1, 0, 3), _nth(year, 2, 0, 3), _last_monday(year, 5), date(year, 6, 19),
        date(year, 7, 4), _nth(year, 9, 0, 1), _nth(year, 10, 0, 2), date(year, 11, 11), _nth(year, 11, 3, 4),
        date(year, 12, 25),
    })  # fmt: skip


def is_business_day(day: date) -> bool:
    """Monday to Friday and not a day of 5 USC 6103(a)."""
    return day.weekday() < 5 and day not in legal_holidays(day.year)


def add_business_days(day: date, count: int) -> date:
    """The count-th business day after `day`, which itself is not counted."""
    while count > 0:
        day += timedelta(days=1)
        if is_business_day(day):
            count -= 1
    return day


def business_days_between(first: date, last: date) -> int:
    """Business days in the half-open span (first, last]."""
    return sum(is_business_day(first + timedelta(days=n)) for n in range(1, (last - first).days + 1))


def add_months(day: date, months: int) -> date:
    """The same day of a later month, clipped to that month's last day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def assumed_receipt(sent_on: date) -> date:
    """The fifth day after sending without Saturdays, Sundays and legal holidays (12 CFR 1006.34(b)(5))."""
    return add_business_days(sent_on, 5)


@lru_cache(maxsize=4096)
def validation_period_end(sent_on: date) -> date:
    """The last day of the validation period: 30 calendar days after assumed receipt (12 CFR 1006.34(b)(5))."""
    return assumed_receipt(sent_on) + timedelta(days=30)


def obsolete_on(dofd: date) -> date:
    """The first day a delinquency may no longer be reported: 180 days and seven years on (15 USC 1681c)."""
    return add_months(dofd + timedelta(days=180), 84)


def postdated_notice_fits(notice: date, deposit: date) -> bool:
    """Three to ten business days between notice and deposit, counted both ways (15 USC 1692f(2))."""
    forward = business_days_between(notice, deposit)
    backward = business_days_between(notice - timedelta(days=1), deposit - timedelta(days=1))
    return min(forward, backward) >= 3 and max(forward, backward) <= 10

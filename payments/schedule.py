"""The dates and amounts of a plan: any two of amount, number and end date give the third. Pure; dates only.

Installments always sum to the agreed total; the last one takes the difference. Monthly dates keep the first
day of month and clip to the month's end: 31 January, 28 February, 31 March.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import count as counting
from typing import Literal

from core.dates import Calendar, add_months, days_in_month, next_business_day, previous_business_day
from core.money import CENT, MAX_AMOUNT, ZERO, MoneyError, RoundingRule, require_cents, split_evenly

Every = Literal["weekly", "biweekly", "semimonthly", "monthly", "payday"]
HolidayRule = Literal["keep", "next", "previous"]
Kind = Literal["down_payment", "regular", "balloon"]

MAX_INSTALLMENTS = 600


class ScheduleError(ValueError):
    """A plan that cannot be made; the text is a sentence, `field` names the input it is about."""

    def __init__(self, text: str, field: str | None = None) -> None:
        super().__init__(text)
        self.field = field


@dataclass(frozen=True, slots=True)
class InstallmentLine:
    """One dated part of a plan. moved_from is the date before a holiday or weekend moved it."""

    number: int
    due_date: date
    amount: Decimal
    moved_from: date | None = None
    kind: Kind = "regular"


def build(
    *,
    first_date: date,
    every: Every,
    total: Decimal | None = None,
    amount: Decimal | None = None,
    count: int | None = None,
    end_date: date | None = None,
    holiday_rule: HolidayRule = "keep",
    calendar: Calendar = "bank",
    balloon: Decimal | None = None,
    down_payment: Decimal | None = None,
    down_payment_date: date | None = None,
    days_of_month: tuple[int, int] | None = None,
    paydays: Sequence[date] = (),
    rounding: RoundingRule = "half_up",
) -> tuple[InstallmentLine, ...]:
    """Make a plan's lines, in order of date.

    With a total, one of amount, count, end_date gives the others: 3206.26 at 45.00 is 71 x 45.00 + 11.26.
    Without a total it takes amount with count or end_date, and the total follows. More than that must agree.
    count counts the regular installments; the down payment comes before them (on first_date, and they start a
    period later, unless down_payment_date is given) and the balloon one period after the last of them. No
    line, before a move for a holiday, falls after end_date. days_of_month is for semimonthly (default: the
    day of first_date and the one 15 days from it); paydays are the dates for payday. rounding applies to
    each equal installment (half_up, down, up). holiday_rule moves dates by the calendar: bank days as a rule.
    Raises ScheduleError.
    """
    extra = _checked(down_payment, "down_payment") + _checked(balloon, "balloon")
    rest = _rest(total, extra)
    dates = _Dates(first_date, every, days_of_month, tuple(paydays))
    starts_later = down_payment is not None and down_payment_date is None
    regular_dates = dates.after_first() if starts_later else dates.all()
    if down_payment_date is not None and down_payment_date > first_date:
        raise ScheduleError("The down payment is due before the first installment.", "down_payment_date")
    number = _number(rest, amount, count, end_date, regular_dates, balloon is not None)
    amounts = _amounts(rest, amount, number, rounding)
    lines = _dated(amounts, regular_dates, balloon, down_payment, down_payment_date or first_date)
    _within(lines, count, end_date)
    return tuple(_moved(line, holiday_rule, calendar) for line in lines)


def total_of(lines: Sequence[InstallmentLine]) -> Decimal:
    """The sum of a plan's lines."""
    return sum((line.amount for line in lines), ZERO)


def _checked(amount: Decimal | None, field: str) -> Decimal:
    if amount is None:
        return ZERO
    try:
        exact = require_cents(amount)
    except MoneyError as wrong:
        raise ScheduleError(str(wrong), field) from wrong
    if not ZERO < exact <= MAX_AMOUNT:
        raise ScheduleError("Amounts in a plan are more than 0.00.", field)
    return exact


def _rest(total: Decimal | None, extra: Decimal) -> Decimal | None:
    if total is None:
        return None
    rest = _checked(total, "total") - extra
    if rest <= ZERO:
        raise ScheduleError("The down payment and the balloon leave nothing for installments.", "total")
    return rest


def _number(
    rest: Decimal | None,
    amount: Decimal | None,
    count: int | None,
    end_date: date | None,
    dates: Sequence[date],
    has_balloon: bool,
) -> int:
    """How many regular installments there are."""
    _checked(amount, "amount")
    if count is not None:
        number = count
    elif end_date is not None:
        number = sum(1 for day in dates if day <= end_date) - has_balloon
        if number < 1:
            raise ScheduleError("No installment falls on or before the end date.", "end_date")
    elif amount is not None and rest is not None:
        number = int((rest / amount).to_integral_value(rounding="ROUND_CEILING"))
    else:
        raise ScheduleError("Give two of these: the amount, the number of installments, the end date.")
    if rest is None and amount is None:
        raise ScheduleError("Give the amount to be paid in all, or the amount of an installment.", "amount")
    if not 1 <= number <= MAX_INSTALLMENTS:
        raise ScheduleError(f"A plan has between 1 and {MAX_INSTALLMENTS} installments.", "count")
    if number + has_balloon > len(dates):
        raise ScheduleError("There are fewer paydays than installments.", "paydays")
    return number


def _amounts(rest: Decimal | None, amount: Decimal | None, number: int, rounding: RoundingRule) -> list[Decimal]:
    if amount is None:
        assert rest is not None
        if rest < CENT * number:
            raise ScheduleError(f"{rest} cannot be split into {number} installments.", "count")
        return split_evenly(rest, number, rounding)
    if rest is None:
        return [require_cents(amount)] * number
    last = rest - amount * (number - 1)
    if last > amount:
        made = amount * number
        raise ScheduleError(f"{number} installments of {amount} make {made}, less than {rest}.", "amount")
    if last <= ZERO:
        raise ScheduleError(f"{rest} is paid with fewer than {number} installments of {amount}.", "count")
    return [require_cents(amount)] * (number - 1) + [require_cents(last)]


def _dated(
    amounts: list[Decimal],
    dates: Sequence[date],
    balloon: Decimal | None,
    down_payment: Decimal | None,
    down_payment_date: date,
) -> list[InstallmentLine]:
    kinds: list[tuple[date, Decimal, Kind]] = []
    if down_payment is not None:
        kinds.append((down_payment_date, require_cents(down_payment), "down_payment"))
    kinds += [(dates[at], amount, "regular") for at, amount in enumerate(amounts)]
    if balloon is not None:
        kinds.append((dates[len(amounts)], require_cents(balloon), "balloon"))
    return [
        InstallmentLine(number, day, amount, None, kind) for number, (day, amount, kind) in enumerate(kinds, start=1)
    ]


def _within(lines: list[InstallmentLine], count: int | None, end_date: date | None) -> None:
    if end_date is not None and lines[-1].due_date > end_date:
        text = f"The last installment falls on {lines[-1].due_date}, after the end date {end_date}."
        raise ScheduleError(text, "count" if count is not None else "end_date")


def _moved(line: InstallmentLine, rule: HolidayRule, calendar: Calendar) -> InstallmentLine:
    if rule == "keep":
        return line
    move = next_business_day if rule == "next" else previous_business_day
    day = move(line.due_date, calendar)
    return line if day == line.due_date else replace(line, due_date=day, moved_from=line.due_date)


@dataclass(frozen=True, slots=True)
class _Dates:
    """The series of due dates, as many as a plan can have."""

    first: date
    every: Every
    days_of_month: tuple[int, int] | None
    paydays: tuple[date, ...]

    def all(self) -> list[date]:
        return [day for day, _ in zip(self.series(), range(MAX_INSTALLMENTS + 2), strict=False)]

    def after_first(self) -> list[date]:
        return self.all()[1:]

    def series(self) -> Iterator[date]:
        try:
            yield from self.endless()
        except ScheduleError:
            raise
        except (OverflowError, ValueError):
            return  # the calendar ends in the year 9999

    def endless(self) -> Iterator[date]:
        if self.every == "monthly":
            yield from (add_months(self.first, at) for at in counting())
        elif self.every in ("weekly", "biweekly"):
            step = timedelta(days=7 if self.every == "weekly" else 14)
            yield from (self.first + step * at for at in counting())
        elif self.every == "semimonthly":
            yield from self.twice_a_month()
        elif self.every == "payday":
            yield from sorted({day for day in self.paydays if day >= self.first})
        else:
            raise ScheduleError("Choose how often installments are due.", "every")

    def twice_a_month(self) -> Iterator[date]:
        day = self.first.day
        pair = sorted(self.days_of_month or ((day, day + 15) if day <= 15 else (day - 15, day)))
        if not 1 <= pair[0] < pair[1] <= 31:
            raise ScheduleError("Choose two different days of the month.", "days_of_month")
        for at in counting():
            month = add_months(self.first.replace(day=1), at)
            most = days_in_month(month.year, month.month)
            for chosen in dict.fromkeys(min(day_of_month, most) for day_of_month in pair):
                due = month.replace(day=chosen)
                if due >= self.first:
                    yield due

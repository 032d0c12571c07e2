"""What a creditor's portfolio allows: grace, smallest payment, how far ahead, how long a plan, which offers. Pure.

The figures are the portfolio's own (F4). A check gets three days more, for the post (house rule; DECISIONS 25:
grace by method).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Protocol

from core.dates import add_months, next_bank_day
from core.money import CENT, RoundingRule

from . import schedule

POST_DAYS = {"CHECK": 3}
FRIDAY = 4
STEP = Decimal("5.00")
A_MONTH = {"weekly": Decimal(52) / 12, "biweekly": Decimal(26) / 12, "semimonthly": Decimal(2), "monthly": Decimal(1)}
EVERY_WORDS = {
    "weekly": "every week",
    "biweekly": "every two weeks",
    "semimonthly": "twice a month",
    "monthly": "every month",
}


class Limits(Protocol):
    """The columns of a portfolio that are read here."""

    minimum_payment: Decimal
    promise_grace_days: int
    promise_max_days: int
    plan_max_months: int


@dataclass(frozen=True, slots=True)
class Offer:
    """One way to pay in parts, within the officer's limits."""

    number: int
    label: str
    amount: Decimal
    count: int
    last_date: date


def grace_until(*, due: date, method: str, limits: Limits) -> date:
    """The last day on which money for a promise due that day counts."""
    return due + timedelta(days=limits.promise_grace_days + POST_DAYS.get(method, 0))


def next_payday(on: date) -> date:
    """The Friday after this day, on a bank day: what we offer when we do not know her payday."""
    days = (FRIDAY - on.weekday()) % 7 or 7
    return next_bank_day(on + timedelta(days=days))


def smallest(*, balance: Decimal, limits: Limits) -> Decimal:
    """The smallest payment we may take: the portfolio's minimum, or the balance when that is less."""
    return max(min(limits.minimum_payment, balance), CENT)


def offers(*, total: Decimal, first_date: date, every: str, limits: Limits) -> list[Offer]:
    """Up to three plans within the limits, the smallest payment first. All end within plan_max_months."""
    found: list[Offer] = []
    for label, months in (
        ("Smallest payments", limits.plan_max_months),
        ("Half the time", max(limits.plan_max_months // 2, 1)),
        ("Three months", 3),
    ):
        offer = _offer(len(found) + 1, label, months, total, first_date, every, limits)
        if offer is not None and all(offer.amount > earlier.amount for earlier in found):
            found.append(offer)
    return found


def _offer(
    number: int, label: str, months: int, total: Decimal, first_date: date, every: str, limits: Limits
) -> Offer | None:
    end = add_months(first_date, months)
    try:
        most = len(schedule.build(first_date=first_date, every=every_of(every), amount=CENT, end_date=end))
        amount = max((total / most / STEP).to_integral_value(ROUND_CEILING) * STEP, limits.minimum_payment)
        amount = min(amount, total).quantize(CENT)
        lines = schedule.build(first_date=first_date, every=every_of(every), total=total, amount=amount)
    except schedule.ScheduleError:
        return None
    return Offer(number, label, amount, len(lines), lines[-1].due_date) if lines[-1].due_date <= end else None


def rounding_of(rule: str) -> RoundingRule:
    """A portfolio's rounding rule by its code."""
    return "down" if rule == "down" else "up" if rule == "up" else "half_up"


def every_of(every: str) -> schedule.Every:
    """How often, by its code; anything else is monthly."""
    if every == "weekly":
        return "weekly"
    if every == "biweekly":
        return "biweekly"
    return "semimonthly" if every == "semimonthly" else "monthly"


def outside(*, lines: tuple[schedule.InstallmentLine, ...], total: Decimal, limits: Limits) -> list[tuple[str, str]]:
    """Why a plan is outside the officer's limits: (field, sentence). Empty when it is within."""
    wrong = []
    end = add_months(lines[0].due_date, limits.plan_max_months)
    if lines[-1].due_date > end:
        text = f"The last payment is {lines[-1].due_date:%b} {lines[-1].due_date.day}, {lines[-1].due_date.year}; "
        wrong.append(("end_date", f"{text}the limit is {limits.plan_max_months} months."))
    least = min(limits.minimum_payment, total)
    if lines[0].amount < least:
        wrong.append(("amount", f"The smallest payment here is ${least:,.2f}."))
    return wrong

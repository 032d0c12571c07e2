"""A household's month on one sheet: what comes in, what goes out, what is spare. Pure; amounts in one currency.

A month is a twelfth of a year: 52 weeks, 26 two-week or 24 half-month pay days, so weekly × 52 ÷ 12 and every two
weeks × 26 ÷ 12 (the IRS rounds the same to 4.3 and 2.17 in Form 433-F). Each line is rounded half up to the cent
before it is added, so that the lines on the screen add up to the sum beside them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from core.money import ZERO, quantize

A_YEAR = {"weekly": 52, "biweekly": 26, "semimonthly": 24, "monthly": 12, "yearly": 1}
EVERY = (
    ("monthly", "a month"), ("weekly", "a week"), ("biweekly", "every 2 weeks"), ("semimonthly", "twice a month"),
    ("yearly", "a year"),
)  # fmt: skip
INCOME = (("wages", "Wages"), ("benefits", "Benefits, pension"), ("support", "Support received"), ("other_in", "Other"))
OUTGOINGS = (
    ("housing", "Rent or mortgage"), ("utilities", "Power, water, phone"), ("food", "Food and household"),
    ("transport", "Transport"), ("health", "Health"), ("children", "Children, support paid"),
    ("debts", "Other debts"), ("other_out", "Other"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One figure as the person said it."""

    code: str
    amount: Decimal
    every: str

    @property
    def monthly(self) -> Decimal:
        return monthly(self.amount, self.every)


@dataclass(frozen=True, slots=True)
class Month:
    """The sheet in months. `spare` may be negative: more goes out than comes in."""

    income: Decimal
    outgoings: Decimal

    @property
    def spare(self) -> Decimal:
        return self.income - self.outgoings


def monthly(amount: Decimal, every: str) -> Decimal:
    """What an amount comes to in a month, rounded half up to the cent. Raises KeyError for an unknown rhythm."""
    share = Fraction(amount) * A_YEAR[every] / 12
    return quantize(Decimal(share.numerator) / Decimal(share.denominator))


def month(lines: Iterable[Line]) -> Month:
    """The month of these lines."""
    coming = {code for code, _ in INCOME}
    income = outgoings = ZERO
    for line in lines:
        if line.code in coming:
            income += line.monthly
        else:
            outgoings += line.monthly
    return Month(income, outgoings)


def share(payment: Decimal, every: str, spare: Decimal) -> Decimal | None:
    """What a payment takes of the spare money, in percent of it to one decimal; None when nothing is spare."""
    if spare <= 0:
        return None
    return (monthly(payment, every) / spare * 100).quantize(Decimal("0.1"))

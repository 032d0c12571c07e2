"""Simple interest, per diem, payoff on a day, the SCRA cap. Pure; amounts in dollars, rates as fractions.

A rate is a Decimal a year: 9% is 0.09. Days exclude the first and include the last. Nothing is rounded
before it is posted, unless the contract rounds its per diem (money_rules.md section 2). Interest accrues on
principal only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from typing import Literal

from core.dates import Period, days_between
from core.money import ZERO, RoundingRule, quantize

Basis = Literal["365", "360", "actual", "30/360"]
PostAt = Literal["payment", "end"]

SCRA_RATE = Decimal("0.06")
MAX_RATE = Decimal(10)


class InterestError(ValueError):
    """Interest that cannot be worked out; the text is a sentence."""


@dataclass(frozen=True, slots=True)
class Payoff:
    """What pays the debt in full on a day: its components, interest up to that day among them."""

    as_of: date
    components: dict[str, Decimal]
    accrued: Decimal
    per_diem: Decimal
    total: Decimal


@dataclass(frozen=True, slots=True)
class CappedInterest:
    """Interest under the SCRA cap: what may be charged, and what is forgiven for good."""

    charged: Decimal
    forgiven: Decimal


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """One payment under the US Rule: interest is met first, the rest lowers the principal."""

    paid_on: date
    payment: Decimal
    to_interest: Decimal
    to_principal: Decimal
    principal_after: Decimal
    unpaid_interest_after: Decimal


def simple_interest(
    *,
    principal: Decimal,
    annual_rate: Decimal,
    start: date,
    end: date,
    basis: Basis = "365",
    per_diem_rounding: RoundingRule | None = None,
    rounding: RoundingRule = "half_up",
) -> Decimal:
    """Interest from start to end, rounded once to the cent.

    per_diem_rounding: the contract rounds a day's interest to the cent and multiplies it (98.64 for 5,000.00
    at 10% over 72 days, where the exact answer is 98.63). Raises InterestError.
    """
    return quantize(_exact(principal, annual_rate, start, end, basis, per_diem_rounding), rounding)


def exact_interest(
    *, principal: Decimal, annual_rate: Decimal, start: date, end: date, basis: Basis = "365"
) -> Decimal:
    """Interest from start to end, not rounded: for summing stretches of different principal. Raises InterestError."""
    return _exact(principal, annual_rate, start, end, basis, None)


def bearing(start: date, end: date, pauses: Iterable[Period]) -> Iterator[tuple[date, date]]:
    """The stretches from start to end that lie in no pause, in order. Pauses may overlap."""
    day = start
    for pause in sorted(pauses, key=lambda each: each.start):
        if day < min(pause.start, end):
            yield day, min(pause.start, end)
        day = max(day, pause.end)
    if day < end:
        yield day, end


def merged(periods: Iterable[Period]) -> tuple[Period, ...]:
    """The same days as periods that neither overlap nor touch, in order; empty ones are gone."""
    found: list[Period] = []
    for period in sorted((each for each in periods if each.days), key=lambda each: each.start):
        if found and period.start <= found[-1].end:
            found[-1] = Period(found[-1].start, max(found[-1].end, period.end))
        else:
            found.append(period)
    return tuple(found)


def per_diem(
    *,
    principal: Decimal,
    annual_rate: Decimal,
    basis: Basis = "365",
    on: date | None = None,
    rounding: RoundingRule = "half_up",
) -> Decimal:
    """One day's interest to the cent. The actual basis needs the day, for the length of its year."""
    _check(principal, annual_rate)
    return quantize(principal * annual_rate / _year_days(basis, on), rounding)


def payoff(
    *,
    components: Mapping[str, Decimal],
    annual_rate: Decimal,
    accrued_to: date,
    as_of: date,
    basis: Basis = "365",
    per_diem_rounding: RoundingRule | None = None,
    rounding: RoundingRule = "half_up",
) -> Payoff:
    """The balance that pays the debt on a day: posted components plus interest since accrued_to.

    components holds posted balances by name, with "principal" and "interest" among them when there are any.
    A quote good through a day is the payoff of that day. Raises InterestError.
    """
    principal = max(components.get("principal", ZERO), ZERO)
    accrued = simple_interest(
        principal=principal,
        annual_rate=annual_rate,
        start=accrued_to,
        end=as_of,
        basis=basis,
        per_diem_rounding=per_diem_rounding,
        rounding=rounding,
    )
    day = per_diem(principal=principal, annual_rate=annual_rate, basis=basis, on=as_of)
    figures = {**components, "interest": components.get("interest", ZERO) + accrued}
    return Payoff(as_of, figures, accrued, day, quantize(sum(figures.values(), ZERO)))


def scra_interest(
    *,
    principal: Decimal,
    annual_rate: Decimal,
    accrual: Period,
    service: Period,
    fees_in_service: Decimal = ZERO,
    basis: Basis = "365",
) -> CappedInterest:
    """Interest over the days of `accrual`, at most 6% a year while in military service (50 USC 3937).

    For debts made before service. Fees charged in service count as interest; the excess is forgiven, never
    deferred. 8,000.00 at 18% for 30 days of service: 39.45 charged, 78.91 forgiven. Raises InterestError.
    """
    contract = ZERO + fees_in_service
    charged = ZERO
    for start, end, capped in _stretches(accrual, service):
        exact = _exact(principal, annual_rate, start, end, basis, None)
        contract += exact
        charged += exact if not capped else ZERO
    shared = _overlap(accrual, service)
    if shared is not None:
        full = _exact(principal, annual_rate, shared.start, shared.end, basis, None) + fees_in_service
        most = _exact(principal, SCRA_RATE, shared.start, shared.end, basis, None)
        charged += min(full, most)
    else:
        charged += fees_in_service
    asked = quantize(charged)
    return CappedInterest(asked, quantize(contract) - asked)


def us_rule(
    *,
    principal: Decimal,
    annual_rate: Decimal,
    start: date,
    payments: Sequence[tuple[date, Decimal]],
    as_of: date,
    basis: Basis = "365",
    post_at: PostAt = "payment",
) -> tuple[tuple[PaymentRow, ...], Decimal]:
    """Apply payments to interest first, then principal; returns the rows and the amount due on as_of.

    Interest left unpaid is carried and bears none itself. post_at "payment" rounds at each posting (ours);
    "end" carries all decimals and rounds only what is shown. Raises InterestError.
    """
    rows: list[PaymentRow] = []
    left, unpaid, day = principal, ZERO, start
    for paid_on, payment in payments:
        unpaid += _posted(_exact(left, annual_rate, day, paid_on, basis, None), post_at)
        to_interest = min(unpaid, payment)
        to_principal = min(left, payment - to_interest)
        unpaid, left, day = unpaid - to_interest, left - to_principal, paid_on
        rows.append(PaymentRow(paid_on, payment, *map(quantize, (to_interest, to_principal, left, unpaid))))
    due = left + unpaid + _exact(left, annual_rate, day, as_of, basis, None)
    return tuple(rows), quantize(due)


def merchants_rule(
    *,
    principal: Decimal,
    annual_rate: Decimal,
    start: date,
    payments: Sequence[tuple[date, Decimal]],
    as_of: date,
    basis: Basis = "365",
) -> Decimal:
    """The amount due when payments bear interest too, up to the day of settlement. Raises InterestError."""
    due = principal + _exact(principal, annual_rate, start, as_of, basis, None)
    for paid_on, payment in payments:
        due -= payment + _exact(payment, annual_rate, paid_on, as_of, basis, None)
    return quantize(due)


def level_payment(
    *,
    principal: Decimal,
    annual_rate: Decimal,
    periods: int,
    periods_per_year: int = 12,
    rounding: RoundingRule = "up",
) -> Decimal:
    """The equal installment that repays a loan with interest. Lenders round it up as a rule."""
    _check(principal, annual_rate)
    if periods < 1 or periods_per_year < 1:
        raise InterestError("A loan is repaid in at least one period.")
    if annual_rate == 0:
        return quantize(principal / periods, rounding)
    with localcontext() as context:
        context.prec = 40
        rate = annual_rate / periods_per_year
        growth = (1 + rate) ** periods
        return quantize(principal * rate * growth / (growth - 1), rounding)


def day_count(start: date, end: date, basis: Basis = "365") -> int:
    """Days from start to end: calendar days, or by months of 30 days for 30/360."""
    if basis != "30/360":
        return days_between(start, end)
    first = min(start.day, 30)
    last = 30 if end.day == 31 and first == 30 else end.day
    return (end.year - start.year) * 360 + (end.month - start.month) * 30 + last - first


def _exact(
    principal: Decimal,
    annual_rate: Decimal,
    start: date,
    end: date,
    basis: Basis,
    per_diem_rounding: RoundingRule | None,
) -> Decimal:
    _check(principal, annual_rate)
    if end < start:
        raise InterestError("Interest does not run backwards: the day lies before the last accrual.")
    a_year = principal * annual_rate
    if per_diem_rounding is not None:
        days = day_count(start, end, basis)
        return quantize(a_year / _year_days(basis, start), per_diem_rounding) * days
    if basis == "actual":
        return sum((a_year * days / length for days, length in _by_year(start, end)), Decimal(0))
    return a_year * day_count(start, end, basis) / _year_days(basis, start)


def _check(principal: Decimal, annual_rate: Decimal) -> None:
    if not isinstance(principal, Decimal) or not isinstance(annual_rate, Decimal):
        raise InterestError("Amounts and rates are Decimals.")
    if not principal.is_finite() or principal < 0:
        raise InterestError("Interest accrues on a principal that is not negative.")
    if not annual_rate.is_finite() or not 0 <= annual_rate <= MAX_RATE:
        raise InterestError("The rate is a fraction a year: 0.09 for 9%.")


def _year_days(basis: Basis, on: date | None) -> int:
    if basis == "365":
        return 365
    if basis in ("360", "30/360"):
        return 360
    if basis == "actual" and on is not None:
        return _length(on.year)
    raise InterestError("The basis is 365, 360, actual or 30/360; actual needs a day.")


def _length(year: int) -> int:
    return (date(year, 12, 31) - date(year - 1, 12, 31)).days if year > 1 else 365


def _by_year(start: date, end: date) -> list[tuple[int, int]]:
    """Days in each calendar year with the length of that year."""
    stretches = []
    while start.year < end.year:
        turn = date(start.year + 1, 1, 1)
        stretches.append((days_between(start, turn), _length(start.year)))
        start = turn
    return [*stretches, (days_between(start, end), _length(start.year))]


def _overlap(one: Period, other: Period) -> Period | None:
    return Period(max(one.start, other.start), min(one.end, other.end)) if one.overlaps(other) else None


def _stretches(accrual: Period, service: Period) -> list[tuple[date, date, bool]]:
    """The accrual cut at the edges of service, each with whether it lies in service."""
    shared = _overlap(accrual, service)
    if shared is None:
        return [(accrual.start, accrual.end, False)]
    cut = [(accrual.start, shared.start, False), (shared.start, shared.end, True)]
    cut.append((shared.end, accrual.end, False))
    return [stretch for stretch in cut if stretch[0] < stretch[1]]


def _posted(interest: Decimal, post_at: PostAt) -> Decimal:
    return quantize(interest) if post_at == "payment" else interest

"""Work a plan out before anybody agrees to it: which debts, which days, which amounts. Writes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from accounts.models import Account, Portfolio
from accounts.states import Status
from core import formats
from core.money import ZERO, pro_rata
from payments import policy, schedule
from payments.models import Method, Plan

from .payments import disputed_among

PLANNABLE = frozenset({Status.NEW, Status.ACTIVE, Status.ARRANGED})


class PlanRefused(Exception):
    """The plan cannot be made as asked; the text is a sentence, `field` its input."""

    def __init__(self, text: str, field: str | None = None) -> None:
        super().__init__(text)
        self.field = field


@dataclass(frozen=True, slots=True)
class Terms:
    """What was agreed. Two of amount, count and end_date give the third.

    `total` None means all that is owed, or less when amount and number (or end date) make less.

    `first_debt` is the id of the debt to be paid first (None: shared by balance). Dates that fall on days
    without banks go to the next bank day unless `holiday_rule` says otherwise.
    """

    every: str
    first_date: date
    amount: Decimal | None = None
    count: int | None = None
    end_date: date | None = None
    total: Decimal | None = None
    method: str = Method.LINK
    first_debt: int | None = None
    holiday_rule: schedule.HolidayRule = "next"


@dataclass(frozen=True, slots=True)
class Draft:
    """A plan worked out but not written: its lines, the debts in it with their share, and who was left out."""

    lines: tuple[schedule.InstallmentLine, ...]
    debts: tuple[Account, ...]
    shares: tuple[Decimal, ...]
    positions: tuple[int, ...]
    left_out: tuple[Account, ...]
    total: Decimal
    outside: tuple[tuple[str, str], ...]


def draft(*, accounts: Sequence[Account], terms: Terms, on: date) -> Draft:
    """Work out the schedule and who gets what; writes nothing. Disputed debts are left out. Raises PlanRefused."""
    disputed = disputed_among(rows=accounts)
    debts = [row for row in accounts if row.pk not in disputed and row.status in PLANNABLE and row.balance > ZERO]
    debts = [row for row in debts if not row.needs_decision]
    left_out = tuple(row for row in accounts if row not in debts)
    _check_debts(debts)
    owed = sum((row.balance for row in debts), ZERO)
    if terms.total is not None and not ZERO < terms.total <= owed:
        raise PlanRefused(f"Enter a total from $0.01 to ${owed:,.2f}.", "total")
    ordered = sorted(debts, key=lambda row: row.pk != terms.first_debt)
    lines = _lines(terms, owed, on, _strictest(debts))
    total = schedule.total_of(lines)
    shares = [row.balance for row in ordered] if total == owed else pro_rata(total, [row.balance for row in ordered])
    kept = [(row, share) for row, share in zip(ordered, shares, strict=True) if share > ZERO]
    outside = policy.outside(lines=lines, total=total, limits=_strictest(debts))
    return Draft(
        lines=lines,
        debts=tuple(row for row, _ in kept),
        shares=tuple(share for _, share in kept),
        positions=tuple(int(terms.first_debt is not None and row.pk != terms.first_debt) for row, _ in kept),
        left_out=left_out,
        total=total,
        outside=tuple(outside),
    )


def _check_debts(debts: Sequence[Account]) -> None:
    if not debts:
        raise PlanRefused(
            "None of these debts can be in a plan: they are paid, closed, paused or disputed.", "accounts"
        )
    if len({row.debtor_id for row in debts}) != 1 or len({row.currency for row in debts}) != 1:
        raise PlanRefused("A plan is for one person's debts in one currency.", "accounts")
    own = Portfolio.CollectorType.FIRST_PARTY
    if len({row.portfolio.collector_type == own for row in debts}) != 1:
        raise PlanRefused("Debts we collect in our own name and those for clients never share a plan.", "accounts")


def _strictest(debts: Sequence[Account]) -> Portfolio:
    """The portfolio whose plans are the shortest: its limits hold for the whole plan."""
    return min((row.portfolio for row in debts), key=lambda book: (book.plan_max_months, -book.minimum_payment))


def _lines(terms: Terms, owed: Decimal, on: date, limits: Portfolio) -> tuple[schedule.InstallmentLine, ...]:
    last = on + timedelta(days=limits.promise_max_days)
    if not on <= terms.first_date <= last:
        span = f"{formats.day(on, on)} to {formats.day(last, on)}"
        raise PlanRefused(f"Enter a first day from {span}.", "first_date")
    if terms.every not in Plan.Every.values:
        raise PlanRefused("Choose how often payments are due.", "every")
    if terms.method not in Method.values:
        raise PlanRefused("Choose how it will be paid.", "method")
    return _built(terms, owed, limits)


def _built(terms: Terms, owed: Decimal, limits: Portfolio) -> tuple[schedule.InstallmentLine, ...]:
    """The lines over all that is owed; or, when two of the three make less than that, over what they make."""
    try:
        return _build(terms, terms.total or owed, limits)
    except schedule.ScheduleError as wrong:
        two = terms.amount is not None and (terms.count is not None or terms.end_date is not None)
        if terms.total is not None or not two:
            raise PlanRefused(str(wrong), wrong.field) from wrong
    try:
        lines = _build(terms, None, limits)
    except schedule.ScheduleError as wrong:
        raise PlanRefused(str(wrong), wrong.field) from wrong
    made = schedule.total_of(lines)
    if made > owed:
        raise PlanRefused(
            f"{len(lines)} payments of ${terms.amount:,.2f} are more than the ${owed:,.2f} owed.", "count"
        )
    return lines


def _build(terms: Terms, total: Decimal | None, limits: Portfolio) -> tuple[schedule.InstallmentLine, ...]:
    return schedule.build(
        total=total,
        amount=terms.amount,
        count=terms.count,
        end_date=terms.end_date,
        first_date=terms.first_date,
        every=policy.every_of(terms.every),
        holiday_rule=terms.holiday_rule,
        calendar="bank",
        rounding=policy.rounding_of(limits.rounding),
    )

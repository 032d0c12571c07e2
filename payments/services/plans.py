"""Arrangements over one or several debts of a person (F50)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts.models import Account, Debtor, Portfolio
from accounts.states import Status
from core import audit, clock, formats, transitions
from core.money import ZERO, pro_rata
from payments import policy, schedule, signals, states
from payments.models import Installment, Method, Plan, PlanDebt

from . import standing
from .payments import disputed_among

PLANNABLE = frozenset({Status.NEW, Status.ACTIVE, Status.ARRANGED})
TERMS_CHANNELS = ("POST", "EMAIL", "SMS")
SHARED = "shared"


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
        raise PlanRefused("Choose how often she pays.", "every")
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


@transaction.atomic
def open_plan(
    *,
    debtor: Debtor,
    accounts: Sequence[Account],
    terms: Terms,
    by: Any,
    at: datetime,
    read_back_at: datetime | None,
    terms_channel: str,
    interaction_id: int | None = None,
    read_back: str = "",
) -> Plan:
    """Write the arrangement she agreed to. The debts in it become "In a plan"; an open promise on them is replaced.

    Refused without the read-back, outside the portfolio's limits (leads and managers may go beyond), and when she
    has an open plan. Raises PlanRefused.
    """
    rows = list(
        Account.objects.select_for_update(of=("self",))
        .filter(pk__in=[row.pk for row in accounts], debtor=debtor)
        .select_related("portfolio", "creditor")
        .order_by("pk")
    )
    if len(rows) != len({row.pk for row in accounts}):
        raise PlanRefused("A plan is for one person's debts.", "accounts")
    if read_back_at is None:
        raise PlanRefused("Read the terms back and get a yes first.", "read_back")
    if terms_channel not in TERMS_CHANNELS:
        raise PlanRefused("Choose how the written terms go out.", "terms_channel")
    if Plan.objects.filter(debtor=debtor, state__in=states.OPEN_PLANS).exists():
        raise PlanRefused("There is an open plan already. Cancel it first.")
    today = max(clock.today(row.portfolio.time_zone, at) for row in rows)
    made = draft(accounts=rows, terms=terms, on=today)
    if made.outside and not by_lead(by):
        field, text = made.outside[0]
        raise PlanRefused(f"{text} A team lead can agree to more.", field)
    plan = _write(debtor, made, terms, by, at, read_back_at, terms_channel, interaction_id, read_back)
    standing.mark_accounts(plan=plan, arranged=True, at=at, by=by)
    _replace_promises(made.debts, plan, by, at)
    audit.record(
        "plan.opened",
        actor=by,
        subject=plan,
        data={
            "total": plan.total,
            "amount": plan.amount,
            "count": plan.count,
            "every": plan.every,
            "debts": {row.ref: share for row, share in zip(made.debts, made.shares, strict=True)},
            "outside": [text for _, text in made.outside],
        },
        person_id=debtor.pk,
        portfolio_id=plan.account.portfolio_id,
    )
    signals.after_commit(signals.plan_changed, Plan, plan=plan, state=plan.state, at=at)
    return plan


def by_lead(by: Any) -> bool:
    """Whether this person may agree to more than the officers' limits."""
    return bool(getattr(by, "roles", frozenset()) & {"lead", "manager"})


def _write(
    debtor: Debtor,
    made: Draft,
    terms: Terms,
    by: Any,
    at: datetime,
    read_back_at: datetime,
    terms_channel: str,
    interaction_id: int | None,
    read_back: str,
) -> Plan:
    plan = Plan.objects.create(
        debtor=debtor,
        account=made.debts[0],
        total=made.total,
        amount=made.lines[0].amount,
        currency=made.debts[0].currency,
        every=terms.every,
        first_date=made.lines[0].due_date,
        last_date=made.lines[-1].due_date,
        count=len(made.lines),
        method=terms.method,
        agreed_at=at,
        recorded_at=at,
        agreed_by=by,
        interaction_id=interaction_id,
        read_back_at=read_back_at,
        read_back=read_back[:1000],
        terms_channel=terms_channel,
    )
    PlanDebt.objects.bulk_create(
        PlanDebt(plan=plan, account=row, amount=share, position=position)
        for row, share, position in zip(made.debts, made.shares, made.positions, strict=True)
    )
    Installment.objects.bulk_create(
        Installment(
            plan=plan, number=line.number, due_date=line.due_date, moved_from=line.moved_from, amount=line.amount
        )
        for line in made.lines
    )
    return plan


def _replace_promises(debts: Sequence[Account], plan: Plan, by: Any, at: datetime) -> None:
    for row in debts:
        for promise in row.promises.filter(state="OPEN"):
            late = clock.today(row.portfolio.time_zone, at) > promise.due_date
            to = ("PART_KEPT" if promise.paid > ZERO else "BROKEN") if late else "REPLACED"
            transitions.move(promise, to, table=states.PROMISE, at=at, by=by, field="state", reason=plan.ref)


@transaction.atomic
def cancel_plan(*, plan: Plan, by: Any, at: datetime, reason: str) -> None:
    """End an open or broken plan; installments not paid are cancelled. Raises PlanRefused."""
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    if "CANCELLED" not in states.PLAN[plan.state]:
        raise PlanRefused("This plan has ended already.")
    if not reason.strip():
        raise PlanRefused("Say why the plan ends.", "reason")
    transitions.move(
        plan,
        "CANCELLED",
        table=states.PLAN,
        at=at,
        by=by,
        field="state",
        reason=reason,
        extra={"ended_at": at, "end_reason": reason[:200]},
    )
    plan.installments.exclude(state="PAID").update(state="CANCELLED")
    standing.mark_accounts(plan=plan, arranged=False, at=at, by=by)
    audit.record(
        "plan.cancelled",
        actor=by,
        subject=plan,
        data={"total": plan.total},
        reason=reason,
        person_id=plan.debtor_id,
        portfolio_id=plan.account.portfolio_id,
    )
    signals.after_commit(signals.plan_changed, Plan, plan=plan, state="CANCELLED", at=at)

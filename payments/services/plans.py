"""Arrangements over one or several debts of a person (F50)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import Account, Debtor
from core import audit, clock, transitions
from core.money import ZERO
from payments import signals, states
from payments.models import Installment, Plan, PlanDebt

from . import standing
from .drafting import Draft, PlanRefused, Terms, draft

TERMS_CHANNELS = ("POST", "EMAIL", "SMS")


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

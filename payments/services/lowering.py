"""A debt of a plan is disputed: it leaves the payments to come, which get lower by its share (F59, 12 CFR 1006.30(c)).

Dates stay as agreed. A plan that has no other debt left ends.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q, Sum

from accounts.states import Status
from compliance.models import Hold
from core import audit, clock
from core.money import ZERO, pro_rata
from payments import signals, states
from payments.models import Installment, Payment, Plan, PlanDebt

from . import reading, standing
from .locking import lock
from .plans import cancel_plan


def leave_out_disputed(*, at: datetime, debtor_id: int | None = None) -> dict[str, int]:
    """Take every disputed debt out of its open plan (of one person, or of all). Counts; run twice, nothing is left."""
    counts: Counter[str] = Counter()
    rows = PlanDebt.objects.filter(plan__state__in=states.OPEN_PLANS, left_at=None).select_related("account", "plan")
    if debtor_id is not None:
        rows = rows.filter(plan__debtor=debtor_id)
    else:
        holds = Hold.objects.filter(kind=Hold.Kind.DISPUTE, lifted_at=None)
        rows = rows.filter(
            Q(account__status=Status.DISPUTED)
            | Q(account__in=holds.exclude(account=None).values("account"))
            | Q(plan__debtor__in=holds.filter(account=None).values("debtor"))
        )
    shares = list(rows.order_by("plan", "pk"))
    disputed = reading.standing(rows=[share.account for share in shares]).disputed if shares else frozenset()
    for plan_id in sorted({share.plan_id for share in shares if share.account_id in disputed}):
        counts[_lower(plan_id, at)] += 1
    return {name: number for name, number in counts.items() if name}


@transaction.atomic
def _lower(plan_id: int, at: datetime) -> str:
    """Lower one plan; what was done, empty when somebody else did it."""
    ids = PlanDebt.objects.filter(plan=plan_id).values_list("account_id", flat=True)
    accounts = {row.pk: row for row in lock(ids)}
    plan = Plan.objects.select_for_update(of=("self",)).select_related("account__portfolio").get(pk=plan_id)
    if plan.state not in states.OPEN_PLANS:
        return ""
    shares = list(plan.debts.filter(left_at=None).order_by("pk"))
    disputed = reading.standing(rows=list(accounts.values())).disputed
    leaving = [share for share in shares if share.account_id in disputed]
    if not leaving:
        return ""
    refs = ", ".join(accounts[share.account_id].ref for share in leaving)
    if len(leaving) == len(shares):
        cancel_plan(plan=plan, by=None, at=at, reason=f"{refs} is disputed")
        return "plans_ended_disputed"
    removed = sum((_unpaid(share, plan) for share in leaving), ZERO)
    PlanDebt.objects.filter(pk__in=[share.pk for share in leaving]).update(left_at=at)
    lowered = _take_off(plan, removed)
    plan.total -= lowered
    following = plan.installments.exclude(state__in=("PAID", "CANCELLED")).order_by("number").first()
    plan.amount = following.amount if following else plan.amount
    plan.save(update_fields=["total", "amount"])
    audit.record(
        "plan.lowered",
        actor=None,
        subject=plan,
        data={"by": lowered, "total": plan.total, "without": [share.account_id for share in leaving]},
        reason=f"{refs} is disputed",
        person_id=plan.debtor_id,
        portfolio_id=plan.account.portfolio_id,
        at=at,
    )
    standing.refresh_plan(plan=plan, on=clock.today(plan.account.portfolio.time_zone, at), at=at)
    signals.after_commit(signals.plan_lowered, Plan, plan=plan, without=refs, at=at)
    return "plans_lowered"


def _unpaid(share: PlanDebt, plan: Plan) -> Decimal:
    """What this debt still had to get of the plan."""
    rows = Payment.objects.filter(account=share.account_id, state="POSTED", received_at__gte=plan.agreed_at)
    got: Decimal = rows.aggregate(total=Sum("amount"))["total"] or ZERO
    return max(share.amount - got, ZERO)


def _take_off(plan: Plan, removed: Decimal) -> Decimal:
    """Lower the payments to come in proportion, to the cent; returns by how much they were."""
    lines: Sequence[Any] = list(plan.installments.exclude(state__in=("PAID", "CANCELLED")).order_by("number"))
    rests = [line.amount - line.paid for line in lines]
    removed = min(removed, sum(rests, ZERO))
    if removed <= ZERO:
        return ZERO
    for line, part in zip(lines, pro_rata(removed, rests), strict=True):
        left = line.amount - part
        if left <= ZERO:
            Installment.objects.filter(pk=line.pk).update(state="CANCELLED")
        else:
            Installment.objects.filter(pk=line.pk).update(amount=left)
    return removed

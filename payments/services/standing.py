"""Bring promises and plans in line with the money that is there, in the transaction of each payment and return."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, Sum

from accounts import services as accounts
from accounts.models import Account
from accounts.states import Status
from core import transitions
from core.money import ZERO
from payments import appropriation, signals, states
from payments.models import Installment, Payment, Plan, Promise

_GONE = ("CANCELLED", "REPLACED")


def receipts(rows: Iterable[Payment], zone: str) -> list[appropriation.Receipt]:
    """Payments as the rules count them: by the day of receipt on the portfolio's calendar."""
    there = ZoneInfo(zone)
    return [
        appropriation.Receipt(row.amount, row.received_at, row.received_at.astimezone(there).date()) for row in rows
    ]


def refresh_promises(
    *, account: Account, on: date, at: datetime, by: Any = None, returned: bool = False
) -> list[Promise]:
    """Judge the promises of a locked account on all money that stayed; returns those that changed state.

    `returned`: money went back, so a promise that is no longer met is broken or partly kept at once (F61).
    """
    promises = list(account.promises.exclude(state__in=_GONE).order_by("due_date", "pk"))
    if not promises:
        return []
    since = min(promise.made_at for promise in promises)
    money = account.payments.filter(state="POSTED", received_at__gte=since)
    got = appropriation.appropriate(
        claims=[
            appropriation.Claim(promise.pk, promise.amount, promise.made_at, promise.due_date, promise.grace_until)
            for promise in promises
        ],
        receipts=receipts(money, account.portfolio.time_zone),
    )
    changed = []
    for promise in promises:
        if move_promise(promise=promise, paid=got[promise.pk], account=account, on=on, at=at, by=by, returned=returned):
            changed.append(promise)
    return changed


def move_promise(
    *, promise: Promise, paid: Decimal, account: Account, on: date, at: datetime, by: Any, returned: bool
) -> bool:
    """Write what a promise got and where that leaves it. True when its state changed."""
    if paid < promise.paid and not returned:
        return False  # money that counted stays counted until it goes back
    to: str = appropriation.verdict(
        amount=promise.amount,
        paid=paid,
        tolerance_percent=account.portfolio.promise_tolerance_percent,
        over=on > promise.grace_until,
    )
    if to == "OPEN" and promise.state != "OPEN":
        fallen = returned and promise.state == "KEPT"
        to = ("PART_KEPT" if paid > ZERO else "BROKEN") if fallen else promise.state
    if to == promise.state:
        if paid != promise.paid:
            Promise.objects.filter(pk=promise.pk).update(paid=paid)
            promise.paid = paid
        return False
    transitions.move(
        promise,
        to,
        table=states.PROMISE,
        at=at,
        by=by,
        field="state",
        reason="Money was returned." if returned else "",
        extra={"paid": paid, "judged_at": at},
    )
    signals.after_commit(signals.promise_judged, Promise, promise=promise, state=to, at=at)
    return True


def refresh_plans(*, account: Account, on: date, at: datetime, by: Any = None) -> None:
    """The same for the plans this debt is in, open or ended by money."""
    plans = Plan.objects.filter(debts__account=account).exclude(state="CANCELLED").distinct()
    for plan in plans.select_related("account__portfolio"):
        refresh_plan(plan=plan, on=on, at=at, by=by)


def plan_money(plan: Plan) -> Decimal:
    """What was received and kept on the plan's debts since it was agreed."""
    in_it = Q(account__in=plan.debts.filter(left_at=None).values("account"))
    for share in plan.debts.exclude(left_at=None):
        in_it |= Q(account=share.account_id, received_at__lt=share.left_at)
    rows = Payment.objects.filter(in_it, state="POSTED", received_at__gte=plan.agreed_at)
    if plan.ended_at is not None and plan.state == "CANCELLED":
        rows = rows.filter(received_at__lte=plan.ended_at)
    total = rows.aggregate(total=Sum("amount"))["total"]
    return total if total is not None else ZERO


def refresh_plan(*, plan: Plan, on: date, at: datetime, by: Any = None, paid: Decimal | None = None) -> bool:
    """Mark installments paid, late or missed and move the plan. Writes only what changed; True if the plan moved."""
    lines = [line for line in plan.installments.order_by("number") if line.state != "CANCELLED"]
    if not lines:
        return False
    amounts = [line.amount for line in lines]
    parts = appropriation.fill(amounts=amounts, paid=plan_money(plan) if paid is None else paid)
    found = appropriation.standings(
        dues=[line.due_date for line in lines], amounts=amounts, parts=parts, grace_days=plan.grace_days, on=on
    )
    for line, part, standing in zip(lines, parts, found, strict=True):
        _move_installment(line, part, standing, at, by)
    return _move_plan(plan, appropriation.plan_standing(found), at, by)


def _move_installment(line: Installment, part: Decimal, standing: str, at: datetime, by: Any) -> None:
    if line.state == standing:
        if line.paid != part:
            Installment.objects.filter(pk=line.pk).update(paid=part)
        return
    extra = {"paid": part, "settled_at": at if standing == "PAID" else None}
    if standing == "MISSED" and line.state == "DUE":
        transitions.move(line, "LATE", table=states.INSTALLMENT, at=at, by=by, field="state")
    transitions.move(line, standing, table=states.INSTALLMENT, at=at, by=by, field="state", extra=extra)


def _move_plan(plan: Plan, to: str, at: datetime, by: Any) -> bool:
    if to not in states.PLAN.get(plan.state, frozenset()):
        if plan.state == "DONE" and to == "BROKEN":
            to = "SLIPPING"
        else:
            return False
    reopened = plan.state not in states.OPEN_PLANS and to in states.OPEN_PLANS
    others = Plan.objects.filter(debtor=plan.debtor_id, state__in=states.OPEN_PLANS).exclude(pk=plan.pk)
    if reopened and others.exists():
        return False
    end = {"ended_at": at} if to in ("DONE", "BROKEN") else {"ended_at": None}
    transitions.move(plan, to, table=states.PLAN, at=at, by=by, field="state", extra=end)
    mark_accounts(plan=plan, arranged=to in states.OPEN_PLANS, at=at, by=by)
    signals.after_commit(signals.plan_changed, Plan, plan=plan, state=to, at=at)
    return True


def mark_accounts(*, plan: Plan, arranged: bool, at: datetime, by: Any) -> None:
    """Debts of an open plan are "In a plan"; when it ends those still owed are open again."""
    source = (Status.NEW, Status.ACTIVE) if arranged else (Status.ARRANGED,)
    rows = Account.objects.filter(
        plan_debts__plan=plan, plan_debts__left_at=None, status__in=source, balance__gt=0
    ).order_by("pk")
    for account in rows:
        to = Status.ARRANGED if arranged else Status.ACTIVE
        accounts.change_status(account=account, to=to, at=at, by=by, reason=plan.ref)

"""Promises after their grace and installments by the calendar: judged by themselves, in chunks, repeatable."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import DecimalField, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from accounts.models import Portfolio
from compliance.models import Hold
from core import clock
from core.models import StatusChange
from core.money import ZERO
from payments import appropriation, signals, states
from payments.models import Installment, Payment, Plan, Promise

from . import standing

CHUNK = 500
VOIDING = (Hold.Kind.BANKRUPTCY, Hold.Kind.DECEASED, Hold.Kind.DISPUTE)


def judge(*, at: datetime, on: date | None = None) -> dict[str, int]:
    """Judge what is due on `on` (None: each portfolio's own today at `at`). Returns counts by outcome.

    Money is already counted by each payment; here only time passes. Every move is a compare-and-set with a
    StatusChange row, so the same day twice, or two workers at once, change nothing more.
    """
    counts: Counter[str] = Counter()
    for zone in Portfolio.objects.order_by("time_zone").values_list("time_zone", flat=True).distinct():
        day = on or clock.today(zone, at)
        counts += _in_chunks(lambda after, z=zone, d=day: _promises(z, d, at, after))  # type: ignore[misc]
        counts += _in_chunks(lambda after, z=zone, d=day: _plans(z, d, at, after))  # type: ignore[misc]
    return dict(counts)


def _in_chunks(work: Callable[[int], tuple[Counter[str], int]]) -> Counter[str]:
    counts: Counter[str] = Counter()
    after = 0
    while True:
        found, after = work(after)
        counts += found
        if not after:
            return counts


@transaction.atomic
def _promises(zone: str, on: date, at: datetime, after: int) -> tuple[Counter[str], int]:
    rows = list(
        Promise.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(state="OPEN", grace_until__lt=on, account__portfolio__time_zone=zone, pk__gt=after)
        .select_related("account__portfolio")
        .order_by("pk")[:CHUNK]
    )
    void = _voided(rows)
    by_state: dict[str, list[Promise]] = {}
    for promise in rows:
        to: str = "CANCELLED" if promise.pk in void else _outcome(promise)
        by_state.setdefault(to, []).append(promise)
    changes: list[StatusChange] = []
    for to, promises in by_state.items():
        ids = [promise.pk for promise in promises]
        Promise.objects.filter(pk__in=ids, state="OPEN").update(state=to, judged_at=at)
        for promise in promises:
            changes.append(
                _change(promise, promise.state, to, at, "Grace has ended." if to != "CANCELLED" else "Void.")
            )
            promise.state, promise.judged_at = to, at
            signals.after_commit(signals.promise_judged, Promise, promise=promise, state=to, at=at)
    StatusChange.objects.bulk_create(changes)
    counts = Counter({f"promises_{to.lower()}": len(promises) for to, promises in by_state.items()})
    return counts, rows[-1].pk if len(rows) == CHUNK else 0


def _outcome(promise: Promise) -> str:
    return appropriation.verdict(
        amount=promise.amount,
        paid=promise.paid,
        tolerance_percent=promise.account.portfolio.promise_tolerance_percent,
        over=True,
    )


def _voided(rows: Sequence[Promise]) -> set[int]:
    """Promises overtaken by bankruptcy, death or a dispute before they were due: neither kept nor missed."""
    holds = Hold.objects.filter(
        Q(account__in=[row.account_id for row in rows]) | Q(account=None, debtor__in=[row.debtor_id for row in rows]),
        kind__in=VOIDING,
        lifted_at=None,
    )
    found: set[int] = set()
    for hold in holds:
        for row in rows:
            ours = hold.account_id == row.account_id or (hold.account_id is None and hold.debtor_id == row.debtor_id)
            if ours and clock.today(row.account.portfolio.time_zone, hold.since) <= row.due_date:
                found.add(row.pk)
    return found


def _change(row: Promise, old: str, to: str, at: datetime, reason: str) -> StatusChange:
    return StatusChange(
        subject_type=row._meta.label_lower,
        subject_id=row.pk,
        field="state",
        from_status=old,
        to_status=to,
        at=at,
        reason=reason,
    )


@transaction.atomic
def _plans(zone: str, on: date, at: datetime, after: int) -> tuple[Counter[str], int]:
    """Open plans with an unpaid installment past its grace."""
    late = Installment.objects.filter(state__in=("DUE", "LATE"), due_date__lt=on).values("plan")
    rows = list(
        Plan.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(pk__in=late, state__in=states.OPEN_PLANS, account__portfolio__time_zone=zone, pk__gt=after)
        .select_related("account__portfolio")
        .order_by("pk")[:CHUNK]
    )
    paid = _paid([row.pk for row in rows])
    counts: Counter[str] = Counter()
    for plan in rows:
        if standing.refresh_plan(plan=plan, on=on, at=at, paid=paid.get(plan.pk, ZERO)):
            counts[f"plans_{plan.state.lower()}"] += 1
    return counts, rows[-1].pk if len(rows) == CHUNK else 0


def _paid(plan_ids: list[int]) -> dict[int, Decimal]:
    """What each plan got, in one query."""
    received = (
        Payment.objects.filter(
            Q(account__plan_debts__left_at=None) | Q(received_at__lt=F("account__plan_debts__left_at")),
            account__plan_debts__plan=OuterRef("pk"),
            state="POSTED",
            received_at__gte=OuterRef("agreed_at"),
        )
        .order_by()
        .values(one=F("state"))
        .annotate(total=Sum("amount"))
        .values("total")
    )
    money = DecimalField(max_digits=14, decimal_places=2)
    rows = Plan.objects.filter(pk__in=plan_ids).annotate(
        received=Coalesce(Subquery(received), ZERO, output_field=money)
    )
    return dict(rows.values_list("pk", "received"))

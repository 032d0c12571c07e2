"""What promises, plans and payments say to letters in the moment of sending: letters may not ask payments itself.

Amounts are what is still missing, never more than is owed; a reason that has gone is a sentence (PRODUCT D6).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from django.db.models import QuerySet

from core import clock
from letters import subjects
from letters.subjects import Day, Money, Subject, Words
from payments.models import Installment, Payment, Plan, PlanDebt, Promise
from payments.states import OPEN_PLANS

PROMISE, INSTALLMENT, PLAN, PAYMENT = (
    "payments.promise", "payments.installment", "payments.plan", "payments.payment",
)  # fmt: skip
METHODS = {
    "ACH": Words("bank transfer", "transferencia bancaria"),
    "CARD": Words("card", "tarjeta"),
    "CHECK": Words("check", "cheque"),
    "CASH": Words("cash", "efectivo"),
    "LINK": Words("our payment page", "nuestra página de pagos"),
    "DIRECT": Words("payment to the creditor", "pago al acreedor"),
}
EVERY = {
    "weekly": Words("every week", "cada semana"),
    "biweekly": Words("every 2 weeks", "cada 2 semanas"),
    "semimonthly": Words("twice a month", "dos veces al mes"),
    "monthly": Words("every month", "cada mes"),
}
BACK = "el banco lo devolvió"
# What an officer's letter of each kind would be about: the latest of these on the account.
_LATEST: tuple[tuple[str, str, str, QuerySet[Any]], ...] = (
    ("promise_confirmation", PROMISE, "account_id", Promise.objects.filter(state="OPEN")),
    ("promise_reminder", PROMISE, "account_id", Promise.objects.filter(state="OPEN")),
    ("broken_promise", PROMISE, "account_id", Promise.objects.filter(state="BROKEN")),
    ("plan_confirmation", PLAN, "account_id", Plan.objects.filter(state__in=OPEN_PLANS)),
    (
        "installment_reminder",
        INSTALLMENT,
        "plan__account_id",
        Installment.objects.filter(plan__state__in=OPEN_PLANS, state__in=["DUE", "LATE"]),
    ),
    ("payment_received", PAYMENT, "account_id", Payment.objects.filter(state="POSTED")),
    ("returned_payment", PAYMENT, "account_id", Payment.objects.filter(state="RETURNED")),
)
_PROMISE_GONE = {
    "KEPT": "The promise is kept.",
    "PART_KEPT": "The promise was judged: partly kept.",
    "BROKEN": "The promise was judged: missed.",
    "CANCELLED": "The promise was cancelled.",
    "REPLACED": "A new promise took its place.",
}


def register() -> None:
    """Called once when the apps are loaded."""
    subjects.register(PROMISE, open_promises)
    subjects.register(PROMISE, missed_promises, kinds=["broken_promise"])
    subjects.register(INSTALLMENT, installments)
    subjects.register(PLAN, plans)
    subjects.register(PAYMENT, payments)
    subjects.register(PAYMENT, returned_payments, kinds=["returned_payment"])
    for kind, label, account, rows in _LATEST:
        subjects.register_finder(kind, partial(_latest, label, account, rows))


def _latest(
    label: str, account: str, rows: QuerySet[Any], account_ids: Sequence[int], at: datetime
) -> dict[int, tuple[str, int]]:
    order = "number" if label == INSTALLMENT else "-pk"  # the next installment, else the latest
    mine = rows.filter(**{f"{account}__in": account_ids}).order_by(account, order).distinct(account)
    return {of: (label, pk) for of, pk in mine.values_list(account, "pk")}


def open_promises(ids: Sequence[int], at: datetime) -> dict[int, Subject]:
    """For a reminder or a confirmation: the promise must be open and something of it still missing."""
    found = {}
    for row in Promise.objects.filter(pk__in=ids).select_related("account__portfolio"):
        missing = min(row.amount - row.paid, row.account.balance)
        gone = _PROMISE_GONE.get(row.state, "") or ("" if missing > 0 else "It is paid already.")
        found[row.pk] = Subject(gone, {"promise": _promise(row, missing)})
    return found


def missed_promises(ids: Sequence[int], at: datetime) -> dict[int, Subject]:
    """For the letter after a missed promise: it must still be missed, and no newer one open."""
    rows = list(Promise.objects.filter(pk__in=ids).select_related("account__portfolio"))
    accounts = {row.account_id for row in rows}
    again = set(Promise.objects.filter(account__in=accounts, state="OPEN").values_list("account_id", flat=True))
    in_plan = set(
        PlanDebt.objects.filter(account__in=accounts, plan__state__in=OPEN_PLANS, left_at=None).values_list(
            "account_id", flat=True
        )
    )
    found = {}
    for row in rows:
        gone = "" if row.state in ("BROKEN", "PART_KEPT") else "The promise is not missed any more."
        gone = gone or ("A new promise was made." if row.account_id in again else "")
        gone = gone or ("The debt is in a plan now." if row.account_id in in_plan else "")
        missing = min(row.amount - row.paid, row.account.balance)
        found[row.pk] = Subject(gone or ("" if missing > 0 else "It is paid now."), {"promise": _promise(row, missing)})
    return found


def installments(ids: Sequence[int], at: datetime) -> dict[int, Subject]:
    """For a reminder: the plan runs and this part is still to come or late."""
    rows = Installment.objects.filter(pk__in=ids).select_related("plan__account__portfolio")
    counted = _schedules({row.plan_id for row in rows})
    found = {}
    for row in rows:
        missing = row.amount - row.paid
        gone = ""
        if row.plan.state not in OPEN_PLANS:
            gone = "The plan has ended."
        elif row.state not in ("DUE", "LATE") or missing <= 0:
            gone = "This installment is paid." if row.state == "PAID" or missing <= 0 else "It is no longer due."
        values = {
            "number": str(row.number),
            "amount": Money(missing, row.plan.currency),
            "due_date": Day(row.due_date, weekday=True),
        }
        found[row.pk] = Subject(gone, {"installment": values, "plan": _plan(row.plan, counted[row.plan_id])})
    return found


def plans(ids: Sequence[int], at: datetime) -> dict[int, Subject]:
    """For the written terms: the plan must run."""
    counted = _schedules(ids)
    rows = Plan.objects.filter(pk__in=ids).select_related("account__portfolio")
    return {
        row.pk: Subject(
            "" if row.state in OPEN_PLANS else "The plan has ended.", {"plan": _plan(row, counted.get(row.pk, []))}
        )
        for row in rows
    }


def payments(ids: Sequence[int], at: datetime) -> dict[int, Subject]:
    """For a receipt: the money must have stayed."""
    rows = Payment.objects.filter(pk__in=ids).select_related("account__portfolio")
    return {
        row.pk: Subject("" if row.state == "POSTED" else "The payment came back.", {"payment": _payment(row)})
        for row in rows
    }


def returned_payments(ids: Sequence[int], at: datetime) -> dict[int, Subject]:
    """For the letter about money that came back."""
    rows = Payment.objects.filter(pk__in=ids).select_related("account__portfolio", "returned")
    found = {}
    for row in rows:
        back = getattr(row, "returned", None)
        values = _payment(row)
        if back is not None:
            reason = Words(back.reason[:1].lower() + back.reason[1:], BACK)
            values |= {"returned_on": Day(back.returned_on), "return_reason": reason}
        found[row.pk] = Subject("" if back is not None else "The payment did not come back.", {"payment": values})
    return found


def _promise(row: Promise, missing: Decimal) -> dict[str, Any]:
    return {
        "amount": Money(missing, row.currency),
        "due_date": Day(row.due_date, weekday=True),
        "method": METHODS[row.method],
        "made_on": Day(clock.today(row.account.portfolio.time_zone, row.made_at)),
    }


def _payment(row: Payment) -> dict[str, Any]:
    return {
        "amount": Money(row.amount, row.currency),
        "received_on": Day(clock.today(row.account.portfolio.time_zone, row.received_at)),
        "method": METHODS[row.method],
        "reference": f"R-{row.pk}",
        "balance_after": Money(row.account.balance, row.currency),
    }


def _plan(row: Plan, lines: list[Installment]) -> dict[str, Any]:
    last = lines[-1] if lines else None
    return {
        "reference": row.ref,
        "total": Money(row.total, row.currency),
        "amount": Money(row.amount, row.currency),
        "frequency": EVERY[row.every],
        "count": str(row.count),
        "method": METHODS[row.method],
        "agreed_on": Day(clock.today(row.account.portfolio.time_zone, row.agreed_at)),
        "first_due": Day(row.first_date),
        "last_amount": Money(last.amount if last else row.amount, row.currency),
        "last_due": Day(row.last_date),
        "installments": [
            {"number": str(i.number), "due_date": Day(i.due_date), "amount": Money(i.amount, row.currency)}
            for i in lines
        ],
    }


def _schedules(plan_ids: Iterable[int]) -> dict[int, list[Installment]]:
    found: dict[int, list[Installment]] = {pk: [] for pk in plan_ids}
    for row in Installment.objects.filter(plan__in=found).exclude(state="CANCELLED").order_by("plan", "number"):
        found[row.plan_id].append(row)
    return found

"""Which letters, e-mails and texts should go out because of what was promised, agreed, paid or placed.

Everything is planned with the key of its fact, so planning twice, at once or after a crash plans once. Whether it
is still true and allowed is asked in the moment of sending. Days are those of the portfolio's calendar; hours those
of the person.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce

from accounts.models import Account, ContactPoint, Portfolio
from accounts.signals import placement_released
from accounts.states import WORKABLE
from compliance.models import ContactEvent
from core import clock, work
from letters import services as letters
from letters.models import Message
from payments.models import Installment, Payment, PaymentReturn, Plan, Promise
from payments.signals import money_came, payment_posted, payment_returned, plan_changed, promise_judged
from payments.states import OPEN_PLANS

from .letter_facts import INSTALLMENT, PAYMENT, PLAN, PROMISE

log = logging.getLogger(__name__)
CHUNK = 500
HOUR = time(10, 0)  # in the person's own place
PROMISE_LEAD = {"sms": 2, "email": 2, "post": 5}  # days before the day
INSTALLMENT_LEAD = {"sms": 3, "email": 3, "post": 6}
POST_TAKES = 3  # a letter with fewer days to go would come after the day
RECENT = timedelta(days=3)
MISSED_FOR = timedelta(days=7)
NOTICE_LOOK_BACK = timedelta(days=60)
_ITEMIZED = ("date", "amount", "interest", "fees", "payments", "credits")


def connect() -> None:
    """Called once when the apps are loaded. Nothing hangs on these: the hourly plan finds the same."""
    payment_posted.connect(_on_payment, dispatch_uid="strategies.letters.payment")
    money_came.connect(_on_money, dispatch_uid="strategies.letters.money")
    payment_returned.connect(_on_return, dispatch_uid="strategies.letters.return")
    promise_judged.connect(_on_promise, dispatch_uid="strategies.letters.promise")
    plan_changed.connect(_on_plan, dispatch_uid="strategies.letters.plan")
    placement_released.connect(_on_release, dispatch_uid="strategies.letters.release")


def plan_reminders(*, at: datetime) -> dict[str, int]:
    """Plan all that follows from the facts at this moment. Returns how many messages are new, by kind."""
    counts: Counter[str] = Counter()
    for zone in Portfolio.objects.order_by("time_zone").values_list("time_zone", flat=True).distinct():
        today = clock.today(zone, at)
        counts["promise_reminder"] += _promise_reminders(zone, today, at)
        counts["installment_reminder"] += _installment_reminders(zone, today, at)
    counts["broken_promise"] = _missed_promises(at)
    counts["promise_confirmation"] = _promise_confirmations(at)
    counts["plan_confirmation"] = _plan_confirmations(at)
    counts["payment_received"] = _receipts(Payment.objects.filter(recorded_at__gt=at - RECENT), at)
    counts["returned_payment"] = _returns(at)
    counts += Counter(plan_first_notices(at=at))
    counts += Counter(letters.plan_answers(at=at))
    return {name: count for name, count in counts.items() if count}


def plan_first_notices(*, at: datetime, account_ids: Iterable[int] | None = None) -> dict[str, int]:
    """The validation notice of each consumer debt that has none yet (12 CFR 1006.34).

    Only with lawful itemization facts and an address: a debt without them is counted as incomplete and stays
    blocked by compliance. Without `account_ids`, those of placements of the last 60 days.
    """
    rows = _without_notice(at, account_ids)
    complete = Q(itemization_kind__gt="", placed_amount=_itemized_sum())
    for name in _ITEMIZED:
        complete &= Q(**{f"itemization_{name}__isnull": False})
    address = ContactPoint.objects.filter(
        debtor=OuterRef("debtor"), kind="ADDRESS", status__in=["ACTIVE", "UNVERIFIED"]
    )
    ready = rows.filter(complete).filter(Exists(address))
    incomplete = rows.count() - ready.count()
    made = 0
    for chunk in _chunks(ready):
        plans = [_plan_for(a, "validation_notice", _notice_key(a), [("post", at)]) for a in chunk]
        made += letters.queue_many(plans, at=at, run=f"notices {at:%Y-%m-%d}")
    return {"validation_notice": made, "notice_incomplete": incomplete}


def _itemized_sum() -> Any:
    return (
        F("itemization_amount") + F("itemization_interest") + F("itemization_fees")
        - F("itemization_payments") - F("itemization_credits")
    )  # fmt: skip


def _notice_key(account: Any) -> str:
    """One notice a debt, and one more for each that came back."""
    again = f":{account.came_back}" if account.came_back else ""
    return f"validation-notice:{account.pk}{again}"


def _without_notice(at: datetime, account_ids: Iterable[int] | None) -> QuerySet[Account]:
    """A notice that came back was never given (12 CFR 1006.34, comment 34(b)(5)-2)."""
    returned = ContactEvent.objects.alias(of=KT("facts__ref")).filter(
        kind="undeliverable", debtor=OuterRef("debtor"), of=OuterRef("notice")
    )
    notices = ContactEvent.objects.alias(notice=KT("facts__id")).filter(kind="validation_notice")
    given = notices.filter(~Exists(returned), debtor=OuterRef("debtor"), account_ids__contains=[OuterRef("pk")])
    sent = Message.objects.filter(account=OuterRef("pk"), kind="validation_notice")
    planned = sent.exclude(state="RETURNED")
    count = sent.filter(state="RETURNED").order_by().values("account").annotate(n=Count("pk")).values("n")
    rows = Account.objects.filter(status__in=WORKABLE, balance__gt=0, needs_decision="").exclude(
        portfolio__collector_type=Portfolio.CollectorType.FIRST_PARTY
    )
    rows = rows.filter(portfolio__debt_class=Portfolio.DebtClass.CONSUMER)
    if account_ids is None:
        rows = rows.filter(placement__received_at__gt=at - NOTICE_LOOK_BACK)
    else:
        rows = rows.filter(pk__in=list(account_ids))
    return rows.filter(~Exists(planned), ~Exists(given)).annotate(came_back=Coalesce(Subquery(count), 0))


def _promise_reminders(zone: str, today: date, at: datetime) -> int:
    rows = Promise.objects.filter(
        state="OPEN", due_date__gt=today, due_date__lte=today + timedelta(days=max(PROMISE_LEAD.values())),
        account__portfolio__time_zone=zone,
    )  # fmt: skip
    return _each(
        rows, at,
        lambda p: _plan_for(
            p.account, "promise_reminder", f"promise-reminder:{p.pk}", _before(p.account, p.due_date, PROMISE_LEAD, at),
            subject=(PROMISE, p.pk), expires_at=_local(p.account, p.due_date, time(0)),
        ),
    )  # fmt: skip


def _installment_reminders(zone: str, today: date, at: datetime) -> int:
    rows = Installment.objects.filter(
        state="DUE", due_date__gt=today, due_date__lte=today + timedelta(days=max(INSTALLMENT_LEAD.values())),
        plan__state__in=OPEN_PLANS, plan__account__portfolio__time_zone=zone,
    )  # fmt: skip
    return _each(
        rows, at,
        lambda i: _plan_for(
            i.plan.account, "installment_reminder", f"installment-reminder:{i.pk}:{i.due_date}",
            _before(i.plan.account, i.due_date, INSTALLMENT_LEAD, at), subject=(INSTALLMENT, i.pk),
            expires_at=_local(i.plan.account, i.due_date, time(0)),
        ),
        path="plan__account",
    )  # fmt: skip


def _missed_promises(at: datetime) -> int:
    rows = Promise.objects.filter(state="BROKEN", judged_at__gt=at - MISSED_FOR, judged_at__lte=at)

    def plan(row: Promise) -> letters.Plan:
        judged = clock.today(row.account.portfolio.time_zone, row.judged_at)
        due = max(_local(row.account, judged + timedelta(days=1), HOUR), at)
        return _plan_for(
            row.account, "broken_promise", f"broken-promise:{row.pk}", [("post", due), ("email", due)],
            subject=(PROMISE, row.pk),
        )  # fmt: skip

    return _each(rows, at, plan)


def _promise_confirmations(at: datetime) -> int:
    rows = Promise.objects.filter(state="OPEN", made_at__gt=at - timedelta(days=1), made_at__lte=at)
    return _each(
        rows, at,
        lambda p: _plan_for(p.account, "promise_confirmation", f"promise-confirmation:{p.pk}",
                            [("email", at), ("sms", at), ("post", at)], subject=(PROMISE, p.pk)),
    )  # fmt: skip


def _plan_confirmations(at: datetime) -> int:
    rows = Plan.objects.filter(state__in=OPEN_PLANS, agreed_at__gt=at - RECENT, agreed_at__lte=at)

    def plan(row: Plan) -> letters.Plan:
        agreed = row.terms_channel.lower()
        channels = (agreed,) if agreed in ("email", "post") else ("email", "post")
        return _plan_for(
            row.account, "plan_confirmation", f"plan-confirmation:{row.pk}", [(c, at) for c in channels],
            subject=(PLAN, row.pk),
        )  # fmt: skip

    return _each(rows, at, plan)


def _receipts(rows: QuerySet[Payment], at: datetime) -> int:
    def plan(row: Payment) -> letters.Plan:
        kind = "paid_in_full" if row.account.balance == 0 and row.account.status == "PAID" else "payment_received"
        channels = ("email", "post") if kind == "paid_in_full" else ("email", "sms")
        return _plan_for(
            row.account, kind, f"payment-received:{row.pk}", [(c, at) for c in channels], subject=(PAYMENT, row.pk)
        )

    return _each(rows.filter(state="POSTED"), at, plan)


def _returns(at: datetime) -> int:
    back = PaymentReturn.objects.filter(payment=OuterRef("pk"), recorded_at__gt=at - RECENT)
    rows = Payment.objects.filter(Exists(back), state="RETURNED")
    return _each(
        rows, at,
        lambda p: _plan_for(p.account, "returned_payment", f"returned-payment:{p.pk}", [("email", at), ("post", at)],
                            subject=(PAYMENT, p.pk)),
    )  # fmt: skip


def _plan_for(
    account: Account, kind: str, key: str, ways: list[tuple[str, datetime]], *,
    subject: tuple[str, int] | None = None, expires_at: datetime | None = None,
) -> letters.Plan:  # fmt: skip
    return letters.Plan(account=account, kind=kind, key=key, ways=tuple(ways), subject=subject, expires_at=expires_at)


def _before(account: Account, due: date, lead: dict[str, int], at: datetime) -> list[tuple[str, datetime]]:
    """Each channel with its hour: so many days before the day, or now when that has passed already."""
    today = clock.today(account.debtor.home_zone or account.portfolio.time_zone, at)
    ways = []
    for channel, days in lead.items():
        if channel == "post" and (due - today).days < POST_TAKES:
            continue
        ways.append((channel, max(_local(account, due - timedelta(days=days), HOUR), at)))
    return ways


def _local(account: Account, day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, tzinfo=ZoneInfo(account.debtor.home_zone or account.portfolio.time_zone))


def _each(rows: QuerySet[Any], at: datetime, plan: Callable[[Any], letters.Plan], *, path: str = "account") -> int:
    related = rows.select_related(f"{path}__debtor", f"{path}__portfolio__creditor")
    return sum(letters.queue_many([plan(row) for row in chunk], at=at) for chunk in _chunks(related))


def _chunks(rows: QuerySet[Any]) -> Iterator[list[Any]]:
    if rows.model is Account:
        rows = rows.select_related("debtor", "portfolio__creditor")
    after = 0
    while chunk := list(rows.filter(pk__gt=after).order_by("pk")[:CHUNK]):
        yield chunk
        after = chunk[-1].pk


def _on_payment(sender: Any, *, payment: Payment, at: datetime, **_: Any) -> None:
    letters.drop_gone(account=payment.account_id, at=at)


def _on_money(sender: Any, *, payments: list[Payment], at: datetime, **_: Any) -> None:
    for account_id in {payment.account_id for payment in payments}:
        letters.drop_gone(account=account_id, at=at)


def _on_return(sender: Any, *, payment: Payment, at: datetime, **_: Any) -> None:
    letters.drop_gone(account=payment.account_id, at=at)


def _on_promise(sender: Any, *, promise: Promise, at: datetime, **_: Any) -> None:
    letters.drop_gone(account=promise.account_id, at=at)


def _on_plan(sender: Any, *, plan: Plan, at: datetime, **_: Any) -> None:
    letters.drop_gone(account=plan.account_id, at=at)


def _on_release(sender: Any, *, account_ids: Iterable[int], **_: Any) -> None:
    """The first notices of what was just placed. A wake that is lost costs an hour: the plan finds the same debts."""
    from .tasks import plan_first_notices as task

    ids = list(account_ids)
    for start in range(0, len(ids), CHUNK):
        work.wake(task, account_ids=ids[start : start + CHUNK])

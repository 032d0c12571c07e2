"""Promises: made, cancelled, replaced. They are judged by money and time alone (standing.py, judging.py)."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts.models import Account
from accounts.states import WORKABLE, Status
from core import audit, clock, formats, transitions
from core.money import ZERO, MoneyError, require_cents
from payments import policy, signals, states
from payments.models import Method, Promise

from .payments import disputed_among


class PromiseRefused(Exception):
    """The promise does not fit the portfolio's rules or what is there; the text is a sentence, `field` its input."""

    def __init__(self, text: str, field: str | None = None) -> None:
        super().__init__(text)
        self.field = field


def default_promise(account: Account, on: date) -> tuple[Decimal, date]:
    """The smallest amount we may take and the next payday (a Friday on a bank day), for a form that opens."""
    return policy.smallest(balance=account.balance, limits=account.portfolio), policy.next_payday(on)


@transaction.atomic
def make_promise(
    *,
    account: Account,
    amount: Decimal,
    due_date: date,
    method: str,
    by: Any,
    at: datetime,
    interaction_id: int | None = None,
) -> Promise:
    """Record a promise to pay. Dates on the portfolio's calendar. Raises PromiseRefused (also: one is open already)."""
    account = _lock(account)
    if account.promises.filter(state="OPEN").exists():
        raise PromiseRefused("There is an open promise on this debt. Cancel or replace it first.")
    return _make(account, amount, due_date, method, by, at, interaction_id)


@transaction.atomic
def replace_promise(
    *,
    promise: Promise,
    amount: Decimal,
    due_date: date,
    method: str,
    by: Any,
    at: datetime,
    interaction_id: int | None = None,
) -> Promise:
    """A new promise in place of an open one. Replaced after its due date, the old one is missed (PRODUCT K 4.3).

    Raises PromiseRefused.
    """
    account = _lock(promise.account)
    promise = Promise.objects.select_for_update().get(pk=promise.pk)
    if promise.state != "OPEN":
        raise PromiseRefused("This promise is no longer open.")
    late = clock.today(account.portfolio.time_zone, at) > promise.due_date
    to = ("PART_KEPT" if promise.paid > ZERO else "BROKEN") if late else "REPLACED"
    extra = {"judged_at": at} if late else {}
    transitions.move(
        promise, to, table=states.PROMISE, at=at, by=by, field="state", reason="A new promise was made.", extra=extra
    )
    made = _make(account, amount, due_date, method, by, at, interaction_id)
    Promise.objects.filter(pk=promise.pk).update(replaced_by=made)
    return made


@transaction.atomic
def cancel_promise(*, promise: Promise, by: Any, at: datetime, reason: str) -> None:
    """Take back an open promise. After its due date it can only be judged. Raises PromiseRefused."""
    account = _lock(promise.account)
    promise = Promise.objects.select_for_update().get(pk=promise.pk)
    if promise.state != "OPEN":
        raise PromiseRefused("This promise is no longer open.")
    if clock.today(account.portfolio.time_zone, at) > promise.due_date:
        raise PromiseRefused("Its day has passed; it is judged when its grace ends.")
    transitions.move(promise, "CANCELLED", table=states.PROMISE, at=at, by=by, field="state", reason=reason)
    _tell("promise.cancelled", promise, account, by, reason)


def _lock(account: Account) -> Account:
    return Account.objects.select_for_update(of=("self",)).select_related("portfolio").get(pk=account.pk)


def _make(
    account: Account, amount: Decimal, due_date: date, method: str, by: Any, at: datetime, interaction_id: int | None
) -> Promise:
    _check(account, amount, due_date, method, at)
    promise = Promise.objects.create(
        account=account,
        debtor_id=account.debtor_id,
        amount=amount,
        currency=account.currency,
        due_date=due_date,
        grace_until=policy.grace_until(due=due_date, method=method, limits=account.portfolio),
        method=method,
        minimum_due=policy.smallest(balance=account.balance, limits=account.portfolio),
        made_at=at,
        recorded_at=at,
        made_by=by,
        interaction_id=interaction_id,
    )
    _tell("promise.made", promise, account, by, "")
    signals.after_commit(signals.promise_made, Promise, promise=promise, at=at)
    return promise


def _check(account: Account, amount: Decimal, due_date: date, method: str, at: datetime) -> None:
    if account.status not in WORKABLE or account.needs_decision:
        words = Status(account.status).label.lower()
        raise PromiseRefused(
            f"No promise can be taken: this debt is {words}."
            if not account.needs_decision
            else "No promise can be taken: this debt waits for a decision."
        )
    if disputed_among(rows=[account]):
        raise PromiseRefused("This debt is disputed. No promise is taken on it.")
    try:
        exact = require_cents(amount) == amount
    except MoneyError:
        exact = False
    least = policy.smallest(balance=account.balance, limits=account.portfolio)
    if not exact or not least <= amount <= account.balance:
        raise PromiseRefused(f"Enter an amount from ${least:,.2f} to ${account.balance:,.2f}.", "amount")
    if method not in Method.values:
        raise PromiseRefused("Choose how it will be paid.", "method")
    today = clock.today(account.portfolio.time_zone, at)
    last = today + timedelta(days=account.portfolio.promise_max_days)
    if not today <= due_date <= last:
        span = f"{formats.day(today, today)} to {formats.day(last, today)}"
        raise PromiseRefused(f"Enter a day from {span}.", "due_date")


def _tell(action: str, promise: Promise, account: Account, by: Any, reason: str) -> None:
    audit.record(
        action,
        actor=by,
        subject=promise,
        data={"amount": promise.amount, "due": promise.due_date, "method": promise.method},
        reason=reason,
        person_id=account.debtor_id,
        portfolio_id=account.portfolio_id,
    )

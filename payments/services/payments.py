"""Money in, and the same money gone again. Every amount in the account's currency, two decimals."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts import services as accounts
from accounts.models import Account
from accounts.services import payoffs
from accounts.states import OPEN, Status
from core import audit, clock, formats, prepared
from core.money import ZERO, MoneyError, require_cents
from ledger.services import Line
from payments import allocation, signals, states
from payments.models import BatchLine, Method, Payment, Promise

from . import reading, standing
from .locking import lock

UNAPPLIED = "suspense.unapplied"
TAKES_MONEY = OPEN | {Status.PAID, Status.SETTLED}
Direction = Mapping[int, Decimal | None]


class PaymentRefused(Exception):
    """The payment cannot be taken or returned as asked; the text is a sentence for the officer."""

    def __init__(self, text: str, field: str | None = None) -> None:
        super().__init__(text)
        self.field = field


@transaction.atomic
def record_payment(
    *,
    account: Account,
    amount: Decimal,
    method: str,
    effective_date: date,
    key: str,
    by: Any,
    at: datetime,
    received_at: datetime | None = None,
    direction: Direction | None = None,
    provider: str = "",
    provider_ref: str = "",
    batch_line: BatchLine | None = None,
    retry_of: Payment | None = None,
) -> Payment:
    """Post money received on a debt, once per `key` and per provider reference.

    It goes to the debt's parts in the portfolio's order (money_rules 1); nothing goes to a disputed debt, and
    what cannot be applied is kept as unapplied. `direction` is the person's wish over several debts of hers,
    account id -> amount (None: the rest): each debt gets a payment of its own, and the one on `account` (or
    the first) is returned. `effective_date` is on the portfolio's calendar, never ahead. Raises PaymentRefused.
    """
    wanted = {account.pk, *(direction or {})}
    rows = lock(wanted)
    account = next(row for row in rows if row.pk == account.pk)
    moment = received_at or _noon_or_now(effective_date, account, at)
    received_on = clock.today(account.portfolio.time_zone, moment)
    known = reading.standing(rows=rows, key=key, provider=provider, reference=provider_ref, received_on=received_on)
    if known.earlier is not None:
        return _same(known.earlier, account, amount, direction)
    _check(account, rows, wanted, amount, method, effective_date, at)
    accrued = [_interest_first(row, known, effective_date, at, by) for row in rows]
    if any(accrued):
        known = reading.standing(rows=rows, received_on=received_on)
    spread = _spread(rows, known, account, amount, direction)
    made: list[Payment] = []
    for target in [account, *(row for row in rows if row.pk != account.pk)]:
        parts = {part.component: part.amount for part in spread.parts if part.debt == target.pk}
        unapplied = spread.unapplied if target.pk == account.pk else ZERO
        if not parts and not unapplied:
            continue
        own_key = key if not made else f"{key}:{target.ref}"
        payment = Payment(
            account=target,
            debtor_id=target.debtor_id,
            amount=sum(parts.values(), unapplied),
            currency=target.currency,
            method=method,
            effective_date=effective_date,
            received_at=moment,
            recorded_at=at,
            key=own_key,
            provider=provider,
            provider_ref=provider_ref if not made else "",
            batch_line=batch_line if not made else None,
            direction={str(debt): None if wish is None else str(wish) for debt, wish in (direction or {}).items()},
            allocation=_kept(spread, target, parts, amount),
            unapplied=unapplied,
            retry_of=retry_of if not made else None,
            taken_by=by,
        )
        _post(payment, target, parts, at, by, known)
        made.append(payment)
    return made[0]


def preview(*, account: Account, amount: Decimal, direction: Direction | None = None) -> allocation.Allocation[int]:
    """Where a payment would go if it were posted now. Writes nothing. Raises PaymentRefused."""
    rows = list(Account.objects.filter(pk__in={account.pk, *(direction or {})}).select_related("portfolio"))
    return _spread(rows, reading.standing(rows=rows), account, amount, direction)


def default_amount(*, account: Account, on: date) -> Decimal:
    """What is due now: the open promise, else the next installment's rest, else the balance."""
    promise = account.promises.filter(state="OPEN").first()
    if promise is not None and promise.amount > promise.paid:
        return min(promise.amount - promise.paid, max(account.balance, ZERO)) or promise.amount - promise.paid
    for share in account.plan_debts.filter(plan__state__in=states.OPEN_PLANS, left_at=None).select_related("plan")[:1]:
        line = share.plan.installments.exclude(state__in=("PAID", "CANCELLED")).order_by("number").first()
        if line is not None:
            return min(line.amount - line.paid, max(account.balance, ZERO))
    return max(account.balance, ZERO)


def disputed_among(*, rows: Sequence[Account]) -> frozenset[int]:
    """Ids of the debts that are disputed: by their status, or by an open dispute hold on them or their person."""
    return reading.standing(rows=rows).disputed


def _same(pk: int, account: Account, amount: Decimal, direction: Direction | None) -> Payment:
    earlier = Payment.objects.select_related("account__portfolio").get(pk=pk)
    if (
        earlier.account_id not in {account.pk, *(direction or {})}
        or earlier.allocation.get("received") != f"{amount:.2f}"
    ):
        raise PaymentRefused("This payment was recorded before with another amount or debt. Look at the debt first.")
    return earlier


def _check(
    account: Account,
    rows: Sequence[Account],
    wanted: set[int],
    amount: Decimal,
    method: str,
    effective_date: date,
    at: datetime,
) -> None:
    try:
        if require_cents(amount) <= ZERO:
            raise PaymentRefused("Enter an amount of more than $0.00.", "amount")
    except MoneyError as wrong:
        raise PaymentRefused(str(wrong), "amount") from wrong
    if method not in Method.values:
        raise PaymentRefused("Choose how it was paid.", "method")
    if {row.pk for row in rows} != wanted or any(
        row.debtor_id != account.debtor_id or row.currency != account.currency for row in rows
    ):
        raise PaymentRefused("The money can only go to debts of this person in the same currency.", "direction")
    for row in rows:
        if row.status not in TAKES_MONEY:
            words = Status(row.status).label.lower()
            raise PaymentRefused(f"{row.ref} is {words}. Money for it goes back to the creditor.", "account")
    today = clock.today(account.portfolio.time_zone, at)
    if effective_date > today:
        raise PaymentRefused("A payment is never dated ahead. Make a promise instead.", "effective_date")
    if effective_date < account.placed_on:
        placed = formats.day(account.placed_on, today)
        raise PaymentRefused(
            f"This debt came to us on {placed}; earlier payments are the creditor's.", "effective_date"
        )


def _spread(
    rows: Sequence[Account],
    known: reading.Standing,
    account: Account,
    amount: Decimal,
    direction: Direction | None,
) -> allocation.Allocation[int]:
    balances = {row.pk: known.balances[row.pk] for row in sorted(rows, key=lambda row: row.pk != account.pk)}
    try:
        return allocation.allocate(
            amount=amount,
            balances=balances,
            orders={row.pk: row.portfolio.allocation_order for row in rows},
            direction=dict(direction) if direction else None,
            disputed=known.disputed,
            due_dates={row.pk: row.delinquency_date for row in rows if row.delinquency_date is not None},
        )
    except allocation.AllocationError as wrong:
        raise PaymentRefused(str(wrong), "amount") from wrong


def _interest_first(account: Account, known: reading.Standing, effective_date: date, at: datetime, by: Any) -> bool:
    """Interest up to the payment is posted before it (DECISIONS 21), unless later days are in the ledger already.

    True when something was posted.
    """
    if not account.portfolio.charges_interest:
        return False
    if known.accrued.get(account.pk, account.placed_on) >= effective_date:
        return False
    return payoffs.post_interest(account=account, on=effective_date, at=at, by=by) != ZERO


def _noon_or_now(effective_date: date, account: Account, at: datetime) -> datetime:
    zone = ZoneInfo(account.portfolio.time_zone)
    if effective_date == at.astimezone(zone).date():
        return at
    return datetime.combine(effective_date, time(12), zone)


def _kept(
    spread: allocation.Allocation[int], target: Account, parts: Mapping[str, Decimal], received: Decimal
) -> dict[str, Any]:
    reasons = [{"code": reason.code, "text": reason.text} for reason in spread.reasons]
    before = [
        target.last_payment_date.isoformat() if target.last_payment_date else None,
        str(target.last_payment_amount) if target.last_payment_amount is not None else None,
    ]
    return {
        "received": f"{received:.2f}",
        "parts": {name: str(part) for name, part in parts.items()},
        "reasons": reasons,
        "order": list(target.portfolio.allocation_order),
        "last_payment": before,
    }


def _post(
    payment: Payment, account: Account, parts: Mapping[str, Decimal], at: datetime, by: Any, known: reading.Standing
) -> None:
    source = "trust.direct" if payment.method == Method.DIRECT else "trust.cash"
    lines = [Line(source, debit=payment.amount, party_id=account.creditor_id)]
    lines += [Line(f"receivable.{name}", credit=part) for name, part in parts.items()]
    if payment.unapplied:
        lines.append(Line(UNAPPLIED, credit=payment.unapplied))
    newest = account.last_payment_date is None or account.last_payment_date <= payment.effective_date
    journal, _ = accounts.post(
        account=account,
        key=f"payment:{payment.key}"[:120],
        code="PAYMENT",
        lines=lines,
        effective_date=payment.effective_date,
        at=at,
        by=by,
        fresh=True,
        last_payment=(payment.effective_date, payment.amount) if newest else None,
    )
    payment.journal_id = journal.pk
    prepared.insert(payment)
    audit.record(
        "payment.recorded",
        actor=by,
        subject=payment,
        data={"amount": payment.amount, "method": payment.method, "on": payment.effective_date, "parts": dict(parts)},
        person_id=account.debtor_id,
        portfolio_id=account.portfolio_id,
    )
    today = clock.today(account.portfolio.time_zone, at)
    if account.pk in known.promised:
        standing.refresh_promises(account=account, on=today, at=at, by=by)
    if account.pk in known.planned:
        standing.refresh_plans(account=account, on=today, at=at, by=by)
    if account.balance <= ZERO and account.status in OPEN:
        accounts.change_status(account=account, to=Status.PAID, at=at, by=by, reason="The balance is paid.")
    if by is not None:  # what came by itself is announced with others of its kind (announcing.py)
        signals.after_commit(signals.payment_posted, Payment, payment=payment, at=at)


def after_money(account: Account, at: datetime, by: Any, *, returned: bool) -> list[Promise]:
    today = clock.today(account.portfolio.time_zone, at)
    changed = standing.refresh_promises(account=account, on=today, at=at, by=by, returned=returned)
    standing.refresh_plans(account=account, on=today, at=at, by=by)
    return changed


def set_last_payment(account: Account, on: date | None, amount: Decimal | None) -> None:
    Account.objects.filter(pk=account.pk).update(last_payment_date=on, last_payment_amount=amount)
    account.last_payment_date, account.last_payment_amount = on, amount

"""Held money goes to a debt later: by itself to the debt it was paid on, by hand to any debt of the person (F59).

Money is held when it could go nowhere: the debt was disputed, she directed more than it owed, or she paid too much.
By itself it only ever goes where she sent it, once that debt is no longer disputed and owes something again; to
another debt it goes when an officer has asked her.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import DecimalField, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from accounts import services as accounts
from accounts.models import Account
from accounts.states import OPEN, Status
from core import audit, clock
from core.money import ZERO, MoneyError, require_cents
from ledger.models import Journal
from ledger.services import Line
from payments import allocation, signals
from payments.models import Applied, Payment

from . import reading
from .locking import lock
from .payments import TAKES_MONEY, UNAPPLIED, PaymentRefused

CHUNK = 500


def with_held(rows: QuerySet[Payment]) -> QuerySet[Any]:
    """Payments with `held`: what is still kept of each, in its currency."""
    money = DecimalField(max_digits=14, decimal_places=2)
    used = Coalesce(Sum("applied__amount", filter=Q(applied__undone_journal_id=None)), ZERO, output_field=money)
    return rows.annotate(held=F("unapplied") - used)


@transaction.atomic
def apply_held(
    *, payment: Payment, to: Account, amount: Decimal | None, key: int, by: Any, at: datetime, reason: str = ""
) -> Applied:
    """Put held money of a payment (None: all that fits) on a debt of the same person, as of today there.

    `key` is the number of the application, so that a second press finds the first one. Raises PaymentRefused.
    """
    rows = {row.pk: row for row in lock({payment.account_id, to.pk})}
    earlier = Applied.objects.filter(payment=payment, number=key).first()
    if earlier is not None:
        return earlier
    payment = with_held(Payment.objects.filter(pk=payment.pk)).get()
    source, target = rows[payment.account_id], rows[to.pk]
    spread = _spread(payment, target, amount)
    today = clock.today(target.portfolio.time_zone, at)
    lines = [Line(UNAPPLIED, debit=spread.applied, party_id=source.creditor_id, subject_id=source.pk)]
    lines += [Line(f"receivable.{part.component}", credit=part.amount, subject_id=target.pk) for part in spread.parts]
    journal = accounts.post_collective(
        key=f"apply:{payment.pk}:{key}",
        code=Journal.Code.APPLY,
        currency=payment.currency,
        lines=lines,
        effective_date=today,
        at=at,
        by=by,
        memo=reason[:200],
    )
    made = Applied.objects.create(
        payment=payment,
        number=key,
        amount=spread.applied,
        parts={str(target.pk): {part.component: str(part.amount) for part in spread.parts}},
        effective_date=today,
        recorded_at=at,
        recorded_by=by,
        journal_id=journal.pk,
    )
    audit.record(
        "payment.applied",
        actor=by,
        subject=payment,
        data={"amount": spread.applied, "to": target.pk},
        reason=reason[:500],
        person_id=target.debtor_id,
        portfolio_id=target.portfolio_id,
        at=at,
    )
    _paid(target, at, by)
    signals.after_commit(signals.payment_posted, Payment, payment=payment, at=at)
    return made


def apply_by_itself(*, at: datetime) -> dict[str, int]:
    """Held money whose own debt can take it now: the dispute ended, or it owes again. Counts; run twice, it is done."""
    counts: Counter[str] = Counter()
    last = 0
    held = with_held(Payment.objects.filter(state="POSTED", unapplied__gt=0))
    owing = held.filter(held__gt=0, account__balance__gt=0, account__status__in=OPEN - {Status.DISPUTED})
    while chunk := list(owing.filter(pk__gt=last).select_related("account").order_by("pk")[:CHUNK]):
        last = chunk[-1].pk
        disputed = reading.standing(rows=[payment.account for payment in chunk]).disputed
        for payment in chunk:
            if payment.account_id not in disputed:
                counts["held_money_applied"] += _try(payment, at)
    return dict(counts)


def undo_applied(*, payment: Payment, key: str, on: date, by: Any, at: datetime) -> bool:
    """The payment came back: what was put on debts later is taken off again, the newest first, as it was posted.

    Whether there was anything.
    """
    undone = list(payment.applied.filter(undone_journal_id=None).order_by("-number"))
    for made in undone:
        targets = lock(int(debt) for debt in made.parts)
        journal = accounts.reverse_collective(
            journal_id=made.journal_id,
            key=f"{key}:applied:{made.number}"[:120],
            code=Journal.Code.REVERSAL,
            effective_date=max(on, made.effective_date),
            at=at,
            by=by,
            memo="The payment was returned",
        )
        Applied.objects.filter(pk=made.pk).update(undone_journal_id=journal.pk)
        for target in lock(row.pk for row in targets):
            if target.status == Status.PAID and target.balance > ZERO:
                accounts.change_status(account=target, to=Status.ACTIVE, at=at, by=by, reason="A payment was returned.")
    return bool(undone)


def next_number(payment: Payment) -> int:
    """The key of the next application of this payment's held money."""
    return payment.applied.count() + 1


def _try(payment: Payment, at: datetime) -> int:
    try:
        apply_held(
            payment=payment, to=payment.account, amount=None, key=next_number(payment), by=None, at=at,
            reason="The debt can take it now",
        )  # fmt: skip
    except PaymentRefused:
        return 0  # somebody was quicker, or the debt changed since
    return 1


def _spread(payment: Payment, target: Account, amount: Decimal | None) -> allocation.Allocation[int]:
    held: Decimal = payment.held  # type: ignore[attr-defined]
    if payment.state != "POSTED" or held <= ZERO:
        raise PaymentRefused("Nothing of this payment is held.")
    if target.debtor_id != payment.debtor_id or target.currency != payment.currency:
        raise PaymentRefused("Held money goes to debts of the same person in the same currency.", "debt")
    if target.status not in TAKES_MONEY:
        raise PaymentRefused(f"{target.ref} is {Status(target.status).label.lower()}.", "debt")
    known = reading.standing(rows=[target])
    if target.pk in known.disputed:
        raise PaymentRefused(f"{target.ref} is disputed; nothing goes to it until the dispute ends.", "debt")
    owed = sum((part for part in known.balances[target.pk].values() if part > ZERO), ZERO)
    if owed <= ZERO:
        raise PaymentRefused(f"{target.ref} owes nothing.", "debt")
    wanted = min(held, owed) if amount is None else _checked(amount, held, owed)
    return allocation.allocate(
        amount=wanted, balances=known.balances, orders={target.pk: target.portfolio.allocation_order}
    )


def _checked(amount: Decimal, held: Decimal, owed: Decimal) -> Decimal:
    try:
        amount = require_cents(amount)
    except MoneyError as wrong:
        raise PaymentRefused(str(wrong), "amount") from wrong
    if amount <= ZERO:
        raise PaymentRefused("Enter an amount of more than $0.00.", "amount")
    if amount > held:
        raise PaymentRefused(f"Only {held:,.2f} is held.", "amount")
    if amount > owed:
        raise PaymentRefused(f"This debt owes {owed:,.2f}.", "amount")
    return amount


def _paid(target: Account, at: datetime, by: Any) -> None:
    target.refresh_from_db(fields=["balance", "version"])
    if target.balance <= ZERO and target.status in OPEN:
        accounts.change_status(account=target, to=Status.PAID, at=at, by=by, reason="The balance is paid.")


def targets(*, payment: Payment, debts: Sequence[Account]) -> list[Account]:
    """Debts of the person, out of these, that could take held money now."""
    able = [row for row in debts if row.status in OPEN and row.currency == payment.currency and row.balance > ZERO]
    disputed = reading.standing(rows=able).disputed if able else frozenset()
    return [row for row in able if row.pk not in disputed]

"""The same money gone again: the mirror of a payment, never an edit (F60, F61)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts import services as accounts
from accounts.models import Account
from accounts.states import Status
from core import audit, clock, formats, transitions
from core.money import ZERO
from ledger.services import PostingRefused
from payments import signals, states
from payments.models import Payment, PaymentReturn
from payments.return_codes import RETURN_REASONS

from . import fees
from .applying import undo_applied
from .locking import lock
from .payments import PaymentRefused, after_money, set_last_payment


@transaction.atomic
def return_payment(*, payment: Payment, code: str, returned_on: date, key: str, by: Any, at: datetime) -> PaymentReturn:
    """The bank or card took the money back (NSF, chargeback): the same lines mirrored, dated `returned_on`.

    The promise it kept is broken again, its installment open again, a paid debt owed again (F61; M-APPLY-4).
    A fee is added where the agreement and the law allow one. Once per payment: a repeat with the same key gives the
    first return. Raises PaymentRefused.
    """
    account = _locked(payment)
    payment = Payment.objects.select_for_update().get(pk=payment.pk)
    earlier = PaymentReturn.objects.filter(payment=payment).first()
    if earlier is not None:
        if earlier.code == code and earlier.returned_on == returned_on:
            return earlier
        raise PaymentRefused("This payment was returned already.")
    today = clock.today(account.portfolio.time_zone, at)
    if not payment.effective_date <= returned_on <= today:
        span = f"{formats.day(payment.effective_date, today)} to {formats.day(today, today)}"
        raise PaymentRefused(f"Enter a day from {span}.", "returned_on")
    reason = RETURN_REASONS.get(code)
    if reason is None:
        raise PaymentRefused("Choose the bank's return code.", "code")
    try:
        if undo_applied(payment=payment, key=f"return:{key}", on=returned_on, by=by, at=at):
            account.refresh_from_db(fields=["status", "closed_at"])
        journal, _ = accounts.reverse(
            account=account,
            journal_id=payment.journal_id,
            key=f"return:{key}"[:120],
            code="RETURN",
            effective_date=returned_on,
            at=at,
            by=by,
            memo=f"{code} {reason}",
        )
    except PostingRefused as wrong:
        raise PaymentRefused(str(wrong)) from wrong
    made = PaymentReturn.objects.create(
        payment=payment,
        code=code,
        reason=reason,
        returned_on=returned_on,
        recorded_at=at,
        journal_id=journal.pk,
        recorded_by=by,
    )
    transitions.move(payment, "RETURNED", table=states.PAYMENT, at=at, by=by, field="state", reason=f"{code} {reason}")
    audit.record(
        "payment.returned",
        actor=by,
        subject=payment,
        data={"amount": payment.amount, "code": code, "on": returned_on},
        person_id=account.debtor_id,
        portfolio_id=account.portfolio_id,
    )
    _forget_last_payment(account, payment)
    if account.status == Status.PAID and account.balance > ZERO:
        accounts.change_status(account=account, to=Status.ACTIVE, at=at, by=by, reason="A payment was returned.")
    fees.charge_return_fee(returned=made, account=account, at=at, by=by)
    after_money(account, at, by, returned=True)
    signals.after_commit(signals.payment_returned, Payment, payment=payment, at=at)
    return made


def _locked(payment: Payment) -> Account:
    """The payment's debt, and with it those that got held money of it later, all locked in ascending order."""
    later = [int(debt) for made in payment.applied.filter(undone_journal_id=None) for debt in made.parts]
    return next(row for row in lock({payment.account_id, *later}) if row.pk == payment.account_id)


def _forget_last_payment(account: Account, payment: Payment) -> None:
    latest = account.payments.filter(state="POSTED").order_by("-effective_date", "-pk").first()
    if latest is not None:
        set_last_payment(account, latest.effective_date, latest.amount)
        return
    first = account.payments.order_by("pk").first() or payment
    day, amount = first.allocation.get("last_payment", [None, None])
    set_last_payment(account, date.fromisoformat(day) if day else None, Decimal(amount) if amount else None)

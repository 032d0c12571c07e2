"""The fee of a returned payment: charged where agreement and law allow it, taken back with a reason (F61)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts import services as accounts
from accounts.models import Account, ContactPoint, Portfolio
from accounts.states import WORKABLE, Status
from compliance import services as compliance
from core import audit, clock
from ledger.models import Journal
from ledger.services import Line, PostingRefused
from payments import return_fees
from payments.models import Payment, PaymentReturn, ReturnFeeTerms

from .locking import lock
from .payments import PaymentRefused

FEES, INCOME = "receivable.fees", "income.fees"


def fee_decision(*, payment: Payment, account: Account, code: str, at: datetime) -> return_fees.Decision:
    """What a return of this payment would carry now, with the reason. Reads only."""
    terms = ReturnFeeTerms.objects.filter(portfolio=account.portfolio_id).first()
    return return_fees.decide(
        return_fees.Returned(
            code=code,
            method=payment.method,
            face=payment.amount,
            currency=payment.currency,
            states=_states(account),
            fee=terms.amount if terms else None,
            agreement=terms.agreement if terms else "",
            is_open=account.status in WORKABLE or account.status in (Status.DISPUTED, Status.PAID),
            pauses=_pauses(account, at),
            is_charged=Journal.objects.filter(key=_key(payment)).exists(),
        )
    )


def charge_return_fee(*, returned: PaymentReturn, account: Account, at: datetime, by: Any) -> PaymentReturn:
    """Decide and post the fee of a return just recorded; the return keeps the words. In the return's transaction."""
    payment = returned.payment
    found = fee_decision(payment=payment, account=account, code=returned.code, at=at)
    returned.fee, returned.fee_words = found.amount, found.words[:300]
    if found.amount:
        journal, _ = accounts.post(
            account=account,
            key=_key(payment),
            code=Journal.Code.FEE,
            lines=[Line(FEES, debit=found.amount), Line(INCOME, credit=found.amount)],
            effective_date=returned.returned_on,
            at=at,
            by=by,
            memo=found.words[:200],
        )
        returned.fee_journal_id = journal.pk
        data = {"amount": found.amount, "cite": found.cite, "return": returned.pk}
        _record("payment.return_fee_charged", payment, account, data, by, at)
    returned.save(update_fields=["fee", "fee_words", "fee_journal_id"])
    return returned


@transaction.atomic
def take_back_return_fee(*, payment: Payment, reason: str, by: Any, at: datetime) -> PaymentReturn:
    """Mirror the fee, because the return was the bank's mistake or out of goodwill. A repeat changes nothing.

    Dated today on the portfolio's calendar. Raises PaymentRefused.
    """
    account = lock([payment.account_id])[0]
    returned = PaymentReturn.objects.select_for_update().filter(payment=payment).first()
    if returned is None or returned.fee_journal_id is None:
        raise PaymentRefused("This payment carries no fee.")
    if returned.fee_back_journal_id is not None:
        return returned
    if not reason.strip():
        raise PaymentRefused("Say why the fee is taken back.", "reason")
    try:
        journal, _ = accounts.reverse(
            account=account,
            journal_id=returned.fee_journal_id,
            key=f"{_key(payment)}:back",
            code=Journal.Code.REVERSAL,
            effective_date=max(_today(account, at), returned.returned_on),
            at=at,
            by=by,
            memo=f"Returned payment fee taken back. {reason}"[:200],
        )
    except PostingRefused as wrong:
        raise PaymentRefused(str(wrong)) from wrong
    returned.fee_back_journal_id = journal.pk
    returned.save(update_fields=["fee_back_journal_id"])
    _record("payment.return_fee_taken_back", payment, account, {"amount": returned.fee}, by, at, reason)
    if account.balance <= 0 and account.status in WORKABLE:
        accounts.change_status(account=account, to=Status.PAID, at=at, by=by, reason="The balance is paid.")
    return returned


@transaction.atomic
def set_return_fee(*, portfolio: Portfolio, amount: Decimal | None, agreement: str, by: Any, at: datetime) -> None:
    """What the agreements of a portfolio allow for a returned payment; None: nothing. Raises PaymentRefused."""
    if amount is not None and not agreement.strip():
        raise PaymentRefused("Name the term of the agreement that allows the fee.", "agreement")
    if amount is not None and portfolio.currency != "USD":
        raise PaymentRefused("What the law allows is known for debts in dollars only.", "amount")
    if amount is not None and amount > return_fees.highest():
        raise PaymentRefused(f"No state on file allows more than ${return_fees.highest():,.2f}.", "amount")
    terms, _ = ReturnFeeTerms.objects.select_for_update().get_or_create(portfolio=portfolio)
    before = terms.amount
    terms.amount, terms.agreement = amount, agreement.strip() if amount is not None else ""
    terms.changed_by, terms.changed_at = by, at
    terms.save()
    data = {"from": before, "to": amount, "agreement": terms.agreement}
    audit.record("portfolio.return_fee_set", actor=by, subject=portfolio, data=data, portfolio_id=portfolio.pk, at=at)


def _key(payment: Payment) -> str:
    """A debit presented again after its return is the same item: it carries one fee."""
    return f"returnfee:{payment.retry_of_id or payment.pk}"


def _states(account: Account) -> tuple[str, ...]:
    """Every state the person may live in: the law of each has to allow the fee."""
    usable = (ContactPoint.Status.ACTIVE, ContactPoint.Status.UNVERIFIED)
    rows = ContactPoint.objects.filter(debtor=account.debtor_id, kind=ContactPoint.Kind.ADDRESS, status__in=usable)
    places = set(rows.values_list("country", "state")) or {("US", account.debtor.state)}
    if not all(state for _, state in places):
        return ()
    return tuple(sorted(state if country == "US" else f"{country}-{state}" for country, state in places))


def _pauses(account: Account, at: datetime) -> frozenset[str]:
    kinds = {h.kind for h in compliance.open_holds(account.debtor, at) if h.account_id in (None, account.pk)}
    return frozenset(kinds | ({"DISPUTE"} if account.status == Status.DISPUTED else set()))


def _today(account: Account, at: datetime) -> date:
    return clock.today(account.portfolio.time_zone, at)


def _record(
    action: str, payment: Payment, account: Account, data: dict[str, Any], by: Any, at: datetime, reason: str = ""
) -> None:
    audit.record(
        action, actor=by, subject=payment, data=data, reason=reason, person_id=account.debtor_id,
        portfolio_id=account.portfolio_id, at=at,
    )  # fmt: skip

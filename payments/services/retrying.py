"""A returned debit presented again, within the bank network's limits (F61)."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from core import clock
from payments import return_codes
from payments.models import Payment, PaymentReturn
from payments.return_codes import Retry

from .locking import lock
from .payments import PaymentRefused, record_payment


def verdicts(*, payments: Sequence[Payment], on: date) -> dict[int, Retry]:
    """For each returned payment among these: may it be presented again on a day, and why not. One query."""
    roots = {payment.pk: payment.retry_of_id or payment.pk for payment in payments if payment.state == "RETURNED"}
    if not roots:
        return {}
    chains: dict[int, list[Payment]] = {}
    family = Payment.objects.filter(pk__in=roots.values()) | Payment.objects.filter(retry_of__in=roots.values())
    for row in family.select_related("returned").order_by("pk"):
        chains.setdefault(row.retry_of_id or row.pk, []).append(row)
    return {pk: _verdict(chains[root], on) for pk, root in roots.items()}


@transaction.atomic
def retry_payment(*, payment: Payment, on: date, key: str, by: Any, at: datetime) -> Payment:
    """Record that a returned bank transfer was presented again and settles on a day: the same amount on the same debt.

    Once per key. Raises PaymentRefused with the sentence of the limit that is in the way.
    """
    account = lock([payment.account_id])[0]
    earlier = Payment.objects.filter(key=key).first()
    if earlier is not None:
        return earlier
    payment = Payment.objects.get(pk=payment.pk)
    today = clock.today(account.portfolio.time_zone, at)
    if payment.state != "RETURNED":
        raise PaymentRefused("This payment was not returned.")
    found = verdicts(payments=[payment], on=on)[payment.pk]
    if not found.allowed:
        raise PaymentRefused(found.text)
    returned = PaymentReturn.objects.filter(payment=payment).latest("pk")
    if on < returned.returned_on or on > today:
        raise PaymentRefused("Enter a day from the return until today.", "effective_date")
    return record_payment(
        account=account,
        amount=payment.amount,
        method=payment.method,
        effective_date=on,
        key=key,
        by=by,
        at=at,
        retry_of=payment.retry_of or payment,
    )


def _verdict(chain: Sequence[Payment], on: date) -> Retry:
    standing = next((row for row in chain if row.state != "RETURNED"), None)
    if standing is not None:
        return Retry(False, "It was presented again, and that payment stands.")
    first, newest = chain[0], chain[-1]
    return return_codes.retry(
        code=newest.returned.code,
        method=first.method,
        settled_on=first.effective_date,
        tried=len(chain) - 1,
        on=on,
    )

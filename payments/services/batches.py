"""Payments entered together: closed at the control total, posted when a second person releases them (F58)."""

import logging
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Count, Max, Sum

from accounts.models import Account, Portfolio
from core import audit, clock, transitions
from core.money import ZERO
from payments import states
from payments.models import BatchLine, Method, PaymentBatch

from .payments import TAKES_MONEY, PaymentRefused, record_payment

log = logging.getLogger(__name__)
MOST_LINES = 1000


class BatchRefused(Exception):
    """The batch is not in the state for this, or its figures do not agree; the text is a sentence."""

    def __init__(self, text: str, field: str | None = None) -> None:
        super().__init__(text)
        self.field = field


@transaction.atomic
def open_batch(
    *,
    name: str,
    portfolio: Portfolio,
    control_total: Decimal,
    received_on: date,
    by: Any,
    at: datetime,
    control_count: int | None = None,
) -> PaymentBatch:
    """Start a batch with the total (and number) on the bank slip. Raises BatchRefused."""
    if received_on > clock.today(portfolio.time_zone, at):
        raise BatchRefused("Enter the day the money came, not a day ahead.", "received_on")
    batch = PaymentBatch.objects.create(
        name=name,
        portfolio=portfolio,
        control_total=control_total,
        control_count=control_count,
        received_on=received_on,
        entered_by=by,
        entered_at=at,
    )
    _tell("batch.opened", batch, by, {"control_total": control_total})
    return batch


def totals(batch: PaymentBatch) -> tuple[int, Decimal]:
    """How many lines are in and what they sum to."""
    sums = batch.lines.aggregate(n=Count("pk"), total=Sum("amount"))
    return sums["n"], sums["total"] or ZERO


@transaction.atomic
def add_line(
    *, batch: PaymentBatch, account: Account, amount: Decimal, method: str, reference: str, by: Any
) -> BatchLine:
    """One payment more. Raises BatchRefused when the batch is no longer open or the debt takes no money."""
    batch = _in_state(batch, "OPEN", "This batch is closed. Reopen it to change a line.")
    if account.portfolio_id != batch.portfolio_id:
        raise BatchRefused("This debt belongs to another portfolio.", "reference")
    if account.status not in TAKES_MONEY:
        raise BatchRefused(f"{account.ref} takes no money any more. Send it back to the creditor.", "reference")
    if amount <= ZERO or method not in Method.values:
        raise BatchRefused("Enter an amount of more than $0.00.", "amount")
    last = batch.lines.aggregate(last=Max("number"))["last"] or 0
    if last >= MOST_LINES:
        raise BatchRefused(f"A batch has at most {MOST_LINES:,} lines. Start another one.")
    return BatchLine.objects.create(
        batch=batch, number=last + 1, account=account, amount=amount, method=method, reference=reference
    )


@transaction.atomic
def remove_line(*, batch: PaymentBatch, number: int) -> None:
    """Take a line out of an open batch. Raises BatchRefused."""
    batch = _in_state(batch, "OPEN", "This batch is closed. Reopen it to change a line.")
    batch.lines.filter(number=number).delete()


@transaction.atomic
def close_batch(*, batch: PaymentBatch, by: Any, at: datetime) -> PaymentBatch:
    """Close it for release, only at exactly its control total and number. Raises BatchRefused."""
    batch = _in_state(batch, "OPEN", "This batch is closed already.")
    count, total = totals(batch)
    if total != batch.control_total:
        gap = batch.control_total - total
        word = "missing" if gap > ZERO else "too much"
        raise BatchRefused(f"Lines make ${total:,.2f} of ${batch.control_total:,.2f}: ${abs(gap):,.2f} {word}.")
    if batch.control_count is not None and count != batch.control_count:
        raise BatchRefused(f"There are {count} lines; the slip says {batch.control_count}.")
    transitions.move(batch, "CLOSED", table=states.BATCH, at=at, by=by, field="state")
    _tell("batch.closed", batch, by, {"lines": count, "total": total})
    return batch


@transaction.atomic
def reopen_batch(*, batch: PaymentBatch, by: Any, at: datetime) -> PaymentBatch:
    """Back to entering, before its release. Raises BatchRefused."""
    batch = _in_state(batch, "CLOSED", "Only a closed batch can be reopened.")
    transitions.move(batch, "OPEN", table=states.BATCH, at=at, by=by, field="state")
    return batch


@transaction.atomic
def discard_batch(*, batch: PaymentBatch, by: Any, at: datetime) -> PaymentBatch:
    """Throw away a batch that is still being entered; nothing of it was posted. Raises BatchRefused."""
    batch = _in_state(batch, "OPEN", "Only a batch that is being entered can be discarded.")
    transitions.move(batch, "DISCARDED", table=states.BATCH, at=at, by=by, field="state")
    _tell("batch.discarded", batch, by, {})
    return batch


def release_batch(*, batch: PaymentBatch, by: Any, at: datetime) -> int:
    """Post every line once, by somebody other than who entered it. Returns how many lines were posted now.

    The release is one commit, then each line has its own key: a stop in the middle is finished by the next
    release or by the judge job. Raises BatchRefused.
    """
    with transaction.atomic():
        batch = PaymentBatch.objects.select_for_update().get(pk=batch.pk)
        if batch.state == "CLOSED":
            if batch.entered_by_id == by.pk:
                raise BatchRefused("Somebody other than who entered it releases a batch.")
            _check_lines(batch)
            transitions.move(
                batch,
                "RELEASED",
                table=states.BATCH,
                at=at,
                by=by,
                field="state",
                extra={"released_by": by, "released_at": at},
            )
            _tell("batch.released", batch, by, {"total": batch.control_total})
        elif batch.state != "RELEASED":
            raise BatchRefused("Close the batch at its control total first.")
    return _post_lines(batch, at)


def _check_lines(batch: PaymentBatch) -> None:
    for line in batch.lines.select_related("account").order_by("number"):
        if line.account.status not in TAKES_MONEY:
            raise BatchRefused(
                f"Line {line.number}: {line.account.ref} takes no money any more. Reopen the batch and take it out."
            )
    if totals(batch)[1] != batch.control_total:
        raise BatchRefused("The lines no longer make the control total. Reopen the batch.")


def _post_lines(batch: PaymentBatch, at: datetime) -> int:
    posted = 0
    lines = batch.lines.filter(payment=None).select_related("account__portfolio").order_by("number")
    for line in lines:
        try:
            _post_line(batch, line, at)
        except PaymentRefused as refused:
            log.warning("batch line not posted", extra={"line": line.pk, "reason": str(refused)})
        else:
            posted += 1
    return posted


def _post_line(batch: PaymentBatch, line: BatchLine, at: datetime) -> None:
    zone = ZoneInfo(line.account.portfolio.time_zone)
    same_day = at.astimezone(zone).date() == batch.received_on
    record_payment(
        account=line.account,
        amount=line.amount,
        method=line.method,
        effective_date=batch.received_on,
        received_at=batch.entered_at if same_day else datetime.combine(batch.received_on, time(12), zone),
        key=f"batch:{batch.pk}:{line.number}",
        by=batch.released_by,
        at=at,
        batch_line=line,
    )


def post_released(*, at: datetime) -> int:
    """Finish releases that stopped in the middle. Returns how many lines were posted; a line refused stays listed."""
    posted = 0
    waiting = PaymentBatch.objects.filter(state="RELEASED", lines__payment=None, lines__isnull=False)
    for batch in waiting.distinct().select_related("released_by"):
        posted += _post_lines(batch, at)
    return posted


def _in_state(batch: PaymentBatch, state: str, otherwise: str) -> PaymentBatch:
    locked = PaymentBatch.objects.select_for_update().get(pk=batch.pk)
    if locked.state != state:
        raise BatchRefused(otherwise)
    return locked


def _tell(action: str, batch: PaymentBatch, by: Any, data: dict[str, Any]) -> None:
    audit.record(action, actor=by, subject=batch, data=data, portfolio_id=batch.portfolio_id)

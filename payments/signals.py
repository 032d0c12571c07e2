"""What payments says for others to hear, always after commit. Receivers get ids' objects and the moment.

payment_posted(payment, at), payment_returned(payment, at), promise_judged(promise, state, at),
promise_made(promise, at), plan_changed(plan, state, at), plan_lowered(plan, without, at). Correctness never hangs on
them: ask again when you act.
money_came(payments, at) is payment_posted for money that came by itself, many at once, some seconds later.
"""

from typing import Any

from django.db import transaction
from django.dispatch import Signal

payment_posted = Signal()
money_came = Signal()
payment_returned = Signal()
promise_made = Signal()
promise_judged = Signal()
plan_changed = Signal()
plan_lowered = Signal()


def after_commit(signal: Signal, sender: type[Any], **facts: Any) -> None:
    """Send it once the transaction is through; a receiver that fails harms nobody else."""
    transaction.on_commit(lambda: signal.send_robust(sender=sender, **facts), robust=True)

"""What higher apps may hear from accounts."""

from typing import Any

from django.db import transaction
from django.dispatch import Signal

# Sent inside the transaction that loads a part of a placement, so that the answer to it is saved with it or not
# at all. Keywords: placement_id, accounts (ids loaded), without_address (account ids to be held from contact),
# disputed (account ids the creditor says are disputed), at, by.
placement_loaded = Signal()

# After commit, as parts of a released file become debts (and when a held one is accepted later): placement_id,
# account_ids (of debts that wait for nobody's decision), at. For what should start soon, such as the first notice;
# nothing may hang on it, since a worker killed after its commit never sends it.
placement_released = Signal()

# After commit: points (phones that came into use or went out of it), at.
numbers_changed = Signal()


def after_commit(signal: Signal, sender: type[Any], **facts: Any) -> None:
    """Send it once the transaction is through; a receiver that fails harms nobody else."""
    transaction.on_commit(lambda: signal.send_robust(sender=sender, **facts), robust=True)

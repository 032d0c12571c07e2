"""What higher apps may hear from accounts."""

from django.dispatch import Signal

# Sent inside the transaction that loads a part of a placement, so that the answer to it is saved with it or not
# at all. Keywords: placement_id, accounts (ids loaded), without_address (account ids to be held from contact),
# disputed (account ids the creditor says are disputed), at, by.
placement_loaded = Signal()

# After commit: account_id, from_status, to_status.
account_status_changed = Signal()

"""What this app says for others to hear, after commit."""

from django.dispatch import Signal

dispute_answered = Signal()  # dispute, at
replies_changed = Signal()  # replies (one came, or these were answered), at

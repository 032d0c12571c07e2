"""What users says for others to hear."""

from django.dispatch import Signal

shift_ended = Signal()  # user, at; sent inside the transaction of the sign-off

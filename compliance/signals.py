"""What compliance says for others to hear, after commit."""

from django.dispatch import Signal

hold_placed = Signal()  # hold
hold_lifted = Signal()  # hold

"""Message states (DECISIONS 2): planned = sent + withheld + failed + expired + cancelled + unknown."""

from django.db import models


class State(models.TextChoices):
    QUEUED = "QUEUED", "Waiting"
    SENDING = "SENDING", "Being sent"
    SENT = "SENT", "Sent"
    DELIVERED = "DELIVERED", "Delivered"
    RETURNED = "RETURNED", "Returned"
    FAILED = "FAILED", "Failed"
    WITHHELD = "WITHHELD", "Held back"
    EXPIRED = "EXPIRED", "Too late"
    CANCELLED = "CANCELLED", "Cancelled"
    UNKNOWN = "UNKNOWN", "Not known"


class EventState(models.TextChoices):
    NEW = "NEW", "Waiting"
    WORKING = "WORKING", "Being read"
    DONE = "DONE", "Taken in"
    IGNORED = "IGNORED", "Nothing to do"
    FAILED = "FAILED", "Not understood"


COLOURS = {
    State.QUEUED: "info",
    State.SENDING: "info",
    State.SENT: "ok",
    State.DELIVERED: "ok",
    State.RETURNED: "stop",
    State.FAILED: "stop",
    State.WITHHELD: "hold",
    State.EXPIRED: "plain",
    State.CANCELLED: "plain",
    State.UNKNOWN: "hold",
}
OPEN = frozenset({State.QUEUED, State.SENDING})
ARRIVED = frozenset({State.SENT, State.DELIVERED, State.RETURNED})
TABLE: dict[str, frozenset[str]] = {
    State.QUEUED: frozenset({State.SENDING, State.CANCELLED, State.EXPIRED, State.WITHHELD, State.FAILED}),
    State.SENDING: frozenset(
        {
            State.QUEUED,
            State.SENT,
            State.FAILED,
            State.WITHHELD,
            State.EXPIRED,
            State.CANCELLED,
            State.UNKNOWN,
        }
    ),
    State.SENT: frozenset({State.DELIVERED, State.RETURNED}),
    State.DELIVERED: frozenset({State.RETURNED}),
    State.UNKNOWN: frozenset({State.QUEUED, State.SENT, State.FAILED}),  # a receipt makes it SENT first
    State.FAILED: frozenset({State.QUEUED}),
    State.WITHHELD: frozenset({State.QUEUED}),
    State.RETURNED: frozenset(),
    State.EXPIRED: frozenset(),
    State.CANCELLED: frozenset(),
}

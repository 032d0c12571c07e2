"""Which account status may follow which."""

from django.db import models


class Status(models.TextChoices):
    NEW = "NEW", "New"
    ACTIVE = "ACTIVE", "Open"
    ARRANGED = "ARRANGED", "In a plan"
    DISPUTED = "DISPUTED", "Disputed"
    HELD = "HELD", "Paused"
    SETTLED = "SETTLED", "Settled"
    PAID = "PAID", "Paid"
    CLOSED = "CLOSED", "Closed"
    RECALLED = "RECALLED", "Recalled"


OPEN = frozenset({Status.NEW, Status.ACTIVE, Status.ARRANGED, Status.DISPUTED, Status.HELD})
WORKABLE = frozenset({Status.NEW, Status.ACTIVE, Status.ARRANGED})
COLOURS = {
    Status.NEW: "info",
    Status.ACTIVE: "plain",
    Status.ARRANGED: "ok",
    Status.DISPUTED: "stop",
    Status.HELD: "hold",
    Status.SETTLED: "ok",
    Status.PAID: "ok",
    Status.CLOSED: "plain",
    Status.RECALLED: "plain",
}

_ENDS = {Status.PAID, Status.SETTLED, Status.CLOSED, Status.RECALLED}
TABLE: dict[str, frozenset[str]] = {
    Status.NEW: frozenset({Status.ACTIVE, Status.ARRANGED, Status.DISPUTED, Status.HELD, *_ENDS}),
    Status.ACTIVE: frozenset({Status.ARRANGED, Status.DISPUTED, Status.HELD, *_ENDS}),
    Status.ARRANGED: frozenset({Status.ACTIVE, Status.DISPUTED, Status.HELD, *_ENDS}),
    Status.DISPUTED: frozenset({Status.ACTIVE, Status.ARRANGED, Status.HELD, *_ENDS}),
    Status.HELD: frozenset({Status.ACTIVE, Status.ARRANGED, Status.DISPUTED, *_ENDS}),
    Status.PAID: frozenset({Status.ACTIVE, Status.CLOSED}),
    Status.SETTLED: frozenset({Status.ACTIVE, Status.CLOSED}),
    Status.CLOSED: frozenset({Status.ACTIVE}),
    Status.RECALLED: frozenset(),
}

"""Promise, plan, installment, payment and batch states."""

from django.db import models


class PromiseState(models.TextChoices):
    OPEN = "OPEN", "Open"
    KEPT = "KEPT", "Kept"
    PART_KEPT = "PART_KEPT", "Partly kept"
    BROKEN = "BROKEN", "Missed"
    CANCELLED = "CANCELLED", "Cancelled"
    REPLACED = "REPLACED", "Replaced"


class PlanState(models.TextChoices):
    ACTIVE = "ACTIVE", "On track"
    SLIPPING = "SLIPPING", "Slipping"
    BROKEN = "BROKEN", "Broken"
    DONE = "DONE", "Finished"
    CANCELLED = "CANCELLED", "Cancelled"


class InstallmentState(models.TextChoices):
    DUE = "DUE", "To come"
    PAID = "PAID", "Paid"
    LATE = "LATE", "Late"
    MISSED = "MISSED", "Missed"
    CANCELLED = "CANCELLED", "Cancelled"


class PaymentState(models.TextChoices):
    POSTED = "POSTED", "Posted"
    RETURNED = "RETURNED", "Returned"


class BatchState(models.TextChoices):
    OPEN = "OPEN", "Being entered"
    CLOSED = "CLOSED", "Waiting for release"
    RELEASED = "RELEASED", "Released"
    DISCARDED = "DISCARDED", "Discarded"


PROMISE: dict[str, frozenset[str]] = {
    PromiseState.OPEN: frozenset({"KEPT", "PART_KEPT", "BROKEN", "CANCELLED", "REPLACED"}),
    PromiseState.KEPT: frozenset({"BROKEN", "PART_KEPT", "OPEN"}),
    PromiseState.PART_KEPT: frozenset({"KEPT", "BROKEN"}),
    PromiseState.BROKEN: frozenset({"KEPT", "PART_KEPT"}),
    PromiseState.CANCELLED: frozenset(),
    PromiseState.REPLACED: frozenset(),
}
PLAN: dict[str, frozenset[str]] = {
    PlanState.ACTIVE: frozenset({"SLIPPING", "BROKEN", "DONE", "CANCELLED"}),
    PlanState.SLIPPING: frozenset({"ACTIVE", "BROKEN", "DONE", "CANCELLED"}),
    PlanState.BROKEN: frozenset({"ACTIVE", "SLIPPING", "DONE", "CANCELLED"}),
    PlanState.DONE: frozenset({"ACTIVE", "SLIPPING"}),
    PlanState.CANCELLED: frozenset(),
}
INSTALLMENT: dict[str, frozenset[str]] = {
    InstallmentState.DUE: frozenset({"PAID", "LATE", "CANCELLED"}),
    InstallmentState.LATE: frozenset({"PAID", "MISSED", "CANCELLED", "DUE"}),
    InstallmentState.MISSED: frozenset({"PAID", "CANCELLED", "LATE", "DUE"}),
    InstallmentState.PAID: frozenset({"DUE", "LATE", "MISSED"}),
    InstallmentState.CANCELLED: frozenset(),
}
PAYMENT: dict[str, frozenset[str]] = {
    PaymentState.POSTED: frozenset({"RETURNED"}),
    PaymentState.RETURNED: frozenset(),
}
BATCH: dict[str, frozenset[str]] = {
    BatchState.OPEN: frozenset({"CLOSED", "DISCARDED"}),
    BatchState.CLOSED: frozenset({"OPEN", "RELEASED"}),
    BatchState.RELEASED: frozenset(),
    BatchState.DISCARDED: frozenset(),
}
OPEN_PLANS = (PlanState.ACTIVE, PlanState.SLIPPING)
COLOURS = {
    "OPEN": "info",
    "KEPT": "ok",
    "PART_KEPT": "hold",
    "BROKEN": "stop",
    "CANCELLED": "plain",
    "REPLACED": "plain",
    "ACTIVE": "ok",
    "SLIPPING": "hold",
    "DONE": "ok",
    "DUE": "plain",
    "PAID": "ok",
    "LATE": "hold",
    "MISSED": "stop",
    "POSTED": "ok",
    "RETURNED": "stop",
    "CLOSED": "hold",
    "RELEASED": "ok",
    "DISCARDED": "plain",
}

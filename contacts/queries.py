"""What the pages of disputes and scripts read. Every list starts at what the user may see."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Count, Max
from django.shortcuts import get_object_or_404

from core import keyset
from core.models import StatusChange

from .models import Dispute, Script, ScriptVersion

PAGE = 50
FILTERS = {"open": ("OPEN",), "answered": ("ANSWERED",), "withdrawn": ("WITHDRAWN",)}


def disputes(*, user: Any, state: str, cursor: str = "", back: bool = False) -> keyset.Page:
    """A page of disputes; open ones by deadline, the others the latest first."""
    rows = Dispute.objects.visible_to(user).filter(state__in=FILTERS.get(state, FILTERS["open"]))
    rows = rows.select_related("debtor", "account__creditor", "opened_by")
    order = ["due_on", "pk"] if state not in ("answered", "withdrawn") else ["-pk"]
    return keyset.paginate(rows, order=order, cursor=cursor, back=back, size=PAGE)


def dispute(*, user: Any, dispute_id: int) -> Dispute:
    """One dispute, if this user may see its debt. Raises Http404."""
    rows = Dispute.objects.visible_to(user).select_related(
        "debtor", "account__creditor", "account__portfolio", "opened_by", "answered_by"
    )
    found: Dispute = get_object_or_404(rows, pk=dispute_id)
    return found


def dispute_history(*, dispute: Dispute) -> list[StatusChange]:
    """How the dispute moved, the newest first."""
    rows = StatusChange.objects.filter(subject_type="contacts.dispute", subject_id=dispute.pk)
    return list(rows.select_related("by").order_by("-at", "-pk")[:50])


def open_disputes(*, user: Any) -> int:
    """How many wait for an answer: the number beside Disputes."""
    return Dispute.objects.visible_to(user).filter(state=Dispute.State.OPEN).count()


def scripts() -> list[Script]:
    """All scripts with how many versions each has, and which one is in use."""
    return list(Script.objects.annotate(count=Count("versions"), newest=Max("versions__number")).order_by("name"))


def live_versions() -> dict[int, ScriptVersion]:
    """The version in use by script."""
    return {row.script_id: row for row in ScriptVersion.objects.filter(state=ScriptVersion.State.LIVE)}


def days_left(due: date, today: date) -> str:
    """`7 days left`, `Due today`, `2 days over`."""
    left = (due - today).days
    if left == 0:
        return "Due today"
    days = f"{abs(left)} day{'s' if abs(left) != 1 else ''}"
    return f"{days} left" if left > 0 else f"{days} over"

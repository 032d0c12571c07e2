"""What the pages of disputes, scripts and calls for the lead read. Every list starts at what the user may see."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Q
from django.shortcuts import get_object_or_404

from core import keyset
from core.models import StatusChange

from .models import Dispute, LeadRequest, LockedNote, Script, ScriptVersion

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


ANSWERS_SHOWN_FOR = timedelta(minutes=5)
WAITS_SHOWN_FOR = timedelta(hours=1)


def _requests(user: Any) -> Any:
    people = ("debtor", "account__creditor", "asked_by", "seen_by", "answered_by", "reviewer")
    return LeadRequest.objects.visible_to(user).select_related(*people)


def lead_request(*, user: Any, request_id: int) -> LeadRequest:
    """One call for the lead, if this user may see its debt. Raises Http404."""
    found: LeadRequest = get_object_or_404(_requests(user), pk=request_id)
    return found


def open_requests(*, user: Any) -> list[LeadRequest]:
    """What waits for a lead: distress first, then the oldest."""
    rows = _requests(user).filter(state=LeadRequest.State.OPEN)
    return list(rows.order_by("kind", "asked_at", "pk")[:PAGE])


def answered_requests(*, user: Any) -> list[LeadRequest]:
    """The latest answers."""
    return list(_requests(user).filter(state=LeadRequest.State.ANSWERED).order_by("-answered_at", "-pk")[:PAGE])


def unseen_requests(*, user: Any) -> list[LeadRequest]:
    """Calls that no lead looks after yet: the notice on every page of a lead. Not the user's own."""
    rows = _requests(user).filter(state=LeadRequest.State.OPEN, seen_at=None).exclude(asked_by=user)
    return list(rows.order_by("kind", "asked_at", "pk")[:3])


def my_requests(*, user: Any, at: datetime) -> list[LeadRequest]:
    """This user's own calls that wait, and what became of those of the last minutes; the newest first."""
    lately, open_ = at - ANSWERS_SHOWN_FOR, LeadRequest.State.OPEN
    waits = Q(state=open_, seen_at=None) | Q(state=open_, kind=LeadRequest.Kind.QUESTION)
    rows = _requests(user).filter(waits | Q(answered_at__gt=lately) | Q(seen_at__gt=lately))
    return list(rows.filter(asked_by=user, asked_at__gt=at - WAITS_SHOWN_FOR).order_by("-asked_at", "-pk")[:2])


def locked_notes(*, user: Any, debtor_id: int) -> list[LockedNote]:
    """The locked notes about a person, for those who may read them; the newest first."""
    rows = LockedNote.objects.visible_to(user).filter(debtor=debtor_id).select_related("by")
    return list(rows.order_by("-at", "-pk")[:PAGE])


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

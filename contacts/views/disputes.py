"""Disputes: what waits for an answer, and one of them (F69)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from contacts import queries, services
from contacts.forms import AnswerForm
from contacts.models import Dispute
from core import clock
from core.http import go, tell
from core.idempotency import idempotent
from users.permissions import StaffRequest, role

READERS = ("officer", "lead", "manager", "compliance")
ANSWERERS = ("lead", "manager", "compliance")


@role(*READERS)
@require_GET
def disputes(request: StaffRequest) -> HttpResponse:
    """Open disputes by deadline; tabs for the others."""
    state = request.GET.get("state", "open")
    state = state if state in queries.FILTERS else "open"
    cursor = request.GET.get("after") or request.GET.get("before") or ""
    page = queries.disputes(user=request.user, state=state, cursor=cursor[:200], back="before" in request.GET)
    at = clock.now()
    rows = [(row, queries.days_left(row.due_on, at.date()), row.due_on < at.date()) for row in page.rows]
    tabs = [
        {"label": label, "url": f"?state={code}", "current": code == state}
        for code, label in (("open", "Open"), ("answered", "Answered"), ("withdrawn", "Withdrawn"))
    ]
    context = {"page": page, "rows": rows, "tabs": tabs, "state": state, "nav_current": "contacts:disputes"}
    return render(request, "contacts/disputes.html", context)


@role(*READERS, write=ANSWERERS)
@idempotent
@require_http_methods(["GET", "POST"])
def dispute(request: StaffRequest, dispute_id: int) -> HttpResponse:
    """One dispute: what the person says, dates, what stops; leads and compliance answer it."""
    at = clock.now()
    row = queries.dispute(user=request.user, dispute_id=dispute_id)
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            facts = {
                name: form.cleaned_data[name] for name in ("outcome", "answer", "verification_mailed_on", "corrected")
            }
            services.answer_dispute(dispute=row, by=request.user, at=at, **facts)
            return go(request, f"/disputes/{row.ref}/")
        except services.DisputeRefused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
    status = 422 if request.method == "POST" else 200
    response = render(request, "contacts/dispute.html", _context(request, row, form, at), status=status)
    return tell(response, setfocus="#errsum") if status == 422 else response


def _context(request: StaffRequest, row: Dispute, form: AnswerForm, at: datetime) -> dict[str, Any]:
    answered = row.state != Dispute.State.OPEN
    steps = [
        {"label": "Received and paused", "done": True, "current": False},
        {"label": "Find the facts", "done": answered, "current": not answered},
        {"label": "Decide", "done": answered, "current": False},
    ]
    today = clock.today(row.account.portfolio.time_zone, at)
    return {
        "dispute": row,
        "form": form,
        "steps": steps,
        "left": queries.days_left(row.due_on, today),
        "over": row.due_on < today,
        "today": today,
        "may_answer": bool(request.user.roles & set(ANSWERERS)) and not answered,
        "answered": answered,
        "history": queries.dispute_history(dispute=row),
        "crumbs": [
            {"label": "Disputes", "url": "/disputes/"},
            {"label": row.debtor.name, "url": row.debtor.get_absolute_url()},
            {"label": row.ref, "url": ""},
        ],
        "nav_current": "contacts:disputes",
    }

"""Calls for the lead: the notice on every page, the list, one of them with its answer, and what became of mine."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from contacts import queries, services
from contacts.forms import QuestionAnswerForm, ReviewForm
from contacts.models import LeadRequest, LockedNote
from core import audit, clock
from core.http import go, is_partial, tell
from core.idempotency import idempotent
from users.models import Role, User
from users.permissions import StaffRequest, role

LEADS = ("lead", "manager")
REVIEWERS = ("lead", "manager", "compliance")
NAV = "contacts:requests"


@role(*LEADS)
@require_GET
def unseen(request: StaffRequest) -> HttpResponse:
    """Asked every 20 seconds by a lead's pages: whom nobody looks after yet; else, and on the list itself, nothing."""
    on_the_list = "/requests/" in request.headers.get("HX-Current-URL", "")
    calls = [] if on_the_list else queries.unseen_requests(user=request.user)
    return render(request, "contacts/lead_calls.html", {"calls": calls})


@role("officer", *LEADS)
@require_GET
def mine(request: StaffRequest) -> HttpResponse:
    """Asked by the work screen: what became of my calls for the lead."""
    rows = queries.my_requests(user=request.user, at=clock.now())
    return render(request, "contacts/my_requests.html", {"rows": rows})


@role(*REVIEWERS)
@require_GET
def requests(request: StaffRequest) -> HttpResponse:
    """All that wait, distress first; and the latest answers."""
    at = clock.now()
    waiting = [(row, _over(row, at)) for row in queries.open_requests(user=request.user)]
    context = {"waiting": waiting, "answered": queries.answered_requests(user=request.user), "nav_current": NAV}
    return render(request, "contacts/requests.html", context)


def _over(row: LeadRequest, at: datetime) -> bool:
    return row.review_on is not None and row.review_on < _today(row, at)


def _today(row: LeadRequest, at: datetime) -> Any:
    return at.astimezone(ZoneInfo(row.debtor.home_zone or "UTC")).date()


@role(*LEADS)
@require_POST
def seen(request: StaffRequest, request_id: int) -> HttpResponse:
    """I look after it: the notice goes, the officer sees who comes."""
    row = queries.lead_request(user=request.user, request_id=request_id)
    row = services.on_it(request=row, by=request.user, at=clock.now())
    if not is_partial(request):
        return go(request, f"/requests/{row.pk}/")
    response = render(request, "contacts/lead_calls.html", {"calls": queries.unseen_requests(user=request.user)})
    return tell(response, announce=f"{row.asked_by} sees that you look after it.")


@role(*REVIEWERS, write=REVIEWERS)
@idempotent
@require_http_methods(["GET", "POST"])
def one(request: StaffRequest, request_id: int) -> HttpResponse:
    """One call: a question is answered, a pause for distress is reviewed; its locked notes are read here (audited)."""
    at = clock.now()
    row = queries.lead_request(user=request.user, request_id=request_id)
    form = _form(request, row, at)
    if request.method == "POST" and form.is_valid():
        try:
            _save(request, row, form.cleaned_data, at)
            return go(request, f"/requests/{row.pk}/")
        except (services.LeadMistake, services.ReviewRefused) as refused:
            field = refused.field if isinstance(refused.field, str) and refused.field in form.fields else None
            form.add_error(field, str(refused))
    status = 422 if request.method == "POST" else 200
    response = render(request, "contacts/request.html", _context(request, row, form, at), status=status)
    return tell(response, setfocus="#errsum") if status == 422 else response


def _form(request: StaffRequest, row: LeadRequest, at: datetime) -> Form:
    if row.kind == LeadRequest.Kind.QUESTION:
        return QuestionAnswerForm(request.POST or None)
    leads = User.objects.filter(is_active=True, role_list__overlap=[Role.LEAD, Role.MANAGER])
    if not request.user.has_role("compliance"):
        leads = leads.filter(teams__in=request.user.teams.all()).distinct()
    start = {"review_on": _today(row, at) + timedelta(days=7), "decision": "keep"}
    return ReviewForm(request.POST or None, reviewers=leads.exclude(pk=request.user.pk), initial=start)


def _save(request: StaffRequest, row: LeadRequest, facts: dict[str, Any], at: datetime) -> None:
    if row.kind == LeadRequest.Kind.QUESTION:
        approved = {"yes": True, "no": False}.get(facts["approved"])
        services.answer_question(request=row, by=request.user, at=at, words=facts["words"], approved=approved)
        return
    services.review(
        request=row, by=request.user, at=at, words=facts["words"], release=facts["decision"] == "release",
        review_on=facts["review_on"], reviewer=facts["reviewer"],
    )  # fmt: skip


def _context(request: StaffRequest, row: LeadRequest, form: Form, at: datetime) -> dict[str, Any]:
    return {
        "row": row,
        "form": form,
        "over": _over(row, at),
        "open": row.state == LeadRequest.State.OPEN,
        "notes": _notes(request, row, at) if row.kind == LeadRequest.Kind.DISTRESS else [],
        "may_take_over": request.user.has_role(*LEADS) and row.call is not None and row.call.state == "OPEN",
        "crumbs": [
            {"label": "Calls for the lead", "url": "/requests/"},
            {"label": row.debtor.name, "url": row.debtor.get_absolute_url()},
            {"label": row.get_kind_display(), "url": ""},
        ],
        "nav_current": NAV,
    }


def _notes(request: StaffRequest, row: LeadRequest, at: datetime) -> list[LockedNote]:
    notes = queries.locked_notes(user=request.user, debtor_id=row.debtor_id)
    if notes:
        audit.record("locked_notes.read", actor=request.user, subject=row, person_id=row.debtor_id, at=at)
    return notes

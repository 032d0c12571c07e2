"""My day and the worklist."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from accounts.access import portfolio_ids
from accounts.models import Debtor
from compliance import services as compliance
from core import clock, formats
from core.http import go, tell
from users.models import ShiftPart, TimeState, User
from users.permissions import StaffRequest, role

from .. import badges, cells, counts, queries, worklist
from ..figures import target
from ..filters import ALL, MINE, as_query, parse
from ..forms import SavedViewForm
from ..models import Queue, SavedView, WorkItem

READERS = ("officer", "lead", "manager", "compliance")
WORKERS = ("officer", "lead", "manager")
KINDS = {"allow": "ok", "warn": "hold", "require": "hold", "block": "stop"}
CHOOSABLE = (TimeState.READY, TimeState.BREAK, TimeState.TRAINING, TimeState.MEETING)


def list_context(request: HttpRequest, view: str, query: Mapping[str, str]) -> dict[str, Any]:
    """All that templates/strategies/worklist.html needs. Raises Http404 for a view nobody saved."""
    user, at = request.user, clock.now()
    assert isinstance(user, User)
    teams = list(user.teams.all())
    saved = worklist.saved_views(user, teams)
    try:
        title, kept = worklist.titles(view, saved)
    except worklist.NoSuchView:
        raise Http404 from None
    given = {name: query[name] for name in query}
    if isinstance(query, QueryDict) and query.getlist("col"):
        given["cols"] = ",".join(query.getlist("col"))
    asked = parse({**kept, **given}, view=view)
    books = queries.books(user)
    waiting = counts.waiting([book.pk for book in books])
    here = worklist.local(teams, at)
    page = queries.worklist(user=user, asked=asked, books=books, at=at)
    look = cells.Look(at, here.date(), {b.pk: b.name for b in books}, view, compliance.limits(at))
    owner = User.objects.filter(pk=int(asked.owner)) if asked.owner.isdigit() else ()
    return {
        "nav_current": "desk:my_day" if user.has_role("officer") else "desk:queues",
        "view": view,
        "title": title,
        "asked": asked,
        "rows": worklist.body(page, asked, look),
        "shown": len(page.rows),
        "of": counts.words(max(len(page.rows), waiting.of(None if view in (ALL, MINE) else asked.queue or None))),
        "page": page,
        "heads": worklist.heads(asked),
        "columns": worklist.column_choices(asked),
        "tabs": worklist.tabs(view, saved, waiting),
        "chips": worklist.chips(asked, view, books, list(owner)),
        "creditors": sorted({(b.creditor_id, b.creditor.name) for b in books}, key=lambda pair: pair[1]),
        "queues": Queue.choices,
        "queue": asked.queue,
        "own_view": next((s for s in saved if s.slug == view and s.user_id == user.pk), None),
        "query": as_query(asked),
        "back": request.get_full_path(),
        "may_work": user.has_role(*WORKERS),
        "densities": User.Density.choices,
        "head": worklist.header(user=user, waiting=waiting, queue=asked.queue or None, at=at, here=here),
        "here": here,
    }


@role(*READERS)
@require_GET
def people_to_work(request: StaffRequest, view: str) -> HttpResponse:
    """The worklist: one view with filters, order and columns from the address."""
    context = list_context(request, view, request.GET)
    return render(request, "strategies/worklist.html", context)


@role("officer", "lead", "manager")
@require_GET
def my_day(request: StaffRequest) -> HttpResponse:
    """What I did, what waits, which call-backs I agreed to."""
    user, at = request.user, clock.now()
    teams = list(user.teams.all())
    here = worklist.local(teams, at)
    waiting = counts.waiting(portfolio_ids(user) or ())
    mine = WorkItem.objects.filter(assigned_to=user, state=WorkItem.State.OPEN, queue=Queue.CALLBACK)
    context = {
        "nav_current": "desk:my_day",
        "head": worklist.header(user=user, waiting=waiting, queue=None, at=at, here=here, live=True),
        "target": target(user, here.date().replace(day=1)),
        "here": here,
        "queues": [
            {"slug": q.value, "label": q.label, "count": counts.words(waiting.of(q.value)), "n": waiting.of(q.value)}
            for q in Queue
        ],
        "callbacks": mine.select_related("debtor").order_by("due_at", "pk")[:20],
        "state": state_of(user),
        "states": [(s.value, s.label) for s in CHOOSABLE],
    }
    return render(request, "strategies/my_day.html", context)


def state_of(user: User) -> ShiftPart | None:
    """The open stretch of the person's shift, or None before it began."""
    return ShiftPart.objects.filter(shift__user=user, ended_at=None, shift__ended_at=None).first()


@role(*READERS)
@require_GET
def why(request: StaffRequest, debtor_id: int) -> HttpResponse:
    """The rules behind a badge of the list: asked anew, not stored (a list is no act)."""
    debtor = get_object_or_404(Debtor.objects.visible_to(request.user), pk=debtor_id)
    at = clock.now()
    return render(request, "components/why.html", {"title": f"{debtor.name}, by phone", **_rules(debtor, at)})


def _rules(debtor: Debtor, at: datetime) -> dict[str, Any]:
    answer = compliance.may_contact(debtor=debtor, channel="call", at=at, occasion="look", record=False)
    rules = [
        {"kind": KINDS.get(f.decision, "hold"), "words": f.sentence, "cite": f.citation}
        for f in answer.verdict.findings
    ]
    later = answer.next_allowed
    zone = debtor.home_zone or "UTC"
    opens = f"Next call allowed {formats.day(later.astimezone(ZoneInfo(zone)), at.date())}, " if later else ""
    opens += formats.time_at(later, zone) if later else ""
    return {"rules": rules or [{"kind": "ok", "words": badges.ALLOWED.sentence}], "next": opens}


@role(*WORKERS)
@require_POST
def save_view(request: StaffRequest) -> HttpResponse:
    """Keep the present filters, order and columns under a name, for me or for my team."""
    form = SavedViewForm(request.POST, user=request.user)
    if not form.is_valid():
        return render(request, "strategies/save_view.html", {"form": form}, status=422)
    view = form.save()
    return go(request, f"/work/{view.slug}/")


@role(*WORKERS)
@require_POST
def drop_view(request: StaffRequest, slug: str) -> HttpResponse:
    """Delete one of my own saved views."""
    view = get_object_or_404(SavedView, slug=slug, user=request.user)
    view.delete()
    return tell(go(request, f"/work/{ALL}/"), announce=f"View {view.name} deleted.")

"""Acts on several people at once. Each can be taken back for a day; nobody is dropped silently."""

import csv
import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from accounts.access import portfolio_ids
from core import audit, clock
from core.errors import plain_error
from core.http import go, is_partial, tell
from core.text import csv_safe
from users.models import User
from users.permissions import StaffRequest, role

from .. import services, worklist
from ..forms import SnoozeForm
from ..models import NOT_LATE, BulkAction, Queue, WorkItem
from .worklist import WORKERS, list_context

MOST = 500
_REF = re.compile(r"P-([1-9][0-9]{0,17})")
_BACK = re.compile(r"/work/([a-z0-9-]{1,60})/")


def chosen(request: StaffRequest) -> list[WorkItem]:
    """The open items of the people whose boxes were ticked and whom this user may see; at most 500."""
    ids = [int(found[1]) for ref in request.POST.getlist("ref")[:MOST] if (found := _REF.fullmatch(ref))]
    rows = WorkItem.objects.visible_to(request.user).filter(debtor__in=ids, state=WorkItem.State.OPEN)
    return list(rows.select_related("portfolio__creditor").order_by("-priority", "pk"))


def colleagues(user: User) -> Any:
    """Active people of the user's teams."""
    return User.objects.filter(teams__in=user.teams.all(), is_active=True).distinct().order_by("display_name")


def people_words(count: int) -> str:
    """How many people, in words."""
    return "1 person" if count == 1 else f"{count} people"


def answer(request: StaffRequest, words: str, action: BulkAction) -> HttpResponse:
    """The list again with what changed, and ten seconds to take it back."""
    undo, back = f"/work/bulk/{action.pk}/undo/", request.POST.get("back", "")[:2000]
    parts = urlsplit(back)
    found = _BACK.fullmatch(parts.path)
    if not is_partial(request) or not found:
        messages.success(request, words, extra_tags=undo)
        return go(request, back if found else "/work/all/")
    context = list_context(request, found[1], QueryDict(parts.query))
    response = render(request, "strategies/worklist.html#grid", {**context, "back": back})
    return tell(response, toast={"text": words, "undo": undo})


@role(*WORKERS)
@require_GET
def assign_choices(request: StaffRequest) -> HttpResponse:
    """Whom the ticked people can be given to; loaded when the popover opens."""
    return render(request, "strategies/assign_choices.html", {"people": colleagues(request.user)})


@role(*WORKERS)
@require_POST
def assign(request: StaffRequest) -> HttpResponse:
    """Give the ticked people to a colleague, or back to the team."""
    items = chosen(request)
    if not items:
        return plain_error(request, 422, "Tick at least one person who still has something to do.")
    name = request.POST.get("to", "")
    to = colleagues(request.user).filter(pk=int(name)).first() if name.isascii() and name.isdigit() else None
    if to is None and name != "team":
        return plain_error(request, 422, "Choose somebody of your team.")
    allowed = portfolio_ids(to) if to else None
    fitting = [item for item in items if to is None or allowed is None or item.portfolio_id in allowed]
    if not fitting:
        return plain_error(request, 422, f"{to} does not work these clients.")
    action = services.assign(items=fitting, to=to, by=request.user, at=clock.now())
    left = f" {len(items) - len(fitting)} left: other clients." if len(fitting) < len(items) else ""
    return answer(request, f"Gave {people_words(len(fitting))} to {to or 'the team'}.{left}", action)


@role(*WORKERS)
@require_POST
def snooze(request: StaffRequest) -> HttpResponse:
    """Offer the ticked people to nobody until a morning."""
    items, form = chosen(request), SnoozeForm(request.POST)
    if not items:
        return plain_error(request, 422, "Tick at least one person who still has something to do.")
    if not form.is_valid():
        return plain_error(request, 422, "Choose tomorrow, 3 days or a week.")
    at = clock.now()
    until = form.until(worklist.local(list(request.user.teams.all()), at))
    action = services.snooze(items=items, until=until, by=request.user, at=at)
    return answer(request, f"Snoozed {people_words(len(items))} until {until:%a %b} {until.day}.", action)


@role(*WORKERS)
@require_POST
def undo(request: StaffRequest, action_id: int) -> HttpResponse:
    """Take back a bulk act of mine."""
    try:
        count = services.undo(action_id=action_id, by=request.user, at=clock.now())
    except services.UndoRefused as refused:
        return plain_error(request, 409, str(refused))
    messages.success(request, f"Taken back for {people_words(count)}.")
    if request.headers.get("HX-Request") == "true":
        response = HttpResponse(status=204)
        response["HX-Refresh"] = "true"
        return response
    return go(request, "/work/all/")


@role(*WORKERS)
@require_POST
def export(request: StaffRequest) -> HttpResponse:
    """The ticked people as CSV, without contact details; who took what is in the audit."""
    items, at = chosen(request), clock.now()
    if not items:
        return plain_error(request, 422, "Tick at least one person who still has something to do.")
    today = worklist.local(list(request.user.teams.all()), at).date()
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="people-{today}.csv"'
    writer = csv.writer(response)
    writer.writerow(["Person", "Name", "Creditor", "May collect", "Currency", "Days late", "Queue", "Next step"])
    for item in items:
        days = 0 if item.late_since == NOT_LATE else max((today - item.late_since) // timedelta(days=1), 0)
        cells = [
            f"P-{item.debtor_id}",
            item.name,
            item.portfolio.creditor.name,
            item.amount,
            item.currency,
            days,
            str(Queue(item.queue).label),
            item.next_step,
        ]
        writer.writerow([csv_safe(cell) for cell in cells])
    audit.record(
        "work.exported", actor=request.user, data={"people": [item.debtor_id for item in items], "rows": len(items)}
    )
    return response

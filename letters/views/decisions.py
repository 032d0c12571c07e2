"""Decisions about messages: send again, send the failed ones of a day again, say what became of one."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from core import clock, work
from core.errors import plain_error
from core.http import go
from core.idempotency import idempotent
from letters import queries, services, tasks
from letters.forms import DecisionForm
from letters.models import Message
from letters.states import State
from users.permissions import role

MOST = 5000


@role("officer", "lead", "manager")
@idempotent
@require_POST
def again(request: HttpRequest, message_id: int) -> HttpResponse:
    """Put one failed or held-back message in the queue again."""
    row = get_object_or_404(Message.objects.visible_to(request.user), pk=message_id)
    try:
        services.send_again(message=row, by=request.user, at=clock.now())
    except services.DecisionRefused as refused:
        return plain_error(request, 409, str(refused))
    work.wake(tasks.send_batch)
    return go(request, f"/letters/{row.pk}/")


@role("lead", "manager")
@idempotent
@require_POST
def failed_again(request: HttpRequest) -> HttpResponse:
    """The failed ones of a day or run, and only those (F114)."""
    filters = queries.Filters.read(request.POST)
    if filters.day is None and not filters.run:
        return plain_error(request, 422, "Choose a day or a run first.")
    rows = queries.filtered(request.user, filters, with_state=False).filter(state=State.FAILED).order_by("pk")[:MOST]
    services.send_failed_again(messages=rows, by=request.user, at=clock.now())
    work.wake(tasks.send_batch)
    where = f"run={filters.run}" if filters.run else f"day={filters.day}"
    return go(request, f"/letters/?{where}")


@role("lead", "manager")
@idempotent
@require_POST
def decide(request: HttpRequest, message_id: int) -> HttpResponse:
    """Somebody looked at the provider: it went out, or it did not."""
    row = get_object_or_404(Message.objects.visible_to(request.user), pk=message_id)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return plain_error(request, 422, "Say what became of it, and how you know.")
    facts = form.cleaned_data
    try:
        services.decide_unknown(
            message=row, went_out=facts["went_out"] == "yes", by=request.user, at=clock.now(), reason=facts["reason"]
        )
    except services.DecisionRefused as refused:
        return plain_error(request, 409, str(refused))
    return go(request, f"/letters/{row.pk}/")

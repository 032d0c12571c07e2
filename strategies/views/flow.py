"""The next person, the state of my shift, and call-backs that interrupt."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from accounts.access import portfolio_ids
from accounts.models import Debtor
from core import clock
from core.http import go, is_partial, tell
from users import services as users
from users.models import TimeState
from users.permissions import StaffRequest, role

from .. import counts, services, worklist
from ..models import Queue, WorkItem
from .worklist import CHOOSABLE, WORKERS, state_of


@role(*WORKERS)
@require_POST
def next_person(request: StaffRequest) -> HttpResponse:
    """N: take the most urgent person I may call now and open her page."""
    at, queue = clock.now(), request.POST.get("queue", "")
    queue = queue if queue in Queue.values else ""
    services.pass_over(user=request.user, at=at)
    claim = services.claim_next(user=request.user, at=at, queue=queue or None)
    if claim is None:
        return go(request, f"/work/nobody/?queue={queue}")
    return go(request, claim.url)


@role(*WORKERS)
@require_GET
def nobody(request: StaffRequest) -> HttpResponse:
    """Why nobody is offered, and when the next one may be."""
    at, queue = clock.now(), request.GET.get("queue", "")
    queue = queue if queue in Queue.values else ""
    waiting = counts.waiting(portfolio_ids(request.user) or ())
    asleep = waiting.waiting_for_morning(at, queue or None)
    opens = waiting.next_opening(at, queue or None)
    here = worklist.local(list(request.user.teams.all()), at)
    context = {
        "nav_current": "desk:my_day",
        "queue": queue,
        "label": Queue(queue).label if queue else "",
        "asleep": asleep,
        "morning": worklist.opening_words(at),
        "opens": opens.astimezone(here.tzinfo) if opens else None,
        "zone": str(here.tzinfo),
        "others": waiting.total - waiting.of(queue) if queue else 0,
    }
    return render(request, "strategies/nobody.html", context)


@role(*WORKERS)
@require_POST
def time_state(request: StaffRequest) -> HttpResponse:
    """Ready, break, training, meeting: from now on."""
    state = request.POST.get("state", "")
    if state not in CHOOSABLE:
        return render(request, "strategies/my_day.html#state_error", status=422)
    at = clock.now()
    users.set_time_state(user=request.user, state=state, at=at)
    if not is_partial(request):
        return go(request, "/work/")
    here = worklist.local(list(request.user.teams.all()), at)
    context = {"state": state_of(request.user), "states": [(s.value, s.label) for s in CHOOSABLE], "here": here}
    response = render(request, "strategies/my_day.html#state", context)
    return tell(response, announce=f"You are now: {TimeState(state).label}.")


@role(*WORKERS)
@require_GET
def callbacks_due(request: StaffRequest) -> HttpResponse:
    """Asked every 30 seconds by open pages: a notice when a call-back of mine is due, else nothing."""
    due = services.due_callbacks(user=request.user, at=clock.now()).select_related("debtor")[:3]
    return render(request, "strategies/callbacks_due.html", {"due": due})


@role(*WORKERS)
@require_POST
def take(request: StaffRequest, debtor_id: int) -> HttpResponse:
    """Take one person in hand by name: a call-back that is due, or somebody from the list."""
    debtor = get_object_or_404(Debtor.objects.visible_to(request.user), pk=debtor_id)
    try:
        claim = services.claim(user=request.user, debtor=debtor, at=clock.now())
    except services.Held as held:
        return render(request, "strategies/held.html", {"debtor": debtor, "words": str(held)}, status=409)
    return go(request, claim.url)


@role(*WORKERS)
@require_POST
def wrong_priority(request: StaffRequest, debtor_id: int) -> HttpResponse:
    """Say that this person should not be first (D10)."""
    items = WorkItem.objects.visible_to(request.user).filter(state=WorkItem.State.OPEN)
    item = get_object_or_404(items, debtor=debtor_id)
    services.flag_wrong_priority(item=item, by=request.user, at=clock.now())
    if not is_partial(request):
        return go(request, f"/people/P-{debtor_id}/")
    return tell(HttpResponse(status=204), toast={"text": "Noted: this person should not be first."})

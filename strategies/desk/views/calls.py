"""Calls from the work screen: dial, answered, hold, end, identity, script, taken over, called by somebody."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from accounts.models import ContactPoint, Debtor
from contacts import services as contacts
from contacts.models import Interaction
from core import clock, formats
from core.http import go, tell
from core.idempotency import idempotent
from core.text import storable
from strategies import services as work
from strategies.desk import services, talk
from users.permissions import StaffRequest, role

from .common import ACTORS, answer, get_card, held, queue_of, refused


@role(*ACTORS)
@idempotent
@require_POST
def dial(request: StaffRequest, debtor_id: int) -> HttpResponse:
    """C: take the person in hand, ask compliance, write the attempt, ring."""
    at = clock.now()
    card = get_card(request, debtor_id, at)
    asked = request.POST.get("point", "")
    point = next((w.point for w in card.ways if w.channel == "call" and str(w.point.pk) == asked), None)
    if point is None:
        return refused(request, debtor_id, at, "Choose a number of this person.")
    queue = queue_of(request, card)
    wanted = queue or str((card.details.item or {}).get("queue", ""))
    try:
        work.claim(user=request.user, debtor=card.debtor, at=at, queue=queue)
        call = contacts.start_call(
            debtor=card.debtor,
            point=point,
            accounts=card.collectable or card.open,
            by=request.user,
            at=at,
            script=talk.version_for(None, wanted, details=card.details),
        )
    except work.Held as error:
        return held(request, debtor_id, at, error)
    except contacts.CallRefused as error:
        return _blocked(request, debtor_id, at, error)
    except contacts.CallMistake as error:
        return refused(request, debtor_id, at, str(error))
    response = answer(request, debtor_id, at)
    return tell(response, announce=f"Calling {formats.phone(call.dialed)}.")


def _blocked(request: StaffRequest, debtor_id: int, at: object, error: contacts.CallRefused) -> HttpResponse:
    card = get_card(request, debtor_id, clock.now())
    opens = error.answer.next_allowed
    when = ""
    if opens is not None:
        local = opens.astimezone(formats.zone(card.zone))
        when = f" Next: {formats.day(local, card.today)}, {formats.time_at(opens, card.zone, card.place)}."
    primary = error.answer.verdict.primary
    cite = f" ({primary.citation})" if primary is not None and primary.citation else ""
    words = f"{error.answer.sentence}{cite}{when}"
    return refused(request, debtor_id, card.at, words, refusal_title="This call is not allowed now")


def own_call(request: StaffRequest, debtor_id: int) -> Interaction:
    """The open call of this officer with this person. Raises Http404."""
    debtor = get_object_or_404(Debtor.objects.visible_to(request.user), pk=debtor_id)
    rows = Interaction.objects.filter(debtor=debtor, kind=Interaction.Kind.CALL, state=Interaction.State.OPEN)
    return get_object_or_404(rows.select_related("script_version"), officer=request.user)


@role(*ACTORS)
@require_POST
def line(request: StaffRequest, debtor_id: int) -> HttpResponse:
    """H and E: hold or take back, answered, ended."""
    at = clock.now()
    call, to = own_call(request, debtor_id), request.POST.get("to", "")
    try:
        if to == "hold":
            contacts.toggle_hold(call=call, by=request.user, at=at)
        else:
            contacts.move_line(call=call, to=to, by=request.user, at=at)
    except contacts.CallMistake as error:
        return refused(request, debtor_id, at, str(error))
    return answer(request, debtor_id, at)


@role(*ACTORS)
@require_POST
def identity(request: StaffRequest, debtor_id: int) -> HttpResponse:
    """F1 and F2: two facts matched."""
    at = clock.now()
    try:
        contacts.verify(call=own_call(request, debtor_id), facts=request.POST.getlist("facts"), by=request.user, at=at)
    except (contacts.NotVerified, contacts.CallMistake) as error:
        return refused(request, debtor_id, at, str(error))
    return tell(answer(request, debtor_id, at), announce="Identity checked. Read the disclosure.")


@role(*ACTORS)
@require_POST
def script(request: StaffRequest, debtor_id: int) -> HttpResponse:
    """Space: the step was read. A letter: the answer that was given, and where it leads."""
    at = clock.now()
    call = own_call(request, debtor_id)
    try:
        contacts.step_done(
            call=call, step=request.POST.get("step", ""), to=request.POST.get("to", ""), by=request.user, at=at
        )
    except (contacts.StepRefused, contacts.CallMistake) as error:
        return refused(request, debtor_id, at, str(error))
    return answer(request, debtor_id, at)


@role("lead", "manager")
@require_POST
def take_over(request: StaffRequest, debtor_id: int) -> HttpResponse:
    """A lead takes the live person over; identity check and script position stay."""
    at = clock.now()
    card = get_card(request, debtor_id, at)
    reason = storable(request.POST.get("reason", ""), 200) or "Taken over at the desk"
    try:
        services.take_over(debtor=card.debtor, call=card.call, by=request.user, at=at, reason=reason)
    except (contacts.CallMistake, work.Held) as error:
        return refused(request, debtor_id, at, str(error))
    return tell(answer(request, debtor_id, at), announce="You have this person now.")


@role(*ACTORS)
@idempotent
@require_POST
def inbound(request: StaffRequest) -> HttpResponse:
    """A call comes in (F30): a known number opens the person, any other the search with the number filled in."""
    at, number = clock.now(), request.POST.get("number", "")[:40]
    try:
        found = contacts.receive_call(number=number, by=request.user, at=at)
    except contacts.CallMistake as error:
        return render(request, "desk/phone.html", {"problem": str(error), "number": number}, status=422)
    if found.call is None:
        return go(request, f"/people/?{urlencode({'q': found.number})}")
    with suppress(work.Held):  # the person called us; whoever had her in hand sees the call on the screen
        work.claim(user=request.user, debtor=found.people[0], at=at)
    return go(request, found.people[0].get_absolute_url())


@role(*ACTORS)
@require_GET
def phone(request: StaffRequest) -> HttpResponse:
    """The local telephone: let somebody call in (demo and tests)."""
    points = ContactPoint.objects.filter(kind="PHONE", debtor__in=Debtor.objects.visible_to(request.user))
    some = points.select_related("debtor").order_by("-pk")[:5]
    return render(request, "desk/phone.html", {"some": some})

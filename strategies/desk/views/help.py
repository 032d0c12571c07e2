"""Help while a person waits: distress or danger (!), a question to the lead (Q), who is on the line (Shift+letter)."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from contacts import services as contacts
from contacts.forms import QuestionForm
from contacts.models import Interaction
from contacts.parties import SAYS
from core import clock
from core.http import tell
from core.idempotency import idempotent
from core.text import storable
from strategies.desk.card import Card
from strategies.desk.forms import LONGEST_NOTE
from users.permissions import StaffRequest, role

from .calls import own_call
from .common import ACTORS, answer, get_card, refused


@role(*ACTORS)
@require_http_methods(["GET", "POST"])
def distress(request: StaffRequest, debtor_id: int) -> HttpResponse:
    """POST: the one key: hide, call, pause, lock. GET: the approved words, as a part of the work screen."""
    at = clock.now()
    card = get_card(request, debtor_id, at)
    if request.method == "GET":
        if card.distress is None:
            raise Http404
        return render(request, "desk/care_words.html", {"help": contacts.help_in(card.debtor.language)})
    if not card.accounts:
        return refused(request, debtor_id, at, "This person has no debt that you work on.")
    contacts.call_for_help(
        debtor=card.debtor, account=(card.open or card.accounts)[0], call=_own(request, card), by=request.user, at=at,
        text=storable(request.POST.get("note", ""), LONGEST_NOTE),
    )  # fmt: skip
    words = "Everything is paused and the lead is called."
    return tell(answer(request, debtor_id, at), announce=words, setfocus="#care-title")


@role(*ACTORS)
@idempotent
@require_http_methods(["GET", "POST"])
def ask(request: StaffRequest, debtor_id: int) -> HttpResponse:
    """Q: a question to the lead, with the person; the answer comes to the work screen by itself."""
    at = clock.now()
    card = get_card(request, debtor_id, at)
    form = QuestionForm(request.POST or None)
    if request.method == "GET":
        return render(request, "desk/ask.html", {"debtor": card.debtor, "form": form})
    if not card.accounts or not form.is_valid():
        words = (
            "This person has no debt that you work on." if not card.accounts else next(iter(form.errors.values()))[0]
        )
        return refused(request, debtor_id, at, str(words), refusal_title="The question is not sent yet")
    try:
        contacts.ask_lead(
            debtor=card.debtor, account=(card.collectable or card.open or card.accounts)[0], call=_own(request, card),
            words=form.cleaned_data["words"], by=request.user, at=at,
        )  # fmt: skip
    except contacts.LeadMistake as mistake:
        return refused(request, debtor_id, at, str(mistake), refusal_title="The question is not sent yet")
    response = answer(request, debtor_id, at)
    response["HX-Trigger"] = "asked"
    return tell(response, announce="Your question is on the leads’ screens. The answer comes here.")


@role(*ACTORS)
@require_POST
def party(request: StaffRequest, debtor_id: int) -> HttpResponse:
    """Shift and a letter: who is on the line. It decides what may be said, what is masked and which outcomes fit."""
    at = clock.now()
    try:
        call = contacts.on_the_line(
            call=own_call(request, debtor_id), party=request.POST.get("party", ""), by=request.user, at=at
        )
    except (contacts.PartyMistake, contacts.CallMistake) as mistake:
        return refused(request, debtor_id, at, str(mistake))
    chosen = call.facts["party"]
    return tell(answer(request, debtor_id, at), announce=f"{chosen['label']}: {SAYS[chosen['say']]}.")


def _own(request: StaffRequest, card: Card) -> Interaction | None:
    return card.call if card.call is not None and card.call.officer_id == request.user.pk else None


__all__ = ["ask", "distress", "party"]

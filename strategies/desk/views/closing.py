"""How it ended, and what people tell us: outcome, dispute, note, new number, draft."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts import services as accounts
from accounts.models import Debtor
from contacts import services as contacts
from contacts.models import Disposition, Interaction
from core import clock, formats
from core.http import go, tell
from core.idempotency import idempotent
from payments import readback
from payments.services import Terms
from strategies import services as work
from strategies.desk import services, undo
from strategies.desk.forms import DisputeForm, NoteForm, OutcomeForm, PointForm, WrapUpForm
from strategies.desk.services import Agreed
from strategies.models import Queue
from users.permissions import StaffRequest, role

from .common import ACTORS, answer, get_card, queue_of, refused
from .person import worked_out


@role(*ACTORS)
@idempotent
@require_POST
def wrap_up(request: StaffRequest, debtor_id: int) -> HttpResponse:
    """Save the outcome; "then=next" opens the next person. A stale form gets 409 and keeps what was typed."""
    at = clock.now()
    saved = _plain(request, debtor_id, at)
    if saved is not None:
        return saved
    card = get_card(request, debtor_id, at)
    form = WrapUpForm(request.POST, accounts=card.accounts, zone=card.zone)
    call = card.call if card.call is not None and card.call.officer_id == request.user.pk else None
    if call is None or str(call.pk) != request.POST.get("call"):
        return _stale(request, debtor_id, at, form)
    if not form.is_valid():
        return _again(request, debtor_id, at, form)
    facts = form.cleaned_data
    try:
        services.wrap_up(
            call=call, disposition=facts["disposition"], note=facts["note"], by=request.user, at=at,
            agreed=_agreed(form, card, at),
        )  # fmt: skip
    except services.WrapUpRefused as error:
        field = {"due_date": "first", "first_date": "first", "end_date": "first"}.get(error.field or "", error.field)
        form.add_error(field if field in form.fields else None, str(error))
        return _again(request, debtor_id, at, form)
    _offer_undo(request, call, facts["disposition"])
    return _saved(request, card.debtor, facts["then"], queue_of(request, card))


def _plain(request: StaffRequest, debtor_id: int, at: datetime) -> HttpResponse | None:
    """An outcome that needs nothing else: saved without reading the whole screen. None: not so, or refused."""
    form = OutcomeForm(request.POST)
    if request.POST.get("offer") == "pause" or not form.is_valid():
        return None
    facts = form.cleaned_data
    call, disposition = contacts.open_call(
        debtor_id=debtor_id, call_id=facts["call"], code=facts["disposition"], by=request.user
    )
    if call is None or disposition is None or not services.plain(disposition):
        return None
    queue = request.POST.get("queue") or request.GET.get("queue") or ""
    if queue not in Queue.values:
        queue = work.queue_of(debtor_id, at)
    try:
        services.wrap_up(call=call, disposition=disposition, note=facts["note"], by=request.user, at=at, locked=True)
    except services.WrapUpRefused:
        return None
    _offer_undo(request, call, disposition)
    return _saved(request, call.debtor, facts["then"], queue if queue in Queue.values else "")


def _offer_undo(request: StaffRequest, call: Interaction, disposition: Disposition) -> None:
    """Tell on the next page what was saved, with the way back for as long as there is one (no statement)."""
    words = f"{disposition.label}: {call.debtor.name}."
    if contacts.is_final(disposition):
        messages.success(request, words)
    else:
        words = f"{words} {undo.what_stays(call)}"
        messages.success(request, words, extra_tags=f"/people/P-{call.debtor_id}/undo/{call.pk}/")


def _agreed(form: WrapUpForm, card: Any, at: datetime) -> Agreed:
    facts = form.cleaned_data
    terms = None
    if facts["every"] and facts["first"] is not None:
        terms = Terms(
            every=facts["every"], first_date=facts["first"], amount=facts["amount"], method=facts["method"] or "LINK"
        )
    heard = worked_out(form.data, card).get("said") if terms is not None and facts["read_back"] else None
    every_debt = facts["which"] != "some"
    chosen = list(facts["debts"]) if not every_debt else card.open
    return Agreed(
        account=facts["debt"] or next(iter(card.collectable), None),
        accounts=card.collectable if terms is not None else chosen,
        amount=facts["amount"],
        day=facts["first"] or (card.book_today if facts["disposition"].follow == "PAYMENT" else None),
        method=facts["method"] or "LINK",
        terms=terms,
        read_back=facts["read_back"],
        read_back_words=readback.text(heard) if heard else "",
        terms_channel=facts["terms_channel"] or "EMAIL",
        call_at=facts["call_at"],
        written=facts["written"] == "1",
        every_debt=every_debt,
        attorney_name=facts["attorney_name"],
        attorney_phone=facts["attorney_phone"],
        pause=facts["offer"] == "pause",
        key=facts["idempotency_key"],
        confirm=facts["confirm"],
    )


def _saved(request: StaffRequest, debtor: Debtor, then: str, queue: str) -> HttpResponse:
    if then != "next":
        return go(request, f"{debtor.get_absolute_url()}{f'?queue={queue}' if queue else ''}")
    claim = work.claim_next(user=request.user, at=clock.now(), queue=queue or None)
    if claim is None:
        return go(request, f"/work/nobody/?queue={queue}")
    return go(request, f"/people/P-{claim.debtor_id}/?queue={queue or claim.queue}")


def _again(request: StaffRequest, debtor_id: int, at: datetime, form: WrapUpForm) -> HttpResponse:
    response = answer(request, debtor_id, at, status=422, form=form)
    return tell(response, setfocus="#errsum")


def _stale(request: StaffRequest, debtor_id: int, at: datetime, form: WrapUpForm) -> HttpResponse:
    """The call was closed or taken over since the page was drawn: who, when, and what was typed."""
    asked = request.POST.get("call", "")
    other = Interaction.objects.filter(debtor=debtor_id, pk=int(asked) if asked.isdecimal() and len(asked) < 18 else 0)
    row = other.select_related("officer", "disposition").first()
    conflict = {
        "who": str(row.officer) if row is not None and row.officer else "Somebody",
        "when": formats.clock_time(row.ended_at or at) if row is not None else formats.clock_time(at),
        "words": "This call is no longer open." if row is not None else "There is no open call.",
        "rows": [
            {
                "field": "Outcome",
                "theirs": row.disposition or "open" if row is not None else formats.DASH,
                "yours": form.data.get("disposition", formats.DASH),
            },
            {"field": "Note", "theirs": row.note if row is not None else "", "yours": form.data.get("note", "")[:4000]},
        ],
    }
    return answer(request, debtor_id, at, status=409, conflict=conflict)


@role(*ACTORS)
@idempotent
@require_http_methods(["GET", "POST"])
def dispute(request: StaffRequest, debtor_id: int) -> HttpResponse:
    """X: a dialog with the reasons; saving stops the debt at once (J4)."""
    at = clock.now()
    card = get_card(request, debtor_id, at)
    open_debts = [row.account for row in card.debts if row.account.is_open and row.dispute is None]
    if request.method == "GET":
        form = DisputeForm(accounts=open_debts, initial={"debt": open_debts[0].pk if open_debts else None})
        return render(request, "desk/dispute.html", {"card": card, "debtor": card.debtor, "form": form})
    form = DisputeForm(request.POST, accounts=open_debts)
    try:
        if form.is_valid():
            facts = form.cleaned_data
            made = contacts.open_dispute(
                account=facts["debt"], reason=facts["reason"], amount=facts["amount"], written=facts["written"] == "1",
                words=facts["words"], by=request.user, at=at,
            )  # fmt: skip
            response = answer(request, debtor_id, at)
            return tell(response, announce=f"Dispute {made.ref} saved. The debt is paused.")
    except contacts.DisputeRefused as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
    problem = next(iter(form.errors.values()))[0]
    return refused(request, debtor_id, at, str(problem), refusal_title="The dispute is not saved yet")


@role(*ACTORS)
@idempotent
@require_http_methods(["GET", "POST"])
def note(request: StaffRequest, debtor_id: int) -> HttpResponse:
    """N: a note, or a correction that points at what it corrects."""
    at = clock.now()
    card = get_card(request, debtor_id, at)
    if request.method == "GET":
        asked = request.GET.get("corrects", "")
        known = asked.isdecimal()
        form = NoteForm(initial={"corrects": asked if known else None, "text": ""})
        return render(request, "desk/note.html", {"debtor": card.debtor, "form": form, "corrects": known})
    form = NoteForm(request.POST)
    if not form.is_valid():
        return refused(request, debtor_id, at, str(next(iter(form.errors.values()))[0]))
    corrects = form.cleaned_data["corrects"]
    old = get_object_or_404(Interaction, pk=corrects, debtor=card.debtor) if corrects else None
    main = next(iter(card.collectable or card.open), None)
    contacts.add_note(
        debtor=card.debtor, account=main, text=form.cleaned_data["text"], by=request.user, at=at, corrects=old
    )
    return tell(answer(request, debtor_id, at), announce="Note saved.")


@role(*ACTORS)
@require_http_methods(["GET", "POST"])
def reach(request: StaffRequest, debtor_id: int) -> HttpResponse:
    """Add a number, an e-mail or an address."""
    at = clock.now()
    card = get_card(request, debtor_id, at)
    if request.method == "GET":
        return render(request, "desk/reach_new.html", {"debtor": card.debtor, "form": PointForm()})
    form = PointForm(request.POST)
    if not form.is_valid():
        return refused(request, debtor_id, at, str(next(iter(form.errors.values()))[0]))
    facts = form.cleaned_data
    line = "mobile" if facts["kind"] == "PHONE" and facts["use"] == "MOBILE" else "unknown"
    try:
        accounts.add_contact_point(debtor=card.debtor, by=request.user, at=at, line=line, **facts)
    except accounts.ContactPointRefused as error:
        return refused(request, debtor_id, at, str(error))
    return tell(answer(request, debtor_id, at), announce="Saved.")


@role(*ACTORS)
@require_POST
def replied(request: StaffRequest, debtor_id: int) -> HttpResponse:
    """What the person wrote needs no answer, or has one that we don't see: it waits no longer."""
    at = clock.now()
    card = get_card(request, debtor_id, at)
    done = work.finish_replies(debtor=card.debtor, by=request.user, at=at)
    return tell(answer(request, debtor_id, at), announce="Marked as done." if done else "It was done already.")


@role(*ACTORS)
@require_POST
def draft(request: StaffRequest) -> HttpResponse:
    """Keep what is being typed; nothing is kept in the browser."""
    ref = request.POST.get("person", "").removeprefix("P-")
    if not ref.isdecimal() or len(ref) > 17:
        return HttpResponse(status=400)
    debtor = get_object_or_404(Debtor.objects.visible_to(request.user), pk=int(ref))
    text = request.POST.get("note", request.POST.get("text", "")).replace("\x00", "")
    contacts.save_draft(debtor=debtor, text=text, by=request.user, at=clock.now())
    return HttpResponse(status=204)


@role(*ACTORS)
@require_POST
def skip(request: StaffRequest, debtor_id: int) -> HttpResponse:
    """J: let go of the person without a result, and open the next one. Not while a call is open (F35)."""
    at = clock.now()
    card = get_card(request, debtor_id, at)
    if card.call is not None and card.call.officer_id == request.user.pk:
        return refused(request, debtor_id, at, "Say how the call ended first.")
    queue = request.POST.get("queue", "")
    queue = queue if queue in Queue.values else ""
    work.pass_over(user=request.user, at=at)
    messages.success(
        request, f"{card.debtor.name} skipped for 15 minutes.", extra_tags=f"/people/P-{debtor_id}/unskip/"
    )
    claim = work.claim_next(user=request.user, at=at, queue=queue or None)
    if claim is None:
        return go(request, f"/work/nobody/?queue={queue}")
    return go(request, f"/people/P-{claim.debtor_id}/?queue={queue or claim.queue}")


__all__ = ["dispute", "draft", "note", "reach", "replied", "skip", "wrap_up"]

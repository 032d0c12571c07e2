"""The work screen and the parts it loads: timeline, why, terms, masked facts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import services as accounts
from accounts.models import Debtor, Identifier
from core import audit, clock, formats
from core.http import go, is_partial, tell
from payments import readback
from payments.services import PlanRefused, Terms, drafting
from strategies.desk import offers
from strategies.desk.forms import TermsForm
from users.permissions import StaffRequest, role

from .budget import affordability
from .common import ACTORS, PAGE, READERS, TABS, answer, context, get_card, show_amounts
from .common import events as shown_events

REASONS = {
    "IDENTITY": "Check identity",
    "LETTER": "Write a letter",
    "PAYMENT": "Take a payment",
    "REQUEST": "Asked for",
}


@role(*READERS)
@require_GET
def person(request: StaffRequest, debtor_id: int) -> HttpResponse:
    """The officer's workspace about one person. Opening it takes nothing in hand."""
    card = get_card(request, debtor_id, clock.now())
    return render(request, PAGE, context(request, card))


@role(*READERS)
@require_GET
def events(request: StaffRequest, debtor_id: int) -> HttpResponse:
    """One tab of the timeline, or what came before a cursor."""
    card = get_card(request, debtor_id, clock.now())
    tab = request.GET.get("tab", "")
    found = shown_events(card, tab=tab, before=request.GET.get("before", ""))
    if not is_partial(request):
        return render(request, PAGE, {**context(request, card), "timeline": found, "tab": tab})
    more = "more" if request.GET.get("before") else "timeline"
    data = {"card": card, "debtor": card.debtor, "timeline": found, "tabs": TABS, "tab": tab, "silent": card.quiet}
    return render(request, f"desk/timeline.html#{more}", data)


@role(*READERS)
@require_GET
def why(request: StaffRequest, debtor_id: int, point_id: int, channel: str) -> HttpResponse:
    """The rules behind a badge, each with its citation."""
    card = get_card(request, debtor_id, clock.now())
    way = next((w for w in card.ways if w.point.pk == point_id and w.channel == channel), None)
    if way is None:
        raise Http404
    said = card.look.answers[point_id, channel]
    kinds = {"allow": "ok", "warn": "hold", "require": "info", "block": "stop"}
    rules = [{"kind": kinds[f.decision], "words": f.sentence, "cite": f.citation} for f in said.verdict.findings]
    if not rules:
        rules = [{"kind": "ok", "words": "No hold, no wish, no count and no clock forbids it now.", "cite": ""}]
    opens = said.next_allowed
    data = {
        "title": f"{way.words}: {way.badge[0].lower()}{way.badge[1:]}",
        "rules": rules,
        "next": f"Next: {formats.day(opens.astimezone(formats.zone(card.zone)), card.today)}, "
        f"{formats.time_at(opens, card.zone, card.place)}."
        if opens and not said.allowed
        else "",
    }
    return render(request, "components/why.html", data)


@role(*ACTORS)
@require_GET
def terms(request: StaffRequest, debtor_id: int) -> HttpResponse:
    """What amount, rhythm and first day come to: the line under the calculator."""
    card = get_card(request, debtor_id, clock.now())
    if card.masked:
        raise Http404
    found = worked_out(request.GET, card)
    if "wanted" in found:
        found |= affordability(card=card, amount=found["wanted"].amount, every=found["wanted"].every)
    return render(request, "desk/offers.html#result", {"card": card, **found})


def worked_out(data: Any, card: Any) -> dict[str, Any]:
    """The plan of these fields in words, with what is read back; or the sentence that says why there is none."""
    form = TermsForm(data)
    if not form.is_valid():
        return {"problem": next(iter(form.errors.values()))[0]}
    facts = form.cleaned_data
    if not facts["every"] or facts["amount"] is None or facts["first"] is None:
        return {}
    wanted = Terms(every=facts["every"], first_date=facts["first"], amount=facts["amount"])
    try:
        made = drafting.draft(accounts=card.collectable, terms=wanted, on=card.book_today)
    except PlanRefused as refused:
        return {"problem": str(refused)}
    said = readback.parts(
        lines=made.lines, every=wanted.every, method=wanted.method, total=made.total, currency=card.currency,
        no_charges=not any(row.portfolio.charges_interest for row in made.debts),
    )  # fmt: skip
    terms = offers.terms_words(made, on=card.book_today, currency=card.currency)
    return {"terms": terms, "said": said, "wanted": wanted}


@role(*ACTORS)
@require_POST
def amounts(request: StaffRequest, debtor_id: int) -> HttpResponse:
    """Show the amounts without a call, for a quarter of an hour; written to the audit."""
    at = clock.now()
    card = get_card(request, debtor_id, at)
    if card.call is None or card.call.officer_id != request.user.pk:
        audit.record("person.amounts_shown", actor=request.user, subject=card.debtor, person_id=debtor_id, at=at)
        show_amounts(request, debtor_id, at)
    return answer(request, debtor_id, at)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Http404 from error


@role(*ACTORS)
@require_http_methods(["GET", "POST"])
def reveal(request: StaffRequest, debtor_id: int, field: str) -> HttpResponse:
    """GET: the mask. POST with a reason: the value for 30 seconds, and an audit row."""
    at = clock.now()
    debtor = get_object_or_404(Debtor.objects.visible_to(request.user), pk=debtor_id)
    number = None if field == "born" else get_object_or_404(Identifier, pk=_uuid(field), debtor=debtor)
    label = "date of birth" if number is None else f"{number.get_kind_display()} number"
    data = {"id": f"fact-{field}", "label": label, "url": request.path}
    if request.method == "GET":
        shown = formats.mask_birth(debtor.birth_date) if number is None else formats.mask_ssn(number.last4)
        return render(request, "components/mask.html", {**data, "shown": shown})
    reason = REASONS.get(request.POST.get("reason", ""))
    if reason is None:
        return HttpResponse(status=422)
    if number is None:
        audit.record(
            "person.birth_date_revealed", actor=request.user, subject=debtor, reason=reason, person_id=debtor.pk, at=at
        )
        value = f"{debtor.birth_date:%m/%d/%Y}" if debtor.birth_date else formats.DASH
    else:
        value = accounts.reveal_identifier(identifier=number, by=request.user, at=at, reason=reason)
    if not is_partial(request):
        return go(request, debtor.get_absolute_url())
    return tell(render(request, "components/revealed.html", {**data, "value": value}), setfocus=f"#fact-{field}")

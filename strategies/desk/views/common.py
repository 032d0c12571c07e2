"""What every act on the work screen shares: the person, the context, and the answer that swaps the desk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import render

from contacts import services as contacts
from contacts.models import Disposition
from contacts.parties import PARTIES
from core import clock
from core.http import go, is_partial, tell
from core.idempotency import new_key
from strategies.desk import card as cards
from strategies.desk import nextstep, offers, talk, timeline
from strategies.desk.card import Card
from strategies.desk.details import Wrote
from strategies.desk.forms import OutcomeForm, WrapUpForm
from strategies.models import Queue
from strategies.services import Held
from users.permissions import StaffRequest

READERS = ("officer", "lead", "manager", "compliance")
ACTORS = ("officer", "lead", "manager")
PAGE = "desk/person.html"
SHOWN = "desk_shown"


def shown_until(request: StaffRequest, debtor_id: int, at: datetime) -> bool:
    """Did this user ask to see the amounts of this person without a call, in the last minutes?"""
    kept = request.session.get(SHOWN, {}).get(str(debtor_id))
    return bool(kept) and at - datetime.fromisoformat(kept) < cards.SHOWN_FOR


def show_amounts(request: StaffRequest, debtor_id: int, at: datetime) -> None:
    """Remember that this user asked; only the latest few people."""
    kept = dict(list(request.session.get(SHOWN, {}).items())[-4:])
    request.session[SHOWN] = {**kept, str(debtor_id): at.isoformat()}


def get_card(request: StaffRequest, debtor_id: int, at: datetime) -> Card:
    """The person for this user at this moment. Raises Http404."""
    return cards.card(user=request.user, debtor_id=debtor_id, at=at, shown=shown_until(request, debtor_id, at))


def queue_of(request: StaffRequest, card: Card) -> str:
    """The queue that is worked: from the address, else from the hold."""
    asked = request.POST.get("queue") or request.GET.get("queue") or ""
    if asked not in Queue.values and card.details.in_hand is not None:
        asked = card.details.in_hand.queue
    return asked if asked in Queue.values else ""


def context(request: StaffRequest, card: Card, form: Form | None = None) -> dict[str, Any]:
    """Everything the templates read."""
    queue = queue_of(request, card)
    call = card.call if card.call is not None and card.call.officer_id == request.user.pk else None
    wanted = queue or str((card.details.item or {}).get("queue", ""))
    version = talk.version_for(call, wanted, card.details.scripts, card.details)
    main = next(iter(card.collectable or card.open or card.accounts), None)
    wrap = form or _form(card, call, _initial(card, main))
    may_contact = card.may_act and not card.blocking and card.mine
    return {
        "nav_current": "desk:people",
        "card": card,
        "debtor": card.debtor,
        "call": call,
        "queue": queue,
        "queue_label": Queue(queue).label if queue else "",
        "on_call_with_other": card.call if card.call is not None and call is None else None,
        "may_contact": may_contact,
        "script": talk.panel(
            call=call, version=version, debtor=card.debtor, details=card.details, account=main,
            officer=request.user.display_name, on=card.book_today, masked=card.masked,
        ),
        "parties": PARTIES if call is not None else (),
        "choosing": call is not None and (call.verified_at is not None or contacts.silent(call)),
        "silent": card.quiet,
        "replies": _replies(card),
        "facts": _facts(card) if call is not None and call.verified_at is None else [],
        "offers": [] if card.masked else offers.offers(accounts=card.collectable, on=card.book_today),
        "next_step": nextstep.next_step(card),
        "outcomes": outcomes(call, card.details.outcomes),
        "timeline": events(card),
        "tabs": TABS,
        "form": wrap,
        "key": new_key(),
        "main_debt": main,
        "talked": any(e.outcome == "conversation" and card.at - e.at < timedelta(days=7) for e in card.look.history),
    }  # fmt: skip


def _replies(card: Card) -> list[Wrote]:
    """What the person wrote and nobody answered; without amounts, or not at all, as the timeline shows it."""
    if card.quiet:
        return []
    rows = card.details.replies
    return [replace(row, words=timeline.hide(row.words)) for row in rows] if card.masked else rows


def events(card: Card, *, tab: str = "", before: str = "") -> timeline.Timeline:
    """The timeline as this user may see it now; empty while somebody who may not hear of a debt is on the line."""
    if card.quiet:
        return timeline.Timeline([])
    return timeline.timeline(
        debtor_id=card.debtor.pk, accounts=[row.pk for row in card.accounts], zone=card.zone, at=card.at, tab=tab,
        before=before, masked=card.masked, names=card.names, may_fix=card.may_act,
    )  # fmt: skip


TABS = (
    ("", "All"), ("calls", "Calls"), ("messages", "Messages"), ("money", "Money"), ("notes", "Notes"),
    ("compliance", "Compliance"), ("told", "What we said"),
)  # fmt: skip


def _form(card: Card, call: Any, initial: dict[str, Any]) -> Form:
    """While amounts are hidden the page shows no more than outcome and note; a third party may name an attorney."""
    if card.masked and (call is None or not (call.verified_at or contacts.silent(call))):
        return OutcomeForm(initial=initial)
    return WrapUpForm(accounts=card.accounts, zone=card.zone, initial=initial)


def _initial(card: Card, main: Any) -> dict[str, Any]:
    return {
        "debt": main.pk if main else None,
        "note": card.details.draft,
        "call": card.call.pk if card.call else None,
        "method": "LINK",
        "terms_channel": "EMAIL",
        "confirm": True,
        "written": "0",
        "which": "all",
    }


def _facts(card: Card) -> list[contacts.Fact]:
    from accounts.models import Identifier

    numbers = [Identifier(kind=row["kind"], last4=row["last4"]) for row in card.details.identifiers]
    return contacts.facts_on_record(card.debtor, card.look.points, numbers, card.open)


def outcomes(call: Any, every: list[Disposition]) -> list[Disposition]:
    """The outcomes that fit the call as it stands, in the order of their digits. Before the check none discloses."""
    if call is None:
        return [row for row in every if row.group == Disposition.Group.NOBODY and row.code != contacts.IN_DISTRESS]
    fits = [row for row in every if contacts.allowed_outcome(call=call, disposition=row)]
    if "distress" in call.facts or contacts.silent(call):
        return sorted(fits, key=lambda row: (row.digit, row.position))
    group = Disposition.Group.ANSWERED if call.verified_at else Disposition.Group.NOBODY
    mine = [row for row in fits if row.group == group]
    return sorted(mine, key=lambda row: (row.digit in ("", "0"), row.digit, row.position))


def answer(request: StaffRequest, debtor_id: int, at: datetime, *, status: int = 200, **more: Any) -> HttpResponse:
    """The desk as it is now: swapped in for htmx, else the page (or its address, after a success)."""
    if not is_partial(request) and status == 200 and request.method == "POST":
        queue = request.POST.get("queue", "")
        return go(request, f"/people/P-{debtor_id}/{f'?queue={queue}' if queue in Queue.values else ''}")
    card = get_card(request, debtor_id, at)
    form = more.pop("form", None)
    template = "desk/swap.html" if is_partial(request) else PAGE
    return render(request, template, {**context(request, card, form), **more}, status=status)


def refused(request: StaffRequest, debtor_id: int, at: datetime, words: str, **more: Any) -> HttpResponse:
    """Nothing was done, and why: the desk again with the sentence on top (422)."""
    response = answer(request, debtor_id, at, status=422, refusal=words, **more)
    return tell(response, setfocus="#refusal")


def held(request: StaffRequest, debtor_id: int, at: datetime, error: Held) -> HttpResponse:
    """Somebody else has the person in hand (409)."""
    response = answer(request, debtor_id, at, status=409, refusal=str(error), refusal_title="Somebody else is at work")
    return tell(response, setfocus="#refusal")


Act = Callable[..., HttpResponse]


def now() -> datetime:
    """The one reading of the clock in a view."""
    return clock.now()

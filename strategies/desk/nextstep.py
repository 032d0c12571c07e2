"""The one next step of the screen, with its reason (DESIGN 1.3)."""

from __future__ import annotations

from dataclasses import dataclass

from contacts.parties import MESSAGE
from core import formats

from .card import Card
from .timeline import HIDDEN


@dataclass(frozen=True, slots=True)
class NextStep:
    """What to do, why, and the button for it: `key` presses `target` (an id on the page) or opens `url`."""

    title: str
    reason: str
    label: str = ""
    key: str = ""
    target: str = ""
    url: str = ""


def next_step(card: Card) -> NextStep:
    """From what is there now: a hold, a call that waits for the identity check, a missed promise, a plan."""
    if card.quiet:
        return _on_call(card)
    if card.blocking:
        hold = card.blocking[0]
        since = formats.short_day(hold.since, card.today)
        return NextStep(
            "Next: leave in peace", f"{hold.get_kind_display()} since {since}. Nothing goes out until it is lifted."
        )
    if card.call is not None:
        return _on_call(card)
    if not card.collectable:
        return NextStep("Next: nothing to ask for", "No debt here may be collected now.")
    way = card.best
    if way is None:
        return NextStep("Next: not by phone now", _no_call(card))
    said = (card.details.item or {}).get("next_step") or "Call"
    return NextStep(f"Next: {said[0].lower()}{said[1:]}", _why(card), "Call", "C", "call-first")


def _no_call(card: Card) -> str:
    """Why no number may be called: one that opens later speaks, else the first."""
    calls = [way for way in card.ways if way.channel == "call"]
    if not calls:
        return "No number may be called."
    way = next((one for one in calls if one.kind == "hold"), calls[0])
    return f"{way.words}: {way.badge[0].lower()}{way.badge[1:]}. {way.sentence}"


def _on_call(card: Card) -> NextStep:
    call = card.call
    assert call is not None
    if card.quiet:
        if call.facts["party"]["say"] == MESSAGE:
            return NextStep("Next: take a message", "Their name and a number. Say nothing else.")
        return NextStep("Next: ask how to reach the person", "The permitted words are below. Say nothing else.")
    if call.verified_at is None:
        return NextStep("Next: check the identity", "Two facts must match. Say nothing of the debt until they do.")
    if card.masked:
        return NextStep("Next: read the disclosure", "Word for word, before anything about the debt.")
    missed = card.details.missed
    if missed is not None:
        due = formats.short_day(missed.due_date, card.today)
        words = f"{formats.money(missed.amount, missed.currency)} by {due} was too much."
        return NextStep(
            "Next: offer a smaller plan", f"{words} Smaller payments may fit.", "Build plan", "O", "offer-plan"
        )
    return NextStep(
        "Next: ask for a promise",
        "The smallest payment on the next payday comes first.",
        "Promise",
        "P",
        "offer-promise",
    )


def _why(card: Card) -> str:
    missed = card.details.missed
    if missed is not None:
        amount = HIDDEN if card.masked else formats.money(missed.amount, missed.currency)
        return f"A promise of {amount} for {formats.short_day(missed.due_date, card.today)} was missed."
    plan = card.details.plan
    if plan is not None and plan["state"] == "SLIPPING":
        return "A payment of the plan is late."
    late = max((row.days_past_due(card.book_today) for row in card.collectable), default=0)
    return f"{late} days late, and a call is allowed now." if late else "A call is allowed now."

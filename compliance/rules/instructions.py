"""What the person has asked: cease, attorney, dispute, original creditor, media, places, work."""

from __future__ import annotations

from datetime import datetime

from compliance.rules.calendars import validation_period_end
from compliance.rules.clock import DAY
from compliance.rules.context import Context
from compliance.rules.facts import CALLS, CONTACT, Debt, Event
from compliance.rules.history import is_communication, received
from compliance.rules.registry import Hit, Rule, rule
from compliance.rules.words import say_day

COLLECTING = CONTACT | {"sue", "repossess", "setoff", "debit_payment"}
_DISPUTE_PASSES = frozenset({
    "verification", "respond_to_consumer", "original_creditor_response", "opt_out_confirmation", "legally_required",
    "validation_notice", "termination_notice",
})  # fmt: skip
_CEASE_PASSES = frozenset({
    "termination_notice", "may_invoke_remedy_notice", "intends_remedy_notice", "mortgage_servicing_notice",
})  # fmt: skip


@rule("REGF-1006.6C-CEASE", CONTACT, regf=True, persons="consumer")
def cease(context: Context, r: Rule) -> Hit | None:
    """A written request counts from its receipt, for the debts it names or for all."""
    if context.action.purpose in _CEASE_PASSES:
        return None
    for event in context.history.of("cease"):
        if event.written is False or received(event) > context.now or not context.is_inherited(event):
            continue
        if not event.debt_ids or any(name in event.debt_ids for name in context.debt_ids):
            return Hit(None, {"day": say_day(context.day_of(received(event)), context.today)})
    return None


@rule("REGF-1006.6B2-ATTORNEY", CONTACT, regf=True)
def attorney(context: Context, r: Rule) -> Hit | None:
    known = context.flags.attorney or context.person.flags.attorney
    if known is None or not known.name_and_address_known or known.unresponsive or known.consents_direct:
        return None
    if known.debt_ids and not any(name in known.debt_ids for name in context.debt_ids):
        return None
    action = context.action
    if action.court_permission:
        return None
    if action.purpose == "respond_to_consumer" and context.may_answer_once():
        return None
    return Hit(None, {"attorney": known.name or "an attorney"})


def sent_notices(context: Context, debt: Debt) -> list[Event]:
    """Validation notices about the debt that went out and did not come back, as known now."""
    return [
        e
        for e in context.history.of("validation_notice")
        if e.at <= context.now and context.is_about(e, debt) and not context.is_undeliverable(e)
    ]


def _timely_open(context: Context, debt: Debt, kind: str, answers: tuple[str, ...]) -> Event | None:
    """A written request received within the validation period and not answered yet."""
    events = context.history.of(kind)
    if not events:
        return None
    answered = [
        e.at for name in answers for e in context.history.of(name) if e.at <= context.now and context.is_about(e, debt)
    ]
    last_answer = max(answered, default=None)
    notices = sent_notices(context, debt)
    for event in events:
        got = received(event)
        if event.written is False or event.at > context.now or got > context.now or not context.is_about(event, debt):
            continue
        if last_answer is not None and last_answer >= got:
            continue
        ends = [validation_period_end(context.day_of(n.at)) for n in notices if n.at <= got]
        if not ends or context.day_of(got) <= max(ends):
            return event
    return None


@rule("REGF-1006.38D-DISPUTE", COLLECTING, regf=True, persons="consumer")
def dispute(context: Context, r: Rule) -> Hit | None:
    if context.action.purpose in _DISPUTE_PASSES:
        return None
    for debt in context.debts:
        event = _timely_open(context, debt, "dispute", ("verification_sent", "duplicative_notice"))
        if event is None or (event.portion and context.action.amount_scope == "undisputed_portion"):
            continue
        return Hit(None, {"day": say_day(context.day_of(received(event)), context.today)})
    return None


@rule("REGF-1006.38C-ORIGCRED", COLLECTING, regf=True, persons="consumer")
def original_creditor(context: Context, r: Rule) -> Hit | None:
    if context.action.purpose in _DISPUTE_PASSES:
        return None
    for debt in context.debts:
        event = _timely_open(context, debt, "original_creditor_request", ("original_creditor_sent",))
        if event is not None:
            return Hit(None, {"day": say_day(context.day_of(received(event)), context.today)})
    return None


@rule("REGF-1006.34A-OVERDUE", CONTACT, regf=True, persons="consumer")
def notice_overdue(context: Context, r: Rule) -> Hit | None:
    """Five calendar days after the first communication only the notice itself may go out."""
    if context.action.purpose == "validation_notice":
        return None
    for debt in context.debts:
        if debt.status != "open" or sent_notices(context, debt):
            continue
        first = _first_communication(context, debt)
        if first is not None and (context.today - context.day_of(first)).days > r.params["days"]:
            return Hit(None, {"day": say_day(context.day_of(first), context.today), "days": r.params["days"]})
    return None


def _first_communication(context: Context, debt: Debt) -> datetime | None:
    moments = [
        e.at
        for e in context.history.all()
        if e.at <= context.now and is_communication(e) and context.is_about(e, debt) and context.is_with_consumer(e)
    ]
    return min(moments, default=None)


@rule("REGF-1006.38B-OVERSHADOW", CONTACT, regf=True, persons="consumer")
def overshadow(context: Context, r: Rule) -> Hit | None:
    content = context.content
    if not content or content.isdisjoint(r.params["tokens"]):
        return None
    if context.action.purpose == "validation_notice":
        return Hit(None, {}, "text_notice")
    for debt in context.debts:
        ends = [validation_period_end(context.day_of(n.at)) for n in sent_notices(context, debt)]
        if ends and context.today <= max(ends):
            return Hit(context.day_start(max(ends) + DAY), {"end": say_day(max(ends), context.today)})
    return None


_MEDIUM = {"ringless_voicemail": "call", "postcard": "letter"}
_ELECTRONIC = frozenset({"sms", "email", "social_private"})


def _covers(medium: str, channel_medium: str) -> bool:
    return medium == channel_medium or (medium == "all_electronic" and channel_medium in _ELECTRONIC)


def opt_out_in_force(context: Context) -> Event | None:
    """The latest refusal of this medium (or this address in it) that no later opt-in lifted."""
    medium = _MEDIUM.get(context.action.channel, context.action.channel)
    to = context.to
    refusals = [
        e
        for e in context.history.of("opt_out")
        if e.at <= context.now
        and _covers(e.medium, medium)
        and (e.address is None or e.address == to)
        and context.is_with(e)
    ]
    if not refusals:
        return None
    lifted = [
        e.at
        for e in context.history.of("opt_in")
        if e.at <= context.now
        and _covers(e.medium, medium)
        and (e.address is None or e.address == to)
        and context.is_with(e)
    ]
    last = max(refusals, key=lambda e: e.at)
    return None if lifted and max(lifted) > last.at else last


@rule("REGF-1006.14H-MEDIA", CONTACT, regf=True)
def media(context: Context, r: Rule) -> Hit | None:
    refusal = opt_out_in_force(context)
    if refusal is None:
        return None
    purpose = context.action.purpose
    if purpose == "legally_required":
        return None
    words = {"day": say_day(context.day_of(refusal.at), context.today)}
    if purpose == "opt_out_confirmation":
        return Hit(None, words, "text_confirmed") if _confirmed(context, refusal.at) else None
    if purpose == "respond_to_consumer" and context.may_answer_once(refusal.at):
        return None
    return Hit(None, words, "text" if refusal.address is None else "text_address")


def _confirmed(context: Context, since: datetime) -> bool:
    return any(
        e.direction == "out"
        and e.purpose == "opt_out_confirmation"
        and since <= e.at <= context.now
        and (not e.to or e.to == context.to)
        for e in context.history.of(context.action.channel)
    )


@rule("REGF-1006.6B1-PLACE", CONTACT, regf=True, persons="consumer")
def place(context: Context, r: Rule) -> Hit | None:
    places = context.place.preferences.inconvenient_places
    if not places or context.action.court_permission:
        return None
    where = _place_of(context)
    return Hit(None, {"where": where}) if where in places else None


def _place_of(context: Context) -> str:
    """The place that a letter, visit or landline call is tied to; nothing for mobiles and e-mail."""
    channel = context.action.channel
    if channel in CALLS:
        kind = context.phone.kind if context.phone else ""
        return {"landline": "home", "work": "work"}.get(kind, "")
    if channel in ("letter", "postcard", "in_person"):
        addresses = context.place.addresses
        found = next((a for a in addresses if a.id == context.to), addresses[0] if addresses else None)
        return found.kind if found else "home"
    return ""


def is_workplace(context: Context) -> bool:
    """The act would reach the person at work."""
    if context.action.channel == "sms":
        return context.phone is not None and context.phone.kind == "work"
    return _place_of(context) == "work"


@rule("REGF-1006.6B3-WORK", CONTACT, regf=True, persons="consumer")
def work(context: Context, r: Rule) -> Hit | None:
    if not (context.flags.employer_prohibits or context.person.flags.employer_prohibits):
        return None
    return None if context.action.court_permission or not is_workplace(context) else Hit(None)

"""Reporting, sale and suit: 12 CFR 1006.26(b), 1006.30; FCRA 15 USC 1681c, 1681m, 1681s-2."""

from __future__ import annotations

from datetime import date, timedelta

from compliance.rules.calendars import obsolete_on
from compliance.rules.context import Context
from compliance.rules.facts import CONTACT, Debt
from compliance.rules.registry import Hit, Rule, rule
from compliance.rules.words import say_day

FURNISH, SELL, SUE = frozenset({"furnish"}), frozenset({"sell"}), frozenset({"sue"})
_ROUTES = ("letter", "validation_notice", "email", "sms")


def limitation_ends(context: Context, debt: Debt) -> date | None:
    """The last day to sue, with days of active duty added (50 USC 3936). None when it is unknown."""
    ends = debt.sol_expires_on
    service = context.flags.scra
    if ends is None or service is None or debt.sol_started_on is None:
        return ends
    first = max(service.active_from, debt.sol_started_on)
    last = min(service.active_to or context.today, context.today)
    return ends + timedelta(days=(last - first).days + 1) if last >= first else ends


def is_time_barred(context: Context, debt: Debt) -> bool | None:
    """True or False, None when nothing is known about the age of the debt."""
    if debt.time_barred:
        return True
    ends = limitation_ends(context, debt)
    if ends is None:
        return debt.time_barred
    return context.today > ends


@rule("FCRA-1681M-IDTHEFT-SALE", SELL, persons="any")
def identity_theft_sale(context: Context, r: Rule) -> Hit | None:
    if context.action.extra.get("transferee") in r.params["transferees"]:
        return None
    return Hit(None) if any(debt.identity_theft_605b for debt in context.debts) else None


@rule("FCRA-1681S2-IDTHEFT-FURNISH", FURNISH, persons="any")
def identity_theft_report(context: Context, r: Rule) -> Hit | None:
    return Hit(None) if any(d.identity_theft_report or d.identity_theft_605b for d in context.debts) else None


@rule("REGF-1006.30B-SALE", SELL, regf=True, persons="any")
def sale(context: Context, r: Rule) -> Hit | None:
    if context.action.extra.get("transferee") in r.params["transferees"]:
        return None
    for debt in context.debts:
        if debt.status not in r.params["statuses"]:
            continue
        secured = debt.status == "discharged" and debt.secured_by_real_property
        if secured and context.content and r.params["notice_token"] in context.content:
            continue
        return Hit(None, {"status": debt.status})
    return None


@rule("REGF-1006.26B-TIMEBARRED", CONTACT | SUE | {"debit_payment"}, regf=True)
def time_barred(context: Context, r: Rule) -> Hit | None:
    """No suit and no threat of one; in states where expiry ends the debt, no collection at all."""
    action = context.action
    if action.purpose == "proof_of_claim":
        return None
    barred = [debt for debt in context.debts if is_time_barred(context, debt)]
    if not barred:
        return None
    ends = limitation_ends(context, barred[0])
    words = {"end": say_day(ends, context.today) if ends else "an earlier day"}
    if action.channel == "sue":
        return Hit(None, words)
    if context.content and not context.content.isdisjoint(r.params["threats"]):
        return Hit(None, words, "text_threat")
    gone = context.states & set(r.params["extinguished_in"])
    if gone and action.purpose in ("collect", "leave_message") and context.consumer_like:
        return Hit(None, {**words, "state": sorted(gone)[0]}, "text_gone")
    return None


@rule("POLICY-UNKNOWN-AGE", SUE, persons="any", scope="all")
def unknown_age(context: Context, r: Rule) -> Hit | None:
    """A suit on a debt whose limitation period nobody computed asks a person first."""
    if context.facts.policy.unknown_age != "warn" or context.action.purpose in r.params["passes"]:
        return None
    if any(is_time_barred(context, debt) is None for debt in context.debts):
        return Hit(decision="warn")
    return None


@rule("REGF-1006.30A-FURNISH", FURNISH, regf=True, persons="any")
def furnish(context: Context, r: Rule) -> Hit | None:
    """Speak with the person, or write and wait for a returned letter, before reporting."""
    wait = context.facts.policy.furnish_wait_days or r.params["days"]
    worst: Hit | None = None
    for debt in context.debts:
        if _spoken(context, debt):
            continue
        ready = [day + timedelta(days=wait) for day in _written(context, debt, wait)]
        if not ready:
            return Hit(None)
        first = min(ready)
        if context.today < first:
            free = context.day_start(first)
            if worst is None or worst.next is None or free > worst.next:
                worst = Hit(free, {"wait": wait}, "text_wait")
    return worst


def _spoken(context: Context, debt: Debt) -> bool:
    return any(
        e.at <= context.now
        and (kind == "in_person" or e.outcome == "conversation")
        and context.is_about(e, debt)
        and context.is_with_consumer(e)
        for kind in ("call", "in_person")
        for e in context.history.of(kind)
    )


def _written(context: Context, debt: Debt, wait: int) -> list[date]:
    """Days on which something was sent about the debt that was not returned within the wait."""
    days = []
    for kind in _ROUTES:
        for e in context.history.of(kind):
            if e.direction != "out" or e.at > context.now or not context.is_about(e, debt):
                continue
            day = context.day_of(e.at)
            if context.is_with_consumer(e) and not context.is_undeliverable(
                e, context.day_start(day + timedelta(days=wait))
            ):
                days.append(day)
    return days


@rule("FCRA-1681S2-A3-DISPUTED", FURNISH, persons="any")
def disputed_code(context: Context, r: Rule) -> Hit | None:
    if context.content is None or r.params["token"] in context.content:
        return None
    return Hit(decision="require", content=(r.params["token"],)) if _is_disputed(context) else None


def _is_disputed(context: Context) -> bool:
    return any(
        e.at <= context.now and any(context.is_about(e, debt) for debt in context.debts)
        for e in context.history.of("dispute")
    )


@rule("FCRA-1681S2-A5-DOFD", FURNISH, persons="any")
def delinquency_date(context: Context, r: Rule) -> Hit | None:
    if context.content is None or r.params["token"] in context.content:
        return None
    return Hit(decision="require", content=(r.params["token"],))


@rule("FCRA-1681C-OBSOLETE", FURNISH, persons="any")
def obsolete(context: Context, r: Rule) -> Hit | None:
    for debt in context.debts:
        if debt.dofd is not None and context.today >= obsolete_on(debt.dofd):
            return Hit(None, {"day": say_day(obsolete_on(debt.dofd), context.today)})
    return None


@rule("REGF-1006.30D-VENUE", SUE, regf=True, persons="any")
def venue(context: Context, r: Rule) -> Hit | None:
    """Where it was signed or where the person lives at filing; real property: where it lies."""
    chosen = context.action.extra.get("venue")
    if not chosen:
        return None
    home = context.person.resides_in or context.facts.consumer.resides_in
    for debt in context.debts:
        places = {debt.property_in} if debt.secured_by_real_property else {home, debt.contract_signed_in}
        if chosen not in places - {""}:
            known = " or ".join(sorted(places - {""})) or "unknown"
            return Hit(None, {"venue": chosen, "places": known})
    return None

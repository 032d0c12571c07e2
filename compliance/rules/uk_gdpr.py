"""United Kingdom and GDPR: breathing space (SI 2020/1311), FCA CONC 7, Articles 18, 21, 22."""

from __future__ import annotations

from datetime import date, timedelta

from compliance.rules.clock import DAY
from compliance.rules.context import Context
from compliance.rules.facts import CONTACT, BreathingSpace
from compliance.rules.registry import Hit, Rule, rule
from compliance.rules.words import say_day

MORATORIUM = CONTACT | {"sue", "accrue_interest", "debit_payment", "charge_fee", "repossess"}
PURSUIT = CONTACT | {"sue", "debit_payment", "repossess"}
PROCESSING = CONTACT | {"furnish", "sell", "debit_payment", "automated_decision"}


def moratorium_last_day(space: BreathingSpace, days: int, crisis_days: int) -> date | None:
    """The last day of the moratorium; None while it is open-ended (treatment lasts, or its start is unknown)."""
    if space.type == "mental_health_crisis":
        ended = space.treatment_ended_on
        last = ended + timedelta(days=crisis_days) if ended else None
    else:
        last = space.start + timedelta(days=days - 1) if space.start else None
    if space.cancelled_on is not None and (last is None or space.cancelled_on <= last):
        last = space.cancelled_on - DAY
    return last


@rule("UK-DRS2020-MORATORIUM", MORATORIUM, scope="uk", inbound=True)
def breathing_space(context: Context, r: Rule) -> Hit | None:
    space = context.flags.breathing_space or context.facts.consumer.flags.breathing_space
    if space is None or context.action.purpose in r.params["passes"]:
        return None
    if space.start is not None and context.today < space.start:
        return None
    last = moratorium_last_day(space, r.params["days"], r.params["crisis_days"])
    if last is None:
        return Hit(None, {}, "text_open")
    if context.today > last:
        return None
    return Hit(context.day_start(last + DAY), {"last": say_day(last, context.today)})


@rule("UK-CONC-7.3.11-PLAN", PURSUIT, scope="uk", inbound=True)
def plan_in_development(context: Context, r: Rule) -> Hit | None:
    plan = context.flags.repayment_plan
    if plan is None or context.action.purpose in r.params["passes"] or context.today < plan.informed_on:
        return None
    days = r.params["days"] + (r.params["more_days"] if plan.progress_evidence else 0)
    free = plan.informed_on + timedelta(days=days)
    if context.today >= free:
        return None
    return Hit(context.day_start(free), {"told": say_day(plan.informed_on, context.today), "days": days})


@rule("UK-CONC-7.10-CAPACITY", PURSUIT, scope="uk", inbound=True)
def capacity(context: Context, r: Rule) -> Hit | None:
    return Hit(None) if context.flags.capacity_concern and context.action.purpose not in r.params["passes"] else None


@rule("UK-CONC-7.14-DISPUTE", PURSUIT, scope="uk", inbound=True)
def uk_dispute(context: Context, r: Rule) -> Hit | None:
    return Hit(None) if context.flags.valid_dispute_open and context.action.purpose not in r.params["passes"] else None


@rule("UK-CONC-7.15-BARRED", PURSUIT, scope="uk", inbound=True)
def uk_barred(context: Context, r: Rule) -> Hit | None:
    refused = context.flags.statute_barred_refusal
    return Hit(None) if refused and context.action.purpose not in r.params["passes"] else None


@rule("GDPR-18-RESTRICT", PROCESSING, scope="eu", inbound=True)
def restriction(context: Context, r: Rule) -> Hit | None:
    return Hit(None) if context.flags.gdpr_restriction and context.action.purpose not in r.params["passes"] else None


@rule("GDPR-21-MARKETING", CONTACT, scope="eu")
def marketing(context: Context, r: Rule) -> Hit | None:
    return Hit(None) if context.flags.gdpr_marketing_objection and context.action.purpose == "marketing" else None


@rule("GDPR-22-AUTO", frozenset({"automated_decision"}), scope="eu", persons="any")
def automated_decision(context: Context, r: Rule) -> Hit | None:
    extra = context.action.extra
    if not extra.get("solely_automated", True) or not extra.get("significant_effect", True):
        return None
    gateway = extra.get("gateway") in r.params["gateways"] or any(extra.get(name) for name in r.params["gateways"])
    return None if gateway and extra.get("human_review") else Hit(None)

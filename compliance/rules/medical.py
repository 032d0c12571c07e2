"""Medical debts: minimum necessary (45 CFR 164.502(b)), hospitals under 501(r), limits of the credit bureaus."""

from __future__ import annotations

from datetime import timedelta

from compliance.rules.context import Context
from compliance.rules.facts import CONTACT, Debt
from compliance.rules.registry import Hit, Rule, rule
from compliance.rules.words import say_day

EXTRAORDINARY = frozenset({"furnish", "sue", "sell", "repossess", "setoff"})


def _hospital_debts(context: Context) -> list[Debt]:
    return [d for d in context.debts if d.medical is not None and d.medical.tax_exempt_hospital]


@rule("MED-501R-120DAYS", EXTRAORDINARY, persons="any")
def hundred_twenty_days(context: Context, r: Rule) -> Hit | None:
    """No extraordinary collection action within 120 days of the first bill after discharge."""
    worst: Hit | None = None
    for debt in _hospital_debts(context):
        billed = debt.medical.first_bill_on if debt.medical else None
        if billed is None:
            return Hit(None, {}, "text_unknown")
        free = billed + timedelta(days=r.params["days"])
        if context.today < free:
            start = context.day_start(free)
            if worst is None or worst.next is None or start > worst.next:
                worst = Hit(start, {"billed": say_day(billed, context.today), "days": r.params["days"]})
    return worst


@rule("MED-501R-30DAY-NOTICE", EXTRAORDINARY, persons="any")
def thirty_days_notice(context: Context, r: Rule) -> Hit | None:
    worst: Hit | None = None
    for debt in _hospital_debts(context):
        noticed = debt.medical.action_notice_on if debt.medical else None
        if noticed is None or noticed > context.today:
            return Hit(None, {}, "text_none")
        free = noticed + timedelta(days=r.params["days"])
        if context.today < free:
            start = context.day_start(free)
            if worst is None or worst.next is None or start > worst.next:
                worst = Hit(start, {"day": say_day(noticed, context.today), "days": r.params["days"]})
    return worst


@rule("MED-501R-240DAYS-APPLICATION", EXTRAORDINARY, persons="any")
def assistance_pending(context: Context, r: Rule) -> Hit | None:
    """An application for financial help within 240 days of the first bill suspends action until it is decided."""
    for debt in _hospital_debts(context):
        facts = debt.medical
        if facts is None or facts.assistance_applied_on is None or facts.assistance_applied_on > context.today:
            continue
        decided = facts.assistance_decided_on is not None and facts.assistance_decided_on <= context.today
        if decided:
            continue
        first = facts.first_bill_on
        if first is None or (facts.assistance_applied_on - first).days <= r.params["days"]:
            return Hit(None, {"day": say_day(facts.assistance_applied_on, context.today)})
    return None


@rule("MED-164.502B-MINIMUM", CONTACT, persons="any", inbound=True)
def minimum_necessary(context: Context, r: Rule) -> Hit | None:
    """No diagnosis, treatment or clinic detail on screens to others, in letters or on the line."""
    if not context.content or not any(d.type == "medical" or d.medical is not None for d in context.debts):
        return None
    shown = sorted(context.content & set(r.params["tokens"]))
    return Hit(None, {"shown": ", ".join(t.replace("_", " ") for t in shown)}) if shown else None


@rule("BUREAU-MEDICAL", frozenset({"furnish"}), persons="any")
def bureau_limits(context: Context, r: Rule) -> Hit | None:
    """What the bureaus take: unpaid, at least a year old, at least the minimum. Their rule, not law."""
    worst: Hit | None = None
    for debt in context.debts:
        if debt.medical is None:
            continue
        if debt.status != "open":
            return Hit(None, {}, "text_paid")
        if debt.balance is None or debt.balance < r.params["minimum"]:
            return Hit(None, {"minimum": r.params["minimum"]}, "text_small")
        since = debt.dofd or debt.medical.first_bill_on
        if since is None:
            return Hit(None, {}, "text_unknown")
        free = since + timedelta(days=r.params["days"])
        if context.today < free:
            start = context.day_start(free)
            if worst is None or worst.next is None or start > worst.next:
                worst = Hit(start, {"since": say_day(since, context.today)})
    return worst

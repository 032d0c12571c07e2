"""What has become of the person: bankruptcy, death, active duty (11 USC 362, 524, 1301; 50 USC 3901 ff)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from compliance.rules.calendars import add_months
from compliance.rules.clock import DAY
from compliance.rules.context import Context
from compliance.rules.facts import CONTACT, Bankruptcy, Debt
from compliance.rules.registry import Hit, Rule, rule
from compliance.rules.words import say_day

GATED = CONTACT | {"sue", "debit_payment", "setoff", "repossess", "deposit_check", "accept_payment"}
_PASSES = frozenset({"bankruptcy_attorney_contact", "proof_of_claim", "lien_notice_no_demand"})


def _status(case: Bankruptcy, today: date) -> str:
    """The status on that day: before filing there is no case, before discharge an open one."""
    if case.filed_on is not None and today < case.filed_on:
        return ""
    if case.status == "discharged" and case.discharged_on is not None and today < case.discharged_on:
        return "open"
    return case.status


def _before_case(debt: Debt, case: Bankruptcy) -> bool:
    return debt.incurred_on is None or case.filed_on is None or debt.incurred_on <= case.filed_on


@rule("BK-362-STAY", GATED, inbound=True)
def stay(context: Context, r: Rule) -> Hit | None:
    case = context.flags.bankruptcy
    if case is None or context.action.purpose in _PASSES or _status(case, context.today) != "open":
        return None
    if not any(_before_case(debt, case) for debt in context.debts):
        return None
    filed = say_day(case.filed_on, context.today) if case.filed_on else "an unknown day"
    return Hit(None, {"chapter": case.chapter, "filed": filed})


@rule("BK-524-DISCHARGE", GATED, inbound=True)
def discharge(context: Context, r: Rule) -> Hit | None:
    if context.action.purpose in _PASSES:
        return None
    case = context.flags.bankruptcy
    over = case is not None and _status(case, context.today) == "discharged"
    for debt in context.debts:
        if debt.status == "discharged":
            return Hit(None)
        if over and case is not None and debt.dischargeable and _before_case(debt, case):
            return Hit(None)
    return None


@rule("BK-1301-CODEBTOR", GATED, inbound=True)
def co_debtor_stay(context: Context, r: Rule) -> Hit | None:
    if not context.co_debtor or context.action.purpose in _PASSES:
        return None
    case = context.facts.consumer.flags.bankruptcy
    if case is None or case.chapter != r.params["chapter"] or _status(case, context.today) != "open":
        return None
    return Hit(None) if any(d.debt_class == "consumer" and _before_case(d, case) for d in context.debts) else None


@rule("REGF-1006.6A4-DECEASED", CONTACT, regf=True, persons="consumer", inbound=True)
def deceased(context: Context, r: Rule) -> Hit | None:
    person = context.person
    if person is not context.facts.consumer and not context.co_debtor:
        return None
    flags = person.flags
    if not flags.deceased and flags.deceased_on is None:
        return None
    if flags.deceased_on is not None and context.today < flags.deceased_on:
        return None
    return Hit(None)


def _serving(context: Context, after_months: int = 0) -> tuple[bool, date | None]:
    """Whether service covers today, and the last day on which it does (None: open end)."""
    service = context.flags.scra
    if service is None or context.today < service.active_from:
        return False, None
    if service.active_to is None:
        return True, None
    last = add_months(service.active_to, after_months) if after_months else service.active_to
    return context.today <= last, last


def _before_service(context: Context, debt: Debt) -> bool:
    service = context.flags.scra
    return service is not None and (debt.incurred_on is None or debt.incurred_on < service.active_from)


@rule("SCRA-3952-REPO", frozenset({"repossess"}))
def repossession(context: Context, r: Rule) -> Hit | None:
    serving, last = _serving(context)
    if not serving or context.action.court_permission or context.action.extra.get("court_order"):
        return None
    if not any(_before_service(context, debt) for debt in context.debts):
        return None
    return Hit(context.day_start(last + DAY) if last else None)


@rule("SCRA-3937-6PCT", frozenset({"accrue_interest"}))
def six_percent(context: Context, r: Rule) -> Hit | None:
    rate = context.action.extra.get("rate_apr")
    if rate is not None and Decimal(str(rate)) <= r.params["rate"]:
        return None
    for debt in context.debts:
        mortgage = debt.secured_by_real_property or debt.type == "mortgage"
        serving, last = _serving(context, r.params["mortgage_months"] if mortgage else 0)
        if serving and _before_service(context, debt):
            words = {"rate": "an unknown rate" if rate is None else f"{rate} %"}
            return Hit(context.day_start(last + DAY) if last else None, words)
    return None


@rule("SCRA-3931-AFFIDAVIT", frozenset({"sue"}))
def affidavit(context: Context, r: Rule) -> Hit | None:
    if context.action.purpose != "default_judgment" or context.content is None:
        return None
    if r.params["token"] in context.content:
        return None
    return Hit(decision="require", content=(r.params["token"],))

"""Payments: postdated instruments, debits, returns, fees, application (12 CFR 1005.10, 1006.22, 1006.30(c); Nacha)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from compliance.rules.calendars import is_business_day, postdated_notice_fits
from compliance.rules.context import Context
from compliance.rules.registry import Hit, Rule, rule
from compliance.rules.words import say_day

DEPOSIT, DEBIT = frozenset({"deposit_check"}), frozenset({"debit_payment"})
APPLY, FEE = frozenset({"apply_payment"}), frozenset({"charge_fee"})


def as_day(value: Any) -> date | None:
    """A date from a date or ISO text, None from nothing. Raises ValueError on other text."""
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def as_money(value: Any) -> Decimal:
    """A Decimal from text or Decimal. Raises ValueError on anything that is not a plain number."""
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        raise ValueError(f"not an amount: {value!r}") from None
    if not amount.is_finite():
        raise ValueError(f"not an amount: {value!r}")
    return amount


@rule("REGF-1006.22C3-EARLY", DEPOSIT, regf=True, persons="any")
def early_deposit(context: Context, r: Rule) -> Hit | None:
    dated = as_day(context.action.extra.get("instrument_date"))
    if dated is None or context.today >= dated:
        return None
    return Hit(context.day_start(dated), {"day": say_day(dated, context.today)})


@rule("REGF-1006.22C1-POSTDATED", DEPOSIT, regf=True, persons="any")
def postdated(context: Context, r: Rule) -> Hit | None:
    """Postdated by more than five days: notice three to ten business days before the deposit."""
    extra = context.action.extra
    dated, taken = as_day(extra.get("instrument_date")), as_day(extra.get("received_on"))
    if dated is None or (taken is not None and (dated - taken).days <= r.params["days"]):
        return None
    notices = [context.day_of(e.at) for e in context.history.of("postdated_notice") if e.at <= context.now]
    for ahead in range(r.params["search_days"]):
        day = context.today + timedelta(days=ahead)
        if any(postdated_notice_fits(notice, day) for notice in notices):
            return None if ahead == 0 else Hit(context.day_start(day), {}, "text_soon")
    return Hit(None)


@rule("REGE-1005.10B-AUTH", DEBIT, persons="any")
def authorization(context: Context, r: Rule) -> Hit | None:
    extra = context.action.extra
    if not extra.get("recurring"):
        return None
    given = extra.get("authorization") or {}
    have = context.content or frozenset()
    missing = []
    if not given.get("written") and "written_authorization" not in have:
        missing.append("written_authorization")
    if not given.get("copy_provided") and "copy_of_authorization" not in have:
        missing.append("copy_of_authorization")
    return Hit(decision="require", content=tuple(missing)) if missing else None


@rule("REGE-1005.10D-VARY", DEBIT, persons="any")
def varying_amount(context: Context, r: Rule) -> Hit | None:
    extra = context.action.extra
    given = extra.get("authorization") or {}
    if not extra.get("recurring") or given.get("amount") is None or extra.get("amount") is None:
        return None
    amount = as_money(extra["amount"])
    chosen = given.get("range") or {}
    if amount == as_money(given["amount"]):
        return None
    if chosen and as_money(chosen.get("min", 0)) <= amount <= as_money(chosen.get("max", amount)):
        return None
    transfer = as_day(extra.get("transfer_date")) or context.today
    last = transfer - timedelta(days=r.params["days"])
    notices = [context.day_of(e.at) for e in context.history.of("varying_amount_notice") if e.at <= context.now]
    if any(day <= last for day in notices):
        return None
    return Hit(None, {"days": r.params["days"], "amount": amount, "agreed": given["amount"]})


def _returns(context: Context, kind: str) -> list[tuple[datetime, str]]:
    entry = context.action.extra.get("entry")
    if not entry:
        return []
    return [(e.at, e.code) for e in context.history.of(kind) if e.entry == entry and e.at <= context.now]


@rule("NACHA-REINIT-2", DEBIT, persons="any")
def reinitiate(context: Context, r: Rule) -> Hit | None:
    """A returned debit may be presented again twice, within 180 days of its first settlement."""
    returned = _returns(context, "ach_return")
    if not returned or any(code not in r.params["codes"] for _, code in returned):
        return None
    tries = len(_returns(context, "ach_represent"))
    if tries >= r.params["limit"]:
        return Hit(None, {"tries": tries})
    settled = as_day(context.action.extra.get("original_settlement")) or context.day_of(min(returned)[0])
    last = settled + timedelta(days=r.params["days"])
    settles = as_day(context.action.extra.get("transfer_date")) or context.today
    while not is_business_day(settles):  # it settles on the next bank day
        settles += timedelta(days=1)
    return Hit(None, {"end": say_day(last, context.today)}, "text_late") if settles > last else None


@rule("NACHA-NO-RETRY", DEBIT, persons="any")
def no_retry(context: Context, r: Rule) -> Hit | None:
    codes = sorted({code for _, code in _returns(context, "ach_return") if code not in r.params["codes"]})
    if not codes:
        return None
    given = context.action.extra.get("authorization") or {}
    if given.get("renewed") and set(codes) <= set(r.params["renewable"]):
        return None
    return Hit(None, {"codes": ", ".join(codes)})


@rule("REGF-1006.22B-FEES", FEE, regf=True, persons="any")
def fees(context: Context, r: Rule) -> Hit | None:
    extra = context.action.extra
    if any(extra.get(name) for name in r.params["grounds"]):
        return None
    return Hit(None, {"fee": extra.get("fee_type") or "fee"})


@rule("REGF-1006.30C-DISPUTED", APPLY, regf=True, persons="any")
def apply_to_disputed(context: Context, r: Rule) -> Hit | None:
    if len(context.facts.debts) < 2:
        return None
    allocation = context.action.extra.get("allocation") or {}
    for debt in context.facts.debts:
        if as_money(allocation.get(debt.id, 0)) > 0 and any(
            e.at <= context.now and context.is_about(e, debt) for e in context.history.of("dispute")
        ):
            return Hit(None, {"debt": debt.id})
    return None


@rule("REGF-1006.30C-DIRECTION", APPLY, regf=True, persons="any")
def apply_as_directed(context: Context, r: Rule) -> Hit | None:
    allocation = context.action.extra.get("allocation") or {}
    direction = context.action.extra.get("consumer_direction") or {}
    for debt, amount in sorted(direction.items()):
        if as_money(allocation.get(debt, 0)) < as_money(amount):
            return Hit(None, {"debt": debt, "amount": as_money(amount)})
    return None

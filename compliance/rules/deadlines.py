"""Deadlines: dates computed from dates, asked for with the channel `compute` and a purpose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from compliance.rules import calendars
from compliance.rules.facts import Action
from compliance.rules.verdict import ALLOW, BLOCK, HOUSE_POLICY, Finding, Verdict

if TYPE_CHECKING:
    from compliance.rules.packs import Rulebook

Answer = date | tuple[date, date]
Numbers = Mapping[str, Any]
_Function = Callable[[Mapping[str, Any], Numbers], Answer]


def _day(given: Mapping[str, Any], name: str) -> date:
    value = given.get(name)
    if value is None:
        raise ValueError(f"{name} is missing")
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def _plus(name: str, number: str) -> _Function:
    return lambda given, numbers: _day(given, name) + timedelta(days=numbers[number])


def _direct_dispute(given: Mapping[str, Any], numbers: Numbers) -> date:
    more = numbers["direct_dispute_more"] if given.get("extra_info_within_30") else 0
    return _day(given, "received_on") + timedelta(days=numbers["direct_dispute"] + more)


def _gdpr(given: Mapping[str, Any], numbers: Numbers) -> date:
    """One month (three when extended); a weekend or fixed holiday moves it to the next working day (ICO)."""
    months = numbers["gdpr_months"] + (numbers["gdpr_more_months"] if given.get("extended") else 0)
    due = calendars.add_months(_day(given, "received_on"), months)
    closed = set(numbers["gdpr_closed_days"])
    while due.weekday() > 4 or due.strftime("%m-%d") in closed:
        due += timedelta(days=1)
    return due


def _postdated_window(given: Mapping[str, Any], numbers: Numbers) -> tuple[date, date]:
    deposit = _day(given, "deposit_on")
    days = [deposit - timedelta(days=n) for n in range(numbers["postdated_search"], 0, -1)]
    fitting = [d for d in days if calendars.is_business_day(d) and calendars.postdated_notice_fits(d, deposit)]
    if not fitting:
        raise ValueError("no day fits")
    return fitting[0], fitting[-1]


def _years(name: str) -> _Function:
    return lambda given, numbers: calendars.add_months(_day(given, name), 12 * int(numbers["retention_years"]))


PURPOSES: dict[str, tuple[str, _Function]] = {
    "validation_period_end": (
        "REGF-1006.34B5-PERIOD", lambda given, numbers: calendars.validation_period_end(_day(given, "sent_on")),
    ),
    "assumed_receipt": (
        "REGF-1006.34B5-PERIOD", lambda given, numbers: calendars.assumed_receipt(_day(given, "sent_on")),
    ),
    "validation_due": ("REGF-1006.34A-5DAYS", _plus("initial_communication_on", "validation_due")),
    "fcra_direct_dispute_due": ("FCRA-1022.43-DIRECT", _direct_dispute),
    "fcra_frivolous_notice_due": (
        "FCRA-1022.43-FRIVOLOUS",
        lambda given, numbers: calendars.add_business_days(_day(given, "determined_on"), numbers["frivolous"]),
    ),
    "fcra_obsolescence": (
        "FCRA-1681C-OBSOLETE", lambda given, numbers: calendars.obsolete_on(_day(given, "dofd")),
    ),
    "fcra_dofd_notify_due": ("FCRA-1681S2-A5-DOFD", _plus("furnished_on", "dofd_notify")),
    "regf_retention_until": ("REGF-1006.100-RETAIN", _years("last_collection_activity_on")),
    "regf_recording_retention_until": ("REGF-1006.100-RETAIN", _years("call_on")),
    "gdpr_response_due": ("GDPR-12-ONEMONTH", _gdpr),
    "tcpa_revocation_deadline": (
        "TCPA-64.1200-REVOKED",
        lambda given, numbers: calendars.add_business_days(_day(given, "received_on"), numbers["tcpa_revocation"]),
    ),
    "uk_moratorium_last_day": (
        "UK-DRS2020-MORATORIUM",
        lambda given, numbers: _day(given, "start") + timedelta(days=numbers["uk_moratorium"] - 1),
    ),
    "email_optout_earliest_deadline": ("REGF-1006.6D4-EMAIL", _plus("notice_sent_on", "email_optout")),
    "postdated_notice_window": ("REGF-1006.22C1-POSTDATED", _postdated_window),
}  # fmt: skip


def compute(action: Action, book: Rulebook) -> Verdict:
    """The date (or first and last date) a rule computes. A missing or unreadable input is a no that names it."""
    known = PURPOSES.get(action.purpose)
    if known is None:
        return _refused("ENGINE-ERROR", f"Nothing computes {action.purpose!r}.", book)
    rule_id, function = known
    try:
        answer = function(action.extra, book.table("deadlines"))
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        return _refused(rule_id, f"The date could not be computed: {error}.", book)
    if isinstance(answer, tuple):
        return Verdict(ALLOW, rule_id, window=answer, packs=book.name)
    return Verdict(ALLOW, rule_id, deadline=answer, packs=book.name)


def _refused(rule_id: str, sentence: str, book: Rulebook) -> Verdict:
    found = Finding(rule_id, BLOCK, HOUSE_POLICY, "engine", sentence, None, 1)
    return Verdict(BLOCK, rule_id, findings=(found,), packs=book.name)

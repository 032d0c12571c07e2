"""States and cities: counters, consents and notices of their own, by every current address of the person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from compliance.rules.calendars import obsolete_on
from compliance.rules.context import Context
from compliance.rules.electronic import latest_consent
from compliance.rules.facts import CALLS, CONTACT, ELECTRONIC, Debt
from compliance.rules.frequency import in_days, sent_by, window_frees
from compliance.rules.furnish_sell_sue import is_time_barred
from compliance.rules.history import LETTERS, is_connected
from compliance.rules.instructions import is_workplace
from compliance.rules.registry import Hit, Rule, rule
from compliance.rules.words import number, say_day

_TELEPHONE = CALLS | {"sms"}
_NEVER = datetime.max.replace(tzinfo=UTC)
_AGENCY = ("third_party", "debt_buyer")


def _bound(context: Context, r: Rule) -> bool:
    """The rule binds this collector and this class of debt."""
    if context.facts.collector.type == "first_party_creditor" and not r.params.get("binds_creditors", False):
        return False
    if r.params.get("binds_commercial", False) or not context.debts:
        return True
    return any(debt.debt_class != "commercial" for debt in context.debts)


def _rolling(context: Context, made: list[datetime], limit: int, days: int, what: str) -> Hit | None:
    inside = in_days(made, context.home, context.today, days)
    if len(inside) < limit:
        return None
    words = {"used": number(len(inside)), "days": days, "what": what, "limit": number(limit)}
    return Hit(window_frees(inside, limit, days, context.home), words)


def _worst(hits: list[Hit | None]) -> Hit | None:
    found = [hit for hit in hits if hit is not None]
    if not found or any(hit.next is None for hit in found):
        return next((hit for hit in found if hit.next is None), None)
    return max(found, key=lambda hit: hit.next or _NEVER)


def _confirms(context: Context) -> bool:
    return context.action.purpose == "opt_out_confirmation"


@rule("MA-940CMR7.04-WORK", CALLS | {"in_person", "sms"}, persons="consumer", states=frozenset({"MA"}))
def massachusetts_work(context: Context, r: Rule) -> Hit | None:
    if not _bound(context, r) or not is_workplace(context):
        return None
    worst: Hit | None = None
    for event in context.history.of("work_contact_request"):
        if event.at > context.now or not context.is_with(event):
            continue
        asked = context.day_of(event.at)
        words = {"day": say_day(asked, context.today)}
        confirmed = event.written_confirmation_at
        in_time = (
            confirmed is not None
            and confirmed <= context.now
            and (context.day_of(confirmed) - asked).days <= r.params["confirm_days"]
        )
        if event.written is not False or in_time:
            if not any(e.medium == "work" and event.at < e.at <= context.now for e in context.history.of("revoke")):
                return Hit(None, words, "text_written")
        elif (context.today - asked).days < r.params["days"]:
            free = context.day_start(asked + timedelta(days=r.params["days"]))
            if worst is None or worst.next is None or free > worst.next:
                worst = Hit(free, words)
    return worst


@rule("MA-940CMR7.04-FREQ", _TELEPHONE, persons="consumer", states=frozenset({"MA"}))
def massachusetts_count(context: Context, r: Rule) -> Hit | None:
    """Two initiated telephone contacts per debt in 7 days, work numbers apart: two in 30."""
    if not _bound(context, r) or _confirms(context):
        return None
    at_work = context.phone is not None and context.phone.kind == "work"
    days = r.params["work_days"] if at_work else r.params["days"]
    work = {phone.e164 for phone in context.place.phones if phone.kind == "work"}
    hits = []
    for debt in context.debts:
        made = [
            e.at
            for kind in _TELEPHONE
            for e in context.about(kind, debt)
            if e.direction == "out" and e.at <= context.now and is_connected(e) and (e.to in work) == at_work
        ]
        hits.append(_rolling(context, made, r.params["limit"], days, "calls and texts"))
    return _worst(hits)


@rule("NYC-5-77-FREQ", _TELEPHONE | ELECTRONIC, persons="consumer", states=frozenset({"NYC"}))
def new_york_city_count(context: Context, r: Rule) -> Hit | None:
    if not _bound(context, r) or _confirms(context):
        return None
    p = r.params
    kinds = _TELEPHONE | ELECTRONIC
    return _worst(
        [_rolling(context, sent_by(context, kinds, d.id), p["limit"], p["days"], "contacts") for d in context.debts]
    )


@rule("DC-28-3814-FREQ-CALL", CALLS, persons="consumer", states=frozenset({"DC"}))
def district_calls(context: Context, r: Rule) -> Hit | None:
    if not _bound(context, r):
        return None
    p = r.params
    return _worst(
        [_rolling(context, sent_by(context, CALLS, d.id), p["limit"], p["days"], "calls") for d in context.debts]
    )


@rule("DC-28-3814-FREQ-ECOMM", ELECTRONIC, persons="consumer", states=frozenset({"DC"}))
def district_messages(context: Context, r: Rule) -> Hit | None:
    if not _bound(context, r) or _confirms(context):
        return None
    p = r.params
    return _worst(
        [
            _rolling(context, sent_by(context, ELECTRONIC, d.id), p["limit"], p["days"], "electronic messages")
            for d in context.debts
        ]
    )


@rule("WA-19.16.250-FREQ", _TELEPHONE | {"email", "letter"}, persons="consumer", states=frozenset({"WA"}))
def washington_count(context: Context, r: Rule) -> Hit | None:
    """Three contacts a week of any kind, one at work; answers to the person do not count."""
    if not _bound(context, r) or context.action.purpose in ("respond_to_consumer", "opt_out_confirmation"):
        return None
    work = {phone.e164 for phone in context.place.phones if phone.kind == "work"}
    made, made_at_work = [], []
    for kind in (*_TELEPHONE, "email", *LETTERS):
        for e in context.history.of(kind):
            if e.direction != "out" or e.at > context.now or not is_connected(e) or not context.is_with(e):
                continue
            if e.purpose == "respond_to_consumer" or not any(context.is_about(e, debt) for debt in context.debts):
                continue
            made.append(e.at)
            if e.to in work:
                made_at_work.append(e.at)
    p = r.params
    hits = [_rolling(context, made, p["limit"], p["days"], "contacts")]
    if is_workplace(context):
        hits.append(_rolling(context, made_at_work, p["work_limit"], p["days"], "contacts at work"))
    return _worst(hits)


@rule("WV-46A-2-125-FREQ", CALLS, persons="consumer", states=frozenset({"WV"}))
def west_virginia_count(context: Context, r: Rule) -> Hit | None:
    if not _bound(context, r):
        return None
    calls, talks = [], []
    for kind in CALLS:
        for e in context.history.of(kind):
            if e.at > context.now or not context.is_with(e):
                continue
            if e.direction == "out":
                calls.append(e.at)
            if e.outcome == "conversation":
                talks.append(e.at)
    p = r.params
    return _worst(
        [
            _rolling(context, calls, p["calls"], p["days"], "calls"),
            _rolling(context, talks, p["talks"], p["days"], "conversations"),
        ]
    )


@rule("NY-23NYCRR1.6-EMAIL", frozenset({"email"}), persons="consumer", states=frozenset({"NY"}))
def new_york_email(context: Context, r: Rule) -> Hit | None:
    if not _bound(context, r) or _confirms(context):
        return None
    email = context.email()
    if email is not None and email.employer_provided:
        return Hit(None, {}, "text_employer")
    return None if latest_consent(context, ("email",), written=True, addressed=True) else Hit(None)


@rule("NYC-5-77-ECONSENT", ELECTRONIC, persons="consumer", states=frozenset({"NYC"}))
def new_york_city_consent(context: Context, r: Rule) -> Hit | None:
    if not _bound(context, r) or _confirms(context):
        return None
    if context.action.purpose == "respond_to_consumer" and context.may_answer_once():
        return None
    given = latest_consent(context, (context.action.channel,), written=True, addressed=True)
    return None if given else Hit(None)


@rule("DC-28-3814-ECONSENT", ELECTRONIC, persons="consumer", states=frozenset({"DC"}))
def district_consent(context: Context, r: Rule) -> Hit | None:
    """Consent to the channel or to electronic contact; one message in seven days may ask for it."""
    if not _bound(context, r) or _confirms(context):
        return None
    if latest_consent(context, (context.action.channel, "ecomm")):
        return None
    if context.action.purpose != "request_econsent":
        return Hit(None)
    days = r.params["days"]
    inside = in_days(sent_by(context, ELECTRONIC), context.home, context.today, days)
    if not inside:
        return None
    return Hit(window_frees(inside, 1, days, context.home), {}, "text_asked")


_NV_GATED = CONTACT | {"furnish", "sue", "debit_payment", "repossess", "charge_fee"}


@rule("NV-649.366-MEDICAL", _NV_GATED, persons="any", inbound=True, states=frozenset({"NV"}))
def nevada_medical(context: Context, r: Rule) -> Hit | None:
    """Sixty days' written notice before any action on a medical debt."""
    if context.facts.collector.type not in _AGENCY or context.action.purpose == "nv_medical_notice":
        return None
    for debt in context.debts:
        if debt.type != "medical":
            continue
        notices = [
            e.at
            for e in context.history.of("nv_medical_notice")
            if e.at <= context.now and context.is_about(e, debt) and not context.is_undeliverable(e)
        ]
        if not notices:
            return Hit(None, {}, "text_none")
        first = context.day_of(min(notices))
        if (context.today - first).days < r.params["days"]:
            free = context.day_start(first + timedelta(days=r.params["days"]))
            return Hit(free, {"day": say_day(first, context.today), "days": r.params["days"]})
    return None


def _may_be_barred(context: Context, debt: Debt) -> bool:
    barred = is_time_barred(context, debt)
    return barred is True or (barred is None and context.facts.policy.unknown_age == "warn")


@rule("CA-1788.14D-SOL", frozenset({"letter", "email", "sms"}), persons="consumer", states=frozenset({"CA"}))
def california_barred(context: Context, r: Rule) -> Hit | None:
    content = context.content
    if content is None or not _bound(context, r) or _confirms(context):
        return None
    for debt in context.debts:
        if is_time_barred(context, debt) is not True:
            continue
        past = debt.dofd is not None and context.today >= obsolete_on(debt.dofd)
        token = r.params["past"] if past else r.params["within"]
        if token not in content:
            return Hit(decision="require", content=(token,))
    return None


@rule("NY-23NYCRR1.3-SOL", frozenset({"accept_payment"}), persons="any", states=frozenset({"NY"}))
def new_york_barred(context: Context, r: Rule) -> Hit | None:
    content = context.content
    if content is None or not _bound(context, r) or r.params["token"] in content:
        return None
    if any(_may_be_barred(context, debt) for debt in context.debts):
        return Hit(decision="require", content=(r.params["token"],))
    return None

"""Electronic channels: e-mail and text procedures (12 CFR 1006.6(d)), TCPA consent (47 CFR 64.1200), wrong parties."""

from __future__ import annotations

from datetime import datetime, timedelta

from compliance.rules import clock
from compliance.rules.clock import DAY
from compliance.rules.context import Context
from compliance.rules.facts import CALLS, CONTACT, Email
from compliance.rules.frequency import window_frees
from compliance.rules.registry import Hit, Rule, rule
from compliance.rules.words import say_day

_REACHED = frozenset({"sms"}) | CALLS
_REFUSING = frozenset({"call", "sms", "all_electronic"})


def latest_consent(
    context: Context, scopes: tuple[str, ...], *, written: bool = False, addressed: bool = False
) -> datetime | None:
    """The newest consent of one of those scopes for the address of the act."""
    to = context.to
    return max(
        (
            e.at
            for e in context.history.of("consent")
            if e.scope in scopes
            and e.at <= context.now
            and (e.address == to if addressed else not e.address or e.address == to)
            and (not written or e.written is True)
            and context.is_with(e)
        ),
        default=None,
    )


def _latest_inbound(context: Context, kind: str) -> datetime | None:
    to = context.to.lower()
    if not to:
        return None
    return max(
        (
            e.at
            for e in context.history.of(kind)
            if e.direction == "in" and e.at <= context.now and e.from_.lower() == to
        ),
        default=None,
    )


@rule("REGF-1006.6D1-WRONGPARTY", CONTACT, regf=True)
def wrong_party(context: Context, r: Rule) -> Hit | None:
    to = context.to
    if not to or (context.action.purpose == "location" and not context.consumer_like):
        return None
    if context.phone is not None and context.phone.status == "wrong_number":
        return Hit(None, {"why": "is known to be somebody else's"})
    checks = [
        (e.at, e.result != "not_reassigned")
        for e in context.history.of("rnd_check")
        if e.phone == to and e.at <= context.now and e.result != "no_data"  # an answer that tells nothing
    ]
    if checks and max(checks)[1]:
        return Hit(None, {"why": "was reassigned to somebody else"})
    if any(e.address == to and e.at <= context.now for e in context.history.of("third_party_disclosure")):
        return Hit(None, {"why": "has led to a disclosure to somebody else"})
    return None


@rule("REGF-1006.22F1-POSTCARD", frozenset({"postcard"}), regf=True)
def postcard(context: Context, r: Rule) -> Hit | None:
    return Hit(None)


@rule("REGF-1006.22F4-SOCIAL", frozenset({"social_public"}), regf=True)
def social(context: Context, r: Rule) -> Hit | None:
    return Hit(None)


def _used_directly(context: Context) -> bool:
    """The person wrote to us from the address or consented to it, and has not withdrawn (6(d)(4)(i))."""
    moments = [_latest_inbound(context, "email"), latest_consent(context, ("email", "ecomm"))]
    moments += [
        max(
            (
                e.at
                for e in context.history.of("opt_in")
                if e.medium in ("email", "all_electronic")
                and e.at <= context.now
                and e.address in (None, context.to)
                and context.is_with(e)
            ),
            default=None,
        )
    ]
    last = max((m for m in moments if m is not None), default=None)
    if last is None:
        return False
    return not any(
        e.medium in ("email", "all_electronic")
        and last <= e.at <= context.now
        and e.address in (None, context.to)
        and context.is_with(e)
        for e in context.history.of("opt_out")
    )


def _from_prior_collector(email: Email) -> bool:
    prior = email.prior_collector
    return prior is not None and prior.obtained_properly and prior.immediately_prior_used and not prior.opted_out


@rule("REGF-1006.22F3-WORKEMAIL", frozenset({"email"}), regf=True, persons="consumer")
def work_email(context: Context, r: Rule) -> Hit | None:
    email = context.email()
    if email is None or not email.employer_provided or context.action.purpose == "opt_out_confirmation":
        return None
    return None if _used_directly(context) or _from_prior_collector(email) else Hit(None)


@rule("REGF-1006.6D4-EMAIL", frozenset({"email"}), regf=True, persons="consumer")
def email_procedure(context: Context, r: Rule) -> Hit | None:
    if context.action.purpose == "opt_out_confirmation":
        return None
    email = context.email()
    if email is not None and email.opted_out:
        return Hit(None)
    if _used_directly(context):
        return None
    if email is None:
        return Hit(None)
    if _from_prior_collector(email):
        return None
    notice = email.creditor_notice
    if not email.creditor_used or notice is None or not email.domain_public or email.employer_provided:
        return Hit(None)
    if (notice.opt_out_deadline - notice.sent_on).days < r.params["optout_days"]:
        return Hit(None, {"end": say_day(notice.opt_out_deadline, context.today)}, "text_short")
    first = notice.opt_out_deadline + DAY
    if all(local.date() >= first for local in context.locals):
        return None
    words = {"end": say_day(notice.opt_out_deadline, context.today)}
    return Hit(clock.day_start(context.zones, first), words, "text_wait")


@rule("REGF-1006.6D5-SMS", frozenset({"sms"}), regf=True, persons="consumer")
def sms_procedure(context: Context, r: Rule) -> Hit | None:
    if context.action.purpose == "opt_out_confirmation":
        return None
    opted_in = max(
        (
            e.at
            for e in context.history.of("opt_in")
            if e.medium in ("sms", "all_electronic")
            and e.at <= context.now
            and e.address in (None, context.to)
            and context.is_with(e)
        ),
        default=None,
    )
    moments = [_latest_inbound(context, "sms"), latest_consent(context, ("sms",)), opted_in]
    last = max((m for m in moments if m is not None), default=None)
    if last is None:
        return Hit(None, {}, "text_never")
    limit = timedelta(days=r.params["days"])
    if context.today - context.day_of(last) <= limit:
        return None
    for event in context.history.of("rnd_check"):
        if event.phone != context.to or event.result != "not_reassigned" or not last <= event.at <= context.now:
            continue
        if context.today - context.day_of(event.at) <= limit:
            return None
    return Hit(None, {"age": (context.today - context.day_of(last)).days})


def _tcpa_consent(context: Context) -> tuple[bool, datetime | None]:
    """Whether consent ever existed, and when it was revoked if it now is."""
    given = latest_consent(context, ("tcpa",))
    phone = context.phone
    if phone is not None and phone.tcpa_consent_on is not None:
        on_file = context.day_start(phone.tcpa_consent_on)
        if on_file <= context.now and (given is None or on_file > given):
            given = on_file
    if given is None:
        return False, None
    revoked = [
        e.at
        for e in context.history.of("opt_out")
        if given <= e.at <= context.now
        and (e.address == context.to or (not e.address and e.medium in _REFUSING and context.is_with(e)))
    ]
    return True, max(revoked, default=None)


def _is_robocall(context: Context) -> bool:
    action = context.action
    return action.automated in ("atds", "prerecorded") and action.purpose != "opt_out_confirmation"


def _is_mobile(context: Context) -> bool:
    """An unknown line is treated as a mobile one."""
    return context.phone is None or context.phone.kind not in ("landline", "work")


@rule("TCPA-64.1200-REVOKED", _REACHED)
def consent_revoked(context: Context, r: Rule) -> Hit | None:
    if not _is_robocall(context):
        return None
    if not _is_mobile(context) and context.action.automated != "prerecorded":
        return None
    existed, revoked = _tcpa_consent(context)
    return Hit(None, {"day": say_day(context.day_of(revoked), context.today)}) if existed and revoked else None


@rule("TCPA-64.1200-CELL-CONSENT", _REACHED)
def cell_consent(context: Context, r: Rule) -> Hit | None:
    if not _is_robocall(context) or not _is_mobile(context):
        return None
    return None if _tcpa_consent(context)[0] else Hit(None)


@rule("TCPA-64.1200-RES-3IN30", CALLS)
def residential(context: Context, r: Rule) -> Hit | None:
    """Prerecorded calls to a residential landline without consent: so many in so many days."""
    if context.action.automated != "prerecorded" or context.phone is None or context.phone.kind != "landline":
        return None
    if _tcpa_consent(context)[0]:
        return None
    limit, days = r.params["limit"], r.params["days"]
    start = context.day_start(context.today - timedelta(days=days - 1))
    made = [
        e.at
        for kind in CALLS
        for e in context.history.of(kind)
        if e.direction == "out" and e.to == context.to and e.automated == "prerecorded" and start <= e.at <= context.now
    ]
    if len(made) < limit:
        return None
    return Hit(window_frees(made, limit, days, context.home), {"used": len(made), "days": days})


@rule("TCPA-64.1200-CONFIRM-5MIN", frozenset({"sms"}))
def late_confirmation(context: Context, r: Rule) -> Hit | None:
    if context.action.purpose != "opt_out_confirmation":
        return None
    refused = max(
        (
            e.at
            for e in context.history.of("opt_out")
            if e.at <= context.now and e.address in (None, context.to) and context.is_with(e)
        ),
        default=None,
    )
    if refused is None or context.now - refused <= timedelta(minutes=r.params["minutes"]):
        return None
    return Hit(decision="warn")

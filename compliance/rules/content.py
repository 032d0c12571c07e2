"""Content: what a message must carry and must not say. A message that is incomplete is `require`, not `block`."""

from __future__ import annotations

from compliance.rules.context import Context
from compliance.rules.facts import CALLS, CONTACT, ELECTRONIC, Debt, Event
from compliance.rules.history import is_communication
from compliance.rules.registry import Hit, Rule, rule

_ORAL = CALLS | {"in_person"}
_ORAL_KINDS = frozenset({"call", "ringless_voicemail", "in_person"})


def _require(tokens: list[str]) -> Hit | None:
    return Hit(decision="require", content=tuple(tokens), words={"missing": _names(tokens)}) if tokens else None


def _names(tokens: list[str]) -> str:
    return ", ".join(token.replace("_", " ") for token in sorted(tokens))


def is_limited_content(context: Context, r_required: list[str], r_optional: list[str]) -> bool:
    """A voicemail with nothing beyond the listed items is an attempt, not a communication (12 CFR 1006.2(j))."""
    if context.action.purpose != "leave_message" or context.content is None or context.action.channel not in CALLS:
        return False
    return context.content <= {*r_required, *r_optional}


@rule("REGF-1006.6D1-THIRDPARTY", CONTACT, regf=True, persons="third", inbound=True)
def third_party(context: Context, r: Rule) -> Hit | None:
    action = context.action
    if action.purpose in ("location", "postjudgment_remedy") or action.court_permission:
        return None
    return None if context.person.consumer_consented or context.person.role == "interpreter" else Hit(None)


@rule("REGF-1006.10C-ONCE", CONTACT, regf=True, persons="third")
def location_once(context: Context, r: Rule) -> Hit | None:
    person = context.person
    if context.action.purpose != "location" or person.requested_contact or person.earlier_response_erroneous:
        return None
    before = any(e.at <= context.now and is_communication(e) and context.is_with(e) for e in context.history.all())
    return Hit(None) if before else None


@rule("REGF-1006.10B-CONTENT", CONTACT, regf=True, persons="third")
def location_content(context: Context, r: Rule) -> Hit | None:
    content = context.content
    if context.action.purpose != "location" or content is None:
        return None
    forbidden = sorted(content & set(r.params["forbidden"]))
    if forbidden:
        return Hit(None, {"forbidden": _names(forbidden)}, "text_forbidden")
    return _require([token for token in r.params["required"] if token not in content])


@rule("REGF-1006.2J-LCM", CALLS, regf=True, persons="consumer")
def limited_content(context: Context, r: Rule) -> Hit | None:
    content = context.content
    if content is None or not is_limited_content(context, r.params["required"], r.params["optional"]):
        return None
    return _require([token for token in r.params["required"] if token not in content])


@rule("REGF-1006.6E-OPTOUT", ELECTRONIC, regf=True, persons="consumer")
def opt_out_words(context: Context, r: Rule) -> Hit | None:
    if context.content is None or context.action.purpose == "opt_out_confirmation":
        return None
    return _require([token for token in r.params["tokens"] if token not in context.content])


def _earlier(context: Context, debt: Debt) -> list[Event]:
    """Earlier communications about the debt with the consumer side (a co-debtor: only their own)."""
    return [
        e
        for e in context.history.all()
        if e.at <= context.now
        and is_communication(e)
        and context.is_about(e, debt)
        and (context.is_with(e) if context.co_debtor else context.is_with_consumer(e))
    ]


def _disclosure_due(context: Context, r: Rule) -> str:
    """ "initial", "subsequent" or "" for this message (12 CFR 1006.18(e))."""
    if context.content is None or context.action.purpose == "opt_out_confirmation":
        return ""
    if is_limited_content(context, r.params["lcm_required"], r.params["lcm_optional"]):
        return ""
    for debt in context.debts:
        earlier = _earlier(context, debt)
        if not earlier:
            return "initial"
        if context.action.channel not in _ORAL and all(e.kind in _ORAL_KINDS for e in earlier):
            return "initial"  # the first written one after an oral start repeats it
    return "subsequent"


@rule("REGF-1006.18E-INITIAL", CONTACT, regf=True, persons="consumer", inbound=True)
def initial_disclosure(context: Context, r: Rule) -> Hit | None:
    content = context.content
    if content is None or r.params["token"] in content:
        return None
    return _require([r.params["token"]]) if _disclosure_due(context, r) == "initial" else None


@rule("REGF-1006.18E-SUBSEQUENT", CONTACT, regf=True, persons="consumer", inbound=True)
def subsequent_disclosure(context: Context, r: Rule) -> Hit | None:
    content = context.content
    if content is None or not content.isdisjoint((r.params["token"], "initial_disclosure")):
        return None
    return _require([r.params["token"]]) if _disclosure_due(context, r) == "subsequent" else None


@rule("REGF-1006.34C-CONTENT", CONTACT, regf=True, persons="consumer")
def validation_content(context: Context, r: Rule) -> Hit | None:
    content = context.content
    if content is None or context.action.purpose != "validation_notice":
        return None
    needed = list(r.params["tokens"])
    if not any(debt.cfps for debt in context.debts):
        needed = [token for token in needed if token not in r.params["cfps_only"]]
    if "periodic_statement_enclosed" in content and all(d.secured_by_real_property for d in context.debts):
        needed = [token for token in needed if token not in r.params["statement_replaces"]]
    if context.action.channel in ELECTRONIC:
        needed += r.params["electronic"]
    return _require([token for token in needed if token not in content])

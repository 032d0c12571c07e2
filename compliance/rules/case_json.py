"""From JSON in the shape of VECTORS.md to facts and an action. Nothing is guessed: an instant needs its offset."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from compliance.rules.clock import minute_of
from compliance.rules.facts import (
    Action,
    Address,
    Attorney,
    Bankruptcy,
    BreathingSpace,
    Collector,
    CreditorNotice,
    Debt,
    Email,
    Event,
    Facts,
    Flags,
    HouseHold,
    KnownLocation,
    License,
    Medical,
    Person,
    Phone,
    PlanInDevelopment,
    Policy,
    Preferences,
    PriorCollector,
    QuietHours,
    Service,
    Window,
)

Json = Mapping[str, Any]
Resolver = Callable[[str, str, Sequence[str]], tuple[str, ...]]  # zip, state, phone numbers → zones
_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_ACTION_FIELDS = frozenset({
    "channel", "purpose", "automated", "to", "person_id", "debt_ids", "sender", "inbound", "amount_scope",
    "court_permission", "content",
})  # fmt: skip


def day_from(value: object) -> date | None:
    if value in (None, ""):
        return None
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def _needed_day(value: object) -> date:
    found = day_from(value)
    if found is None:
        raise ValueError("a day is missing")
    return found


def instant_from(value: object) -> datetime:
    """An instant with offset, in UTC. Raises ValueError for text without an offset."""
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    if moment.tzinfo is None:
        raise ValueError(f"no offset in {value!r}")
    return moment.astimezone(UTC)


def _instant(value: object) -> datetime | None:
    return None if value in (None, "") else instant_from(value)


def _text(raw: Json, *names: str) -> dict[str, str]:
    return {name: str(raw.get(name) or "") for name in names}


def _weekdays(codes: Sequence[str] | None) -> frozenset[int]:
    return frozenset(range(7)) if not codes else frozenset(_CODES.index(code) for code in codes)


def _window(raw: Json) -> Window:
    return Window(
        days=_weekdays(raw.get("days")),
        start=minute_of(raw.get("start", "00:00")),
        end=minute_of(raw.get("end", "24:00")),
        tz=raw.get("tz") or "",
        from_=day_from(raw.get("from")),
        until=day_from(raw.get("until")),
    )


def _preferences(raw: Json) -> Preferences:
    return Preferences(
        inconvenient=tuple(_window(w) for w in raw.get("inconvenient", ())),
        convenient=tuple(_window(w) for w in raw.get("convenient", ())),
        inconvenient_places=frozenset(raw.get("inconvenient_places", ())),
        language=raw.get("language", ""),
    )


def _house_hold(raw: Json) -> HouseHold:
    return HouseHold(
        kind=raw["kind"],
        label=raw.get("label") or raw["kind"],
        since=instant_from(raw["since"]),
        until=_instant(raw.get("until")),
        debt_ids=tuple(raw.get("debt_ids", ())),
    )


def _flags(raw: Json) -> Flags:
    lawyer, case, dead = raw.get("attorney"), raw.get("bankruptcy"), raw.get("deceased")
    serving, space, plan = raw.get("scra"), raw.get("breathing_space"), raw.get("repayment_plan_in_development")
    return Flags(
        attorney=Attorney(
            name=lawyer.get("name", ""),
            name_and_address_known=lawyer.get("name_and_address_known", True),
            unresponsive=bool(lawyer.get("unresponsive")),
            consents_direct=bool(lawyer.get("consents_direct")),
            debt_ids=tuple(lawyer.get("debt_ids", ())),
        )
        if lawyer
        else None,
        bankruptcy=Bankruptcy(
            chapter=int(case.get("chapter", 7)),
            status=case.get("status", "open"),
            filed_on=day_from(case.get("filed_on")),
            discharged_on=day_from(case.get("discharged_on")),
        )
        if case
        else None,
        deceased=bool(dead),
        deceased_on=day_from(dead.get("on")) if isinstance(dead, Mapping) else None,
        employer_prohibits=bool(raw.get("employer_prohibits")),
        scra=Service(_needed_day(serving["active_from"]), day_from(serving.get("active_to"))) if serving else None,
        breathing_space=BreathingSpace(
            type=space.get("type", "standard"),
            start=day_from(space.get("start")),
            treatment_ended_on=day_from(space.get("treatment_ended_on")),
            cancelled_on=day_from(space.get("cancelled_on")),
        )
        if space
        else None,
        repayment_plan=PlanInDevelopment(_needed_day(plan["informed_on"]), bool(plan.get("progress_evidence")))
        if plan
        else None,
        house_holds=tuple(_house_hold(h) for h in raw.get("house_holds", ())),
        **{
            name: bool(raw.get(name))
            for name in (
                "valid_dispute_open", "capacity_concern", "statute_barred_refusal", "gdpr_restriction",
                "gdpr_marketing_objection",
            )
        },
    )  # fmt: skip


def _address(raw: Json, resolve: Resolver | None) -> Address:
    zones = tuple(raw.get("tz") or ())
    if not zones and resolve is not None and raw.get("country", "US") == "US":
        zones = resolve(raw.get("postal_code") or "", raw.get("state") or "", ())
    return Address(
        kind=raw.get("kind", "home"),
        country=raw.get("country") or "US",
        tz=zones,
        current=raw.get("current", True) is not False,
        **_text(raw, "id", "state", "postal_code", "city", "locality"),
    )


def _phone(raw: Json, resolve: Resolver | None) -> Phone:
    zones = tuple(raw.get("tz") or ())
    if not zones and resolve is not None:
        zones = resolve("", "", (raw.get("e164") or "",))
    return Phone(
        kind=raw.get("kind") or "unknown",
        tz=zones,
        status=raw.get("status") or "active",
        tcpa_consent_on=day_from(raw.get("tcpa_consent_on")),
        **_text(raw, "id", "e164", "tcpa_consent_source"),
    )


def _email(raw: Json) -> Email:
    notice, prior = raw.get("creditor_notice"), raw.get("prior_collector")
    return Email(
        address=raw.get("address") or "",
        employer_provided=bool(raw.get("employer_provided")),
        domain_public=bool(raw.get("domain_public")),
        creditor_used=bool(raw.get("creditor_used")),
        creditor_notice=CreditorNotice(_needed_day(notice["sent_on"]), _needed_day(notice["opt_out_deadline"]))
        if notice
        else None,
        opted_out=bool(raw.get("opted_out")),
        prior_collector=PriorCollector(
            obtained_properly=bool(prior.get("obtained_properly")),
            immediately_prior_used=bool(prior.get("immediately_prior_used")),
            opted_out=bool(prior.get("opted_out")),
        )
        if prior
        else None,
    )


def _person(raw: Json, role: str, resolve: Resolver | None) -> Person:
    known = raw.get("known_location")
    return Person(
        id=raw.get("id") or "c1",
        role=raw.get("role") or role,
        name=raw.get("name") or "",
        resides_in=raw.get("resides_in") or "",
        addresses=tuple(_address(a, resolve) for a in raw.get("addresses", ())),
        phones=tuple(_phone(p, resolve) for p in raw.get("phones", ())),
        emails=tuple(_email(e) for e in raw.get("emails", ())),
        known_location=KnownLocation(tuple(known["tz"]), day_from(known.get("until")), known.get("source", ""))
        if known
        else None,
        preferences=_preferences(raw.get("preferences") or {}),
        flags=_flags(raw.get("flags") or {}),
        requested_contact=bool(raw.get("requested_contact")),
        earlier_response_erroneous=bool(raw.get("earlier_response_erroneous")),
        consumer_consented=bool(raw.get("consumer_consented")),
    )


def _medical(raw: Json) -> Medical:
    return Medical(
        tax_exempt_hospital=bool(raw.get("tax_exempt_hospital")),
        paid_by_insurance=bool(raw.get("paid_by_insurance")),
        first_bill_on=day_from(raw.get("first_bill_on")),
        action_notice_on=day_from(raw.get("action_notice_on")),
        assistance_applied_on=day_from(raw.get("assistance_applied_on")),
        assistance_decided_on=day_from(raw.get("assistance_decided_on")),
    )


def _debt(raw: Json) -> Debt:
    medical, balance = raw.get("medical"), raw.get("balance")
    return Debt(
        debt_class=raw.get("class", "consumer"),
        status=raw.get("status") or "open",
        balance=Decimal(str(balance)) if balance not in (None, "") else None,
        currency=raw.get("currency", "USD"),
        time_barred=raw.get("time_barred"),
        sol_expires_on=day_from(raw.get("sol_expires_on")),
        sol_started_on=day_from(raw.get("sol_started_on")),
        dofd=day_from(raw.get("dofd")),
        incurred_on=day_from(raw.get("incurred_on")),
        cfps=raw.get("cfps", True) is not False,
        dischargeable=raw.get("dischargeable", True) is not False,
        identity_theft_605b=bool(raw.get("identity_theft_605b")),
        identity_theft_report=bool(raw.get("identity_theft_report")),
        secured_by_real_property=bool(raw.get("secured_by_real_property")),
        medical=_medical(medical) if medical is not None else None,
        id=raw.get("id") or "",
        type=raw.get("type") or "",
        current_creditor=raw.get("current_creditor") or "",
        creditor_key=raw.get("creditor_key") or "",
        original_creditor=raw.get("original_creditor") or "",
        account_group=raw.get("account_group") or "",
        contract_signed_in=raw.get("contract_signed_in") or "",
        property_in=raw.get("property_in") or "",
    )


def _event(raw: Json) -> Event:
    automated = raw.get("automated")
    return Event(
        at=instant_from(raw["at"]),
        direction=raw.get("direction") or "out",
        debt_ids=tuple(raw.get("debt_ids") or ()),
        from_=raw.get("from") or "",
        automated="prerecorded" if automated is True else str(automated or ""),
        address=raw.get("address"),
        written=raw.get("written"),
        received_at=_instant(raw.get("received_at")),
        valid_from=_instant(raw.get("valid_from")),
        until=_instant(raw.get("until")),
        written_confirmation_at=_instant(raw.get("written_confirmation_at")),
        **_text(
            raw, "kind", "id", "person_id", "to", "outcome", "purpose", "via", "ref", "scope", "medium", "portion",
            "phone", "result", "entry", "code",
        ),
    )  # fmt: skip


def _policy(raw: Json) -> Policy:
    quiet = raw.get("quiet_hours")
    days = raw.get("no_contact_days")
    return Policy(
        presumptions=raw.get("presumptions", "enforce"),
        apply_regf_to_first_party=bool(raw.get("apply_regf_to_first_party")),
        quiet_hours=QuietHours(minute_of(quiet["open"]), minute_of(quiet["close"])) if quiet else None,
        no_contact_days=_weekdays(days) if days else frozenset(),
        no_contact_federal_holidays=bool(raw.get("no_contact_federal_holidays")),
        furnish_wait_days=raw.get("furnish_wait_days"),
        max_electronic_per_week=raw.get("max_electronic_per_week"),
        unknown_age=raw.get("unknown_age", "allow"),
    )


def _collector(raw: Json) -> Collector:
    held = raw.get("licenses")
    return Collector(
        type=raw.get("type", "third_party"),
        name=raw.get("name", ""),
        uses_third_party_name=bool(raw.get("uses_third_party_name")),
        principal_purpose=raw.get("principal_purpose", True) is not False,
        licenses=None
        if held is None
        else tuple(License(i["state"], day_from(i.get("valid_until")), day_from(i.get("valid_from"))) for i in held),
    )


def facts_from_json(given: Json, *, resolve: Resolver | None = None) -> Facts:
    """Facts from a case's `given`. `resolve` finds zones where an address or number carries none.

    Raises ValueError or KeyError when the case cannot be read.
    """
    first = given.get("debt")
    debts = ([first] if first else []) + list(given.get("debts", ()))
    return Facts(
        consumer=_person(given.get("consumer") or {}, "consumer", resolve),
        debts=tuple(_debt(d) for d in debts),
        persons=tuple(_person(p, "third_party", resolve) for p in given.get("persons", ())),
        history=tuple(_event(e) for e in given.get("history", ())),
        collector=_collector(given.get("collector") or {}),
        policy=_policy(given.get("policy") or {}),
        jurisdiction=given.get("jurisdiction", "US"),
    )


def action_from_json(raw: Json) -> Action:
    """An action from a case. Fields of one channel stay in `extra` as they are."""
    content = raw.get("content")
    return Action(
        channel=raw["channel"],
        purpose=raw.get("purpose") or "collect",
        automated=raw.get("automated") or "none",
        to=raw.get("to") or "",
        person_id=raw.get("person_id") or "",
        debt_ids=tuple(raw.get("debt_ids") or ()),
        sender_name=(raw.get("sender") or {}).get("name", ""),
        inbound=bool(raw.get("inbound")),
        amount_scope=raw.get("amount_scope") or "",
        court_permission=bool(raw.get("court_permission")),
        content=None if content is None else frozenset(content),
        extra={key: value for key, value in raw.items() if key not in _ACTION_FIELDS},
    )

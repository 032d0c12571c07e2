"""The engine's picture of one person: rows in, frozen facts out. Ids in the facts are primary keys as text."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any

from accounts import places
from accounts.models import Account, AccountParty, ContactPoint
from compliance.rules import facts as f

from .gather import Entry, Rows
from .happenings import Happening
from .models import Hold, Preference

_STATUS = {
    ContactPoint.Status.WRONG_PARTY: "wrong_number",
    ContactPoint.Status.BAD: "disconnected",
    ContactPoint.Status.RETIRED: "disconnected",
}
_DATES = frozenset({"received_at", "valid_from", "until", "written_confirmation_at"})
_WORDS = frozenset({
    "id", "purpose", "automated", "via", "ref", "scope", "medium", "address", "written", "portion", "phone", "result",
    "entry", "code",
})  # fmt: skip
ROLES = {
    AccountParty.Role.CO_OBLIGOR.value: "co_debtor",
    AccountParty.Role.GUARANTOR.value: "co_debtor",
    AccountParty.Role.ATTORNEY.value: "attorney",
    AccountParty.Role.EXECUTOR.value: "executor",
    AccountParty.Role.SPOUSE.value: "spouse",
    AccountParty.Role.POWER_OF_ATTORNEY.value: "guardian",
}
HOUSE = (
    Hold.Kind.COMPLAINT, Hold.Kind.HARDSHIP, Hold.Kind.INTERNAL, Hold.Kind.NO_ADDRESS, Hold.Kind.IDENTITY_THEFT,
    Hold.Kind.DISPUTE,
)  # fmt: skip
_NYC_ZIPS = ("100", "101", "102", "103", "104", "111", "112", "113", "114", "116", "11004", "11005")
_NYC = frozenset({"new york", "new york city", "manhattan", "brooklyn", "bronx", "queens", "staten island"})
_EU = frozenset({
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT",
    "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
})  # fmt: skip


def person(
    pk: int, rows: Rows, *, role: str = "consumer", name: str = "", state: str = "", language: str = ""
) -> f.Person:
    """One person with their places, ways to reach them, wishes and what has become of them."""
    kinds = ContactPoint.Kind
    return f.Person(
        id=str(pk),
        role=role,
        name=name,
        resides_in=state,
        addresses=tuple(_address(p) for p in rows.points if p.kind == kinds.ADDRESS),
        phones=tuple(_phone(p) for p in rows.points if p.kind == kinds.PHONE),
        emails=tuple(_email(p, rows) for p in rows.points if p.kind == kinds.EMAIL),
        known_location=_location(rows.preferences),
        preferences=_preferences(language, rows.preferences),
        flags=_flags(rows),
    )


def jurisdiction(rows: Rows) -> str:
    """Whose law: by the countries of the addresses in use; US when there is none or one of them is."""
    lands = {p.country for p in rows.points if p.kind == ContactPoint.Kind.ADDRESS and p.usable}
    if not lands or "US" in lands:
        return "US"
    return "UK" if lands & {"GB", "UK"} else "EU" if lands <= _EU else "US"


def _address(point: ContactPoint) -> f.Address:
    return f.Address(
        id=str(point.pk),
        kind="work" if point.use == ContactPoint.Use.WORK else "home",
        state=point.state,
        postal_code=point.postal_code,
        country=point.country,
        city=point.city,
        locality="NYC" if _in_new_york_city(point) else "",
        tz=places.zip_zones(point.postal_code, point.state),
        current=point.usable,
    )


def _in_new_york_city(point: ContactPoint) -> bool:
    """By ZIP, which knows the five boroughs; by the city's name where there is no ZIP."""
    if point.state != "NY":
        return False
    if point.postal_code:
        return point.postal_code.startswith(_NYC_ZIPS)
    return point.city.strip().lower() in _NYC


def _phone(point: ContactPoint) -> f.Phone:
    return f.Phone(
        id=str(point.pk),
        e164=point.value,
        kind="work" if point.use == ContactPoint.Use.WORK else point.line or "unknown",
        tz=places.phone_zones(point.value),
        status=_STATUS.get(ContactPoint.Status(point.status), "active"),
    )


def _email(point: ContactPoint, rows: Rows) -> f.Email:
    notice = next((e for e in rows.events if e.kind == "creditor_email_notice" and e.address == point.value), None)
    return f.Email(
        address=point.value,
        employer_provided=point.employer_provided or point.use == ContactPoint.Use.WORK,
        domain_public=not point.employer_provided,
        creditor_used=bool(notice) or any(e.kind == "creditor_email_used" for e in rows.events),
        creditor_notice=f.CreditorNotice(
            sent_on=notice.at.date(), opt_out_deadline=date.fromisoformat(notice.facts["opt_out_deadline"])
        )
        if notice
        else None,
    )


def _location(preferences: Iterable[Entry]) -> f.KnownLocation | None:
    for row in preferences:
        if row.kind == Preference.Kind.LOCATION and row.facts.get("tz"):
            return f.KnownLocation(
                tz=tuple(row.facts["tz"]), until=row.until.date() if row.until else None, source=row.source
            )
    return None


def _window(row: Entry) -> f.Window:
    facts = row.facts
    return f.Window(
        days=frozenset(facts.get("days") or range(7)),
        start=int(facts.get("start", 0)),
        end=int(facts.get("end", 1440)),
        tz=facts.get("tz", ""),
        from_=date.fromisoformat(facts["from"]) if facts.get("from") else None,
        until=date.fromisoformat(facts["until"]) if facts.get("until") else None,
    )


def _preferences(language: str, rows: Sequence[Entry]) -> f.Preferences:
    kinds = Preference.Kind
    return f.Preferences(
        inconvenient=tuple(_window(r) for r in rows if r.kind == kinds.INCONVENIENT_TIME),
        convenient=tuple(_window(r) for r in rows if r.kind == kinds.CONVENIENT_TIME),
        inconvenient_places=frozenset(
            str(r.facts.get("place", "home")) for r in rows if r.kind == kinds.INCONVENIENT_PLACE
        ),
        language=language,
    )


def _flags(rows: Rows) -> f.Flags:
    by_kind: dict[str, list[Entry]] = defaultdict(list)
    for hold in rows.holds:
        by_kind[hold.kind].append(hold)
    return f.Flags(
        attorney=_attorney(by_kind[Hold.Kind.ATTORNEY]),
        bankruptcy=_bankruptcy(by_kind[Hold.Kind.BANKRUPTCY]),
        deceased=bool(by_kind[Hold.Kind.DECEASED]),
        employer_prohibits=any(p.kind == Preference.Kind.EMPLOYER_PROHIBITS for p in rows.preferences),
        breathing_space=_breathing(by_kind[Hold.Kind.BREATHING_SPACE]),
        house_holds=tuple(_house(h) for h in rows.holds if _is_house(h)),
    )


def _is_house(hold: Entry) -> bool:
    """Our own pauses; and a spoken request to stop that was put down as a hold (the law asks for writing)."""
    return hold.kind in HOUSE or (hold.kind == Hold.Kind.CEASE and hold.facts.get("written") is False)


def _house(hold: Entry) -> f.HouseHold:
    return f.HouseHold(
        hold.kind, str(Hold.Kind(hold.kind).label), hold.since.astimezone(UTC), hold.until, _debts_of(hold)
    )


def _debts_of(hold: Entry) -> tuple[str, ...]:
    if hold.account is not None:
        return (str(hold.account),)
    return tuple(str(pk) for pk in hold.facts.get("debt_ids") or ())


def _attorney(holds: list[Entry]) -> f.Attorney | None:
    """A name is enough to find the attorney (readily ascertainable); several holds bind all their debts."""
    if not holds:
        return None
    named = [_debts_of(h) for h in holds]
    debts = () if any(not d for d in named) else tuple(pk for d in named for pk in d)
    return f.Attorney(name=str(holds[0].facts.get("name", "")), debt_ids=debts)


def _bankruptcy(holds: list[Entry]) -> f.Bankruptcy | None:
    if not holds:
        return None
    facts = holds[0].facts
    filed, over = facts.get("filed_on"), facts.get("discharged_on")
    return f.Bankruptcy(
        chapter=int(facts.get("chapter", 7)),
        status=str(facts.get("status", "open")),
        filed_on=date.fromisoformat(filed) if filed else None,
        discharged_on=date.fromisoformat(over) if over else None,
    )


def _breathing(holds: list[Entry]) -> f.BreathingSpace | None:
    if not holds:
        return None
    facts = holds[0].facts
    return f.BreathingSpace(type=str(facts.get("type", "standard")), start=holds[0].since.date())


def debt(account: Account, holds: Iterable[Entry] = ()) -> f.Debt:
    """One debt; a report of identity theft on it or on the person is a fact of the debt."""
    portfolio = account.portfolio
    status = {"PAID": "paid", "SETTLED": "settled"}.get(account.status, "open")
    kind = portfolio.product.lower()
    medical = "medical" in kind or "hospital" in kind
    stolen = any(h.kind == Hold.Kind.IDENTITY_THEFT and h.account in (None, account.pk) for h in holds)
    return f.Debt(
        id=str(account.pk),
        debt_class=portfolio.debt_class,
        type="medical" if medical else "",
        current_creditor=portfolio.creditor.name,
        creditor_key=portfolio.creditor.slug,
        original_creditor=account.original_creditor,
        status=status,
        balance=account.balance,
        currency=account.currency,
        sol_expires_on=account.limitation_date,
        dofd=account.delinquency_date,
        incurred_on=account.opened_on,
        identity_theft_report=stolen,
        medical=_medical(account, "hospital" in kind) if medical else None,
    )


def _medical(account: Account, hospital: bool) -> f.Medical:
    """From `account.extra["medical"]`; a hospital that nobody asked about counts as tax-exempt (the careful answer)."""
    raw: dict[str, Any] = account.extra.get("medical") or {}

    def day(name: str) -> date | None:
        return date.fromisoformat(raw[name]) if raw.get(name) else None

    return f.Medical(
        tax_exempt_hospital=bool(raw.get("tax_exempt_hospital", hospital)),
        paid_by_insurance=bool(raw.get("paid_by_insurance")),
        first_bill_on=day("first_bill_on"),
        action_notice_on=day("action_notice_on"),
        assistance_applied_on=day("assistance_applied_on"),
        assistance_decided_on=day("assistance_decided_on"),
    )


def history(pk: int, rows: Rows) -> list[f.Event]:
    """What happened with this person as the rules count it, cease holds without a letter on file included."""
    found = [event(row) for row in rows.events]
    for hold in rows.holds:
        if hold.kind == Hold.Kind.CEASE and not _is_house(hold) and not _has_letter(hold, rows.events):
            found.append(
                f.Event(
                    kind="cease",
                    at=hold.since,
                    direction="in",
                    debt_ids=_debts_of(hold),
                    written=True,
                    person_id=str(pk),
                    received_at=hold.since,
                )  # fmt: skip
            )
    return found


def _has_letter(hold: Entry, events: Iterable[Happening]) -> bool:
    about = [] if hold.account is None else [hold.account]
    return any(e.kind == "cease" and e.facts.get("written") and e.account_ids in ([], about) for e in events)


def event(row: Happening) -> f.Event:
    """One row of history as the rules count it."""
    known: dict[str, Any] = {}
    for name, value in row.facts.items():
        if name in _WORDS and value is not None:
            known[name] = value
        elif name in _DATES and value:
            known[name] = datetime.fromisoformat(value)
    known.setdefault("id", row.id)
    if row.address and row.kind in ("opt_out", "opt_in", "consent", "third_party_disclosure"):
        known.setdefault("address", row.address)
    known["to" if row.direction == "out" else "from_"] = row.address
    return f.Event(
        kind=row.kind,
        at=row.at,
        direction=row.direction,
        person_id=str(row.debtor_id),
        debt_ids=tuple(map(str, row.account_ids)),
        outcome=row.outcome,
        **known,
    )


def to_dict(snapshot: f.Facts) -> dict[str, Any]:
    """What of the facts is stored with a verdict: enough to see why, no names or numbers in clear."""
    consumer = snapshot.consumer
    flags = consumer.flags
    return {
        "places": [{"state": a.state, "zip3": a.postal_code[:3], "tz": list(a.tz)} for a in consumer.addresses],
        "phones": [{"id": p.id, "kind": p.kind, "tz": list(p.tz), "status": p.status} for p in consumer.phones],
        "debts": [{"id": d.id, "class": d.debt_class, "status": d.status} for d in snapshot.debts],
        "events": len(snapshot.history),
        "last_event": max(e.at for e in snapshot.history).isoformat() if snapshot.history else None,
        "holds": sorted({h.kind for h in flags.house_holds}),
        "status": [n for n in ("attorney", "bankruptcy", "deceased", "employer_prohibits") if getattr(flags, n)],
        "wishes": len(consumer.preferences.inconvenient) + len(consumer.preferences.inconvenient_places),
        "persons": [{"id": p.id, "role": p.role} for p in snapshot.persons],
        "collector": snapshot.collector.type,
        "presumptions": snapshot.policy.presumptions,
        "jurisdiction": snapshot.jurisdiction,
    }

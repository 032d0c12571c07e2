"""From rows to the engine's facts: a handful of queries for one person or for a thousand.

The history is read as the rules need it: every instruction and consent ever, and contacts of the
last 100 days (the longest look back of a count is 60). Ids in the facts are primary keys as text.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q

from accounts.models import Account, ContactPoint, Debtor, Firm, Licence
from compliance import places
from compliance.rules import facts as f

from .models import ContactEvent, Hold, Preference

LOOK_BACK = timedelta(days=100)
PASSING = ("call", "attempt", "ringless_voicemail", "sms", "email", "letter", "in_person")
_STATUS = {
    ContactPoint.Status.WRONG_PARTY: "wrong_number",
    ContactPoint.Status.BAD: "disconnected",
    ContactPoint.Status.RETIRED: "disconnected",
}
_DATES = ("received_at", "valid_from", "until", "written_confirmation_at")
_WORDS = (
    "id", "purpose", "automated", "via", "ref", "scope", "medium", "address", "written", "portion", "phone", "result",
    "entry", "code",
)  # fmt: skip


@dataclass(slots=True)
class Rows:
    """What was read for one person."""

    points: list[ContactPoint]
    holds: list[Hold]
    preferences: list[Preference]
    events: list[ContactEvent]


@dataclass(slots=True)
class House:
    """What is the same for everybody: who we are and where we hold a licence."""

    name: str
    licenses: tuple[f.License, ...] | None


def house() -> House:
    """Two queries. Without any licence row licences are not judged (a firm that needs none)."""
    firm = Firm.objects.only("name").first()
    rows = Licence.objects.values_list("state", "valid_until", "valid_from")
    licenses = tuple(f.License(state=s, valid_until=u, valid_from=b) for s, u, b in rows)
    return House(firm.name if firm else "", licenses or None)


def read(debtor_ids: Sequence[int], *, at: datetime, known_at: datetime | None = None) -> dict[int, Rows]:
    """Contact points, holds, preferences and history of these people: four queries.

    With `known_at`, only what had been recorded by then (what we knew on that day).
    """
    ids = list(debtor_ids)
    found = {pk: Rows([], [], [], []) for pk in ids}
    holds = Hold.objects.filter(debtor__in=ids, since__lte=at).filter(Q(lifted_at=None) | Q(lifted_at__gt=at))
    preferences = Preference.objects.filter(debtor__in=ids, since__lte=at).filter(
        Q(withdrawn_at=None) | Q(withdrawn_at__gt=at)
    )
    events = ContactEvent.objects.filter(debtor__in=ids, at__lte=at).exclude(kind__in=PASSING, at__lt=at - LOOK_BACK)
    if known_at is not None:
        holds = holds.filter(recorded_at__lte=known_at)
        preferences = preferences.filter(recorded_at__lte=known_at)
        events = events.filter(recorded_at__lte=known_at)
    for point in ContactPoint.objects.filter(debtor__in=ids).order_by("pk"):
        found[point.debtor_id].points.append(point)
    for hold in holds.order_by("pk"):
        found[hold.debtor_id].holds.append(hold)
    for preference in preferences.order_by("pk"):
        found[preference.debtor_id].preferences.append(preference)
    for event in events.order_by("at", "pk"):
        found[event.debtor_id].events.append(event)
    for rows in found.values():
        rows.events = _folded(rows.events)
    return found


def _folded(events: list[ContactEvent]) -> list[ContactEvent]:
    """An attempt is written before the phone rings; the call with its outcome, of the same source, takes its place."""
    ended = {(e.source_type, e.source_id) for e in events if e.kind == "call" and e.source_id}
    kept = []
    for row in events:
        if row.kind == "attempt":
            if (row.source_type, row.source_id) in ended:
                continue
            row.kind = "call"
        kept.append(row)
    return kept


def facts(debtor: Debtor, accounts: Sequence[Account], rows: Rows, house: House) -> f.Facts:
    """The engine's snapshot for one person and these debts (their portfolios loaded)."""
    portfolio = accounts[0].portfolio if accounts else None
    return f.Facts(
        consumer=person(debtor, rows),
        debts=tuple(debt(account) for account in accounts) or (f.Debt(),),
        history=tuple(event(row) for row in rows.events),
        collector=f.Collector(
            type=portfolio.collector_type if portfolio else "third_party", name=house.name, licenses=house.licenses
        ),
        policy=f.Policy(presumptions=portfolio.presumptions if portfolio else "enforce"),
    )


def person(debtor: Debtor, rows: Rows) -> f.Person:
    return f.Person(
        id="c1",
        name=debtor.name,
        resides_in=debtor.state,
        addresses=tuple(_address(p) for p in rows.points if p.kind == ContactPoint.Kind.ADDRESS),
        phones=tuple(_phone(p) for p in rows.points if p.kind == ContactPoint.Kind.PHONE),
        emails=tuple(_email(p, rows) for p in rows.points if p.kind == ContactPoint.Kind.EMAIL),
        known_location=_location(rows.preferences),
        preferences=_preferences(debtor, rows.preferences),
        flags=_flags(rows),
    )


def _address(point: ContactPoint) -> f.Address:
    city = point.city.strip().lower()
    return f.Address(
        id=str(point.pk),
        kind="work" if point.use == ContactPoint.Use.WORK else "home",
        state=point.state,
        postal_code=point.postal_code,
        country=point.country,
        city=point.city,
        locality="NYC" if point.state == "NY" and city in _NYC else "",
        tz=places.zip_zones(point.postal_code, point.state),
        current=point.usable,
    )


_NYC = frozenset({"new york", "new york city", "manhattan", "brooklyn", "bronx", "queens", "staten island"})


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


def _location(preferences: Iterable[Preference]) -> f.KnownLocation | None:
    for row in preferences:
        if row.kind == Preference.Kind.LOCATION and row.facts.get("tz"):
            return f.KnownLocation(
                tz=tuple(row.facts["tz"]), until=row.until.date() if row.until else None, source=row.source
            )
    return None


def _window(row: Preference) -> f.Window:
    facts = row.facts
    return f.Window(
        days=frozenset(facts.get("days", range(7))),
        start=int(facts.get("start", 0)),
        end=int(facts.get("end", 1440)),
        tz=facts.get("tz", ""),
        from_=date.fromisoformat(facts["from"]) if facts.get("from") else None,
        until=date.fromisoformat(facts["until"]) if facts.get("until") else None,
    )


def _preferences(debtor: Debtor, rows: Sequence[Preference]) -> f.Preferences:
    kinds = Preference.Kind
    return f.Preferences(
        inconvenient=tuple(_window(r) for r in rows if r.kind == kinds.INCONVENIENT_TIME),
        convenient=tuple(_window(r) for r in rows if r.kind == kinds.CONVENIENT_TIME),
        inconvenient_places=frozenset(
            str(r.facts.get("place", "home")) for r in rows if r.kind == kinds.INCONVENIENT_PLACE
        ),
        language=debtor.language,
    )


def _flags(rows: Rows) -> f.Flags:
    by_kind: dict[str, list[Hold]] = defaultdict(list)
    for hold in rows.holds:
        by_kind[hold.kind].append(hold)
    return f.Flags(
        attorney=_attorney(by_kind[Hold.Kind.ATTORNEY]),
        bankruptcy=_bankruptcy(by_kind[Hold.Kind.BANKRUPTCY]),
        deceased=bool(by_kind[Hold.Kind.DECEASED]),
        employer_prohibits=any(p.kind == Preference.Kind.EMPLOYER_PROHIBITS for p in rows.preferences),
        breathing_space=_breathing(by_kind[Hold.Kind.BREATHING_SPACE]),
    )


def _attorney(holds: list[Hold]) -> f.Attorney | None:
    if not holds:
        return None
    debts = () if any(h.account_id is None for h in holds) else tuple(str(h.account_id) for h in holds)
    return f.Attorney(name=str(holds[0].facts.get("name", "")), debt_ids=debts)


def _bankruptcy(holds: list[Hold]) -> f.Bankruptcy | None:
    if not holds:
        return None
    facts = holds[0].facts
    filed = facts.get("filed_on")
    return f.Bankruptcy(
        chapter=int(facts.get("chapter", 7)),
        status=str(facts.get("status", "open")),
        filed_on=date.fromisoformat(filed) if filed else holds[0].since.date(),
    )


def _breathing(holds: list[Hold]) -> f.BreathingSpace | None:
    return f.BreathingSpace(start=holds[0].since.date()) if holds else None


def debt(account: Account) -> f.Debt:
    portfolio = account.portfolio
    status = {"PAID": "paid", "SETTLED": "settled"}.get(account.status, "open")
    return f.Debt(
        id=str(account.pk),
        debt_class=portfolio.debt_class,
        type="medical" if "medical" in portfolio.product.lower() or "hospital" in portfolio.product.lower() else "",
        current_creditor=portfolio.creditor.name,
        original_creditor=account.original_creditor,
        status=status,
        balance=account.balance,
        currency=account.currency,
        sol_expires_on=account.limitation_date,
        dofd=account.delinquency_date,
        incurred_on=account.opened_on,
    )


def event(row: ContactEvent) -> f.Event:
    """One row of history as the rules count it."""
    known: dict[str, Any] = {name: row.facts[name] for name in _WORDS if row.facts.get(name) is not None}
    known |= {name: datetime.fromisoformat(row.facts[name]) for name in _DATES if row.facts.get(name)}
    known.setdefault("id", str(row.pk))
    if row.kind in ("opt_out", "opt_in", "consent", "third_party_disclosure") and row.address:
        known.setdefault("address", row.address)
    known["to" if row.direction == "out" else "from_"] = row.address
    return f.Event(
        kind=row.kind,
        at=row.at,
        direction=row.direction,
        debt_ids=tuple(str(pk) for pk in row.account_ids),
        outcome=row.outcome,
        **known,
    )


def to_dict(snapshot: f.Facts) -> dict[str, Any]:
    """What of the facts is stored with a verdict: enough to see why, no names or numbers in clear."""
    consumer = snapshot.consumer
    return {
        "places": [{"state": a.state, "zip3": a.postal_code[:3], "tz": list(a.tz)} for a in consumer.addresses],
        "phones": [{"id": p.id, "kind": p.kind, "tz": list(p.tz), "status": p.status} for p in consumer.phones],
        "debts": [{"id": d.id, "class": d.debt_class, "status": d.status} for d in snapshot.debts],
        "events": len(snapshot.history),
        "last_event": snapshot.history[-1].at.isoformat() if snapshot.history else None,
        "collector": snapshot.collector.type,
        "presumptions": snapshot.policy.presumptions,
    }

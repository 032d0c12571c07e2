"""Phones, e-mails and addresses: added, judged, and what they say about where a person may be (F11)."""

import re
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from accounts import places, signals
from accounts.models import ContactPoint, Debtor
from accounts.placement_zips import STATES, state_code, zip_fits_state
from core import audit
from core.models import StatusChange
from core.text import TextError, clean, normalise_email, normalise_phone

Kind, Line, Source, Status, Use = (
    ContactPoint.Kind,
    ContactPoint.Line,
    ContactPoint.Source,
    ContactPoint.Status,
    ContactPoint.Use,
)
USABLE = (Status.ACTIVE, Status.UNVERIFIED)
_ZIP = re.compile(r"[0-9]{5}(-[0-9]{4})?")


class ContactPointRefused(Exception):
    """The value is no phone, e-mail or address; the text is a sentence for the person who typed it."""


@transaction.atomic
def add_contact_point(
    *,
    debtor: Debtor,
    kind: str,
    value: str,
    source: str,
    by: Any,
    at: datetime,
    use: str = Use.OTHER,
    line: str = Line.UNKNOWN,
    address_line2: str = "",
    city: str = "",
    state: str = "",
    postal_code: str = "",
    country: str = "US",
    status: str = Status.ACTIVE,
    extension: str = "",
    employer_provided: bool = False,
    preferred: bool = False,
) -> ContactPoint:
    """Add a way to reach a person, in normal form; the same one again gives the one there is.

    A value that had gone bad comes back into use when the person herself gives it. Afterwards the person's
    zones and state are those of her usable points. Raises ContactPointRefused.
    """
    place = _place(kind, address_line2, city, state, postal_code, country)
    normal = _normal(kind, value, country)
    point, new = ContactPoint.objects.get_or_create(
        debtor=debtor,
        kind=kind,
        value=normal,
        address_line2=place["address_line2"],
        postal_code=place["postal_code"],
        defaults={
            "use": use,
            "line": line if kind == Kind.PHONE else Line.UNKNOWN,
            "city": place["city"],
            "state": place["state"],
            "country": place["country"],
            "zone": _zone(kind, normal, place),
            "status": status,
            "status_at": at,
            "source": source,
            "source_at": at,
            "employer_provided": employer_provided,
            "preferred": preferred,
            "extension": extension[:10],
        },
    )
    if new:
        _tell("contact_point.added", point, by=by, at=at, data={"kind": kind, "use": use, "source": source})
        _tell_of_numbers([point], at)
    elif not point.usable and source == Source.CONSUMER:
        _move(point, Status.ACTIVE, by=by, at=at, reason="Given again by the person")
        _tell_of_numbers([point], at)
    refresh_places(debtor)
    return point


@transaction.atomic
def set_contact_status(
    *, point: ContactPoint, status: str, by: Any, at: datetime, reason: str = "", everywhere: bool = False
) -> None:
    """Say how a number, e-mail or address stands. `everywhere`: the same value on every other person, too (F11)."""
    points = [point]
    if everywhere:
        same = ContactPoint.objects.filter(kind=point.kind, value=point.value, postal_code=point.postal_code)
        points += list(same.exclude(pk=point.pk).select_related("debtor").order_by("pk"))
    moved = [each for each in points if each.status != status]
    for each in moved:
        _move(each, status, by=by, at=at, reason=reason)
        refresh_places(each.debtor)
    _tell_of_numbers(moved, at)


def refresh_places(debtor: Debtor) -> None:
    """Write the person's zones, home zone and state from her usable points. Every zone of a split ZIP counts."""
    points = list(
        ContactPoint.objects.filter(debtor=debtor, status__in=USABLE).order_by("-preferred", "-source_at", "-pk")
    )
    addresses = [p for p in points if p.kind == Kind.ADDRESS]
    phones = [p.value for p in points if p.kind == Kind.PHONE]
    zones: list[str] = []
    for address in addresses:
        zones += address_zones(address.postal_code, address.state)
    zones += places.zones_for("", "", phones)
    debtor.zones = list(dict.fromkeys(zones))
    debtor.home_zone = debtor.zones[0] if debtor.zones else ""
    debtor.state = addresses[0].state if addresses else debtor.state
    debtor.zone_key = zone_key(debtor.zones)
    Debtor.objects.filter(pk=debtor.pk).update(
        zones=debtor.zones,
        home_zone=debtor.home_zone,
        state=debtor.state,
        zone_key=debtor.zone_key,
        contact_version=F("contact_version") + 1,
    )


def zone_key(zones: list[str]) -> str:
    """The text by which people with the same zones are found at once."""
    return "|".join(sorted(zones))[:160]


def address_zones(postal_code: str, state: str) -> list[str]:
    """Zones of an address, home first; when ZIP and state disagree, those of both."""
    zones = list(places.zip_zones(postal_code, state))
    if state and postal_code and not zip_fits_state(postal_code, state):
        zones += places.zip_zones("", state)
    return list(dict.fromkeys(zones))


def _normal(kind: str, value: str, country: str) -> str:
    if kind == Kind.PHONE:
        phone = normalise_phone(value, country or "US")
        if phone is None:
            raise ContactPointRefused("This is not a telephone number. Write it with its area code.")
        return phone
    if kind == Kind.EMAIL:
        email = normalise_email(value)
        if email is None:
            raise ContactPointRefused("This is not an e-mail address.")
        return email
    return _text(value, 160, "Enter the street and number.")


def _place(kind: str, line2: str, city: str, state: str, postal_code: str, country: str) -> dict[str, str]:
    if kind != Kind.ADDRESS:
        return {"address_line2": "", "city": "", "state": "", "postal_code": "", "country": country or "US"}
    code = state_code(state) if state else ""
    zip_code = postal_code.strip().upper()
    if country == "US":
        if code not in STATES:
            raise ContactPointRefused("Enter the state as two letters, such as TX.")
        if not _ZIP.fullmatch(zip_code):
            raise ContactPointRefused("Enter the ZIP in five digits.")
    return {
        "address_line2": _text(line2, 120),
        "city": _text(city, 80, "Enter the city."),
        "state": (code or state)[:3],
        "postal_code": zip_code[:12],
        "country": country,
    }


def _text(value: str, longest: int, needed: str = "") -> str:
    try:
        text = clean(value, longest)
    except TextError as wrong:
        raise ContactPointRefused(str(wrong)) from wrong
    if needed and not text:
        raise ContactPointRefused(needed)
    return text


def _zone(kind: str, value: str, place: dict[str, str]) -> str:
    zones: tuple[str, ...] | list[str] = ()
    if kind == Kind.PHONE:
        zones = places.phone_zones(value)
    elif kind == Kind.ADDRESS:
        zones = address_zones(place["postal_code"], place["state"])
    return zones[0] if zones else ""


def _move(point: ContactPoint, status: str, *, by: Any, at: datetime, reason: str) -> None:
    old, point.status, point.status_at, point.status_reason = point.status, status, at, reason[:200]
    point.save(update_fields=["status", "status_at", "status_reason"])
    StatusChange.objects.create(
        subject_type=point._meta.label_lower,
        subject_id=point.pk,
        from_status=old,
        to_status=status,
        at=at,
        by=by,
        reason=reason[:500],
    )
    _tell("contact_point.status_changed", point, by=by, at=at, data={"from": old, "to": status}, reason=reason)


def _tell(action: str, point: ContactPoint, *, by: Any, at: datetime, data: dict[str, Any], reason: str = "") -> None:
    audit.record(action, actor=by, subject=point, data=data, reason=reason[:500], person_id=point.debtor_id, at=at)


def _tell_of_numbers(points: list[ContactPoint], at: datetime) -> None:
    phones = [point for point in points if point.kind == Kind.PHONE]
    if phones:
        signals.after_commit(signals.numbers_changed, ContactPoint, points=phones, at=at)

"""Makers for tests: plain functions with keyword defaults; also the smallest building blocks of demo and benches."""

import itertools
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from typing import Any

from django.apps import apps
from django.db import connection

from accounts import services as accounts
from accounts.models import (
    Account,
    AccountParty,
    ContactPoint,
    Debtor,
    Firm,
    Licence,
    Organization,
    OrganizationRole,
    Placement,
    Portfolio,
)
from users.models import Team, User

_numbers = itertools.count(1)
NOON = datetime(2026, 11, 17, 17, 0, tzinfo=UTC)  # Tue Nov 17, 2026, 11:00 AM in Chicago, 10:00 AM in El Paso
PASSWORD = "a long enough pass phrase"


_REFERENCE = (
    "ledger.migrations.0002_chart",
    "accounts.migrations.0002_components",
    "contacts.migrations.0002_dispositions",
    "contacts.migrations.0004_distress_outcome",
    "compliance.migrations.0004_load_rule_packs",
)


def reference_data() -> None:
    """What the data migrations put in: the chart of accounts, the parts of a balance, the outcomes of a call."""
    with connection.schema_editor() as editor:
        for name in _REFERENCE:
            import_module(name).add(apps, editor)


def user(name: str = "Olive Marsh", *roles: str, team: Team | None = None, **fields: Any) -> User:
    """Somebody who may sign in with PASSWORD."""
    fields.setdefault("username", name.split()[0].lower())
    person = User.objects.create_user(password=PASSWORD, display_name=name, role_list=list(roles), **fields)
    if team is not None:
        person.teams.add(team)
    return person


def team(name: str = "North") -> Team:
    return Team.objects.get_or_create(slug=name.lower(), defaults={"name": name})[0]


def organization(name: str = "Northwind Energy", *kinds: str) -> Organization:
    found, _ = Organization.objects.get_or_create(name=name)
    for kind in kinds or ("CREDITOR", "OWNER"):
        OrganizationRole.objects.get_or_create(organization=found, kind=kind)
    return found


def firm(**fields: Any) -> Firm:
    """Larkfield Recovery, licensed in every state that the stories need."""
    defaults = {
        "name": "Larkfield Recovery",
        "address_line1": "400 Mill Street",
        "city": "Evanston",
        "state": "IL",
        "postal_code": "60201",
        "phone": "+18475550100",
        "email": "help@larkfield.example.com",
        "hours": "Monday to Friday, 8 AM to 6 PM Central",
        "time_zone": "America/Chicago",
    }
    found = Firm.objects.first() or Firm.objects.create(**{**defaults, **fields})
    there = set(Licence.objects.values_list("state", flat=True))
    Licence.objects.bulk_create(
        Licence(state=state, number=f"{state}-1001", valid_from=date(2020, 1, 1))
        for state in ("IL", "TX", "NY", "CA", "OH", "GA", "AZ", "MA", "FL")
        if state not in there
    )
    return found


def portfolio(name: str = "Northwind electric", *, team: Team | None = None, **fields: Any) -> Portfolio:
    creditor = fields.pop("creditor", None) or organization()
    fields.setdefault("owner", creditor)
    found, _ = Portfolio.objects.get_or_create(
        name=name, defaults={"creditor": creditor, "product": "Electricity", **fields}
    )
    if team is not None:
        found.teams.add(team)
    return found


def debtor(name: str = "Dana Reyes", *, zones: tuple[str, ...] = ("America/Denver",), **fields: Any) -> Debtor:
    """A person in El Paso unless told otherwise."""
    first, _, last = name.partition(" ")
    fields.setdefault("state", "TX")
    fields.setdefault("birth_date", date(1987, 4, 9))
    return Debtor.objects.create(
        name=name,
        first_name=first,
        last_name=last,
        zones=list(zones),
        home_zone=zones[0] if zones else "",
        **fields,
    )


def phone(debtor: Debtor, value: str = "+19155550142", **fields: Any) -> ContactPoint:
    fields.setdefault("use", ContactPoint.Use.MOBILE)
    fields.setdefault("line", ContactPoint.Line.MOBILE)
    fields.setdefault("zone", "America/Denver")
    fields.setdefault("source_at", NOON - timedelta(days=30))
    fields.setdefault("status_at", fields["source_at"])
    return ContactPoint.objects.create(debtor=debtor, kind=ContactPoint.Kind.PHONE, value=value, **fields)


def email(debtor: Debtor, value: str = "dana.reyes@example.com", **fields: Any) -> ContactPoint:
    return ContactPoint.objects.create(debtor=debtor, kind=ContactPoint.Kind.EMAIL, value=value, **fields)


def address(debtor: Debtor, value: str = "2210 Magoffin Ave", **fields: Any) -> ContactPoint:
    defaults = {
        "city": "El Paso",
        "state": "TX",
        "postal_code": "79901",
        "zone": "America/Denver",
        "use": "HOME",
    }
    return ContactPoint.objects.create(
        debtor=debtor, kind=ContactPoint.Kind.ADDRESS, value=value, **{**defaults, **fields}
    )


def account(
    balance: str | dict[str, str] = "250.00",
    *,
    debtor: Debtor | None = None,
    portfolio: Portfolio | None = None,
    at: datetime = NOON,
    placed_on: date = date(2026, 10, 1),
    **fields: Any,
) -> Account:
    """A placed debt with its opening journal; `balance` is the principal, or a dict of parts."""
    book = portfolio or globals()["portfolio"]()
    person = debtor or globals()["debtor"]()
    parts = {k: Decimal(v) for k, v in (balance if isinstance(balance, dict) else {"principal": balance}).items()}
    total = sum(parts.values(), Decimal(0))
    batch, _ = Placement.objects.get_or_create(
        portfolio=book, name=f"{book.name} {placed_on}", defaults={"placed_on": placed_on}
    )
    number = next(_numbers)
    defaults: dict[str, Any] = {
        "reference": f"NW-{100000 + number}",
        "delinquency_date": date(2026, 8, 1),
        "product": book.product,
        "status": "ACTIVE",
        "itemization_date": placed_on,
        "itemization_kind": "last_statement",
        "itemization_amount": total,
        "itemization_interest": Decimal(0),
        "itemization_fees": Decimal(0),
        "itemization_payments": Decimal(0),
        "itemization_credits": Decimal(0),
    }
    made = Account.objects.create(
        portfolio=book,
        creditor=book.creditor,
        placement=batch,
        debtor=person,
        currency=book.currency,
        placed_amount=total,
        placed_on=placed_on,
        draw=Decimal("0.5"),
        **{**defaults, **fields},
    )
    AccountParty.objects.create(account=made, debtor=person, role=AccountParty.Role.PRIMARY)
    accounts.post(
        account=made,
        key=f"placement:test:{made.pk}",
        code="PLACEMENT",
        lines=accounts.placement_lines(parts, party_id=book.creditor_id),
        effective_date=placed_on,
        at=at,
    )
    return made

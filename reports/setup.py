"""What an admin or manager sets: teams with portfolios, outcome codes, targets; and a new firm's first things.

It stands here because it touches several apps (users, accounts, contacts) that do not know each other.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.text import slugify

from accounts.models import Firm, Licence, Organization, OrganizationRole, Portfolio
from contacts.models import Disposition
from core import audit
from users import staff
from users.models import Role, Team, User

from . import services
from .models import FactsVersion, Target


class SetupRefused(Exception):
    """The change can't be made; a sentence, and the `field` it is about."""

    def __init__(self, text: str, field: str | None = None) -> None:
        super().__init__(text)
        self.field = field


@transaction.atomic
def save_team(
    *,
    team: Team | None,
    name: str,
    time_zone: str,
    members: Iterable[User],
    portfolios: Iterable[Portfolio],
    by: User,
    at: datetime,
) -> Team:
    """Make or change a team: who is in it, which portfolios it works. Counts at everybody's next click."""
    others = Team.objects.exclude(pk=team.pk) if team is not None else Team.objects.all()
    if others.filter(name__iexact=name).exists():
        raise SetupRefused("A team has this name already.", "name")
    row = team or Team(slug=_free_slug(name))
    row.name, row.time_zone = name, time_zone
    row.save()
    row.members.set(members)
    row.portfolios.set(portfolios)
    data = {"members": [one.pk for one in members], "portfolios": [one.pk for one in portfolios]}
    audit.record("team.saved", actor=by, subject=row, data=data, at=at)
    return row


def _free_slug(name: str) -> str:
    base = slugify(name)[:70] or "team"
    taken = set(Team.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    return next(slug for slug in (base, *(f"{base}-{n}" for n in range(2, 1000))) if slug not in taken)


@transaction.atomic
def save_code(*, code: str | None, facts: dict[str, Any], by: User, at: datetime) -> Disposition:
    """Make or change an outcome code; officers have it at their next call (F111). Raises SetupRefused."""
    facts = dict(facts)
    name = code or facts.pop("code")
    facts.pop("code", None)
    if code is None and Disposition.objects.filter(pk=name).exists():
        raise SetupRefused("This code is taken.", "code")
    try:
        with transaction.atomic():
            row, _ = Disposition.objects.update_or_create(pk=name, defaults=facts)
    except IntegrityError as taken:
        raise SetupRefused("Another outcome of this group has this digit.", "digit") from taken
    audit.record("disposition.saved", actor=by, subject=row, data=facts, at=at)
    return row


@transaction.atomic
def set_target(
    *,
    month: date,
    amount: Decimal,
    team: Team | None,
    officer: User | None,
    portfolio: Portfolio | None,
    by: User,
    at: datetime,
) -> Target:
    """The target of a month for one team, officer or portfolio (F107); the same one again replaces it."""
    if sum(one is not None for one in (team, officer, portfolio)) != 1:
        raise SetupRefused("Choose one: a team, an officer or a portfolio.", "team")
    currency = portfolio.currency if portfolio else "USD"
    row, _ = Target.objects.update_or_create(
        month=month.replace(day=1),
        team=team,
        officer=officer,
        portfolio=portfolio,
        defaults={"amount": amount, "currency": currency, "set_by": by, "set_at": at},
    )
    services.new_version(FactsVersion.TARGETS, {"targets": 1}, at=at)
    audit.record("target.set", actor=by, subject=row, data={"month": row.month, "amount": amount}, at=at)
    return row


@transaction.atomic
def drop_target(*, target: Target, by: User, at: datetime) -> None:
    """Take a target away."""
    services.new_version(FactsVersion.TARGETS, {"targets": 1}, at=at)
    audit.record("target.dropped", actor=by, subject=target, data={"amount": target.amount}, at=at)
    target.delete()


@transaction.atomic
def save_firm(*, facts: dict[str, Any], logo: tuple[bytes, str] | None, by: User | None, at: datetime) -> Firm:
    """Who we are, on letters and disclosures; `logo` is (bytes, content type) already checked."""
    firm = Firm.objects.select_for_update().order_by("pk").first() or Firm()
    for name, value in facts.items():
        setattr(firm, name, value)
    if logo is not None:
        firm.logo, firm.logo_type = logo
    firm.save()
    audit.record("firm.saved", actor=by, subject=firm, data={"fields": sorted(facts), "logo": bool(logo)}, at=at)
    return firm


@transaction.atomic
def add_licence(*, facts: dict[str, Any], by: User | None, at: datetime) -> Licence:
    """A licence or registration to collect in a state."""
    row = Licence.objects.create(**facts)
    audit.record("licence.added", actor=by, subject=row, data={"state": row.state}, at=at)
    return row


@transaction.atomic
def first_run(
    *,
    admin: dict[str, Any],
    firm: dict[str, Any],
    licences: list[dict[str, Any]],
    client: dict[str, Any],
    logo: tuple[bytes, str] | None,
    at: datetime,
) -> User:
    """The first admin, the firm, the first client and its portfolio: all of it or nothing, and only once.

    `admin` has username, display_name, password; `client` has creditor, portfolio, product, collector_type. Raises
    SetupRefused when somebody has done it already.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(7301001)")
    if User.objects.exists():
        raise SetupRefused("The first administrator exists already. Sign in.")
    person, _ = staff.create_person(
        username=admin["username"],
        display_name=admin["display_name"],
        email="",
        roles=[Role.ADMIN],
        teams=[],
        by=None,
        at=at,
        password=admin["password"],
    )
    save_firm(facts=firm, logo=logo, by=person, at=at)
    for facts in licences:
        add_licence(facts=facts, by=person, at=at)
    creditor = Organization.objects.create(name=client["creditor"], created_at=at)
    for kind in (OrganizationRole.Kind.CREDITOR, OrganizationRole.Kind.OWNER):
        OrganizationRole.objects.create(organization=creditor, kind=kind)
    team = Team.objects.create(name="First team", slug="first-team", time_zone=firm["time_zone"])
    book = Portfolio.objects.create(
        name=client["portfolio"],
        creditor=creditor,
        owner=creditor,
        product=client["product"],
        collector_type=client["collector_type"],
        time_zone=firm["time_zone"],
        created_at=at,
    )
    book.teams.add(team)
    audit.record("firm.started", actor=person, data={"creditor": creditor.pk, "portfolio": book.pk}, at=at)
    return person

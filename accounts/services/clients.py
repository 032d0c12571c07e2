"""Creditors, their portfolios and the parts of a balance, as admins keep them (F4, F5)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from accounts.models import Component, Organization, OrganizationRole, Portfolio
from accounts.services.debts import RECEIVABLE, AccountRefused
from core import audit
from ledger.models import LedgerAccount

RESERVED = {"new", "components"}  # addresses of our own pages


@transaction.atomic
def save_client(*, client: Organization, roles: Iterable[str], changed: Iterable[str], by: Any, at: datetime) -> None:
    """Save an organization with exactly these roles; a name that makes the address of another one is refused."""
    new = client.pk is None
    client.slug = client.slug or _free_slug(Organization, client.name)
    client.save()
    wanted = set(roles)
    client.roles.exclude(kind__in=wanted).delete()
    for kind in sorted(wanted):
        OrganizationRole.objects.get_or_create(organization=client, kind=kind)
    action = "client.added" if new else "client.changed"
    audit.record(action, actor=by, subject=client, data={"fields": sorted(changed), "roles": sorted(wanted)}, at=at)


@transaction.atomic
def save_portfolio(
    *, portfolio: Portfolio, changed: Iterable[str], teams: Iterable[Any], by: Any, at: datetime
) -> None:
    """Save a portfolio with its rules and the teams that work it."""
    new = portfolio.pk is None
    portfolio.slug = portfolio.slug or _free_slug(Portfolio, portfolio.name)
    portfolio.save()
    portfolio.teams.set(teams)
    action = "portfolio.added" if new else "portfolio.changed"
    data = {"fields": sorted(changed)}
    audit.record(action, actor=by, subject=portfolio, data=data, portfolio_id=portfolio.pk, at=at)


@transaction.atomic
def add_component(*, name: str, by: Any, at: datetime) -> Component:
    """Add a part a balance can have, with its ledger account: no code changes (F5). Raises AccountRefused."""
    code = slugify(name)[:40].strip("-")
    if not code:
        raise AccountRefused("Use letters or digits in the name.")
    if Component.objects.filter(code=code).exists() or Component.objects.filter(name__iexact=name).exists():
        raise AccountRefused("There is a part with this name already.")
    last = Component.objects.order_by("-position").values_list("position", flat=True).first() or 0
    made = Component.objects.create(code=code, name=name, position=last + 10)
    LedgerAccount.objects.get_or_create(
        code=f"{RECEIVABLE}{code}",
        defaults={"name": name, "group": LedgerAccount.Group.RECEIVABLE, "position": 100 + made.position},
    )
    audit.record("component.added", actor=by, subject=made, data={"code": code}, at=at)
    return made


def _free_slug(model: Any, name: str) -> str:
    base = slugify(name)[:110] or "client"
    taken = set(model.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    return next(slug for slug in (base, *(f"{base}-{n}" for n in range(2, 10_000))) if slug not in taken | RESERVED)

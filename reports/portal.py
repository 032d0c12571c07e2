"""What a client sees of its own: results, placements, debts. Read-only; every row starts at the client's portfolios."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet, Sum

from accounts import states
from accounts.models import Account, ClientAccess, Organization, Placement, Portfolio
from core import audit
from payments.models import Payment
from users.models import Role, User

from . import kpis
from .models import FactsVersion, VintageFact

ZERO = Decimal(0)


class PortalRefused(Exception):
    """The change can't be made; a sentence."""


@dataclass(frozen=True, slots=True)
class Result:
    """One portfolio or month of placement: what was placed, what came in net of returns, and its share of the placed.

    Amounts in `currency`, the portfolio's own.
    """

    name: str
    currency: str
    month: date | None
    debts: int
    placed: Decimal
    collected: Decimal

    @property
    def share(self) -> kpis.Rate:
        return kpis.liquidation(self.collected, self.placed)


def books(user: User) -> QuerySet[Portfolio]:
    """The portfolios of the organizations this log-in belongs to, also for somebody who has other roles as well."""
    own = Portfolio.objects.visible_to(user).filter(creditor__client_access__user=user)
    return own.select_related("creditor").order_by("name")


def results(user: User) -> tuple[list[Result], list[Result], datetime | None]:
    """By portfolio, by month of placement, and as of when: the same facts as the board's curve. Two queries."""
    rows = (
        VintageFact.objects.filter(portfolio__in=books(user))
        .values("portfolio", "portfolio__name", "portfolio__currency", "placed_month")
        .annotate(
            debts=Sum("accounts", filter=Q(k=0), default=0),
            base=Sum("placed", filter=Q(k=0), default=ZERO),
            net=Sum("collected"),
        )
        .order_by("portfolio__name", "-placed_month")
    )
    months = [
        Result(
            row["portfolio__name"],
            row["portfolio__currency"],
            row["placed_month"],
            row["debts"],
            row["base"],
            row["net"],
        )
        for row in rows
    ]
    names = dict.fromkeys((one.name, one.currency) for one in months)
    whole = [_together(name, currency, months) for name, currency in names]
    version = FactsVersion.objects.filter(pk=FactsVersion.CURVES).first()
    return whole, months, version.at if version else None


def _together(name: str, currency: str, months: list[Result]) -> Result:
    own = [one for one in months if one.name == name]
    return Result(
        name,
        currency,
        None,
        sum(one.debts for one in own),
        sum((one.placed for one in own), ZERO),
        sum((one.collected for one in own), ZERO),
    )


def placements(user: User) -> QuerySet[Placement]:
    """Batches handed to us, newest first."""
    return Placement.objects.filter(portfolio__in=books(user)).select_related("portfolio")


def debts(user: User, *, placement: int | None = None, only_open: bool = False) -> QuerySet[Account]:
    """The client's debts with the names of the people who owe them."""
    rows = Account.objects.visible_to(user).filter(portfolio__in=books(user)).select_related("debtor", "portfolio")
    if placement is not None:
        rows = rows.filter(placement=placement)
    return rows.filter(status__in=sorted(states.OPEN)) if only_open else rows


def payments_of(account: Account) -> QuerySet[Payment]:
    """Money in for one debt, newest first; a returned payment says when it went back."""
    rows = Payment.objects.filter(account=account).annotate(back=F("returned__returned_on"))
    return rows.order_by("-effective_date", "-pk")


@transaction.atomic
def give_access(*, user: User, organization: Organization, by: User, at: datetime) -> ClientAccess:
    """Let a client's log-in see one organization. Raises PortalRefused for a log-in that is not a client's."""
    if Role.CLIENT not in user.roles:
        raise PortalRefused("This log-in has not the role Client. Give it under Staff first.")
    try:
        with transaction.atomic():
            row = ClientAccess.objects.create(user=user, organization=organization)
    except IntegrityError as twice:
        raise PortalRefused("This log-in sees that client already.") from twice
    audit.record("client_access.given", actor=by, subject=user, data={"organization": organization.pk}, at=at)
    return row


@transaction.atomic
def take_access(*, access: ClientAccess, by: User, at: datetime) -> None:
    """Take it away; it counts at the next click."""
    audit.record(
        "client_access.taken", actor=by, subject=access.user, data={"organization": access.organization_id}, at=at
    )
    access.delete()

"""Reasons we must not act: placed, lifted, listed; and an address that turns out to be somebody else's."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from accounts.models import Account, Debtor
from compliance.models import Hold
from compliance.signals import hold_lifted, hold_placed
from core import audit


@transaction.atomic
def place_hold(
    *,
    debtor: Debtor,
    kind: str,
    at: datetime,
    account: Account | None = None,
    by: Any = None,
    reason: str = "",
    until: datetime | None = None,
    facts: dict[str, Any] | None = None,
    source: str = "",
) -> Hold:
    """Stop contact for a reason, on one debt or (account None) on all; the same hold again returns the open one."""
    hold, new = Hold.objects.get_or_create(
        debtor=debtor,
        account=account,
        kind=kind,
        lifted_at=None,
        defaults={
            "since": at, "until": until, "facts": facts or {}, "reason": reason, "source": source, "placed_by": by,
        },
    )  # fmt: skip
    if new:
        audit.record(
            "hold.placed",
            actor=by,
            subject=hold,
            data={"kind": kind, "account": account.pk if account else None, "until": until},
            reason=reason,
            person_id=debtor.pk,
        )
        transaction.on_commit(lambda: hold_placed.send(sender=Hold, hold=hold), robust=True)
    return hold


@transaction.atomic
def place_holds(
    *,
    debtor: Debtor,
    accounts: Sequence[Account | None],
    kind: str,
    at: datetime,
    by: Any = None,
    reason: str = "",
    until: datetime | None = None,
) -> list[Hold]:
    """`place_hold` on each of these debts (None: on the person), all or nothing."""
    return [
        place_hold(debtor=debtor, account=account, kind=kind, at=at, by=by, reason=reason, until=until)
        for account in accounts
    ]


@transaction.atomic
def lift_hold(*, hold: Hold, by: Any, at: datetime, reason: str) -> None:
    """End a hold; lifting it twice changes nothing."""
    if Hold.objects.filter(pk=hold.pk, lifted_at=None).update(lifted_at=at, lifted_by=by):
        audit.record(
            "hold.lifted", actor=by, subject=hold, data={"kind": hold.kind}, reason=reason, person_id=hold.debtor_id
        )
        transaction.on_commit(lambda: hold_lifted.send(sender=Hold, hold=hold), robust=True)


def open_holds(debtor: Debtor, at: datetime | None = None) -> list[Hold]:
    """The person's holds that are in force, most serious first."""
    rows = Hold.objects.filter(debtor=debtor, lifted_at=None).select_related("account", "placed_by")
    if at is not None:
        rows = rows.filter(Q(until=None) | Q(until__gt=at))
    order = list(Hold.Kind.values)
    return sorted(rows, key=lambda h: order.index(h.kind))

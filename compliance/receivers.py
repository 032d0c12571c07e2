"""What compliance does when it hears of something lower down: holds on what came in without an address or disputed."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.dispatch import receiver

from accounts.models import Account
from accounts.signals import placement_loaded

from .models import Hold
from .services import place_hold


@receiver(placement_loaded)
def hold_what_cannot_be_contacted(
    sender: Any,
    *,
    without_address: Iterable[int],
    disputed: Iterable[int],
    at: datetime,
    by: Any = None,
    placement_id: int | None = None,
    **_: Any,
) -> None:
    """In the transaction of the load: no address holds the person's contact about that debt, so does a dispute."""
    source = f"placement {placement_id}" if placement_id else "placement"
    no_address, in_dispute = list(without_address), list(disputed)
    rows = Account.objects.select_related("debtor").in_bulk([*no_address, *in_dispute])
    for pk in no_address:
        _hold(rows[pk], Hold.Kind.NO_ADDRESS, "Placed without an address", source, at, by)
    for pk in in_dispute:
        _hold(rows[pk], Hold.Kind.DISPUTE, "The creditor says it is disputed", source, at, by)


def _hold(account: Account, kind: str, reason: str, source: str, at: datetime, by: Any) -> None:
    place_hold(debtor=account.debtor, account=account, kind=kind, at=at, by=by, reason=reason, source=source)

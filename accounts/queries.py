"""Reads about debts and people."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import QuerySet

from accounts import states
from accounts.models import Account, AccountParty, AccountSnapshot, Debtor


def parties(debtor: Debtor) -> QuerySet[AccountParty]:
    """Everybody who has to do with the person's debts: guarantors, attorneys, the person herself."""
    rows = AccountParty.objects.filter(account__debtor=debtor)
    return rows.select_related("account", "debtor").order_by("account_id", "role", "pk")


def open_accounts(debtor: Debtor, user: Any) -> QuerySet[Account]:
    """The person's open debts that this user may see, the largest first (F8)."""
    rows = Account.objects.visible_to(user).filter(debtor=debtor, status__in=sorted(states.OPEN))
    return rows.select_related("portfolio", "creditor").order_by("-balance", "pk")


def snapshots_on(on: date, *, account_ids: Iterable[int]) -> dict[int, AccountSnapshot]:
    """What these accounts were on a day: their newest snapshot not after it; one query."""
    rows = AccountSnapshot.objects.filter(account_id__in=list(account_ids), valid_from__lte=on)
    newest = rows.order_by("account_id", "-valid_from", "-recorded_at").distinct("account_id")
    return {row.account_id: row for row in newest}

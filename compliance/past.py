"""How a number or a debt stood at a past moment, by the history of its changes (core.StatusChange) and the ledger."""

from collections.abc import Iterable
from copy import copy
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db import models

from accounts.models import Account
from accounts.states import OPEN
from core.models import StatusChange
from ledger import queries as ledger


def statuses(
    kind: type[models.Model], ids: Iterable[int], at: datetime, known_at: datetime | None = None
) -> dict[int, str]:
    """The status at `at` by what had been recorded by `known_at` (None: by today); what never changed is left out."""
    rows = StatusChange.objects.filter(subject_type=kind._meta.label_lower, subject_id__in=list(ids), field="status")
    read = rows.order_by("subject_id", "at", "pk").values_list(
        "subject_id", "at", "recorded_at", "from_status", "to_status"
    )
    found = {}
    for pk, group in groupby(read, key=itemgetter(0)):
        changes = list(group)
        counted = [c for c in changes if c[1] <= at and (known_at is None or c[2] <= known_at)]
        found[pk] = str(counted[-1][4] if counted else changes[0][3])
    return found


def as_they_stood(accounts: Iterable[Account], at: datetime, known_at: datetime | None) -> list[Account]:
    """Copies of these debts with the status and the balance of that moment."""
    rows = [copy(account) for account in accounts]
    stood = statuses(Account, [row.pk for row in rows], at, known_at)
    for row in rows:
        row.status = stood.get(row.pk) or row.status
        parts: dict[str, Any] = ledger.balance_as_of(row.pk, at.date(), known_at=known_at)
        row.balance = sum(parts.values(), Decimal("0.00"))
    return rows


def open_then(accounts: Iterable[Account], at: datetime, known_at: datetime | None) -> list[Account]:
    """Those of them that were with us and open at that moment, as they stood."""
    placed = [row for row in accounts if row.placed_on <= at.date()]
    return [row for row in as_they_stood(placed, at, known_at) if row.status in OPEN]

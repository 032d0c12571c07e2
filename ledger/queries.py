"""What the ledger says, now and as of any day, as known then or as known now (DECISIONS 14)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import F, Sum
from django.db.models.functions import Coalesce

from .models import Balance, Entry, Journal

ZERO = Decimal("0.00")


def balances(subject_ids: Iterable[int], *, prefix: str = "receivable.") -> dict[int, dict[str, Decimal]]:
    """Running balances by subject and account code, today; accounts at zero are left out."""
    found: dict[int, dict[str, Decimal]] = {}
    rows = Balance.objects.filter(subject_id__in=list(subject_ids), account__code__startswith=prefix)
    for row in rows.exclude(amount=0).order_by("account__position"):
        found.setdefault(row.subject_id, {})[row.account_id] = row.amount
    return found


def balance_as_of(
    subject_id: int, on: date, *, known_at: datetime | None = None, prefix: str = "receivable."
) -> dict[str, Decimal]:
    """Debits − credits by account code of everything effective on or before `on`.

    With `known_at`, only what had been recorded by then: what we would have told on that day.
    """
    rows = Entry.objects.filter(subject_id=subject_id, effective_date__lte=on, account__code__startswith=prefix)
    if known_at is not None:
        rows = rows.filter(recorded_at__lte=known_at)
    sums = rows.values("account_id").annotate(amount=Coalesce(Sum("debit"), ZERO) - Coalesce(Sum("credit"), ZERO))
    return {row["account_id"]: row["amount"] for row in sums if row["amount"]}


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One journal's effect on a subject: change by account code, and the balance after it."""

    journal: Journal
    change: Decimal
    parts: dict[str, Decimal]
    balance: Decimal


def statement(
    subject_id: int, *, prefix: str = "receivable.", until: date | None = None, last: int | None = None
) -> list[StatementLine]:
    """Every journal of a subject in order of effective date with the running balance; the newest `last` of them."""
    rows = Entry.objects.filter(subject_id=subject_id, account__code__startswith=prefix).select_related("journal")
    if until is not None:
        rows = rows.filter(effective_date__lte=until)
    lines: dict[object, tuple[Journal, dict[str, Decimal]]] = {}
    for entry in rows.order_by("effective_date", "recorded_at", "id").annotate(code=F("account_id")):
        _, parts = lines.setdefault(entry.journal_id, (entry.journal, {}))
        amount = (entry.debit or ZERO) - (entry.credit or ZERO)
        parts[entry.account_id] = parts.get(entry.account_id, ZERO) + amount
    running, result = ZERO, []
    for journal, parts in lines.values():
        change = sum(parts.values(), ZERO)
        running += change
        result.append(StatementLine(journal, change, parts, running))
    return result[-last:] if last else result

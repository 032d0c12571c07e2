"""What the pages of payments read. Every list starts at what the user may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.shortcuts import get_object_or_404

from accounts.models import Account, AccountSnapshot, Debtor
from accounts.states import OPEN
from core import keyset
from core.models import StatusChange
from core.money import ZERO
from ledger import queries as ledger

from .models import Installment, PaymentBatch, Plan, Promise
from .states import PromiseState

PLAN_FILTERS = {
    "open": ("ACTIVE", "SLIPPING"),
    "active": ("ACTIVE",),
    "slipping": ("SLIPPING",),
    "broken": ("BROKEN",),
    "done": ("DONE",),
    "cancelled": ("CANCELLED",),
}
PAGE = 50


def person(*, user: Any, debtor_id: int) -> Debtor:
    """A person this user may see. Raises Http404."""
    found: Debtor = get_object_or_404(Debtor.objects.visible_to(user), pk=debtor_id)
    return found


def debts(*, user: Any, debtor: Debtor, only_open: bool = True) -> list[Account]:
    """The person's debts this user may see, the longest overdue first."""
    rows = Account.objects.visible_to(user).filter(debtor=debtor)
    if only_open:
        rows = rows.filter(status__in=OPEN)
    return list(rows.select_related("portfolio", "creditor").order_by("delinquency_date", "pk"))


def debt(*, user: Any, debtor_id: int, account_id: int) -> Account:
    """One debt of one person, if this user may see it. Raises Http404."""
    rows = Account.objects.visible_to(user).select_related("portfolio", "creditor", "debtor", "placement")
    found: Account = get_object_or_404(rows, pk=account_id, debtor_id=debtor_id)
    return found


def plans(*, user: Any, state: str, cursor: str = "", back: bool = False) -> keyset.Page:
    """A page of arrangements, the newest first, with what was paid and what comes next."""
    rows = Plan.objects.visible_to(user).filter(state__in=PLAN_FILTERS.get(state, PLAN_FILTERS["open"]))
    todo = Installment.objects.filter(plan=OuterRef("pk")).exclude(state__in=("PAID", "CANCELLED")).order_by("number")
    received = (
        Installment.objects.filter(plan=OuterRef("pk")).order_by().values("plan").annotate(s=Sum("paid")).values("s")
    )
    listed = rows.select_related("debtor").annotate(
        next_due=Subquery(todo.values("due_date")[:1]), received=Subquery(received)
    )
    return keyset.paginate(listed, order=["-pk"], cursor=cursor, back=back, size=PAGE)


def batches(*, user: Any, state: str = "", cursor: str = "", back: bool = False) -> keyset.Page:
    """A page of payment batches (of one state), the newest first, with what is in them so far."""
    rows = PaymentBatch.objects.visible_to(user).select_related("portfolio", "entered_by", "released_by")
    if state:
        rows = rows.filter(state=state)
    listed = rows.annotate(entered=Sum("lines__amount"), number=Count("lines"))
    return keyset.paginate(listed, order=["-pk"], cursor=cursor, back=back, size=PAGE)


def history(*, plan: Plan) -> list[StatusChange]:
    """How the plan moved, the newest first."""
    rows = StatusChange.objects.filter(subject_type="payments.plan", subject_id=plan.pk)
    return list(rows.select_related("by").order_by("-at", "-pk")[:50])


def find_account(*, user: Any, batch: PaymentBatch, reference: str) -> QuerySet[Account]:
    """Debts of the batch's portfolio with this reference (the creditor's, or ours such as L-51)."""
    rows = Account.objects.visible_to(user).filter(portfolio=batch.portfolio_id).select_related("debtor", "portfolio")
    same = Q(reference=reference)
    number = reference.upper().removeprefix("L-")
    if number.isascii() and number.isdigit() and len(number) < 16 and reference.upper().startswith("L-"):
        same |= Q(pk=int(number))
    found: QuerySet[Account] = rows.filter(same)
    return found


@dataclass(frozen=True, slots=True)
class AsOf:
    """A debt on a day, as known on a day: its parts, their sum, days past due."""

    on: date
    known_on: date | None
    parts: dict[str, Decimal]
    balance: Decimal
    days_past_due: int
    delinquency_date: date | None


def as_of(*, account: Account, on: date, known_on: date | None = None) -> AsOf:
    """Balance and DPD as of the end of `on`, with what had been recorded by the end of `known_on` (None: by now).

    Days on the portfolio's calendar (D4, DECISIONS 14). Interest not yet posted is not in it; a quote has it.
    """
    known_at = end_of_day(known_on, account.portfolio.time_zone) if known_on is not None else None
    parts = {
        code.removeprefix("receivable."): amount
        for code, amount in ledger.balance_as_of(account.pk, on, known_at=known_at).items()
    }
    balance = sum(parts.values(), ZERO)
    since = _delinquent_since(account, on, known_at)
    late = max((on - since).days, 0) if since is not None and balance > ZERO else 0
    return AsOf(on, known_on, parts, balance, late, since)


def end_of_day(day: date, zone: str) -> datetime:
    """The first moment of the next day, less a microsecond, on the wall there."""
    return datetime.combine(day + timedelta(days=1), time(0), ZoneInfo(zone)) - timedelta(microseconds=1)


def _delinquent_since(account: Account, on: date, known_at: datetime | None) -> date | None:
    rows = AccountSnapshot.objects.filter(account_id=account.pk, valid_from__lte=on)
    if known_at is not None:
        rows = rows.filter(recorded_at__lte=known_at)
    newest = rows.order_by("-valid_from", "-recorded_at").values_list("delinquency_date", flat=True).first()
    return newest if newest is not None else account.delinquency_date


def promised_first(accounts: Sequence[Account]) -> list[Account]:
    """These debts, first the one whose open promise is due first: a payment is most likely meant for it. One query."""
    rows = Promise.objects.filter(account__in=accounts, state=PromiseState.OPEN).order_by("due_date", "pk")
    due = rows.values_list("account_id", flat=True).first()
    return sorted(accounts, key=lambda account: account.pk != due)

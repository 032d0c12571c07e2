"""Balances by days late, where they moved, what was recovered, and 24 months of trend. Facts only, a query each."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Max, Q, Sum

from core.dates import add_months

from .models import DailyPortfolioFact, MonthFact, ReachFact, RollFact, VintageFact
from .scope import Scope

ZERO = Decimal(0)
MONTHS = 24
Moves = dict[date, dict[str, dict[tuple[str, str], Decimal]]]


@dataclass(frozen=True, slots=True)
class Balances:
    """Open balances by bucket on a day, and where those of the last month end went, in dollars of then."""

    ageing: list[dict[str, Any]]
    ageing_on: date | None
    rolls: Moves
    rolls_on: tuple[date | None, date | None]


@dataclass(frozen=True, slots=True)
class Month:
    """One month of the trend. Money in the scope's currency."""

    month: date
    collected: Decimal
    kept: int
    matured: int


def balances(*, scope: Scope) -> Balances:
    """Balances and moves of a scope at the end of its period. Four queries."""
    through = scope.period.through(scope.today)
    on, ageing = _ageing(scope.ids, through)
    rolls_on, rolls = _rolls(scope, through)
    return Balances(ageing=ageing, ageing_on=on, rolls=rolls, rolls_on=rolls_on)


def trend(*, scope: Scope) -> list[Month]:
    """The 24 months up to that of the period's end, oldest first; months before the first fact are left out.

    One query on the months' own summary.
    """
    last = scope.period.through(scope.today).replace(day=1)
    rows = MonthFact.objects.filter(portfolio__in=scope.ids, month__range=(add_months(last, 1 - MONTHS), last))
    money = Sum("collected", filter=Q(currency=scope.currency), default=ZERO)
    found = {
        row["month"]: Month(row["month"], row["money"], row["kept"], row["matured"])
        for row in rows.values("month").annotate(money=money, kept=Sum("kept"), matured=Sum("matured"))
    }
    if not found:
        return []
    months = [add_months(last, -back) for back in range(MONTHS - 1, -1, -1)]
    return [found.get(month, Month(month, ZERO, 0, 0)) for month in months if month >= min(found)]


def cured(*, scope: Scope) -> tuple[int, int, date | None]:
    """Debts brought current since the last month end, debts late then, and that day. Two queries."""
    rows = RollFact.objects.filter(portfolio__in=scope.ids)
    on = rows.filter(on__lte=scope.period.through(scope.today)).aggregate(newest=Max("on"))["newest"]
    late = Q(on=on) & ~Q(from_bucket="0")
    found = rows.filter(late).aggregate(
        late=Sum("accounts", default=0), cured=Sum("accounts", filter=Q(to_bucket="0"), default=0)
    )
    return found["cured"], found["late"], on


def reach(*, scope: Scope) -> tuple[int, int]:
    """Debts tried in the period, and debts that could be worked on a day of it. One query."""
    rows = ReachFact.objects.filter(portfolio__in=scope.ids, kind=scope.period.kind, start=scope.period.start)
    found = rows.aggregate(tried=Sum("tried", default=0), eligible=Sum("eligible", default=0))
    return found["tried"], found["eligible"]


def vintages(*, scope: Scope) -> list[dict[str, Any]]:
    """Net money by month of placement and months since, with the base placed. One query."""
    rows = VintageFact.objects.filter(portfolio__in=scope.ids).values("placed_month", "k")
    summed = rows.annotate(total=Sum("collected"), base=Sum("placed"), debts=Sum("accounts"))
    return [dict(row) for row in summed.order_by("placed_month", "k")]


def _ageing(ids: list[int], through: date) -> tuple[date | None, list[dict[str, Any]]]:
    rows = DailyPortfolioFact.objects.filter(portfolio__in=ids)
    on = rows.filter(on__lte=through).aggregate(newest=Max("on"))["newest"]
    grouped = rows.filter(on=on).values("portfolio__bucket_scheme", "bucket")
    summed = grouped.annotate(debts=Sum("accounts"), total=Sum("balance"), plans=Sum("in_plan"), pauses=Sum("paused"))
    return on, [dict(row) for row in summed]


def _rolls(scope: Scope, through: date) -> tuple[tuple[date | None, date | None], Moves]:
    """Moves since the last month end, and those of the same days a month before: like compares with like."""
    rows = RollFact.objects.filter(portfolio__in=scope.ids)
    on = rows.filter(on__lte=through).aggregate(newest=Max("on"))["newest"]
    if on is None:
        return (None, None), {}
    earlier = add_months(on, -1)
    found: Moves = defaultdict(lambda: defaultdict(dict))
    grouped = rows.filter(on__in=(on, earlier)).values_list(
        "on", "portfolio__bucket_scheme", "from_bucket", "to_bucket"
    )
    for day, scheme, start, end, total in grouped.annotate(total=Sum("balance")):
        found[day][scheme][start, end] = total
    return (on, earlier if earlier in found else None), found

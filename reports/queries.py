"""The board reads day facts only, in a fixed number of queries whatever their number (P13)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Case, Max, Q, Sum, Value, When
from django.db.models.functions import Coalesce, TruncWeek

from letters.states import ARRIVED
from payments.models import Promise
from users.models import User

from . import kpis
from .build_sql import MEASURES
from .models import (
    DailyBucketFact,
    DailyMessageFact,
    DailyOfficerFact,
    DailyRuleFact,
    DailyShiftFact,
    Target,
)
from .periods import Period, period_of
from .scope import Scope

ZERO = Decimal(0)
MONEY = ("promised", "matured_amount", "kept_amount", "collected")
STEPS = 10
_SPARKED = (
    "collected", "matured", "kept", "matured_amount", "kept_amount", "attempts", "right_party", "blocked", "worked",
)  # fmt: skip


class Sums(dict[str, Any]):
    """Measures added up; a measure nobody has is 0."""

    def __missing__(self, name: str) -> Any:
        return ZERO if name in MONEY else 0

    def plus(self, other: Mapping[str, Any]) -> Sums:
        return Sums({name: self[name] + other.get(name, 0) for name in MEASURES})


@dataclass(frozen=True, slots=True)
class OfficerLine:
    """One officer's sums in the period; `user` is None for what nobody is credited with."""

    user: User | None
    sums: Sums
    weeks: tuple[Decimal, ...] = ()
    seconds: int = 0
    target: Decimal = ZERO

    @property
    def name(self) -> str:
        return str(self.user) if self.user else "Nobody’s credit"


@dataclass(frozen=True, slots=True)
class Board:
    """What was done, as numbers; `reports.board` turns it into words. Balances are in `reports.balances`."""

    scope: Scope
    now: Sums
    before: Sums
    like: tuple[date, date]
    officers: list[OfficerLine]
    steps: list[Sums]
    messages: dict[str, int]
    message_steps: list[int]
    rules: list[tuple[str, int]]
    seconds: int
    target: Decimal
    open_promises: Decimal
    built_at: Any


def kpi_board(*, scope: Scope, officer: User | None = None) -> Board:
    """The figures of a scope, from facts alone but for the promises still open. Eight queries.

    Money is in the currency of the scope; facts of other currencies are left out of the sums. `officer` narrows the
    activity to one person, a bucket of the scope to debts that were in it when the day of each act began.
    """
    ids, period, today = scope.ids, scope.period, scope.today
    through, like = period.through(today), period.like(today)
    sums = _sums(scope, through, like, officer)
    per_officer, steps = _steps(scope, through, officer)
    whole = not scope.bucket  # hours, targets, messages and rules are not kept by bucket
    seconds = _seconds(period.start, through, {key for key, _ in sums if key is not None}) if whole else {}
    people = User.objects.in_bulk({key for key, _ in sums if key is not None})
    targets = list(_targets(scope, people)) if whole else []
    lines = [
        OfficerLine(
            user=people.get(key) if key is not None else None,
            sums=found,
            weeks=per_officer.get(key, ()),
            seconds=seconds.get(key, 0) if key is not None else 0,
            target=sum((t[3] for t in targets if key is not None and t[1] == key), ZERO),
        )
        for (key, current), found in sums.items()
        if current
    ]
    message_now, message_steps = _messages(scope, through) if whole else ({}, [])
    return Board(
        scope=scope,
        now=_total(found for (_, current), found in sums.items() if current),
        before=_total(found for (_, current), found in sums.items() if not current),
        like=like,
        officers=sorted(lines, key=lambda one: (one.user is None, -one.sums["collected"], one.name)),
        steps=steps,
        messages=message_now,
        message_steps=message_steps,
        rules=_rules(ids, period.start, through) if whole else [],
        seconds=sum(seconds.values()),
        target=_target_of(scope, targets, officer),
        open_promises=_open_promises(scope, officer) if whole else ZERO,
        built_at=max((row["built"] for row in sums.values() if row.get("built")), default=None),
    )


def officer_sums(*, scope: Scope, officer: User, first: date, last: date) -> Sums:
    """One officer's measures over some days. One query."""
    rows = _facts(scope, officer).filter(on__range=(first, last))
    return Sums(rows.aggregate(built=Max("built_at"), **_measures(scope.currency)))


def _facts(scope: Scope, officer: User | None) -> Any:
    rows: Any = DailyOfficerFact.objects.filter(portfolio__in=scope.ids)
    if scope.bucket:
        rows = DailyBucketFact.objects.filter(portfolio__in=scope.ids, bucket=scope.bucket)
    return rows.filter(officer=officer) if officer is not None else rows


def _measures(currency: str, names: Iterable[str] = MEASURES) -> dict[str, Any]:
    return {
        name: Coalesce(
            Sum(name, filter=Q(currency=currency)) if name in MONEY else Sum(name), ZERO if name in MONEY else 0
        )
        for name in names
    }


def _sums(
    scope: Scope, through: date, like: tuple[date, date], officer: User | None
) -> dict[tuple[int | None, bool], Sums]:
    current = Q(on__range=(scope.period.start, through))
    rows = (
        _facts(scope, officer)
        .filter(current | Q(on__range=like))
        .annotate(current=Case(When(current, then=Value(True)), default=Value(False)))
        .values("officer_id", "current")
        .annotate(built=Max("built_at"), **_measures(scope.currency))
    )
    return {(row["officer_id"], row["current"]): Sums(row) for row in rows}


def _step_starts(kind: str, through: date) -> list[date]:
    if kind in ("day", "week"):
        return [through - timedelta(days=back) for back in range(STEPS - 1, -1, -1)]
    monday = through - timedelta(days=through.weekday())
    return [monday - timedelta(weeks=back) for back in range(STEPS - 1, -1, -1)]


def _steps(
    scope: Scope, through: date, officer: User | None
) -> tuple[dict[int | None, tuple[Decimal, ...]], list[Sums]]:
    """The last ten weeks (days, in a week): all together, and each officer's kept rate where there is a base."""
    starts = _step_starts(scope.period.kind, through)
    rows = _facts(scope, officer).filter(on__range=(starts[0], through))
    daily = scope.period.kind in ("day", "week")
    keyed = (
        rows.values("officer_id", "on") if daily else rows.annotate(step=TruncWeek("on")).values("officer_id", "step")
    )
    whole: dict[date, Sums] = {start: Sums() for start in starts}
    each: dict[int | None, list[Decimal]] = defaultdict(list)
    for row in keyed.annotate(**_measures(scope.currency, _SPARKED)).order_by("on" if daily else "step"):
        start = row["on"] if daily else row["step"]
        whole[start] = whole.get(start, Sums()).plus(row)
        value = kpis.kept_rate(row["kept"], row["matured"]).value
        if value is not None:
            each[row["officer_id"]].append(value)
    return {key: tuple(values) for key, values in each.items()}, [whole[start] for start in starts]


def _total(rows: Iterable[Sums]) -> Sums:
    found = Sums()
    for row in rows:
        found = found.plus(row)
    return found


def _seconds(first: date, last: date, officers: set[int]) -> dict[int, int]:
    rows = DailyShiftFact.objects.filter(on__range=(first, last), officer__in=officers)
    return dict(rows.values("officer").annotate(total=Sum("productive_seconds")).values_list("officer", "total"))


def _targets(scope: Scope, people: Mapping[int, User]) -> Iterable[tuple[int | None, int | None, int | None, Decimal]]:
    """Targets that lie in the period: (team, officer, portfolio, amount), a month cut to the share it has in it."""
    months = dict(scope.period.months())
    rows = Target.objects.filter(month__in=list(months), currency=scope.currency).filter(
        Q(team__in=scope.shown_teams) | Q(officer__in=list(people)) | Q(portfolio__in=scope.ids)
    )
    for row in rows:
        share = months[row.month]
        amount = row.amount if share == 1 else (row.amount * share).quantize(Decimal("0.01"))
        yield row.team_id, row.officer_id, row.portfolio_id, amount


def _target_of(
    scope: Scope, rows: list[tuple[int | None, int | None, int | None, Decimal]], officer: User | None
) -> Decimal:
    """The officer's own; for a client, product or portfolio theirs; else the teams', else the officers'."""
    if officer is not None:
        return sum((amount for _, who, _, amount in rows if who == officer.pk), ZERO)
    by_book = sum((amount for _, _, book, amount in rows if book is not None), ZERO)
    if scope.client or scope.product or scope.book:
        return by_book
    by_team = sum(
        (amount for team, who, book, amount in rows if team is not None and who is None and book is None), ZERO
    )
    by_officer = sum((amount for _, who, _, amount in rows if who is not None), ZERO)
    return by_team or by_officer or by_book


def _open_promises(scope: Scope, officer: User | None) -> Decimal:
    """Money promised from today to the end of the period and not yet judged."""
    if scope.period.last < scope.today:
        return ZERO
    rows = Promise.objects.filter(
        state="OPEN",
        due_date__range=(scope.today, scope.period.last),
        account__portfolio__in=scope.ids,
        currency=scope.currency,
    )
    if officer is not None:
        rows = rows.filter(made_by=officer)
    total: Decimal = rows.aggregate(total=Coalesce(Sum("amount"), ZERO))["total"]
    return total


def _messages(scope: Scope, through: date) -> tuple[dict[str, int], list[int]]:
    starts = _step_starts(scope.period.kind, through)
    first = min(starts[0], scope.period.start)
    rows = DailyMessageFact.objects.filter(portfolio__in=scope.ids, on__range=(first, through))
    found: dict[str, int] = defaultdict(int)
    steps = dict.fromkeys(starts, 0)
    for on, state, count in (
        rows.values("on", "state").annotate(total=Sum("messages")).values_list("on", "state", "total")
    ):
        if on >= scope.period.start:
            found[state] += count
        start = on if scope.period.kind in ("day", "week") else on - timedelta(days=on.weekday())
        if state in ARRIVED and start in steps:
            steps[start] += count
    return dict(found), list(steps.values())


def _rules(ids: list[int], first: date, last: date) -> list[tuple[str, int]]:
    rows = DailyRuleFact.objects.filter(portfolio__in=ids, on__range=(first, last)).values("rule_id")
    return list(rows.annotate(total=Sum("stopped")).order_by("-total").values_list("rule_id", "total"))


def period_tabs(period: Period, today: date) -> list[tuple[str, str, bool]]:
    """Week, month, quarter: (label, code, current). The present one of each kind."""
    return [
        (kind.capitalize(), period_of(min(period.last, today), kind).code, kind == period.kind)
        for kind in ("week", "month", "quarter")
    ]

"""Day facts from the live tables: a few set-based statements a day, repeatable, writing only what differs."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import connection, transaction
from django.db.models import Exists, Max, Min, OuterRef

from accounts.models import Account, AccountSnapshot, Portfolio
from core import clock
from core.dates import month_end
from payments.models import PaymentReturn, Promise

from . import build_sql, sources
from .models import DailyBucketFact, DailyOfficerFact, FactsVersion, RollFact, VintageFact
from .periods import KINDS, Period, period_of

BACK_DAYS = 10
AGEING_EVERY = timedelta(minutes=15)


def build_day(on: date, *, at: datetime | None = None) -> dict[str, int]:
    """All facts of one day (a calendar day in each portfolio's own zone). Running it again writes nothing.

    `at` is the moment that counts as now (default: the clock). Returns rows written by kind.
    """
    moment = at or clock.now()
    return build_activity(first=on, last=on, at=moment) | build_ageing(on=on, at=moment)


@transaction.atomic
def build_activity(*, first: date, last: date, at: datetime) -> dict[str, int]:
    """Calls, promises, money, messages and hours of the days first to last, and the months these lie in.

    A handful of statements, whatever the span.
    """
    values = sources.bounds(first, last, _latest_day(at)) | {"at": at}
    counts = {
        "buckets": _run(build_sql.BUCKETS, values),
        "officers": _run(build_sql.OFFICERS, values),
        "messages": _run(build_sql.MESSAGES, values),
        "rules": _run(build_sql.RULES, values),
        "shifts": _run(build_sql.SHIFTS, values),
        "months": _run(build_sql.MONTHS, values),
    }
    new_version(FactsVersion.ACTIVITY, counts, at=at)
    return counts


@transaction.atomic
def build_ageing(*, on: date, at: datetime, only: Collection[int] | None = None) -> dict[str, int]:
    """Open balances by bucket at the end of the day, and where those of the last month end went.

    Today comes from the debts themselves, a past day from their snapshots. `only` these portfolios (None: all).
    """
    written = {"ageing": 0, "rolls": 0}
    for (scheme, live), found in _books(on, at).items():
        ids = found if only is None else [pk for pk in found if pk in only]
        if not ids:
            continue
        opened = on.replace(day=1) - timedelta(days=1)
        values: dict[str, Any] = {"portfolios": ids, "on": on, "at": at, "opened": opened}
        values |= {"opened_base": _base(ids, opened), "base": _base(ids, on)}
        end = build_sql.LIVE if live else build_sql.state_of("%(on)s", "%(base)s")
        written["ageing"] += _run(build_sql.ageing(scheme, end), values)
        written["rolls"] += _run(build_sql.rolls(scheme, end), values)
    new_version(FactsVersion.AGEING, written, at=at)
    return written


@transaction.atomic
def build_reach(*, period: Period, at: datetime) -> dict[str, int]:
    """Debts that could be worked in a period and debts tried, by portfolio."""
    ids = list(Portfolio.objects.values_list("pk", flat=True))
    last = period.through(_latest_day(at))
    values = sources.bounds(period.start, last, last) | reach_values(ids, period) | {"kind": period.kind}
    counts = {"reach": _run(build_sql.REACH, values)}
    new_version(FactsVersion.AGEING, counts, at=at)
    return counts


def reach_values(portfolios: list[int], period: Period) -> dict[str, Any]:
    """What `sources.REACH` takes besides the bounds of the period."""
    before = period.start - timedelta(days=1)
    return {"portfolios": portfolios, "before": before, "base": _base(portfolios, before)}


def late_values(portfolios: list[int], day: date, *, today: date) -> dict[str, Any]:
    """What `sources.LATE` takes: the newest day up to `day` that has facts of moves, and the month end before it."""
    rows = RollFact.objects.filter(portfolio_id__in=portfolios, on__lte=day)
    on = rows.aggregate(newest=Max("on"))["newest"] or day
    opened = on.replace(day=1) - timedelta(days=1)
    return {
        "portfolios": portfolios,
        "day": on,
        "day_base": _base(portfolios, on),
        "opened": opened,
        "opened_base": _base(portfolios, opened),
        "live": on == today,
    }


@transaction.atomic
def build_curves(*, at: datetime | None = None) -> dict[str, int]:
    """Recovered since placement, for every month of placement."""
    counts = {"curves": _run(build_sql.VINTAGES, {})}
    new_version(FactsVersion.CURVES, counts, at=at or clock.now())
    return counts


def new_version(subject: str, written: Mapping[str, int], *, at: datetime) -> None:
    """Say that the facts of a subject changed, in the transaction that changed them. Nothing written, nothing said."""
    if any(written.values()):
        FactsVersion.objects.update_or_create(pk=subject, defaults={"code": uuid4(), "at": at})


def build_today(*, at: datetime) -> dict[str, int]:
    """Each minute: the day (or the two days) that are today somewhere; every quarter of an hour its balances.

    Of the balances only those of portfolios in which something moved since their last night are added up anew.
    """
    days = _todays(at)
    counts = build_activity(first=min(days), last=max(days), at=at)
    looked = FactsVersion.objects.filter(pk=FactsVersion.LOOKED).first()
    if looked is None or at - looked.at >= AGEING_EVERY:
        same_day = looked is not None and _todays(looked.at) == days
        counts |= _look(days, at, only=_moved() if same_day else None)
    if not VintageFact.objects.exists():
        counts |= build_curves(at=at)
    return counts


def _look(days: set[date], at: datetime, *, only: set[int] | None) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for day in sorted(days):
        counts.update(build_ageing(on=day, at=at, only=only))
    for kind in KINDS:
        counts.update(build_reach(period=period_of(max(days), kind), at=at))
    FactsVersion.objects.update_or_create(pk=FactsVersion.LOOKED, defaults={"code": uuid4(), "at": at})
    return dict(counts)


def _moved() -> set[int]:
    """Portfolios in which a debt's status, balance or lateness changed since their last night (a trigger notes it)."""
    moved = Account.objects.filter(portfolio=OuterRef("pk"), changed_in_night__gte=OuterRef("night"))
    return set(Portfolio.objects.filter(Exists(moved)).values_list("pk", flat=True))


def rebuild(*, at: datetime) -> dict[str, int]:
    """Each night: the last ten days, and older ones that a late judgment or return touched."""
    today = max(_todays(at))
    counts = build_activity(first=today - timedelta(days=BACK_DAYS), last=today, at=at)
    late = _late_days(today, at)
    for day in late:
        build_activity(first=day, last=day, at=at)
    for back in range(BACK_DAYS, -1, -1):
        build_ageing(on=today - timedelta(days=back), at=at)
    for period in _periods(today - timedelta(days=BACK_DAYS), today, KINDS):
        build_reach(period=period, at=at)
    counts |= {"older_buckets": _older_buckets(at)}
    return counts | build_curves() | {"older_days": len(late)}


def _older_buckets(at: datetime) -> int:
    """One more month back, each night, until the activity is there by bucket from its first day on.

    Facts of before there were buckets have none; this ends by itself. Returns rows written.
    """
    first = DailyOfficerFact.objects.aggregate(first=Min("on"))["first"]
    known = DailyBucketFact.objects.aggregate(first=Min("on"))["first"]
    if first is None or known is None or first >= known:
        return 0
    last = DailyOfficerFact.objects.filter(on__lt=known).aggregate(last=Max("on"))["last"]
    return build_activity(first=max(first, last.replace(day=1)), last=last, at=at)["buckets"]


def build_history(*, first: date, at: datetime) -> dict[str, int]:
    """Everything from `first` to today, after a load: activity by month, ageing at month ends and the last 32 days."""
    today = max(_todays(at))
    counts: Counter[str] = Counter()
    start = first
    while start <= today:
        counts.update(build_activity(first=start, last=min(month_end(start), today), at=at))
        start = month_end(start) + timedelta(days=1)
    recent = {today - timedelta(days=back) for back in range(33)}
    ends = {month_end(first + timedelta(days=step)) for step in range(0, (today - first).days + 1, 7)}
    for day in sorted(recent | {end for end in ends if end < today}):
        build_ageing(on=day, at=at)
    for period in _periods(first, today, KINDS[1:]):
        build_reach(period=period, at=at)
    return dict(counts) | build_curves()


def _periods(first: date, last: date, kinds: Iterable[str]) -> list[Period]:
    days = [first + timedelta(days=step) for step in range((last - first).days + 1)]
    return list(dict.fromkeys(period_of(day, kind) for kind in kinds for day in days))


def _late_days(today: date, at: datetime) -> list[date]:
    """Days before the ten whose promises were judged, or paid and returned, in the last two days."""
    since, oldest = at - timedelta(days=2), today - timedelta(days=BACK_DAYS)
    judged = Promise.objects.filter(judged_at__gte=since)
    touched: set[date] = set()
    for grace, made, zone in judged.values_list("grace_until", "made_at", "account__portfolio__time_zone"):
        touched |= {grace, clock.today(zone, made)}
    returned = PaymentReturn.objects.filter(recorded_at__gte=since).values_list("payment__account")
    again = Promise.objects.filter(account__in=returned).exclude(state="OPEN")
    touched |= set(again.values_list("grace_until", flat=True))
    return sorted(day for day in touched if day < oldest)


def _todays(at: datetime) -> set[date]:
    zones: Iterable[str] = Portfolio.objects.order_by("time_zone").values_list("time_zone", flat=True).distinct()
    return {clock.today(zone, at) for zone in zones} or {at.date()}


def _latest_day(at: datetime) -> date:
    return max(_todays(at))


def _books(on: date, at: datetime) -> dict[tuple[str, bool], list[int]]:
    found: dict[tuple[str, bool], list[int]] = {}
    for pk, scheme, zone in Portfolio.objects.values_list("pk", "bucket_scheme", "time_zone"):
        today = clock.today(zone, at)
        if on <= today:
            found.setdefault((scheme, on == today), []).append(pk)
    return found


def _base(portfolios: list[int], day: date) -> date:
    """The day from which the snapshots of a day are whole: the last month end at which every book has its rows."""
    rows = AccountSnapshot.objects.filter(portfolio_id__in=portfolios, valid_from__lte=day)
    due = day if day == month_end(day) else day.replace(day=1) - timedelta(days=1)
    whole = rows.filter(month_end=True, valid_from=due).values("portfolio_id").distinct().count()
    first: date | None = rows.aggregate(first=Min("valid_from"))["first"] if whole < len(portfolios) else due
    return first or day


def _run(sql: str, values: dict[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        (changed,) = cursor.fetchone()
    return int(changed)

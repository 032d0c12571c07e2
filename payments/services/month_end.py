"""Month end: interest of each portfolio that charges it, posted once its last day is over there (DECISIONS 21).

A finished portfolio and month is a JobRun row, so later ticks do nothing. A run that was killed left none: the next
tick goes on with the debts that are not accrued yet.
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

from accounts.models import Account, Portfolio
from accounts.services import accruals
from compliance.models import Hold
from core import clock
from core.models import JobRun

JOB = "payments.month_end"


def post_month_end(*, at: datetime, portfolio: Portfolio | None = None) -> dict[str, int]:
    """Post the interest of the last month that is over, for every portfolio or one of them. Counts of what was posted.

    Nothing for people in bankruptcy: interest does not run on after the petition (11 USC 502(b)(2)).
    """
    counts = {"portfolios": 0, "debts": 0, "journals": 0, "cents": 0}
    books = Portfolio.objects.filter(charges_interest=True).order_by("pk")
    for book in books if portfolio is None else [portfolio]:
        on = last_month_end(clock.today(book.time_zone, at))
        over = datetime.combine(on + timedelta(days=1), datetime.min.time(), ZoneInfo(book.time_zone)).astimezone(UTC)
        name = f"{JOB} {book.pk}"
        if JobRun.objects.filter(job=name, period=over, state=JobRun.State.DONE).exists():
            continue
        done = accruals.post_month(portfolio=book, on=on, at=at, paused=_bankrupt(book))
        JobRun.objects.get_or_create(
            job=name,
            period=over,
            defaults={"state": JobRun.State.DONE, "started_at": at, "finished_at": clock.now(), "counts": done},
        )
        counts["portfolios"] += 1
        for what, number in done.items():
            counts[what] += number
    return counts


def last_month_end(today: date) -> date:
    """The last day of the month before this day's."""
    return today.replace(day=1) - timedelta(days=1)


def _bankrupt(book: Portfolio) -> list[int]:
    holds = Hold.objects.filter(kind=Hold.Kind.BANKRUPTCY, lifted_at=None)
    debts = holds.exclude(account=None).values("account")
    people = holds.filter(account=None).values("debtor")
    return list(
        Account.objects.filter(Q(pk__in=debts) | Q(debtor__in=people), portfolio=book).values_list("pk", flat=True)
    )

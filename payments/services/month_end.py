"""Month end: interest of each portfolio that charges it, posted once its last day is over there (DECISIONS 21).

A finished portfolio and month is a JobRun row, so later ticks do nothing. A run that was killed left none: the next
tick goes on with the debts that are not accrued yet.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts.models import Portfolio
from accounts.services import accruals, payoffs
from accounts.states import WORKABLE
from core import clock
from core.models import JobRun
from core.money import ZERO
from ledger.models import Balance

from . import stay_days
from .locking import lock

JOB = "payments.month_end"


def post_month_end(*, at: datetime, portfolio: Portfolio | None = None) -> dict[str, int]:
    """Post the interest of the last month that is over, for every portfolio or one of them. Counts of what was posted.

    Nothing for people in bankruptcy or another stay, and when it has ended nothing for its days
    (docs/decisions/0016).
    """
    counts = {"portfolios": 0, "debts": 0, "journals": 0, "cents": 0}
    books = Portfolio.objects.filter(charges_interest=True).order_by("pk")
    for book in books if portfolio is None else [portfolio]:
        on = last_month_end(clock.today(book.time_zone, at))
        over = datetime.combine(on + timedelta(days=1), datetime.min.time(), ZoneInfo(book.time_zone)).astimezone(UTC)
        name = f"{JOB} {book.pk}"
        if JobRun.objects.filter(job=name, period=over, state=JobRun.State.DONE).exists():
            continue
        done = _post(book, on, at)
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


def _post(book: Portfolio, on: date, at: datetime) -> dict[str, int]:
    """All debts at once, but those whose days have a gap one by one: few, and their sums are no simple ones."""
    stayed, apart = stay_days.in_force(book, at), stay_days.just_over(book, at)
    done = accruals.post_month(portfolio=book, on=on, at=at, paused=stayed | apart)
    for debt in sorted(apart - stayed) if book.charges_interest else ():
        amount = _post_one(debt, on, at)
        done["debts"] += bool(amount)
        done["journals"] += bool(amount)
        done["cents"] += int(amount * 100)
    return done


@transaction.atomic
def _post_one(debt: int, on: date, at: datetime) -> Decimal:
    account = lock([debt])[0]
    kept = Balance.objects.filter(subject_id=debt, account=payoffs.INTEREST, accrued_to__gte=on)
    if account.status not in WORKABLE or account.placed_on >= on or kept.exists():
        return ZERO
    return payoffs.post_interest(account=account, on=on, at=at)

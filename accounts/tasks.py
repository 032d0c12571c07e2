"""Scheduled tasks of accounts. Each is one call."""

from datetime import UTC, date, datetime
from functools import partial
from zoneinfo import ZoneInfo

from celery import shared_task

from accounts import services
from accounts.models import Portfolio
from accounts.services.running import work_imports as work_waiting_imports
from core import clock, jobs

HOURS = 2 * 3600


@shared_task(queue="imports", time_limit=HOURS, soft_time_limit=HOURS - 60)
def run_imports(**_: object) -> None:
    """Check and load the placement files that wait."""
    jobs.tick("accounts.run_imports", 15, lambda at: work_waiting_imports(at=at))


@shared_task(queue="imports", time_limit=HOURS, soft_time_limit=HOURS - 60)
def work_imports(**_: object) -> None:
    """The same at once, when a person waits for it."""
    work_waiting_imports(at=clock.now())


@shared_task(queue="nightly", time_limit=HOURS, soft_time_limit=HOURS - 60)
def nightly(**_: object) -> None:
    """Age the accounts of each time zone once in its business day."""
    jobs.tick("accounts.nightly", 3600, lambda at: age_zones(at=at))


def age_zones(*, at: datetime) -> dict[str, int]:
    """Each zone's portfolios, once for each of its days, by the first tick after its midnight.

    A night that failed or never ran is made up for by the next one: ageing looks at dates, not at the last run.
    """
    counts = {"zones": 0, "moved": 0, "snapshots": 0}
    for zone in sorted(set(Portfolio.objects.values_list("time_zone", flat=True))):
        on = clock.today(zone, at)
        midnight = datetime(on.year, on.month, on.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
        run = jobs.run(f"accounts.nightly {zone}", midnight, partial(_age, zone, on))
        counts["zones"] += run is not None
        for name in ("moved", "snapshots"):
            counts[name] += run.counts.get(name, 0) if run else 0
    return counts


def _age(zone: str, on: date, at: datetime) -> dict[str, int]:
    ids = list(Portfolio.objects.filter(time_zone=zone).values_list("pk", flat=True))
    return services.age_accounts(on=on, at=at, portfolios=ids)

"""The scheduled tasks of payments. Each is one call."""

from datetime import datetime
from typing import Any

from celery import shared_task

from core import jobs
from core.models import JobRun

from . import services

HOURS = 2 * 3600


@shared_task
def judge(**_: object) -> None:
    """Promises whose grace ended, installments late or missed, interrupted releases, held money that can go now."""
    jobs.tick("payments.judge", 900, _judge)


def _judge(at: datetime) -> dict[str, Any]:
    posted = services.post_released(at=at)
    left = services.leave_out_disputed(at=at)
    return {"batch_lines_posted": posted, **left, **services.judge(at=at), **services.apply_by_itself(at=at)}


@shared_task
def announce(**_: object) -> None:
    """Work and letters hear of money that came by itself."""
    jobs.tick("payments.announce", 15, _announce)


def _announce(at: datetime) -> dict[str, Any]:
    before = JobRun.objects.filter(job="payments.announce", state=JobRun.State.DONE).order_by("-started_at").first()
    return services.announce(at=at, since=before.started_at if before else None)


@shared_task(queue="nightly", time_limit=HOURS, soft_time_limit=HOURS - 60)
def month_end(**_: object) -> None:
    """Interest of the month that is over."""
    jobs.tick(services.MONTH_END, 3600, lambda at: services.post_month_end(at=at))

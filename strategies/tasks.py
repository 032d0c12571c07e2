"""Ticks of the work: facts into items, holds that ran out, counts for the lists."""

from datetime import datetime

from celery import shared_task

from core import clock, jobs

from . import reminders, services


@shared_task
def refresh_work() -> None:
    """Every quarter of an hour: items from the facts; writes only what changed."""
    jobs.tick("strategies.refresh_work", 900, _refresh)


def _refresh(at: datetime) -> dict[str, int]:
    return services.refresh_all(at)


@shared_task
def release_holds() -> None:
    """Every 30 seconds: expired holds, call-backs that nobody took, and the counts of the queues."""
    jobs.tick("strategies.release_holds", 30, _release)


def _release(at: datetime) -> dict[str, int]:
    return {
        "released": services.expire(at=at),
        "passed_on": services.pass_on_callbacks(at=at),
        "counted": services.refresh_counts(at=at),
    }


@shared_task
def plan_reminders() -> None:
    """Every hour: the letters, e-mails and texts that follow from what was promised, agreed, paid and placed."""
    jobs.tick("strategies.plan_reminders", 3600, lambda at: reminders.plan_reminders(at=at))


@shared_task
def plan_first_notices(account_ids: list[int]) -> None:
    """The first notices of debts that were just placed; again and again plans them once."""
    reminders.plan_first_notices(at=clock.now(), account_ids=account_ids)

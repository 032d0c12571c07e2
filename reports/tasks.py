"""Ticks of the day facts: today each minute, the last ten days each night."""

from datetime import datetime

from celery import shared_task

from core import clock, jobs

from . import services

NIGHT_HOUR = 9  # UTC: before dawn in every American zone, after the nightly snapshots


@shared_task
def build_days() -> None:
    """Each minute today's facts; once a day, before dawn, the last ten days anew."""
    jobs.tick("reports.build_days", 60, _today)
    if clock.now().hour >= NIGHT_HOUR:
        jobs.tick("reports.rebuild", 86400, _rebuild)


def _today(at: datetime) -> dict[str, int]:
    return services.build_today(at=at)


def _rebuild(at: datetime) -> dict[str, int]:
    return services.rebuild(at=at)

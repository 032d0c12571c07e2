"""Ticks of the day facts: today each minute, the last ten days each night; and jobs that people asked for."""

from datetime import datetime

from celery import shared_task

from core import clock, jobs

from . import job_services, services

NIGHT_HOUR = 9  # UTC: before dawn in every American zone, after the nightly snapshots


@shared_task
def build_days(**_: object) -> None:
    """Each minute today's facts and the jobs asked for; once a day, before dawn, the last ten days anew."""
    jobs.tick("reports.build_days", 60, _today)
    if clock.now().hour >= NIGHT_HOUR:
        jobs.tick("reports.rebuild", 86400, _rebuild)


def _today(at: datetime) -> dict[str, int]:
    return services.build_today(at=at)


def _rebuild(at: datetime) -> dict[str, int]:
    return services.rebuild(at=at)


@shared_task
def run_asked(**_: object) -> None:
    """Woken when somebody asks for a job."""
    job_services.run_asked(at=clock.now())


@shared_task
def sweep_asked(**_: object) -> None:
    """What a lost wake-up left behind."""
    jobs.tick("reports.sweep_asked", 60, _sweep)


def _sweep(at: datetime) -> dict[str, int]:
    return job_services.run_asked(at=at)

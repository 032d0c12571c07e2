"""Scheduled jobs as rows: the inserter works, everybody else finds it taken (RELIABILITY 10)."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any

from . import clock
from .models import JobRun, JobSetting

log = logging.getLogger(__name__)
_asked: ContextVar[Any] = ContextVar("asked", default=None)


@contextmanager
def asked_by(user: Any) -> Iterator[None]:
    """Ticks inside run now, whatever their period, switch and hours, in this person's name (F114)."""
    token = _asked.set(user)
    try:
        yield
    finally:
        _asked.reset(token)


def period_of(at: datetime, seconds: int) -> datetime:
    """The start of the UTC period of this length that holds the moment."""
    stamp = int(at.timestamp()) // seconds * seconds
    return datetime.fromtimestamp(stamp, tz=at.tzinfo)


def run(job: str, period: datetime, work: Callable[[datetime], dict[str, Any]], *, by: Any = None) -> JobRun | None:
    """Do `work(now)` once for the job's period. None when it is switched off or already somebody's."""
    at = clock.now()
    setting = JobSetting.objects.filter(pk=job).first()
    if by is None and setting is not None and not setting.covers(at):
        return None
    row, mine = JobRun.objects.get_or_create(job=job, period=period, defaults={"started_at": at, "asked_by": by})
    if not mine:
        return None
    try:
        counts = work(at)
    except Exception as error:
        log.exception("job failed", extra={"job": job})
        _close(row, JobRun.State.FAILED, {}, f"{type(error).__name__}: {error}"[:500])
        return row
    _close(row, JobRun.State.DONE, counts, "")
    return row


def tick(job: str, seconds: int, work: Callable[[datetime], dict[str, Any]]) -> JobRun | None:
    """`run` for the present period of `seconds` length."""
    by = _asked.get()
    if by is not None:
        period = clock.now()
        while JobRun.objects.filter(job=job, period=period).exists():
            period += timedelta(microseconds=1)
        return run(job, period, work, by=by)
    return run(job, period_of(clock.now(), seconds), work)


def _close(row: JobRun, state: str, counts: dict[str, Any], error: str) -> None:
    row.state, row.counts, row.error, row.finished_at = state, counts, error, clock.now()
    row.save(update_fields=["state", "counts", "error", "finished_at"])

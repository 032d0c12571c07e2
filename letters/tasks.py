"""Ticks of the outbox. The rows are the queue; these only say that it is time (DECISIONS 2)."""

from datetime import datetime

from celery import shared_task

from core import clock, jobs, work

from . import services

PARALLEL = 2  # workers that send at the same time
FULL = 1000  # a task sends at most so many, then wakes the next


@shared_task
def send_due(**_: object) -> None:
    """Every 15 seconds: send a batch, and wake a second worker when there is more than one task's worth."""
    jobs.tick("letters.send_due", 15, _send)


def _send(at: datetime) -> dict[str, int]:
    return services.take_in(at=at) | _sent(at)


def _sent(at: datetime) -> dict[str, int]:
    waiting, busy = services.is_due(at=at), services.workers_busy(at=at)
    for _ in range(max(0, min(PARALLEL - busy, waiting // FULL))):
        work.wake(send_batch)
    return services.send_due(at=at, limit=FULL) if busy < PARALLEL else {"busy": busy}


@shared_task
def send_batch() -> None:
    """Send a batch; wake the next one while there is more. Losing this loses nothing: the tick finds the rows."""
    at = clock.now()
    if services.workers_busy(at=at) <= PARALLEL and sum(services.send_due(at=at, limit=FULL).values()) >= FULL:
        work.wake(send_batch)


@shared_task
def take_in() -> None:
    """Read what providers told us. Losing this loses nothing: the tick finds the rows."""
    services.take_in(at=clock.now())

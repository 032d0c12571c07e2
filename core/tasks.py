"""Core's scheduled tasks. Each is one call."""

from datetime import datetime
from typing import Any

from celery import shared_task

from . import chain, idempotency, jobs


@shared_task
def seal_audit(**_: object) -> None:
    """Link the audit events of the last minute into the hash chain."""
    jobs.tick("core.seal_audit", 60, lambda at: {"sealed": chain.seal(at=at)})


@shared_task
def sweep(**_: object) -> None:
    """Forget what is past its keep time."""
    jobs.tick("core.sweep", 3600, lambda at: {"idempotency_keys": idempotency.forget_old(at=at)})


@shared_task
def prove(**_: object) -> None:
    """Verify the audit chain each day."""
    jobs.tick("core.prove", 86400, _prove)


def _prove(at: datetime) -> dict[str, Any]:
    report = chain.verify()
    if report.problems:
        raise chain.ChainBroken("; ".join(report.problems[:5]))
    return {"links": report.links}

"""The scheduled task of payments. One call."""

from datetime import datetime
from typing import Any

from celery import shared_task

from core import jobs

from . import services


@shared_task
def judge(**_: object) -> None:
    """Promises whose grace ended, installments late or missed, and batches whose release was interrupted."""
    jobs.tick("payments.judge", 900, _judge)


def _judge(at: datetime) -> dict[str, Any]:
    return {"batch_lines_posted": services.post_released(at=at), **services.judge(at=at)}

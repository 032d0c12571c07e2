"""How the queues are: what waits, what is overdue, what could not be sent, which jobs ran. Few indexed queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Min, Sum

from accounts.models import ImportFile
from core.models import JobRun
from letters.models import Message
from strategies.models import Queue, QueueCount, WorkItem

CAPPED = 1000


@dataclass(frozen=True, slots=True)
class Health:
    """Counts are at most 60 s old; `failed`, `unknown` stop at 1,000."""

    waiting: list[tuple[str, int]]
    oldest_due: datetime | None
    failed: int
    unknown: int
    expired: int
    jobs: list[JobRun]

    @property
    def waits(self) -> int:
        return sum(count for _, count in self.waiting)

    @property
    def troubles(self) -> list[JobRun]:
        return [run for run in self.jobs if run.state == JobRun.State.FAILED]


def health(*, portfolios: list[int], at: datetime) -> Health:
    """The queues of these portfolios and the firm's jobs. Seven queries."""
    counts = QueueCount.objects.filter(portfolio__in=portfolios).values("queue")
    by_queue = dict(counts.annotate(total=Sum("waiting")).values_list("queue", "total"))
    due = WorkItem.objects.filter(portfolio__in=portfolios, state="OPEN", queue=Queue.CALLBACK, due_at__lte=at)
    messages = Message.objects.filter(account__portfolio__in=portfolios)
    stuck = messages.filter(state="SENDING", lease_until__lt=at).count()
    return Health(
        waiting=[(str(queue.label), by_queue.get(queue.value, 0)) for queue in Queue],
        oldest_due=due.aggregate(oldest=Min("due_at"))["oldest"],
        failed=messages.filter(state="FAILED")[:CAPPED].count(),
        unknown=messages.filter(state="UNKNOWN")[:CAPPED].count(),
        expired=stuck + ImportFile.objects.filter(lease_until__lt=at, lease_token__isnull=False).count(),
        jobs=latest_runs(),
    )


def latest_runs() -> list[JobRun]:
    """The newest run of each job."""
    return list(JobRun.objects.order_by("job", "-started_at").distinct("job"))

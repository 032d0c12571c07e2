"""The row is the queue: claim with a lease, act outside the transaction, finish with a fence.

Nothing else in the project calls `.delay()`; a test greps for it. Rules: RELIABILITY.md section 1.
"""

import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import models, transaction

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WorkKind:
    """How rows of one table are worked: which states wait, which one means leased, how long a lease lasts."""

    model: type[models.Model]
    ready: tuple[str, ...]
    leased: str
    lease: timedelta = timedelta(seconds=60)
    max_tries: int = 24


def claim(kind: WorkKind, *, at: datetime, limit: int = 100, rows: models.QuerySet[Any] | None = None) -> list[Any]:
    """Take up to `limit` due rows for this worker and commit. Each carries its lease_token; no two workers share one.

    A row whose lease ran out may be taken again. `rows` narrows the candidates.
    """
    token = uuid4()
    candidates = rows if rows is not None else kind.model._default_manager.all()
    due = candidates.filter(due_at__lte=at).filter(
        models.Q(state__in=kind.ready) | models.Q(state=kind.leased, lease_until__lt=at)
    )
    with transaction.atomic():
        ids = list(
            due.order_by("due_at", "pk")
            .select_for_update(skip_locked=True, of=("self",))
            .values_list("pk", flat=True)[:limit]
        )
        kind.model._default_manager.filter(pk__in=ids).update(
            state=kind.leased, lease_token=token, lease_until=at + kind.lease, tries=models.F("tries") + 1
        )
    return list(kind.model._default_manager.filter(pk__in=ids, lease_token=token).order_by("due_at", "pk"))


def finish(kind: WorkKind, *, pk: Any, token: UUID | None, state: str, **columns: Any) -> bool:
    """Write the outcome if the lease is still ours. False means a successor owns the row: write nothing more."""
    changed = kind.model._default_manager.filter(pk=pk, state=kind.leased, lease_token=token).update(
        state=state, lease_token=None, lease_until=None, **columns
    )
    if not changed:
        log.warning("lease lost", extra={"row": str(pk), "table": kind.model._meta.label_lower})
    return changed == 1


def extend(kind: WorkKind, *, pk: Any, token: UUID | None, at: datetime) -> bool:
    """Lengthen a lease that is still ours."""
    rows = kind.model._default_manager.filter(pk=pk, state=kind.leased, lease_token=token)
    return rows.update(lease_until=at + kind.lease) == 1


def backoff(tries: int) -> timedelta:
    """Exponential with full jitter, 10 s to 30 min (RELIABILITY 8)."""
    ceiling = min(1800.0, 10.0 * 2 ** min(tries, 10))
    return timedelta(seconds=10 + random.uniform(0, ceiling - 10) if ceiling > 10 else 10)  # noqa: S311


def retry(kind: WorkKind, *, row: Any, at: datetime, error: str, dead: str) -> bool:
    """Give the row back for later, or to `dead` after its last try. Returns whether the lease was still ours."""
    if row.tries >= kind.max_tries:
        return finish(kind, pk=row.pk, token=row.lease_token, state=dead, last_error=error[:300])
    return finish(
        kind,
        pk=row.pk,
        token=row.lease_token,
        state=kind.ready[0],
        due_at=at + backoff(row.tries),
        last_error=error[:300],
    )


def wake(task: Any, *args: Any, **kwargs: Any) -> None:
    """After commit, tell a worker there may be work. Losing this call loses nothing: the sweep finds the row."""
    transaction.on_commit(lambda: _send(task, args, kwargs), robust=True)


def _send(task: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> None:
    try:
        task.apply_async(args=args, kwargs=kwargs, retry=False)
    except Exception:
        log.warning("broker unreachable; the sweep will find the work", extra={"task": getattr(task, "name", "")})


def each(rows: Sequence[Any], act: Callable[[Any], None]) -> tuple[int, int]:
    """Act on every row; one failure doesn't stop the rest. Returns (done, failed)."""
    failed = 0
    for row in rows:
        try:
            act(row)
        except Exception:
            failed += 1
            log.exception("work failed", extra={"row": str(row.pk), "table": row._meta.label_lower})
    return len(rows) - failed, failed

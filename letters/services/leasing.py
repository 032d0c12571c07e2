"""The message table as a queue: its lease, its clock, and how rows are given back."""

import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import models
from django.db.models import Value
from django.db.models.functions import Concat, Left

from core import work
from letters.models import Message
from letters.states import State

TOO_LATE = "Its time passed before it could go."
WORK = work.WorkKind(Message, ready=(State.QUEUED,), leased=State.SENDING, lease=timedelta(seconds=60))


class Watch:
    """The moment that was read at the edge, moving on with the time that work takes."""

    def __init__(self, at: datetime) -> None:
        self._at, self._started = at, time.monotonic()

    @property
    def now(self) -> datetime:
        """`at` plus what has passed since."""
        return self._at + timedelta(seconds=self.seconds)

    @property
    def seconds(self) -> float:
        """How long the work has been going on, a stopped process included."""
        return time.monotonic() - self._started


def mine(token: UUID | None) -> models.QuerySet[Message]:
    """The rows this lease still holds."""
    return Message.objects.filter(state=State.SENDING, lease_token=token)


def give_back(rows: Iterable[Message], *, token: UUID | None) -> int:
    """Not reached in time: others may take them at once, and it was no try."""
    ids = [row.pk for row in rows]
    return (
        mine(token)
        .filter(pk__in=ids)
        .update(state=State.QUEUED, lease_token=None, lease_until=None, tries=models.F("tries") - 1)
    )


def close(row: Message, state: str, *, reason: str, at: datetime, **columns: object) -> bool:
    """A last state with its reason. False when a successor owns the row."""
    return work.finish(
        WORK, pk=row.pk, token=row.lease_token, state=state, reason=reason[:300], finished_at=at, **columns
    )


def expire(*, at: datetime) -> dict[str, int]:
    """What waited beyond its time: too late, or (when an earlier try may have gone out) for a person to decide."""
    late = Message.objects.filter(state=State.QUEUED, expires_at__lte=at)
    return {
        "expired": late.filter(prepared__isnull=True).update(
            state=State.EXPIRED, reason=Left(Concat(Value(f"{TOO_LATE} "), "reason"), 300), finished_at=at
        ),
        "unknown": late.filter(prepared__isnull=False).update(
            state=State.UNKNOWN, reason="An earlier try may have gone out.", finished_at=at
        ),
    }

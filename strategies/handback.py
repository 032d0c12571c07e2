"""What happens to an officer's work when the officer goes: sign-off and absence (F21)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from core import audit
from users.models import User

from . import holds
from .models import Queue, WorkItem


@dataclass(frozen=True, slots=True)
class Handed:
    """How many people were let go, how many call-backs went to the team."""

    released: int
    callbacks: int


@transaction.atomic
def hand_back(*, user: User, at: datetime) -> Handed:
    """At sign-off: people in hand are free again, today's call-backs go to the team."""
    people = holds.release_all(user=user, at=at, reason="signed off")
    due = WorkItem.objects.filter(
        assigned_to=user, state=WorkItem.State.OPEN, queue=Queue.CALLBACK, due_at__lt=at + timedelta(hours=12)
    )
    moved = due.update(assigned_to=None, updated_at=at)
    if people or moved:
        audit.record("work.handed_back", actor=user, subject=user, data={"released": len(people), "callbacks": moved})
    return Handed(len(people), moved)


@transaction.atomic
def move_work(*, absent: User, to: User | None, by: User, at: datetime) -> list[WorkItem]:
    """Somebody is away: give the open items assigned to them to a colleague (None: the team).

    Returns what moved, for the list that is shown. People in hand are let go.
    """
    holds.release_all(user=absent, at=at, reason="absent")
    rows = WorkItem.objects.filter(assigned_to=absent, state=WorkItem.State.OPEN).order_by("due_at", "pk")
    moved = list(rows.select_for_update()[:5000])
    WorkItem.objects.filter(pk__in=[item.pk for item in moved]).update(assigned_to=to, updated_at=at)
    audit.record(
        "work.moved_for_absence",
        actor=by,
        subject=absent,
        data={"to": to.pk if to else None, "items": [item.pk for item in moved]},
    )
    return moved

"""Shifts of the last three weeks, from the calls that were made: ready, on a call, wrap-up, breaks."""

from collections import defaultdict
from datetime import date, datetime, timedelta

from django.db import transaction

from contacts.models import Interaction
from users.models import Shift, ShiftPart

from .hours import OFFICE, SHIFT, local
from .sheets import Sheet
from .world import World

WRAP_UP = timedelta(seconds=75)
WEEKS = timedelta(days=21)
Part = tuple[str, datetime, datetime | None]


@transaction.atomic
def write(world: World) -> int:
    """Shifts and their parts; today's are open while the office is. Returns how many shifts.

    All or none: a load that was stopped after them and goes on writes no others.
    """
    if Shift.objects.exists():
        return 0
    shifts = Sheet(Shift, "id", "user_id", "started_at", "ended_at")
    parts = Sheet(ShiftPart, "shift_id", "state", "started_at", "ended_at")
    by_day: dict[tuple[int, date], list[tuple[datetime, datetime]]] = defaultdict(list)
    first = local(world.today - WEEKS, 0)
    rows = Interaction.objects.filter(kind="CALL", started_at__gte=first).exclude(officer=None)
    for officer, start, end in rows.values_list("officer_id", "started_at", "ended_at").order_by("started_at", "pk"):
        if end is None:
            continue
        by_day[officer, start.astimezone(OFFICE).date()].append((start, end))
    for (officer, day), calls in sorted(by_day.items()):
        opens, closes = local(day, SHIFT[0].hour), local(day, SHIFT[1].hour - 1)
        last = max(end for _, end in calls) + WRAP_UP
        ended = None if day == world.today and world.now < closes else min(max(closes, last), world.now)
        number = shifts.new_id()
        shifts.add(number, officer, opens, ended)
        for part in _parts(sorted(calls), opens, ended, world.now):
            parts.add(number, *part)
    count = shifts.flush()
    parts.flush()
    return count


def _parts(
    calls: list[tuple[datetime, datetime]], opens: datetime, ended: datetime | None, now: datetime
) -> list[Part]:
    """Stretches one after another, half-open; the last one is open when the shift is."""
    found: list[Part] = []
    at, rested = opens, False
    for start, end in calls:
        if start < at:  # two calls at once only in demos beyond their staff
            continue
        if not rested and start - at > timedelta(minutes=35):
            found.append(("BREAK", at, at + timedelta(minutes=30)))
            at, rested = at + timedelta(minutes=30), True
        if start > at:
            found.append(("READY", at, start))
        found.append(("ON_CALL", start, end))
        found.append(("WRAP_UP", end, end + WRAP_UP))
        at = end + WRAP_UP
    if ended is None:
        found.append(("READY", min(at, now), None))
    elif ended > at:
        found.append(("READY", at, ended))
    return found

"""How many wait in which queue, counted at most once a minute so that no page counts (P2).

Whoever is kept ready for somebody (reserve.py) waits still; whoever is in hand doesn't.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Max, Sum

from compliance import services as compliance

from .models import QueueCount
from .rules import steps

MAX_AGE = timedelta(seconds=45)
MOST = 999
_REFRESH = """WITH now AS MATERIALIZED (
    SELECT portfolio_id, queue, zone_key, count(*) AS waiting FROM strategies_workitem
    WHERE state = 'OPEN' AND not_before <= %(at)s AND (NOT held OR debtor_id IN (
        SELECT debtor_id FROM strategies_personhold WHERE released_at IS NULL AND kind = 'RESERVED'))
    GROUP BY portfolio_id, queue, zone_key
), gone AS (
    UPDATE strategies_queuecount q SET waiting = 0, counted_at = %(at)s
    WHERE NOT EXISTS (SELECT 1 FROM now n WHERE n.portfolio_id = q.portfolio_id AND n.queue = q.queue
        AND n.zone_key = q.zone_key)
)
INSERT INTO strategies_queuecount (portfolio_id, queue, zone_key, waiting, counted_at)
SELECT portfolio_id, queue, zone_key, waiting, %(at)s FROM now
ON CONFLICT (portfolio_id, queue, zone_key) DO UPDATE
    SET waiting = EXCLUDED.waiting, counted_at = EXCLUDED.counted_at"""


@transaction.atomic
def refresh_counts(*, at: datetime) -> int:
    """Count anew, unless somebody did so in the last 45 seconds; returns the number of rows written."""
    newest = QueueCount.objects.aggregate(newest=Max("counted_at"))["newest"]
    if newest is not None and timedelta(0) <= at - newest < MAX_AGE:
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(7301002)")
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(_REFRESH, {"at": at})
        return int(cursor.rowcount)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for somebody, by queue and by the places where people are."""

    by_queue: dict[str, int]
    by_zone: dict[str, int]  # queues worked by phone only
    by_queue_zone: dict[tuple[str, str], int]

    @property
    def total(self) -> int:
        return sum(self.by_queue.values())

    def of(self, queue: str | None) -> int:
        return self.by_queue.get(queue, 0) if queue else self.total

    def zones_of(self, queue: str | None) -> dict[str, int]:
        """People by zone key in one queue, or in all that are worked by phone."""
        if queue is None:
            return self.by_zone
        return {zone: n for (name, zone), n in self.by_queue_zone.items() if name == queue}

    def callable_at(self, at: datetime, queue: str | None = None) -> int:
        """How many of them are within call hours at a moment."""
        allowed = compliance.limits(at)
        return sum(n for zone, n in self.zones_of(queue).items() if compliance.is_open(zone, at, allowed))

    def waiting_for_morning(self, at: datetime, queue: str | None = None) -> int:
        """How many wait until call hours begin where they are."""
        return sum(self.zones_of(queue).values()) - self.callable_at(at, queue)

    def next_opening(self, at: datetime, queue: str | None = None) -> datetime | None:
        """When the first of those who wait may be called."""
        allowed = compliance.limits(at)
        times = [compliance.opens_at(zone, at, allowed) for zone, n in self.zones_of(queue).items() if n]
        return min((t for t in times if t is not None and t > at), default=None)


def waiting(portfolios: Iterable[int] | None) -> Waiting:
    """The counts for these portfolios (None: all), at most a minute old. One query."""
    rows = QueueCount.objects.filter(waiting__gt=0)
    if portfolios is not None:
        rows = rows.filter(portfolio__in=list(portfolios))
    found = rows.values_list("queue", "zone_key").annotate(n=Sum("waiting"))
    queues: Counter[str] = Counter()
    zones: Counter[str] = Counter()
    both: dict[tuple[str, str], int] = {}
    for queue, zone, n in found:
        queues[queue] += n
        both[queue, zone] = n
        if queue in steps.CALLING:
            zones[zone] += n
    return Waiting(dict(queues), dict(zones), both)


def words(count: int) -> str:
    """`42`, or `999+` for more than that."""
    return f"{MOST}+" if count > MOST else str(count)

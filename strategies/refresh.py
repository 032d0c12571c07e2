"""Keep the work in step with the facts: one open item per person, its queue the most urgent reason."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, Min

from . import prepared, refresh_sql
from .models import PriorityWeights, WorkItem
from .rules import priority

CHUNK = 50_000
_TYPES = {"at": "timestamptz", "id": "bigint"}
_LOCK = 7_301_001  # advisory: refreshes of more than one person take turns, so that none can deadlock


def weights() -> dict[str, int]:
    """The weights in force: the newest saved ones, else those we start with."""
    saved = PriorityWeights.objects.values_list("weights", flat=True).first()
    return {**priority.DEFAULT, **(saved or {})}


def refresh_people(debtor_ids: Iterable[int], at: datetime) -> dict[str, int]:
    """Work out these people's items anew from the facts; writes only what changed. Returns counts."""
    ids = sorted(set(debtor_ids))
    if not ids:
        return {"made": 0, "changed": 0, "ended": 0}
    if len(ids) > 1:
        sql = refresh_sql.refresh(who="{0}.debtor_id = ANY(%(ids)s)", weights=weights())
        return _run(sql, {"at": at, "ids": ids})
    sql = refresh_sql.refresh(who="{0}.debtor_id = %(id)s", weights=weights())
    made, changed, ended = prepared.one(sql, {"at": at, "id": ids[0]}, _TYPES) or (0, 0, 0)
    return {"made": made, "changed": changed, "ended": ended}


def refresh_all(at: datetime, *, chunk: int = CHUNK) -> dict[str, int]:
    """The same for everybody, one statement and one commit per `chunk` person ids. Run twice, it writes nothing."""
    from accounts.models import Debtor

    ends = Debtor.objects.aggregate(first=Min("pk"), last=Max("pk"))
    totals = {"made": 0, "changed": 0, "ended": 0}
    if ends["first"] is None:
        return totals
    sql = refresh_sql.refresh(who="{0}.debtor_id BETWEEN %(first)s AND %(last)s", weights=weights())
    for first in range(ends["first"], ends["last"] + 1, chunk):
        counts = _run(sql, {"at": at, "first": first, "last": first + chunk - 1})
        totals = {name: totals[name] + counts[name] for name in totals}
    return totals


def _run(sql: str, values: dict[str, Any]) -> dict[str, int]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        # Nested loops are never right for thousands, even when statistics are stale; compiling never pays here.
        cursor.execute("SET LOCAL enable_nestloop = off; SET LOCAL jit = off")
        cursor.execute(sql, values)
        made, changed, ended = cursor.fetchone()
    return {"made": made, "changed": changed, "ended": ended}


def open_item(debtor_id: int) -> WorkItem | None:
    """The person's one open item, locked for this transaction; None when there is nothing to do."""
    return WorkItem.objects.select_for_update().filter(debtor_id=debtor_id, state=WorkItem.State.OPEN).first()

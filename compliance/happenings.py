"""The contact history as the rules need it: every instruction and consent ever, contacts of the last 100 days.

Read without the ORM: a thousand people have six thousand rows, and so many model instances cost more than the verdicts.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

LOOK_BACK = timedelta(days=100)  # the longest look back of a count is 60 days
PASSING = ("call", "attempt", "ringless_voicemail", "sms", "email", "letter", "in_person")

_COLUMNS = (
    "id::text, debtor_id, account_ids, kind, at, direction, outcome, address, source_type, source_id, facts::text, "
    "recorded_at"
)
_KINDS = ", ".join(f"'{kind}'" for kind in PASSING)  # written out, so that the index of what was said is found
READ = f"""
SELECT {_COLUMNS} FROM compliance_contactevent
WHERE debtor_id = ANY(%(people)s) AND at <= %(at)s AND recorded_at <= %(known)s AND NOT (kind IN ({_KINDS}))
UNION ALL
SELECT {_COLUMNS} FROM compliance_contactevent
WHERE debtor_id = ANY(%(people)s) AND at BETWEEN %(since)s AND %(at)s AND recorded_at <= %(known)s
  AND kind IN ({_KINDS})
"""


@dataclass(slots=True)
class Happening:
    """One row of the history (ContactEvent), as light as it can be."""

    id: str
    debtor_id: int
    account_ids: list[int]
    kind: str
    at: datetime
    direction: str
    outcome: str
    address: str
    source_type: str
    source_id: str
    facts: dict[str, Any]


def order(row: Sequence[Any]) -> tuple[Any, ...]:
    """Oldest first, for rows of READ."""
    return row[4], row[11], row[0]


def told(rows: Iterable[Sequence[Any]]) -> Iterable[Happening]:
    """Rows of READ as happenings, in the same order."""
    decoded: dict[str, dict[str, Any]] = {}  # most rows say the same few things
    for row in rows:
        *front, facts, _ = row
        if facts not in decoded:
            decoded[facts] = json.loads(facts)
        front.append(decoded[facts])
        yield Happening(*front)


def settled(rows: Iterable[Happening]) -> list[Happening]:
    """An attempt is written before the phone rings; the call with its outcome, of the same source, takes its place."""
    kept: dict[Any, Happening] = {}
    for row in rows:
        if row.kind == "attempt":
            row.kind = "call"
        key: Any = row.id
        if row.source_id and row.kind in PASSING:
            key = (row.kind, row.source_type, row.source_id)
        kept[key] = row
    return list(kept.values())

"""Updates of many rows at once, fenced by the lease: a statement each, whatever the number of rows."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from letters.channels import SendResult
from letters.models import Message
from letters.states import State

_PREPARED = """
UPDATE letters_message m
SET prepared = v.prepared::jsonb, version_id = v.version, contact_point_id = v.point, sent_to = v.sent_to,
    verdict_id = v.verdict, lease_until = %s
FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::bigint[], %s::text[], %s::uuid[])
    AS v(id, prepared, version, point, sent_to, verdict)
WHERE m.id = v.id AND m.state = 'SENDING' AND m.lease_token = %s
RETURNING m.id
"""
_SENT = """
UPDATE letters_message m
SET state = 'SENT', provider_ref = v.reference, sent_at = %s, finished_at = %s, document_id = v.document,
    prepared = NULL, reason = '', last_error = '', lease_token = NULL, lease_until = NULL
FROM unnest(%s::bigint[], %s::text[], %s::uuid[]) AS v(id, reference, document)
WHERE m.id = v.id AND m.state = 'SENDING' AND m.lease_token = %s
RETURNING m.id
"""
_SETTLED = """
UPDATE letters_message m
SET state = v.state, reason = v.reason, verdict_id = coalesce(v.verdict, m.verdict_id),
    due_at = coalesce(v.due_at, m.due_at), finished_at = v.finished_at,
    tries = CASE WHEN v.due_at IS NULL THEN m.tries ELSE greatest(m.tries - 1, 0) END,
    lease_token = NULL, lease_until = NULL
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::uuid[], %s::timestamptz[], %s::timestamptz[])
    AS v(id, state, reason, verdict, due_at, finished_at)
WHERE m.id = v.id AND m.state = 'SENDING' AND m.lease_token = %s
RETURNING m.id
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of a claimed message that does not go now. With `due_at` it waits (QUEUED), else it has ended."""

    message: Message
    state: str
    reason: str
    due_at: datetime | None = None


def settle(outcomes: Sequence[Outcome], at: datetime) -> Counter[str]:
    """Write them all. Returns counts by outcome of those that this lease still owned."""
    if not outcomes:
        return Counter()
    columns = [
        [o.message.pk for o in outcomes],
        [str(o.state) for o in outcomes],
        [o.reason[:300] for o in outcomes],
        [str(o.message.verdict_id) if o.message.verdict_id else None for o in outcomes],
        [o.due_at for o in outcomes],
        [None if o.due_at else at for o in outcomes],
    ]
    owned = _ids(_SETTLED, [*columns, str(outcomes[0].message.lease_token)])
    names = ("waiting" if o.state == State.QUEUED else o.state.lower() for o in outcomes if o.message.pk in owned)
    return Counter(names)


def keep_prepared(messages: Sequence[Message], lease_until: datetime) -> set[int]:
    """Write what was made ready, its lease lengthened. Returns the ids that this lease still owns."""
    columns = [
        [m.pk for m in messages],
        [json.dumps(m.prepared) for m in messages],
        [m.version_id for m in messages],
        [m.contact_point_id for m in messages],
        [m.sent_to for m in messages],
        [str(m.verdict_id) if m.verdict_id else None for m in messages],
    ]
    return _ids(_PREPARED, [lease_until, *columns, str(messages[0].lease_token)])


def finish_sent(results: Sequence[tuple[Message, SendResult]], papers: Sequence[UUID], at: datetime) -> set[int]:
    """Close what went out, each with its paper. Returns the ids that this lease still owned."""
    columns = [
        [m.pk for m, _ in results],
        [r.reference[:120] for _, r in results],
        [str(paper) for paper in papers],
    ]
    return _ids(_SENT, [at, at, *columns, str(results[0][0].lease_token)])


def _ids(statement: str, values: list[Any]) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return {row[0] for row in cursor.fetchall()}

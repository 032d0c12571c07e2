"""People kept ready for an officer who goes fast: judged with one claim, handed out one by one (decision 0006).

A reserve is an open hold of kind RESERVED: nobody else is offered the person, but she is in nobody's hand, and
whoever takes her by name gets her. It lasts three minutes. Before she is handed out the statement asks again
whether she may be: any fact about her that was recorded since she was judged leaves her to the next full claim.
"""

import json
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from core import prepared
from users.models import User

from .holds import HOLD_FOR, PLACE, Claim

SIZE = 4
LASTS = timedelta(minutes=3)
FAST = timedelta(minutes=2)  # who took nobody for so long gets no reserve: most of it would run out
SLACK = timedelta(minutes=5)  # longer than any transaction: what it recorded may have been invisible to the verdict

_MINE = "h.user_id = %(user)s AND h.released_at IS NULL AND h.kind = 'RESERVED'"
_SINCE = "h.judged_at - %(slack)s::interval"
# What a verdict reads of a person, and since when it is known.
_CHANGED = f"""EXISTS (SELECT 1 FROM compliance_contactevent e
        WHERE e.debtor_id = h.debtor_id AND e.recorded_at > {_SINCE})
    OR EXISTS (SELECT 1 FROM compliance_hold l WHERE l.debtor_id = h.debtor_id
        AND GREATEST(l.recorded_at, l.lifted_at) > {_SINCE})
    OR EXISTS (SELECT 1 FROM compliance_preference f WHERE f.debtor_id = h.debtor_id
        AND GREATEST(f.recorded_at, f.withdrawn_at) > {_SINCE})
    OR EXISTS (SELECT 1 FROM accounts_contactpoint c WHERE c.debtor_id = h.debtor_id
        AND GREATEST(c.source_at, c.status_at, c.last_result_at) > {_SINCE})
    OR EXISTS (SELECT 1 FROM accounts_account a WHERE a.debtor_id = h.debtor_id
        AND (GREATEST(a.created_at, a.closed_at) > {_SINCE}
            OR EXISTS (SELECT 1 FROM accounts_accountparty q WHERE q.account_id = a.id AND q.recorded_at > {_SINCE})
            OR EXISTS (SELECT 1 FROM core_statuschange s WHERE s.subject_type = 'accounts.account'
                AND s.subject_id = a.id AND s.recorded_at > {_SINCE})))
    OR EXISTS (SELECT 1 FROM accounts_accountparty q WHERE q.debtor_id = h.debtor_id AND q.recorded_at > {_SINCE})"""
_DUE = """EXISTS (SELECT 1 FROM strategies_workitem c
    WHERE c.assigned_to_id = %(user)s AND c.state = 'OPEN' AND c.queue = 'callbacks' AND c.due_at <= %(at)s
        AND c.not_before <= %(at)s AND NOT c.held)"""
_HAND_OUT = f"""WITH ready AS MATERIALIZED (
    SELECT h.id, h.debtor_id, w.account_id, w.id AS item, w.queue, w.priority, w.reasons, w.next_step
    FROM strategies_personhold h JOIN strategies_workitem w ON w.id = h.work_item_id
    WHERE {_MINE} AND h.reserved_for = %(asked)s AND h.judged_at <= %(at)s AND h.expires_at > %(at)s
        AND w.state NOT IN ('DONE', 'CANCELLED') AND w.queue = h.queue AND w.not_before <= %(at)s
        AND w.portfolio_id = ANY(%(books)s) AND (w.assigned_to_id IS NULL OR w.assigned_to_id = %(user)s)
        AND NOT {_DUE} AND NOT ({_CHANGED})
    ORDER BY w.priority DESC, w.id LIMIT 1 FOR UPDATE OF h SKIP LOCKED
), handed AS (
    UPDATE strategies_personhold h SET kind = 'OFFICER', taken_at = %(at)s, expires_at = %(until)s,
        position = place.position, size = place.size
    FROM ready CROSS JOIN LATERAL ({PLACE.format(queue="ready.queue")}) place
    WHERE h.id = ready.id AND h.released_at IS NULL AND h.kind = 'RESERVED'
    RETURNING h.id, h.position, h.verdict_id
) SELECT (SELECT count(*) FROM strategies_personhold h WHERE {_MINE}),
    EXISTS (SELECT 1 FROM strategies_personhold h WHERE h.user_id = %(user)s AND h.taken_at > %(fast)s
        AND h.position > 0),
    ready.*, handed.position, handed.verdict_id
FROM (SELECT 1) one LEFT JOIN (handed JOIN ready USING (id)) ON true"""
_TYPES = {
    "user": "bigint", "asked": "text", "at": "timestamptz", "books": "bigint[]", "slack": "interval",
    "until": "timestamptz", "day": "timestamptz", "fast": "timestamptz",
}  # fmt: skip

# The items are locked before the holds, as everywhere; only what this statement closed is freed.
_FREE = """WITH due AS ({due}), items AS (
    SELECT w.id FROM strategies_workitem w JOIN due ON due.debtor_id = w.debtor_id
    WHERE w.state = 'OPEN' ORDER BY w.id FOR UPDATE OF w
), closed AS (
    UPDATE strategies_personhold h SET released_at = %(at)s, release_reason = 'not needed'
    FROM due WHERE h.id = due.id AND h.released_at IS NULL AND h.kind = 'RESERVED'
        AND (SELECT count(*) FROM items) >= 0
    RETURNING h.debtor_id
), freed AS (
    UPDATE strategies_workitem w SET held = false FROM closed
    WHERE w.debtor_id = closed.debtor_id AND w.state = 'OPEN'
) SELECT (SELECT count(*) FROM closed), (SELECT count(*) FROM due)"""
_DROP = _FREE.format(
    due=f"""SELECT h.id, h.debtor_id FROM strategies_personhold h
    WHERE {_MINE} AND (h.expires_at <= %(at)s OR h.reserved_for <> %(asked)s OR h.judged_at > %(at)s)"""
)
_DROP_TYPES = {"user": "bigint", "at": "timestamptz", "asked": "text"}
_SHARE = _FREE.format(
    due="""SELECT h.id, h.debtor_id FROM strategies_personhold h JOIN strategies_workitem w ON w.id = h.work_item_id
    WHERE h.released_at IS NULL AND h.kind = 'RESERVED' AND w.portfolio_id = ANY(%(books)s)
    ORDER BY h.judged_at, h.id LIMIT %(most)s"""
)
_SHARE_TYPES = {"at": "timestamptz", "books": "bigint[]", "most": "int"}

_KEEP = """WITH put AS (
    INSERT INTO strategies_personhold (debtor_id, user_id, kind, work_item_id, taken_at, expires_at, release_reason,
        queue, position, verdict_id, reserved_for, judged_at)
    SELECT each.debtor, %(user)s, 'RESERVED', each.item, %(at)s, %(until)s, '', each.queue, 0, each.verdict,
        %(asked)s, %(at)s
    FROM unnest(%(debtors)s, %(items)s, %(queues)s, %(verdicts)s) AS each(debtor, item, queue, verdict)
    ON CONFLICT DO NOTHING RETURNING work_item_id
), marked AS (
    UPDATE strategies_workitem w SET held = true FROM put WHERE w.id = put.work_item_id
) SELECT count(*) FROM put"""
_KEEP_TYPES = {
    "user": "bigint", "at": "timestamptz", "until": "timestamptz", "asked": "text", "debtors": "bigint[]",
    "items": "bigint[]", "queues": "text[]", "verdicts": "uuid[]",
}  # fmt: skip


class Handed(NamedTuple):
    """What the reserve gave: a claim or None; how many are kept still, and whether this officer goes fast."""

    claim: Claim | None
    kept: int
    fast: bool


class Kept(NamedTuple):
    """One person to keep ready: the item must be locked, the verdict stored."""

    debtor_id: int
    item: int
    queue: str
    verdict_id: Any


def hand_out(*, user: User, books: list[int], at: datetime, asked: str) -> Handed:
    """The most urgent of this officer's reserve, now in her hand; one statement, one commit.

    `asked` is the queue that is worked ("": all); a reserve is made for one. An own call-back that is due goes first.
    """
    values = {
        "user": user.pk, "asked": asked, "at": at, "books": books, "slack": SLACK, "until": at + HOLD_FOR,
        "day": at - timedelta(hours=12), "fast": at - FAST,
    }  # fmt: skip
    row = prepared.one(_HAND_OUT, values, _TYPES)
    assert row is not None
    kept, fast, hold, debtor, account, item, queue, points, reasons, step, position, verdict = row
    if hold is None:
        return Handed(None, kept, fast)
    parts = json.loads(reasons) if isinstance(reasons, str) else reasons
    claim = Claim(hold, debtor, account, item, queue, points, parts, step, position, at + HOLD_FOR, verdict)
    return Handed(claim, kept, fast)


def drop(*, user: User, at: datetime, asked: str) -> int:
    """Give back what ran out or was made for another queue; returns how many."""
    row = prepared.one(_DROP, {"user": user.pk, "at": at, "asked": asked}, _DROP_TYPES)
    return int(row[0]) if row else 0


def share(*, books: list[int], at: datetime) -> int:
    """Nobody else is left in these books: give back what officers keep ready there, the oldest first.

    Returns how many were found; somebody else may have been faster with them.
    """
    row = prepared.one(_SHARE, {"at": at, "books": books, "most": SIZE}, _SHARE_TYPES)
    return int(row[1]) if row else 0


def keep(people: list[Kept], *, user: User, at: datetime, asked: str) -> int:
    """Keep these people ready for this officer, as far as nobody has them; returns how many."""
    if not people:
        return 0
    values = {
        "user": user.pk, "at": at, "until": at + LASTS, "asked": asked, "debtors": [row.debtor_id for row in people],
        "items": [row.item for row in people], "queues": [row.queue for row in people],
        "verdicts": [row.verdict_id for row in people],
    }  # fmt: skip
    row = prepared.one(_KEEP, values, _KEEP_TYPES)
    return int(row[0]) if row else 0

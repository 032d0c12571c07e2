"""The statement that ends an item and opens the next one when the outcome moved no other fact."""

from core import prepared

from .models import Queue, WorkItem
from .refresh_sql import COLUMNS, LAST_CONTACT

# Queues that only other facts (a payment, a promise, an answer, a date) give or take; not those an outcome ends.
STEADY = (Queue.NEW, Queue.GENERAL, Queue.BROKEN_PROMISE, Queue.PLAN_AT_RISK, Queue.SKIP)

_NEW = {
    **{name: name for name in COLUMNS},
    "last_contact_at": "COALESCE((SELECT at FROM last), last_contact_at)",
    "last_contact": "COALESCE((SELECT words FROM last), last_contact)",
    "debtor_id": "debtor_id",
    "state": "'OPEN'",
    "not_before": "%(not_before)s",
    "next_step": "COALESCE(NULLIF(%(next_step)s, ''), next_step)",
    "assigned_to_id": "%(to)s",
    "queue": "COALESCE(NULLIF(%(queue)s, ''), queue)",
    "set_queue": "%(queue)s",
    "held": """EXISTS (SELECT 1 FROM strategies_personhold h WHERE h.debtor_id = %(debtor)s
        AND h.released_at IS NULL AND NOT (%(let_go)s AND h.user_id IS NOT DISTINCT FROM %(by)s))""",
    "created_at": "%(at)s",
    "updated_at": "%(at)s",
}

# The item is locked first, then the hold, as everywhere (holds.py). Counting `ended` runs it before the rest.
FOLLOWING = f"""WITH last AS (
    SELECT e.at, {LAST_CONTACT} AS words FROM compliance_contactevent e
    WHERE e.debtor_id = %(debtor)s
        AND e.kind IN ('call', 'sms', 'email', 'letter', 'validation_notice', 'in_person')
    ORDER BY e.at DESC LIMIT 1
), ended AS (
    UPDATE strategies_workitem SET state = 'DONE', done_at = %(at)s, done_by_id = %(by)s, held = false,
        updated_at = %(at)s
    WHERE debtor_id = %(debtor)s AND state = 'OPEN' AND set_queue = ''
        AND queue IN ({", ".join(f"'{name.value}'" for name in STEADY)})
    RETURNING *
), freed AS (
    UPDATE strategies_personhold SET released_at = %(at)s, release_reason = 'done'
    WHERE debtor_id = %(debtor)s AND user_id = %(by)s AND released_at IS NULL AND %(let_go)s
        AND (SELECT count(*) FROM ended) > 0
) INSERT INTO strategies_workitem ({", ".join(_NEW)}) SELECT {", ".join(_NEW.values())} FROM ended
RETURNING {prepared.columns(WorkItem, "strategies_workitem")}"""
TYPES = {
    "debtor": "bigint", "by": "bigint", "at": "timestamptz", "next_step": "text", "not_before": "timestamptz",
    "to": "bigint", "let_go": "boolean", "queue": "text",
}  # fmt: skip

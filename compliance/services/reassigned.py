"""Checks of reassigned numbers: which consents are getting old, and what the database answered (F42).

12 CFR 1006.6(d)(5): a text may go to a number whose consent, or a check since, is at most 60 days old. An answer
"no data" is kept but helps nothing; "yes" takes the number out of use for everybody who had it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.db import connection, transaction

from accounts import services as accounts
from accounts.models import ContactPoint, Debtor
from compliance.models import ContactEvent
from compliance.reassigned_file import Check
from core import audit

WARNING = timedelta(days=50)  # ten days before a consent no longer carries a text
CHUNK = 500

_DUE = """
WITH said AS (
  SELECT debtor_id, address, max(at) AS at FROM compliance_contactevent
  WHERE direction = 'in' AND (kind = 'sms' OR kind = 'opt_in' AND facts->>'medium' IN ('sms', 'all_electronic')
    OR kind = 'consent' AND facts->>'scope' = 'sms')
  GROUP BY debtor_id, address)
SELECT p.value, max(s.at) FROM said s
JOIN accounts_contactpoint p ON p.debtor_id = s.debtor_id AND p.kind = 'PHONE'
  AND p.status IN ('ACTIVE', 'UNVERIFIED') AND s.address IN ('', p.value)
WHERE NOT EXISTS (SELECT 1 FROM compliance_contactevent o WHERE o.debtor_id = s.debtor_id AND o.kind = 'opt_out'
    AND o.at >= s.at AND o.address IN ('', p.value) AND o.facts->>'medium' IN ('sms', 'all_electronic'))
  AND NOT EXISTS (SELECT 1 FROM compliance_contactevent c WHERE c.debtor_id = s.debtor_id AND c.kind = 'rnd_check'
    AND c.address = p.value AND c.at > greatest(s.at, %(old)s))
GROUP BY p.value HAVING max(s.at) <= %(old)s
ORDER BY 2, 1 LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of a file: answers kept, the same ones again, numbers nobody here has, numbers taken out of use."""

    kept: int = 0
    again: int = 0
    unknown: int = 0
    reassigned: int = 0


def numbers_due(*, at: datetime, limit: int) -> list[tuple[str, datetime]]:
    """Numbers (E.164) whose consent to texts is older than 50 days without a check since, and when it was given."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE, {"old": at - WARNING, "limit": limit})
        return list(cursor.fetchall())


@transaction.atomic
def record_checks(*, checks: Sequence[Check], by: Any, at: datetime) -> Recorded:
    """Keep the answers with everybody who has the number; all of them or none. The same answer twice is kept once."""
    kept = again = unknown = reassigned = 0
    for start in range(0, len(checks), CHUNK):
        bunch = checks[start : start + CHUNK]
        points = _points(bunch)
        events = [event for check in bunch for event in _events(check, points.get(check.number, ()), by, at)]
        fresh = _fresh(events)
        ContactEvent.objects.bulk_create(fresh, batch_size=CHUNK)
        kept, again = kept + len(fresh), again + len(events) - len(fresh)
        unknown += sum(check.number not in points for check in bunch)
        for check in bunch:
            if check.result == "reassigned" and check.number in points:
                reassigned += _take_out(points[check.number], by, at)
    found = Recorded(kept, again, unknown, reassigned)
    audit.record(
        "consent.numbers_checked", actor=by, at=at,
        data={"kept": kept, "again": again, "unknown": unknown, "reassigned": reassigned},
    )  # fmt: skip
    return found


def last_check(debtor: Debtor, number: str) -> ContactEvent | None:
    """The newest answer about this person's number."""
    rows = ContactEvent.objects.filter(debtor=debtor, kind="rnd_check", address=number)
    return rows.order_by("-at", "-recorded_at").first()


def _points(checks: Sequence[Check]) -> dict[str, list[ContactPoint]]:
    found: dict[str, list[ContactPoint]] = {}
    rows = ContactPoint.objects.filter(kind=ContactPoint.Kind.PHONE, value__in={check.number for check in checks})
    for point in rows.select_related("debtor").order_by("pk"):
        found.setdefault(point.value, []).append(point)
    return found


def _events(check: Check, points: Sequence[ContactPoint], by: Any, at: datetime) -> Iterator[ContactEvent]:
    """The answer counts from noon UTC of the day, early morning in America: never later than it was."""
    moment = min(datetime.combine(check.asked_on, time(12), UTC), at)
    facts = {
        "phone": check.number, "result": check.result, "source": check.source, "asked_on": check.asked_on.isoformat(),
    }  # fmt: skip
    for point in points:
        yield ContactEvent(
            debtor=point.debtor, kind="rnd_check", at=moment, recorded_at=at, direction="in", contact_point=point,
            address=check.number, facts=facts, by=by,
        )  # fmt: skip


def _fresh(events: Sequence[ContactEvent]) -> list[ContactEvent]:
    """Without those that are on file already, and each once."""
    people = {event.debtor_id for event in events}
    rows = ContactEvent.objects.filter(debtor__in=people, kind="rnd_check")
    seen = {_answer(debtor, facts) for debtor, facts in rows.values_list("debtor_id", "facts")}
    fresh = []
    for event in events:
        answer = _answer(event.debtor_id, event.facts)
        if answer not in seen:
            seen.add(answer)
            fresh.append(event)
    return fresh


def _answer(debtor_id: int, facts: dict[str, Any]) -> tuple[int, Any, Any, Any]:
    return debtor_id, facts.get("phone"), facts.get("asked_on"), facts.get("result")


def _take_out(points: Sequence[ContactPoint], by: Any, at: datetime) -> int:
    usable = [point for point in points if point.usable]
    for point in usable:
        accounts.set_contact_status(
            point=point, status=ContactPoint.Status.WRONG_PARTY, by=by, at=at, reason="Reassigned number"
        )
    return len(usable)

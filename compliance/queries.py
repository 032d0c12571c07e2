"""What compliance staff look at: decisions, consents, audits, breaches. Reads only."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, QuerySet

from accounts.access import portfolio_ids
from accounts.models import Debtor
from core.keyset import Page, paginate
from core.models import AuditEvent
from users.models import User

from .models import ContactEvent, Override, VerdictRecord

ACT_KINDS = ("call", "attempt", "ringless_voicemail", "sms", "email", "letter", "in_person", "validation_notice")
CONSENT_KINDS = ("consent", "revoke", "opt_in", "opt_out", "rnd_check", "creditor_email_notice")
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Tally:
    """How often a rule, or somebody's question, was answered so."""

    key: Any
    label: str
    blocks: int
    warns: int


def period(day: date | None, at: datetime, zone: Any) -> tuple[datetime, datetime]:
    """From and to (exclusive) of that local day, or the seven days to now."""
    if day is None:
        return at - WEEK, at + timedelta(minutes=1)
    start = datetime(day.year, day.month, day.day, tzinfo=zone)
    return start, datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(days=1)


def _text(row: Any, name: str) -> Any:
    value = getattr(row, name)
    return str(value) if isinstance(value, UUID) else value


def decisions(
    *, since: datetime, until: datetime, decision: str = "", rule: str = "", officer: int | None = None,
    cursor: str = "", back: bool = False, size: int = 50,
) -> Page:  # fmt: skip
    """Stored decisions of a period, newest first."""
    rows = VerdictRecord.objects.filter(asked_at__gte=since, asked_at__lt=until)
    if decision:
        rows = rows.filter(decision=decision)
    if rule:
        rows = rows.filter(rule_id=rule)
    if officer is not None:
        rows = rows.filter(asked_by_id=officer)
    return paginate(rows, order=["-asked_at", "-id"], size=size, cursor=cursor, back=back, value=_text)


def tallies(since: datetime, until: datetime) -> tuple[list[Tally], list[Tally]]:
    """Blocks and warnings of a period by rule and by who asked: two queries, and one for the names."""
    rows = VerdictRecord.objects.filter(asked_at__gte=since, asked_at__lt=until, decision__in=("block", "warn"))
    by_rule = rows.values("rule_id", "decision").annotate(n=Count("pk"))
    by_person = list(rows.values("asked_by_id", "decision").annotate(n=Count("pk")))
    names = people(row["asked_by_id"] for row in by_person)
    return (
        _tally(by_rule, "rule_id", lambda key: key or "No rule"),
        _tally(by_person, "asked_by_id", lambda key: names.get(key, "System")),
    )


def _tally(rows: Iterable[Any], key: str, label: Any) -> list[Tally]:
    found: dict[Any, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row[key], {"block": 0, "warn": 0})[row["decision"]] += row["n"]
    rows_ = [Tally(k, label(k), n["block"], n["warn"]) for k, n in found.items()]
    return sorted(rows_, key=lambda t: (-t.blocks, -t.warns, str(t.label)))


def people(ids: Iterable[int | None]) -> dict[int, str]:
    """Names of staff by id."""
    wanted = {pk for pk in ids if pk is not None}
    return dict(User.objects.filter(pk__in=wanted).values_list("pk", "display_name")) if wanted else {}


def decision(user: User, record_id: UUID) -> VerdictRecord | None:
    """One stored decision whose person this user may see."""
    row = VerdictRecord.objects.filter(pk=record_id).first()
    if row is None or not Debtor.objects.visible_to(user).filter(pk=row.debtor_id).exists():
        return None
    return row


def stored_in_minute(debtor: Debtor, channel: str, minute: datetime) -> list[VerdictRecord]:
    """What was answered about this person and channel within that minute."""
    return list(
        VerdictRecord.objects.filter(
            debtor_id=debtor.pk, channel=channel, asked_at__gte=minute, asked_at__lt=minute + timedelta(minutes=1)
        ).order_by("asked_at")
    )


def consents(*, kind: str = "", cursor: str = "", back: bool = False, size: int = 50) -> Page:
    """The register: consents, opt-outs, checks of reassigned numbers, newest first."""
    rows = ContactEvent.objects.filter(kind__in=[kind] if kind in CONSENT_KINDS else CONSENT_KINDS)
    return paginate(
        rows.select_related("debtor", "by"), order=["-at", "-id"], size=size, cursor=cursor, back=back, value=_text
    )


def consents_of(debtor: Debtor, limit: int = 50) -> list[ContactEvent]:
    """One person's consents and refusals, newest first."""
    kinds = (*CONSENT_KINDS, "cease")
    return list(ContactEvent.objects.filter(debtor=debtor, kind__in=kinds).select_related("by").order_by("-at")[:limit])


def audit_events(
    *, user: User, who: str = "", what: str = "", since: datetime | None = None, until: datetime | None = None,
    person: int | None = None, cursor: str = "", back: bool = False, size: int = 50,
) -> Page:  # fmt: skip
    """The audit, newest first. Those who see no persons (admins) see the rows that are about none."""
    rows = AuditEvent.objects.all()
    if portfolio_ids(user) is not None:
        rows = rows.filter(person_id=None)
    if who:
        rows = rows.filter(actor__in=User.objects.filter(username__iexact=who).values("pk"))
    if what:
        rows = rows.filter(action__startswith=what)
    if since is not None and until is not None:
        rows = rows.filter(at__gte=since, at__lt=until)
    if person is not None:
        rows = rows.filter(person_id=person)
    return paginate(rows, order=["-at", "-id"], size=size, cursor=cursor, back=back, value=_text)


def overrides(user: User, limit: int | None = 100) -> QuerySet[Override]:
    """Overrides about people this user may see, newest first; all of them without a limit."""
    mine = Debtor.objects.visible_to(user)
    rows = Override.objects.select_related("debtor", "requested_by", "decided_by")
    if portfolio_ids(user) is not None:
        rows = rows.filter(debtor__in=mine.values("pk"))
    return rows if limit is None else rows[:limit]


@dataclass(slots=True)
class OverrideLine:
    """What one person asked for against one rule in a period, and what became of it."""

    who: str
    rule: str
    asked: int = 0
    given: int = 0
    refused: int = 0
    used: int = 0


def override_report(user: User, since: datetime, until: datetime) -> list[OverrideLine]:
    """Overrides of a period by who asked and by rule (F97); one against two rules counts for each."""
    rows = overrides(user, None).filter(requested_at__gte=since, requested_at__lt=until)
    found: dict[tuple[int, str], OverrideLine] = {}
    for row in rows:
        for rule in row.rule_ids:
            line = found.setdefault((row.requested_by_id, rule), OverrideLine(str(row.requested_by), rule))
            line.asked += 1
            line.given += row.approved is True
            line.refused += row.approved is False
            line.used += row.used_at is not None
    return sorted(found.values(), key=lambda line: (line.who, -line.asked, line.rule))


_WITHOUT = """
FROM compliance_contactevent e
WHERE e.direction = 'out' AND e.kind = ANY(%(kinds)s) AND e.at >= %(since)s AND e.at < %(until)s
  AND NOT e.facts @> '{"history": true}'
  AND (e.verdict_id IS NULL OR NOT EXISTS (
    SELECT 1 FROM compliance_verdictrecord v WHERE v.id = e.verdict_id
      AND v.asked_at BETWEEN e.at - interval '1 day' AND e.at + interval '1 day'))
"""


def acts_without_decision(*, since: datetime, until: datetime, limit: int = 1000) -> list[UUID]:
    """Outbound calls, texts, e-mails and letters of a period without a stored decision; must be none.

    Contacts from before this system (facts `{"history": true}`; the demo's year) were decided elsewhere.
    """
    given = {"kinds": list(ACT_KINDS), "since": since, "until": until, "limit": limit}
    return [row[0] for row in _rows(f"SELECT e.id {_WITHOUT} ORDER BY e.at LIMIT %(limit)s", given)]


def undecided_by_day(*, since: datetime, until: datetime) -> dict[date, int]:
    """How many such acts each UTC day had; days without any are left out."""
    given = {"kinds": list(ACT_KINDS), "since": since, "until": until}
    return dict(_rows(f"SELECT (e.at AT TIME ZONE 'UTC')::date, count(*) {_WITHOUT} GROUP BY 1", given))


def _rows(sql: str, given: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return list(cursor.fetchall())

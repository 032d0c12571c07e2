"""A day judged again: breaches named by rule, stored once, counted per 10,000 contacts."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import transaction

from accounts import places
from compliance import queries
from compliance.models import AuditDay, AuditFinding
from compliance.rules.vectors import judge_case
from compliance.rules.verdict import BLOCK, Finding

from . import raw
from .case import case_for
from .raw import Row, Shelf

Breach = tuple[Row, str, Finding]
_SLACK = timedelta(minutes=1)  # a row is written a moment after what it tells


def audit_day(*, day: date, at: datetime) -> dict[str, int]:
    """Judge all outbound acts of that UTC day and keep what was found; a second run of the day replaces the first.

    Returns counts: contacts, breaches (acts that were wrong by what was known then), breaches_now, without_decision.
    """
    since = datetime(day.year, day.month, day.day, tzinfo=UTC)
    until = since + timedelta(days=1)
    acts = raw.acts(since, until)
    found: list[Breach] = []
    stored: dict[Any, Row] = {}
    for bunch in raw.chunks(acts):
        found += _judge(bunch, raw.shelf_for(bunch, until), since, until)
        stored |= raw.stored_decisions(bunch)
    counts = {
        "contacts": len(acts),
        "breaches": len({row["id"] for row, basis, _ in found if basis == AuditFinding.Basis.THEN}),
        "breaches_now": len({row["id"] for row, basis, _ in found if basis == AuditFinding.Basis.NOW}),
        "without_decision": len(queries.acts_without_decision(since=since, until=until, limit=100_000)),
    }
    _keep(day, at, found, stored, counts)
    return counts


def _judge(acts: Sequence[Row], shelf: Shelf, since: datetime, until: datetime) -> list[Breach]:
    leave = raw.used_overrides({row["debtor_id"] for row in acts}, since, until)
    found: list[Breach] = []
    for act in acts:
        waived = {
            rule
            for row in leave.get((act["debtor_id"], act["kind"]), ())
            if abs(row["used_at"] - act["at"]) <= _SLACK
            for rule in row["rule_ids"]
        }
        then, now = case_for(act, shelf, _known_at(act)), case_for(act, shelf, None)
        by_then = [f for f in _blocking(then) if f.rule_id not in waived]
        by_now = by_then if now == then else [f for f in _blocking(now) if f.rule_id not in waived]
        found += [(act, AuditFinding.Basis.THEN, f) for f in by_then]
        found += [(act, AuditFinding.Basis.NOW, f) for f in by_now]
    return found


def _known_at(act: Row) -> datetime:
    """The moment of acting as the records have it: a breath after, for what was written in the same transaction."""
    recorded: datetime = act["first_recorded"]
    at: datetime = act["at"]
    return max(at, min(recorded, at + _SLACK))


def _blocking(case: dict[str, Any]) -> Iterator[Finding]:
    verdict = judge_case(case, resolve=places.zones_for)
    return (f for f in verdict.findings if f.decision == BLOCK)


@transaction.atomic
def _keep(day: date, at: datetime, found: Sequence[Breach], stored: dict[Any, Row], counts: dict[str, int]) -> None:
    AuditFinding.objects.filter(day=day).delete()
    AuditFinding.objects.bulk_create(
        [
            AuditFinding(
                event_id=act["id"], day=day, at=act["at"], debtor_id=act["debtor_id"], channel=act["kind"],
                rule_id=f.rule_id, basis=basis, citation=f.citation[:200], sentence=f.sentence[:600],
                by_id=act["by_id"], verdict_id=act["verdict_id"], found_at=at,
                said_then=stored.get(act["verdict_id"], {}).get("decision", ""),
            )
            for act, basis, f in found
        ],
        batch_size=500, ignore_conflicts=True,
    )  # fmt: skip
    AuditDay.objects.update_or_create(day=day, defaults={**counts, "run_at": at})

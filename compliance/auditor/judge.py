"""Acts judged again: breaches named by rule, stored once, counted by day and per 10,000 contacts."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import transaction

from accounts import places
from compliance import queries, rulebooks
from compliance.models import AuditDay, AuditFinding
from compliance.rulebooks import Library
from compliance.rules.packs import Rulebook
from compliance.rules.vectors import judge_case
from compliance.rules.verdict import BLOCK, Finding

from . import raw
from .case import case_for
from .raw import Row, Shelf

_SLACK = timedelta(minutes=1)  # a row is written a moment after what it tells
_DAY = timedelta(days=1)
Basis = AuditFinding.Basis


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule that forbade an act, by what was known then or now; `said` is what the live path had answered."""

    act: Row
    basis: str
    finding: Finding
    said: str

    @property
    def day(self) -> date:
        return _day_of(self.act)


@dataclass(slots=True)
class Report:
    """What a period held: acts by channel and UTC day, and the breaches among them."""

    channels: Counter[str] = field(default_factory=Counter)
    days: Counter[date] = field(default_factory=Counter)
    breaches: list[Breach] = field(default_factory=list)
    without_decision: dict[date, int] = field(default_factory=dict)

    @property
    def contacts(self) -> int:
        return sum(self.channels.values())

    def wrong(self, basis: str, day: date | None = None) -> int:
        """How many acts a rule forbade, in the period or on one of its days."""
        return len({b.act["id"] for b in self.breaches if b.basis == basis and day in (None, b.day)})

    def counts(self, day: date | None = None) -> dict[str, int]:
        """The four numbers that are kept for a day."""
        return {
            "contacts": self.contacts if day is None else self.days[day],
            "breaches": self.wrong(Basis.THEN, day),
            "breaches_now": self.wrong(Basis.NOW, day),
            "without_decision": sum(self.without_decision.values()) if day is None
            else self.without_decision.get(day, 0),
        }  # fmt: skip


def audit_day(*, day: date, at: datetime) -> dict[str, int]:
    """Judge all outbound acts of that UTC day and keep what was found; a second run of the day replaces the first.

    Returns counts: contacts, breaches (acts that were wrong by what was known then), breaches_now, without_decision.
    """
    return audit_period(since=day, until=day + _DAY, at=at).counts()


def audit_period(*, since: date, until: date, at: datetime) -> Report:
    """The same for the UTC days from `since` to before `until`, person by person: each history is read once."""
    begin, end = _midnight(since), _midnight(until)
    report, library = Report(), rulebooks.stored()
    for people in raw.people(begin, end):
        acts = raw.acts(people, begin, end)
        report.channels.update(act["kind"] for act in acts)
        report.days.update(_day_of(act) for act in acts)
        leave = raw.used_overrides(people, begin, end)
        report.breaches += _judge(acts, raw.shelf_for(acts, end), leave, library)
    report.without_decision = queries.undecided_by_day(since=begin, until=end)
    _keep(report, [since + timedelta(days=n) for n in range((until - since).days)], at)
    return report


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _day_of(act: Row) -> date:
    at: datetime = act["at"]
    return at.astimezone(UTC).date()


def _judge(
    acts: Sequence[Row], shelf: Shelf, leave: dict[tuple[int, str], list[Row]], library: Library
) -> list[Breach]:
    """By the rules that were in force at each act."""
    found: list[tuple[Row, str, Finding]] = []
    for act in acts:
        waived = {
            rule
            for row in leave.get((act["debtor_id"], act["kind"]), ())
            if abs(row["used_at"] - act["at"]) <= _SLACK
            for rule in row["rule_ids"]
        }
        rules = library.at(act["at"])
        then, now = case_for(act, shelf, _known_at(act)), case_for(act, shelf, None)
        by_then = [f for f in _blocking(then, rules) if f.rule_id not in waived]
        by_now = by_then if now == then else [f for f in _blocking(now, rules) if f.rule_id not in waived]
        found += [(act, Basis.THEN, f) for f in by_then]
        found += [(act, Basis.NOW, f) for f in by_now]
    said = raw.stored_decisions([act for act, _, _ in found])
    return [Breach(act, basis, f, said.get(act["verdict_id"], "")) for act, basis, f in found]


def _known_at(act: Row) -> datetime:
    """The moment of acting as the records have it: a breath after, for what was written in the same transaction."""
    recorded: datetime = act["first_recorded"]
    at: datetime = act["at"]
    return max(at, min(recorded, at + _SLACK))


def _blocking(case: dict[str, Any], rules: Rulebook) -> Iterator[Finding]:
    verdict = judge_case(case, resolve=places.zones_for, packs=rules)
    return (f for f in verdict.findings if f.decision == BLOCK)


@transaction.atomic
def _keep(report: Report, days: Sequence[date], at: datetime) -> None:
    AuditFinding.objects.filter(day__in=days).delete()
    AuditFinding.objects.bulk_create([_row(b, at) for b in report.breaches], batch_size=500, ignore_conflicts=True)
    AuditDay.objects.bulk_create(
        [AuditDay(day=day, run_at=at, **report.counts(day)) for day in days],
        update_conflicts=True,
        unique_fields=["day"],
        update_fields=["contacts", "breaches", "breaches_now", "without_decision", "run_at"],
    )


def _row(breach: Breach, at: datetime) -> AuditFinding:
    act, finding = breach.act, breach.finding
    return AuditFinding(
        event_id=act["id"], day=breach.day, at=act["at"], debtor_id=act["debtor_id"], channel=act["kind"],
        rule_id=finding.rule_id, basis=breach.basis, citation=finding.citation[:200], sentence=finding.sentence[:600],
        by_id=act["by_id"], verdict_id=act["verdict_id"], found_at=at, said_then=breach.said,
    )  # fmt: skip

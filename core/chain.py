"""The audit's hash chain: sealed each minute, its head kept outside the database (RELIABILITY 42).

Link n = SHA-256(link n−1 + canonical JSON of event n). Changing, removing or slipping in an event
makes `verify` name the row.
"""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from .models import AuditEvent, AuditLink

_LOCK = 7_731_001
_START = "0" * 64


class ChainBroken(Exception):
    """The stored audit and its chain disagree."""


@dataclass(slots=True)
class Report:
    links: int = 0
    unsealed: int = 0
    problems: list[str] = field(default_factory=list)


def _canonical(event: AuditEvent) -> bytes:
    facts: dict[str, Any] = {f.attname: getattr(event, f.attname) for f in AuditEvent._meta.concrete_fields}
    facts["at"] = event.at.timestamp()
    return json.dumps(facts, sort_keys=True, default=str, separators=(",", ":")).encode()


def _next_hash(previous: str, event: AuditEvent) -> str:
    return hashlib.sha256(previous.encode() + _canonical(event)).hexdigest()


def head_file() -> Path:
    return Path(settings.CRM_DATA) / "audit_heads.log"


def _unsealed(since: datetime | None, limit: int) -> list[AuditEvent]:
    rows = AuditEvent.objects.extra(
        where=["NOT EXISTS (SELECT 1 FROM core_auditlink l WHERE l.event_id = core_auditevent.id)"]
    )
    if since is not None:
        rows = rows.filter(at__gte=since)
    return list(rows.order_by("at", "id")[:limit])


@transaction.atomic
def seal(*, at: datetime, limit: int = 50_000) -> int:
    """Add a link for each event not yet linked; returns how many. One sealer at a time (advisory lock)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    last = AuditLink.objects.order_by("-position").first()
    since = None if last is None else last.event_at - timedelta(days=2)
    previous, position = (last.hash, last.position) if last else (_START, 0)
    links = []
    for event in _unsealed(since, limit):
        position += 1
        previous = _next_hash(previous, event)
        links.append(AuditLink(position=position, event_id=event.id, event_at=event.at, hash=previous))
    AuditLink.objects.bulk_create(links, batch_size=2000)
    if links:
        transaction.on_commit(lambda: _write_head(at, position, previous))
    return len(links)


def _write_head(at: datetime, position: int, head: str) -> None:
    path = head_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as out:
        out.write(f"{at.isoformat()} {position} {head}\n")


def _known_heads() -> dict[int, str]:
    heads: dict[int, str] = {}
    path = head_file()
    if path.exists():
        for line in path.read_text().splitlines():
            _, position, head = line.split(" ")
            heads[int(position)] = head
    return heads


def verify(*, heads: bool = True) -> Report:
    """Recompute the whole chain. Each problem is a sentence that names the row."""
    report, previous, expected = Report(), _START, 1
    known = _known_heads() if heads else {}
    for link, event in _pairs():
        if link.position != expected:
            report.problems.append(f"link {expected} is missing")
            expected = link.position
        if event is None:
            report.problems.append(f"audit event {link.event_id} (link {link.position}) is missing")
        elif _next_hash(previous, event) != link.hash:
            report.problems.append(f"audit event {link.event_id} (link {link.position}) was altered")
        if link.position in known and known[link.position] != link.hash:
            report.problems.append(f"link {link.position} differs from the head kept outside the database")
        previous = link.hash
        expected += 1
        report.links += 1
    missing = [p for p in known if p >= expected]
    if missing:
        report.problems.append(f"links up to {max(missing)} were sealed, but the table ends at {expected - 1}")
    report.unsealed = len(_unsealed(None, 100_000))
    return report


def _pairs() -> Any:
    size = 2000
    position = 0
    while links := list(AuditLink.objects.filter(position__gt=position).order_by("position")[:size]):
        events = AuditEvent.objects.in_bulk([link.event_id for link in links])
        for link in links:
            yield link, events.get(link.event_id)
        position = links[-1].position

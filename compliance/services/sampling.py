"""A random sample of debts for an examiner: asked for, drawn by its seed, packed in the background (F102).

Drawn so that anybody can draw it again: the debts of the population in the order of MD5 of "seed:id", the first
`size` of them. The population is what was recorded when the sample was asked for.
"""

import hashlib
import json
import logging
import os
import zipfile
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import connection, transaction

from accounts.models import Account, Organization, Portfolio
from compliance import evidence, queries
from compliance.models import EvidenceSample
from core import audit, clock, work

log = logging.getLogger(__name__)
State = EvidenceSample.State
KIND = work.WorkKind(EvidenceSample, (State.QUEUED,), State.WORKING, lease=timedelta(minutes=2), max_tries=3)
MOST = 500
_SAYS = (
    "Population: every debt with an outbound contact in the period that fits the filter, as recorded when the sample "
    'was asked for. Sample: its debts in the order of MD5("seed:id of the debt"), the first ones.'
)

_POPULATION = """
SELECT DISTINCT a.id FROM compliance_contactevent e
JOIN accounts_account a ON a.id = ANY(e.account_ids)
JOIN accounts_portfolio p ON p.id = a.portfolio_id
WHERE e.direction = 'out' AND e.kind = ANY(%(kinds)s) AND e.recorded_at <= %(asked_at)s
  AND e.at >= %(since)s::date::timestamptz AND e.at < (%(until)s::date + 1)::timestamptz
  AND (%(portfolio)s::bigint IS NULL OR p.id = %(portfolio)s)
  AND (%(creditor)s::bigint IS NULL OR p.creditor_id = %(creditor)s)
"""
_DRAW = f"""
SELECT id, count(*) OVER () FROM ({_POPULATION}) found ORDER BY md5(%(seed)s || ':' || id), id LIMIT %(size)s
"""


class SampleRefused(Exception):
    """A sample that cannot be asked for; a sentence and the `field` it is about."""

    def __init__(self, text: str, field: str) -> None:
        super().__init__(text)
        self.field = field


@transaction.atomic
def ask_sample(
    *,
    since: date,
    until: date,
    size: int,
    by: Any,
    at: datetime,
    seed: str = "",
    creditor: Organization | None = None,
    portfolio: Portfolio | None = None,
    channel: str = "",
) -> EvidenceSample:
    """Put a sample into the queue; both days (UTC) are included. Raises SampleRefused."""
    if until < since:
        raise SampleRefused("The last day comes after the first.", "until")
    if since > at.date():
        raise SampleRefused("The period has not begun yet.", "since")
    if not 1 <= size <= MOST:
        raise SampleRefused(f"Take from 1 to {MOST} debts.", "size")
    if portfolio is not None and creditor is not None and portfolio.creditor_id != creditor.pk:
        raise SampleRefused("This portfolio is not the creditor's.", "portfolio")
    row = EvidenceSample.objects.create(
        creditor=creditor, portfolio=portfolio, channel=channel, since=since, until=until, size=size,
        seed=seed.strip() or uuid4().hex[:12], asked_by=by, asked_at=at, due_at=at,
    )  # fmt: skip
    audit.record("evidence.sample_asked", actor=by, subject=row, data=_filter(row), at=at)
    return row


def draw(row: EvidenceSample) -> tuple[list[int], int]:
    """The ids of the sample's debts in their order, and how many the population has."""
    kinds = queries.ACT_KINDS if not row.channel else (row.channel, *_ALSO.get(row.channel, ()))
    given: dict[str, Any] = {
        "kinds": list(kinds), "asked_at": row.asked_at, "since": row.since, "until": row.until, "seed": row.seed,
        "size": row.size, "portfolio": row.portfolio_id, "creditor": row.creditor_id,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_DRAW, given)
        found = cursor.fetchall()
    return [pk for pk, _ in found], found[0][1] if found else 0


_ALSO = {"call": ("attempt", "ringless_voicemail"), "letter": ("validation_notice",)}


def build_samples(*, at: datetime) -> dict[str, int]:
    """Make every pack that waits, one after another. Returns how many were made and how many failed."""
    counts = {"made": 0, "failed": 0}
    while claimed := work.claim(KIND, at=max(at, clock.now()), limit=1):
        row = claimed[0]
        try:
            counts["made"] += _build(row)
        except Exception as error:  # its text may hold a person's data: keep the kind only
            log.error("evidence sample failed", extra={"row": row.pk, "error": type(error).__name__})
            words = f"The work stopped with {type(error).__name__}."
            work.retry(KIND, row=row, at=clock.now(), error=words, dead=State.FAILED)
            counts["failed"] += 1
    return counts


def path_of(row: EvidenceSample) -> Path:
    """Where the ZIP of a finished sample lies."""
    return Path(settings.CRM_DATA) / "evidence" / f"sample-{row.pk}-{row.sha256[:16]}.zip"


def _build(row: EvidenceSample) -> bool:
    ids, row.population = draw(row)
    row.account_ids = ids
    _mine(row).update(population=row.population, account_ids=ids, done=0)
    folder = Path(settings.CRM_DATA) / "evidence"
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".{uuid4().hex}"
    try:
        if not _write(part, row, ids):
            return False
        row.sha256, size = _digest(part), part.stat().st_size
        part.replace(path_of(row))
        return work.finish(
            KIND, pk=row.pk, token=row.lease_token, state=State.DONE, sha256=row.sha256, bytes=size, done=len(ids),
            finished_at=clock.now(),
        )  # fmt: skip
    finally:
        part.unlink(missing_ok=True)


def _write(part: Path, row: EvidenceSample, ids: list[int]) -> bool:
    """The ZIP, debt by debt; False when another worker has taken the sample over."""
    accounts = Account.objects.in_bulk(ids)
    index: list[evidence.Line] = []
    with part.open("wb") as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, pk in enumerate(ids, 1):
            index += evidence.add_account(archive, accounts[pk], f"{accounts[pk].ref}/")
            if not work.extend(KIND, pk=row.pk, token=row.lease_token, at=clock.now()):
                return False
            _mine(row).update(done=number)
        facts = {**_filter(row), "population": row.population, "debts": [accounts[pk].ref for pk in ids], "how": _SAYS}
        archive.writestr("sample.json", json.dumps(facts, indent=1, ensure_ascii=False))
        archive.writestr("index.csv", evidence.index_csv(index))
    with part.open("rb") as written:
        os.fsync(written.fileno())
    return True


def _mine(row: EvidenceSample) -> Any:
    return EvidenceSample.objects.filter(pk=row.pk, state=State.WORKING, lease_token=row.lease_token)


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _filter(row: EvidenceSample) -> dict[str, Any]:
    return {
        "since": row.since.isoformat(), "until": row.until.isoformat(), "channel": row.channel or "all",
        "creditor": row.creditor.name if row.creditor else "all",
        "portfolio": row.portfolio.name if row.portfolio else "all", "size": row.size, "seed": row.seed,
        "asked_at": row.asked_at.isoformat(),
    }  # fmt: skip


@transaction.atomic
def take_sample(*, sample: EvidenceSample, by: Any, at: datetime) -> Path:
    """The ZIP for somebody who downloads it; that it was taken is in the audit. Raises FileNotFoundError."""
    path = path_of(sample)
    if sample.state != State.DONE or not path.is_file():
        raise FileNotFoundError(path.name)
    audit.record("evidence.taken", actor=by, subject=sample, data={"debts": len(sample.account_ids)}, at=at)
    return path

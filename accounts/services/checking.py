"""The check of a placement file: every row parsed and staged with its verdict, nothing live (RELIABILITY 33)."""

import logging
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from django.db import transaction

from accounts import copying
from accounts.models import ImportFile, ImportRow
from accounts.placement_file import Defaults, FileFault, MapError, PlacementRow, Row, parse
from accounts.services import imports, matching
from accounts.services.staging import COLUMNS, Staged, can_load, pack, stage
from core import audit, work

log = logging.getLogger(__name__)
BATCH = 1000
State = ImportFile.State


class LeaseLost(Exception):
    """Another worker has taken the file over; this one writes nothing more."""


def check(import_file: ImportFile, *, at: datetime) -> bool:
    """Check a claimed file from its beginning; what an interrupted check left behind is dropped first.

    Returns whether it ended here: READY with its counts, or FAULTED with a sentence and no rows at all.
    """
    token = import_file.lease_token
    _clear(import_file)
    try:
        counts = _stage_all(import_file, at)
    except LeaseLost:
        return False
    except (FileFault, MapError) as wrong:
        _clear(import_file)
        done = work.finish(imports.CHECK, pk=import_file.pk, token=token, state=State.FAULTED, fault=str(wrong)[:500])
        audit.record("import.faulted", subject=import_file, data={"fault": str(wrong)[:500]}, at=at)
        return done
    with transaction.atomic():
        done = work.finish(imports.CHECK, pk=import_file.pk, token=token, state=State.READY, **counts)
        if done:
            audit.record(
                "import.checked",
                subject=import_file,
                data={k: v for k, v in counts.items() if k != "layout"},
                portfolio_id=import_file.portfolio_id,
                at=at,
            )
    return done


def defaults_of(import_file: ImportFile) -> Defaults:
    """What the creditor's file leaves unsaid: the portfolio's currency and product."""
    book = import_file.portfolio
    creditor = import_file.creditor.name if imports.names_creditor(book) else ""
    return Defaults(currency=book.currency, product=book.product, original_creditor=creditor)


def _clear(import_file: ImportFile) -> None:
    ImportRow.objects.filter(import_file=import_file).delete()


def _stage_all(import_file: ImportFile, at: datetime) -> dict[str, Any]:
    counts: dict[str, Any] = {
        "rows_read": 0,
        "accepted": 0,
        "held": 0,
        "rejected": 0,
        "duplicates": 0,
        "total": Decimal("0.00"),
    }
    rows = parse(
        imports.path_of(import_file),
        imports.layout_of(import_file),
        placed_on=import_file.placed_on,
        creditor_defaults=defaults_of(import_file),
    )
    for batch in _batches(rows):
        staged = [stage(row) for row in batch]
        _compare(staged, import_file)
        _count(counts, staged)
        with transaction.atomic():
            held = work.extend(imports.CHECK, pk=import_file.pk, token=import_file.lease_token, at=_now(at))
            if not held:
                raise LeaseLost
            copying.copy(ImportRow, COLUMNS, (pack(each, import_file.pk) for each in staged))
            ImportFile.objects.filter(pk=import_file.pk).update(**counts)
    return counts | {"layout": import_file.layout | {"people": matching.people_in(import_file.pk)}}


def _now(at: datetime) -> datetime:
    """The lease runs on the wall clock: a long check reads it again at each batch."""
    from core import clock

    return max(at, clock.now())


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while batch := list(islice(rows, BATCH)):
        yield batch


def _compare(staged: list[Staged], import_file: ImportFile) -> None:
    """Mark rows whose number the creditor has placed before, and find the people we know."""
    live = [each for each in staged if each.live]
    there = matching.on_file([each.row.reference for each in live], creditor_id=import_file.creditor_id)
    for each in live:
        known = there.get(each.row.reference)
        if known is not None and can_load(each.row.problems):
            each.duplicate(f"Already on file as L-{known}.")
    rows = [(each.row, each.ssn_index) for each in live if isinstance(each.row, PlacementRow)]
    people = matching.People(rows, creditor_id=import_file.creditor_id)
    for each in live:
        if isinstance(each.row, PlacementRow):
            each.person_match = people.find(each.row, each.ssn_index)


def _count(counts: dict[str, Any], staged: list[Staged]) -> None:
    for each in staged:
        counts["rows_read"] += 1
        name = {"ACCEPTED": "accepted", "HELD": "held", "REJECTED": "rejected", "DUPLICATE": "duplicates"}[each.outcome]
        counts[name] += 1
        if each.outcome == "ACCEPTED" and isinstance(each.row, PlacementRow):
            counts["total"] += each.row.balance


def day_of(row: PlacementRow, import_file: ImportFile) -> date:
    """The placement date of a row: its own, else the file's."""
    day = row.values.get("placed_on")
    return day if isinstance(day, date) else import_file.placed_on

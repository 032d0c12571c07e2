"""The load of a released file: chunks of rows, each one transaction with its checkpoint (RELIABILITY 33).

A kill at any moment loses nothing and repeats nothing: the chunk was saved whole, or not at all, and the next worker
goes on behind the last line that was. A second worker is fenced off by the lease, which is checked inside the
transaction. What each row becomes is built in `building`.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from accounts.models import ImportFile, ImportRow, Placement
from accounts.services import imports, matching
from accounts.services.building import Chunk, Item
from accounts.services.staging import can_load, unpack
from accounts.signals import after_commit, placement_loaded, placement_released
from core import audit, clock, work

log = logging.getLogger(__name__)
CHUNK = 1000
State = ImportFile.State
_TO_LOAD = (ImportRow.Outcome.ACCEPTED, ImportRow.Outcome.HELD)


def load(import_file: ImportFile, *, at: datetime) -> bool:
    """Load a claimed file to its end. Returns whether it ended here; False: another worker took it over."""
    token = import_file.lease_token
    while True:
        done = _load_chunk(import_file.pk, token, max(at, clock.now()))
        if done is None:
            return False
        if done == 0:
            break
    with transaction.atomic():
        now = max(at, clock.now())
        ended = work.finish(imports.LOAD, pk=import_file.pk, token=token, state=State.LOADED, loaded_at=now)
        if ended:
            loaded = ImportFile.objects.select_related("placement").get(pk=import_file.pk)
            batch = loaded.placement
            figures = {"accounts": batch.accounts_count, "amount": batch.placed_amount} if batch else {}
            audit.record("import.loaded", subject=loaded, data=figures, portfolio_id=loaded.portfolio_id, at=now)
    return ended


@transaction.atomic
def _load_chunk(pk: int, token: Any, at: datetime) -> int | None:
    """Load the next rows; how many, 0 at the end, None when the lease is not ours any more."""
    rows = ImportFile.objects.select_for_update(of=("self",)).select_related("portfolio", "placement", "released_by")
    held = rows.filter(pk=pk, state=State.LOADING, lease_token=token).first()
    if held is None:
        return None
    waiting = ImportRow.objects.filter(import_file=pk, outcome__in=_TO_LOAD, line__gt=held.loaded_line)
    batch = list(waiting.order_by("line").defer("raw")[:CHUNK])
    if not batch:
        return 0
    if held.placement is None:
        held.placement = _placement(held, at)
    items = _fresh(batch, held)
    chunk = Chunk(held, items, at=at)
    chunk.write()
    _note(chunk)
    work.extend(imports.LOAD, pk=pk, token=token, at=at)
    ImportFile.objects.filter(pk=pk).update(
        placement=held.placement, loaded_line=batch[-1].line, loaded_rows=F("loaded_rows") + len(items)
    )
    Placement.objects.filter(pk=held.placement.pk).update(
        accounts_count=F("accounts_count") + len(items),
        placed_amount=F("placed_amount") + sum((item.row.balance for item in items), Decimal(0)),
    )
    placement_loaded.send(
        sender=ImportFile,
        placement_id=held.placement.pk,
        accounts=[item.account_id for item in items],
        without_address=[item.account_id for item in items if "no_address" in item.row.flags],
        disputed=[item.account_id for item in items if "disputed" in item.row.flags],
        at=at,
        by=held.released_by,
    )
    ready = [item.account_id for item in items if item.staged.outcome == ImportRow.Outcome.ACCEPTED]
    if ready:
        after_commit(placement_released, ImportFile, placement_id=held.placement.pk, account_ids=ready, at=at)
    return len(batch)


def _placement(import_file: ImportFile, at: datetime) -> Placement:
    return Placement.objects.create(
        portfolio=import_file.portfolio,
        name=f"{import_file.portfolio.name}, {import_file.name}"[:160],
        placed_on=import_file.placed_on,
        received_at=at,
    )


def _fresh(batch: Sequence[ImportRow], import_file: ImportFile) -> list[Item]:
    """The rows to load; one whose number came on file since the check is marked a duplicate."""
    there = matching.on_file([row.reference for row in batch], creditor_id=import_file.creditor_id)
    items, late = [], []
    for staged in batch:
        row = unpack(staged)
        if not can_load(row.problems):
            continue
        if staged.reference in there:
            late.append((staged, there[staged.reference]))
        else:
            items.append(Item(staged=staged, row=row))
    for staged, known in late:
        _too_late(staged, known, import_file)
    return items


def _too_late(staged: ImportRow, known: int, import_file: ImportFile) -> None:
    counted = "accepted" if staged.outcome == ImportRow.Outcome.ACCEPTED else "held"
    money = {"total": F("total") - (staged.amount or Decimal(0))} if counted == "accepted" else {}
    ImportFile.objects.filter(pk=import_file.pk).update(
        **{counted: F(counted) - 1}, duplicates=F("duplicates") + 1, **money
    )
    ImportRow.objects.filter(pk=staged.pk).update(
        outcome=ImportRow.Outcome.DUPLICATE, field="reference", reason=f"Came on file as L-{known} before the release."
    )


def _note(chunk: Chunk) -> None:
    """Write on each staged row which account it became."""
    pairs = [(item.staged.pk, item.account_id) for item in chunk.items]
    if not pairs:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_importrow r SET account_id = n.account "
            "FROM unnest(%s::bigint[], %s::bigint[]) AS n(id, account) WHERE r.id = n.id",
            [[pk for pk, _ in pairs], [account for _, account in pairs]],
        )

"""A placement file from upload to release: kept by its digest, mapped, checked, released by a second person."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.models import ColumnMap, ImportFile, ImportRow, Portfolio
from accounts.placement_file import ColumnMap as Layout
from accounts.placement_file import FileFault, MapError, guess_map, inspect, notice_gaps
from accounts.placement_notice import NEEDED
from core import audit, transitions
from core.work import WorkKind, wake

State = ImportFile.State
CHECK = WorkKind(ImportFile, ready=(State.TO_CHECK,), leased=State.CHECKING, lease=timedelta(seconds=60), max_tries=5)
LOAD = WorkKind(ImportFile, ready=(State.TO_LOAD,), leased=State.LOADING, lease=timedelta(seconds=60))
TABLE: dict[str, frozenset[str]] = {
    State.MAPPING: frozenset({State.TO_CHECK, State.DISCARDED}),
    State.TO_CHECK: frozenset({State.MAPPING, State.DISCARDED}),
    State.READY: frozenset({State.TO_LOAD, State.MAPPING, State.DISCARDED}),
    State.FAULTED: frozenset({State.MAPPING, State.DISCARDED}),
}
MAX_BYTES = 2_000_000_000
NAMES = re.compile(r"\.(csv|txt|tsv|psv|dat|prn|xlsx)\Z", re.IGNORECASE)


class ImportRefused(Exception):
    """The file can't be taken, or the step can't be done now; the text is a sentence."""


@dataclass(frozen=True, slots=True)
class Control:
    """What the creditor says the file holds: rows and money; None when it does not say."""

    count: int | None = None
    total: Decimal | None = None


def receive(
    *,
    chunks: Iterable[bytes],
    name: str,
    portfolio: Portfolio,
    placed_on: date,
    by: Any,
    at: datetime,
    control: Control | None = None,
) -> tuple[ImportFile, bool]:
    """Keep an uploaded file and guess its columns; returns its import and whether it is new.

    The same bytes for the same creditor give their first import. With a saved map for these headers the file goes
    straight to the check. Raises ImportRefused.
    """
    if not NAMES.search(name):
        raise ImportRefused("Upload a CSV, a text file or an XLSX workbook.")
    digest, size = _keep(chunks)
    earlier = _first(portfolio, digest)
    if earlier is not None:
        return earlier, False
    made = ImportFile(
        creditor_id=portfolio.creditor_id,
        portfolio=portfolio,
        name=_file_name(name),
        sha256=digest,
        size=size,
        placed_on=placed_on,
        control_count=control.count if control else None,
        control_total=control.total if control else None,
        uploaded_by=by,
        uploaded_at=at,
        due_at=at,
    )
    _guess(made)
    try:
        with transaction.atomic():
            made.save()
            _tell("import.received", made, by=by, at=at, data={"sha256": digest, "bytes": size, "fault": made.fault})
            _wake_if_waiting(made)
    except IntegrityError:  # the same bytes, sent twice at once
        earlier = _first(portfolio, digest)
        if earlier is None:
            raise
        return earlier, False
    return made, True


@transaction.atomic
def set_map(*, import_file: ImportFile, layout: Layout, save_as: str = "", by: Any, at: datetime) -> None:
    """Say what the columns mean and send the file to be checked; `save_as` keeps the map for the next file.

    Raises ImportRefused (with the sentences about missing columns), core.transitions.NotAllowed.
    """
    gaps = layout.missing()
    if gaps:
        raise ImportRefused(" ".join(gaps))
    if import_file.state not in (State.MAPPING, State.READY, State.FAULTED):
        raise ImportRefused("This file is being worked on. Wait until its check is done.")
    name = save_as.strip()[:80]
    if name:
        headers = _headers_digest(_headers(import_file, layout))
        ColumnMap.objects.update_or_create(
            creditor_id=import_file.creditor_id,
            name=name,
            defaults={"headers_digest": headers, "layout": layout.to_dict(), "updated_at": at},
        )
    extra = {"layout": layout.to_dict(), "map_name": name or import_file.map_name, "fault": "", "tries": 0}
    extra |= {"notice_gaps": gaps_of(layout, import_file.portfolio), "due_at": at}
    if import_file.state != State.MAPPING:
        transitions.move(import_file, State.MAPPING, table=TABLE, at=at, by=by, field="state")
    transitions.move(import_file, State.TO_CHECK, table=TABLE, at=at, by=by, field="state", extra=extra)
    _tell("import.mapped", import_file, by=by, at=at, data={"map": name})
    _wake_if_waiting(import_file)


@transaction.atomic
def release(*, import_file: ImportFile, by: Any, at: datetime, reason: str = "") -> None:
    """Let a checked file into the live tables; never by the one who uploaded it (F2).

    When the creditor's control figures differ from the file's, a reason is asked for. Raises ImportRefused.
    """
    if import_file.state != State.READY:
        raise ImportRefused("Only a file that was checked and not yet released can be released.")
    if by.pk == import_file.uploaded_by_id:
        raise ImportRefused("You uploaded this file; somebody else has to release it.")
    if not import_file.accepted and not import_file.held:
        raise ImportRefused("No row of this file can be loaded.")
    if differences(import_file) and len(reason.strip()) < 3:
        raise ImportRefused("The creditor's control figures differ from the file. Say why you release it all the same.")
    extra = {"released_by": by, "released_at": at, "release_reason": reason.strip()[:300], "due_at": at, "tries": 0}
    try:
        transitions.move(
            import_file, State.TO_LOAD, table=TABLE, at=at, by=by, reason=reason, field="state", extra=extra
        )
    except transitions.Overtaken as late:
        raise ImportRefused("Somebody else released or discarded this file a moment ago.") from late
    figures = {"accepted": import_file.accepted, "held": import_file.held, "total": import_file.total}
    _tell("import.released", import_file, by=by, at=at, data=figures, reason=reason)
    _wake_if_waiting(import_file)


@transaction.atomic
def discard(*, import_file: ImportFile, by: Any, at: datetime, reason: str) -> None:
    """Drop a file that is not loaded; its rows go, the record stays. Raises ImportRefused."""
    if import_file.state not in TABLE:
        raise ImportRefused("A file that is being checked, or was released, can't be discarded.")
    if len(reason.strip()) < 3:
        raise ImportRefused("Say why the file is discarded.")
    transitions.move(import_file, State.DISCARDED, table=TABLE, at=at, by=by, reason=reason, field="state")
    ImportRow.objects.filter(import_file=import_file).delete()
    _tell("import.discarded", import_file, by=by, at=at, data={}, reason=reason)


def differences(import_file: ImportFile) -> list[str]:
    """Sentences about where the creditor's control figures and the file part; empty when they agree or none were given.

    Money is of the rows that will be loaded: accepted and held.
    """
    found = []
    if import_file.control_count is not None and import_file.control_count != import_file.rows_read:
        found.append(f"The creditor says {import_file.control_count:,} rows; the file has {import_file.rows_read:,}.")
    total = import_file.total + held_total(import_file)
    if import_file.control_total is not None and import_file.control_total != total:
        found.append(f"The creditor says ${import_file.control_total:,.2f}; the rows to load come to ${total:,.2f}.")
    return found


def held_total(import_file: ImportFile) -> Decimal:
    """The money of the rows held for a decision, in the portfolio's currency."""
    from django.db.models import Sum

    rows = ImportRow.objects.filter(import_file=import_file, outcome=ImportRow.Outcome.HELD)
    return rows.aggregate(sum=Sum("amount"))["sum"] or Decimal("0.00")


def path_of(import_file: ImportFile) -> Path:
    """Where the bytes lie, outside of everything the web serves."""
    return _folder() / import_file.sha256


def gaps_of(layout: Layout, portfolio: Portfolio) -> list[str]:
    """What a lawful notice would miss; for an agency the placing creditor is the one on the itemization date."""
    gaps = notice_gaps(layout)
    return [gap for gap in gaps if gap != NEEDED["original_creditor"] or not names_creditor(portfolio)]


def names_creditor(portfolio: Portfolio) -> bool:
    """Is the placing creditor the original one? Not so for bought debt."""
    return portfolio.collector_type != Portfolio.CollectorType.DEBT_BUYER


def layout_of(import_file: ImportFile) -> Layout:
    """The file's column map, with what the guess was unsure about. Raises placement_file.MapError."""
    layout = Layout.from_dict(import_file.layout)
    return replace(layout, unsure=tuple(import_file.layout.get("unsure", ())))


def _folder() -> Path:
    return Path(settings.CRM_DATA) / "imports"


def _keep(chunks: Iterable[bytes]) -> tuple[str, int]:
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    part, digest, size = folder / f".{uuid4().hex}", hashlib.sha256(), 0
    try:
        with part.open("wb") as stream:
            for chunk in chunks:
                size += len(chunk)
                if size > MAX_BYTES:
                    raise ImportRefused("The file is larger than 2 GB. Split it into parts.")
                digest.update(chunk)
                stream.write(chunk)
        if not size:
            raise ImportRefused("The file is empty.")
        part.replace(folder / digest.hexdigest())
    finally:
        part.unlink(missing_ok=True)
    return digest.hexdigest(), size


def _first(portfolio: Portfolio, digest: str) -> ImportFile | None:
    rows = ImportFile.objects.filter(creditor=portfolio.creditor_id, sha256=digest)
    return rows.exclude(state__in=(State.DISCARDED, State.FAULTED)).order_by("pk").first()


def _guess(made: ImportFile) -> None:
    """Put a saved or guessed map on a new import, or the fault that makes it unreadable."""
    try:
        layout = guess_map(path_of(made))
        headers = _headers_digest(_headers(made, layout))
    except (FileFault, MapError) as wrong:
        made.state, made.fault = State.FAULTED, str(wrong)[:500]
        return
    saved = ColumnMap.objects.filter(creditor=made.creditor_id, headers_digest=headers).order_by("-updated_at").first()
    if saved is not None:
        layout = Layout.from_dict(saved.layout)
        made.state, made.map_name = State.TO_CHECK, saved.name
    made.layout = layout.to_dict() | {"unsure": list(layout.unsure)}
    made.notice_gaps = gaps_of(layout, made.portfolio)


def _headers(import_file: ImportFile, layout: Layout) -> tuple[str, ...]:
    return inspect(path_of(import_file), column_map=layout).headers


def _headers_digest(headers: Iterable[str]) -> str:
    return hashlib.sha256("\x1f".join(headers).encode()).hexdigest()


def _file_name(name: str) -> str:
    bare = re.split(r"[\\/]", name)[-1]
    return "".join(c if c.isprintable() else "_" for c in bare)[-200:]


def _wake_if_waiting(import_file: ImportFile) -> None:
    if import_file.state in (State.TO_CHECK, State.TO_LOAD):
        from accounts.tasks import work_imports

        wake(work_imports)


def _tell(action: str, subject: ImportFile, *, by: Any, at: datetime, data: dict[str, Any], reason: str = "") -> None:
    audit.record(
        action, actor=by, subject=subject, data=data, reason=reason[:500], portfolio_id=subject.portfolio_id, at=at
    )

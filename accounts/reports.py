"""Files that leave an import: the rejected rows with reasons, and the acknowledgement to the creditor (F1, F3)."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from accounts.models import ImportFile, ImportRow
from core import audit
from core.text import csv_safe

REJECTED = (ImportRow.Outcome.REJECTED, ImportRow.Outcome.HELD, ImportRow.Outcome.DUPLICATE)


def problem_rows(import_file: ImportFile) -> Iterator[str]:
    """CSV lines of every row that is not plainly accepted: line, account number, result, field, reason, the row itself.

    Cells that a spreadsheet would take for a formula get an apostrophe (RELIABILITY 35).
    """
    rows = ImportRow.objects.filter(import_file=import_file, outcome__in=REJECTED).order_by("line")
    first = rows.first()
    headers = list(first.raw) if first else []
    yield _line(["Line", "Account number", "Result", "Field", "Reason", *headers])
    for row in rows.iterator(chunk_size=1000):
        head = [row.line, row.reference, row.get_outcome_display(), row.field, row.reason]
        yield _line([*head, *(row.raw.get(header, "") for header in headers)])


def acknowledgement(import_file: ImportFile) -> str:
    """One CSV with the two figures of the placement, to the cent, as the batch page shows them."""
    batch = import_file.placement
    rows: list[list[object]] = [
        ["Creditor", import_file.creditor.name],
        ["Portfolio", import_file.portfolio.name],
        ["File", import_file.name],
        ["SHA-256", import_file.sha256],
        ["Placement date", import_file.placed_on.isoformat()],
        ["Accounts placed", batch.accounts_count if batch else 0],
        ["Amount placed", f"{batch.placed_amount:.2f}" if batch else "0.00"],
        ["Currency", import_file.portfolio.currency],
        ["Rows in the file", import_file.rows_read],
        ["Rows rejected", import_file.rejected],
        ["Duplicates", import_file.duplicates],
    ]
    return "".join(_line(row) for row in rows)


def _line(cells: Sequence[object]) -> str:
    stream = io.StringIO()
    csv.writer(stream).writerow([csv_safe(cell) for cell in cells])
    return stream.getvalue()


def told(import_file: ImportFile, action: str, *, by: Any, at: datetime) -> None:
    """Write in the audit that somebody took rows out of the system (RELIABILITY 35)."""
    audit.record(action, actor=by, subject=import_file, portfolio_id=import_file.portfolio_id, at=at)

"""Placement files: from any usual file to rows that are accepted, held, rejected or second copies.

The whole of it is pure: no database, no clock. In order: `inspect` (what is this file?), `guess_columns` or a
saved ColumnMap, `parse` (its rows, one at a time), `notice_gaps` (can a lawful notice be made from it?).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from accounts.placement_columns import ColumnMap, MapError, Slice, guess_columns
from accounts.placement_errors import FileFault
from accounts.placement_notice import notice_gaps
from accounts.placement_reader import RowReader
from accounts.placement_rows import Defaults, Phone, PlacementRow, Problem, Row, RowError, Tally
from accounts.placement_seen import SeenReferences
from accounts.placement_tables import Shape, Source, inspect, read_lines, records

__all__ = [
    "ColumnMap",
    "Defaults",
    "FileFault",
    "MapError",
    "Phone",
    "PlacementRow",
    "Problem",
    "Row",
    "RowError",
    "Shape",
    "Slice",
    "Source",
    "Tally",
    "guess_columns",
    "guess_map",
    "inspect",
    "notice_gaps",
    "parse",
    "records",
    "tally",
]


def guess_map(source: Source) -> ColumnMap:
    """A map for a file never seen before. Raises FileFault."""
    shape = inspect(source)
    return replace(guess_columns(shape.headers, shape.sample), slices=shape.slices)


def parse(
    source: Source,
    column_map: ColumnMap,
    *,
    placed_on: date,
    creditor_defaults: Defaults | None = None,
) -> Iterator[Row]:
    """The rows of a file, in its order; memory does not grow with the file (a workbook apart).

    Ages, future dates and days past due are judged at each row's placement date, else at placed_on. An exact
    second copy of a row is a duplicate; the same account number with other figures is held. Raises FileFault,
    also after rows were given (an open quote is only seen at the end): keep nothing live before the end.
    """
    gaps = column_map.missing()
    if gaps:
        raise FileFault(" ".join(gaps))
    shape = inspect(source, column_map=column_map)
    reader = RowReader(shape.headers, column_map, placed_on=placed_on, defaults=creditor_defaults or Defaults())
    seen = SeenReferences()
    found = False
    try:
        for line in read_lines(source, shape):
            found = True
            yield _checked(reader.read(line), seen, [str(cell).strip() for cell in line.cells])
    finally:
        seen.close()
    if not found:
        raise FileFault("The file has column names but no rows.")


def tally(rows: Iterable[Row]) -> Tally:
    """Counts and sums of rows, for the preview and the control totals."""
    total = Tally()
    for row in rows:
        total.add(row)
    return total


def _checked(row: Row, seen: SeenReferences, cells: list[str]) -> Row:
    if not isinstance(row, PlacementRow):
        return row
    verdict = seen.check(row.reference, cells)
    if verdict == "new":
        return row
    if verdict == "same":
        reason = "This row stands in the file twice; the second copy is left out."
        problem = Problem("duplicate", "reference", reason)
        return RowError(row.line, row.reference, "duplicate", "reference", reason, (problem,), row.flags, row.raw)
    reason = "This account number stands in the file twice, with other figures."
    problem = Problem("held", "reference", reason)
    return replace(row, outcome="held", field="reference", reason=reason, problems=(problem, *row.problems))

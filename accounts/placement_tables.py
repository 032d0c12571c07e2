"""Reading the rows of a placement file of any usual make, in constant memory for text. Pure.

`inspect` finds out what a file is and where its headers stand; `read_lines` goes through its rows. Line
numbers are those of the file, as an editor counts: a row with a line break inside quotes has two lines.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any

from accounts import placement_sheets as sheets
from accounts.placement_bytes import check_bytes, find_encoding
from accounts.placement_columns import Cell, ColumnMap, Slice, field_of, header_key
from accounts.placement_errors import FileFault, NoHeaders
from accounts.placement_fixed import guess_slices

Source = Path | IO[bytes]

DELIMITERS = (",", "\t", "|", ";")
MAX_COLUMNS = 300
MAX_LINE = 1_000_000
MAX_CELL = 20_000
MAX_BREAKS = 20
HEADER_WITHIN = 20
SAMPLE_ROWS = 200

_DATA_LIKE = re.compile(
    r"[-($]*[0-9][0-9,.]*\)?%?|[0-9]{1,4}[/.-][0-9]{1,2}[/.-][0-9]{1,4}"
    r"|[^\s@]{1,64}@[^\s@]{1,200}|[-+().0-9 ]{7,20}"
)


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a file: its first line's number, its cells, and why it could not be split, if so."""

    number: int
    cells: tuple[Cell, ...]
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """What a file is: delimited, fixed or xlsx; its headers, the line they stand on, and its first rows."""

    kind: str
    headers: tuple[str, ...]
    header_line: int
    sample: tuple[tuple[Cell, ...], ...]
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    slices: tuple[Slice, ...] = ()


def inspect(source: Source, *, column_map: ColumnMap | None = None) -> Shape:
    """Find out a file's make and headers; a map, when given, decides what it states. Raises FileFault."""
    with opened(source) as stream:
        kind = check_bytes(stream)
        if kind == "xlsx":
            return _sheet_shape(stream, column_map)
        encoding = (column_map and column_map.encoding) or find_encoding(stream)
        if column_map is not None and column_map.slices:
            return _fixed_shape(stream, encoding, column_map.slices, header=column_map.header)
        head = _head(stream, encoding)
        try:
            return _delimited_shape(stream, encoding, head, column_map)
        except NoHeaders:
            slices = guess_slices(head) if column_map is None else ()
            if not slices:
                raise
        return _fixed_shape(stream, encoding, slices, header=True)


def _delimited_shape(stream: IO[bytes], encoding: str, head: Sequence[str], column_map: ColumnMap | None) -> Shape:
    delimiter = (column_map and column_map.delimiter) or sniff_delimiter(head)
    if delimiter is None:
        raise NoHeaders("Only one column was found. Columns are separated by comma, tab, bar or semicolon.")
    first = list(islice(_delimited(stream, encoding, delimiter, lenient=True), SAMPLE_ROWS + HEADER_WITHIN))
    headers, at, line = _headers(first, column_map)
    sample = tuple(row.cells for row in first[at:][:SAMPLE_ROWS])
    return Shape("delimited", headers, line, sample, encoding, delimiter)


def read_lines(source: Source, shape: Shape) -> Iterator[Line]:
    """The rows after the headers; blank ones are left out. Raises FileFault if it ends inside quotes."""
    with opened(source) as stream:
        for line in _all_lines(stream, shape):
            if line.number > shape.header_line and (line.fault or any(_filled(cell) for cell in line.cells)):
                yield line


def records(source: Source) -> Iterator[tuple[int, dict[str, str]]]:
    """Any table as dictionaries by header, with line numbers: customers, payments, status updates."""
    shape = inspect(source)
    for line in read_lines(source, shape):
        if line.fault:
            raise FileFault(f"Line {line.number} {line.fault}.")
        yield (
            line.number,
            {header: str(cell).strip() for header, cell in zip(shape.headers, line.cells, strict=False)},
        )


@contextmanager
def opened(source: Source) -> Iterator[IO[bytes]]:
    """The file from its beginning; a stream that was given stays open."""
    if isinstance(source, Path):
        with source.open("rb") as stream:
            yield stream
    else:
        source.seek(0)
        yield source


def sniff_delimiter(head: Sequence[str]) -> str | None:
    """The separator that cuts most of the first lines into the same number of columns, or None."""
    best: tuple[int, int, str] | None = None
    for delimiter in DELIMITERS:
        rows = _split(head, delimiter)
        widths = Counter(len(row) for row in rows if len(row) > 1)
        if not widths:
            continue
        width, often = widths.most_common(1)[0]
        score = (10 * often // len(rows), width, delimiter)
        best = score if best is None or score[:2] > best[:2] else best
    return best[2] if best else None


def _split(head: Sequence[str], delimiter: str) -> list[list[str]]:
    try:
        return [row for row in csv.reader(head, delimiter=delimiter) if row]
    except csv.Error:  # a quote that swallows the rest; reading the rows will say so
        return [row for row in csv.reader(head[:1], delimiter=delimiter) if row]


def _all_lines(stream: IO[bytes], shape: Shape) -> Iterator[Line]:
    if shape.kind == "xlsx":
        return (Line(number, cells) for number, cells in sheets.rows(stream, shape.sheet))
    if shape.kind == "fixed":
        return _fixed(stream, shape.encoding or "utf-8", shape.slices)
    return _delimited(stream, shape.encoding or "utf-8", shape.delimiter or ",")


def _delimited(stream: IO[bytes], encoding: str, delimiter: str, *, lenient: bool = False) -> Iterator[Line]:
    reader = csv.reader(_text(stream, encoding), delimiter=delimiter, strict=True)
    before = 0
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as wrong:
            fault = _csv_fault(wrong, before + 1)
            yield Line(before + 1, (), fault)
            before = reader.line_num
            continue
        if reader.line_num - before > MAX_BREAKS and not lenient:
            raise FileFault(f"A quotation mark that opens near line {before + 1} is not closed.")
        if cells:
            yield Line(before + 1, tuple(cells))
        before = reader.line_num


def _csv_fault(wrong: csv.Error, line: int) -> str:
    text = str(wrong)
    if "unexpected end of data" in text or "field larger" in text:
        raise FileFault(f"A quotation mark that opens near line {line} is not closed.") from wrong
    return "has a quotation mark in the wrong place"


def _fixed(stream: IO[bytes], encoding: str, slices: Sequence[Slice]) -> Iterator[Line]:
    half = sorted(part.start for part in slices)[len(slices) // 2]
    for number, text in enumerate(_text(stream, encoding), start=1):
        bare = text.rstrip("\r\n")
        cells = tuple(bare[part.start : part.end].strip() for part in slices)
        short = bare.strip() and len(bare) <= half
        yield Line(number, cells, "is shorter than the columns of the map" if short else None)


def _text(stream: IO[bytes], encoding: str) -> Iterator[str]:
    """Decoded lines with their ends; the stream stays open."""
    stream.seek(0)
    wrapper = io.TextIOWrapper(stream, encoding=encoding, newline="")
    try:
        while line := wrapper.readline(MAX_LINE):
            if len(line) >= MAX_LINE:
                raise FileFault("A line is longer than a million characters; this is not a table of debts.")
            yield line
    except UnicodeError as wrong:
        raise FileFault(f"The file is not written in {encoding}, or it is damaged.") from wrong
    finally:
        with suppress(ValueError):  # the file may have been closed before this generator
            wrapper.detach()


def _head(stream: IO[bytes], encoding: str) -> list[str]:
    return [line for line in islice(_text(stream, encoding), 60) if line.strip()][:40]


def _sheet_shape(stream: IO[bytes], column_map: ColumnMap | None) -> Shape:
    name = sheets.pick(stream, column_map.sheet if column_map else None)
    first = [Line(number, cells) for number, cells in islice(sheets.rows(stream, name), SAMPLE_ROWS)]
    headers, at, line = _headers(first, column_map)
    return Shape("xlsx", headers, line, tuple(row.cells for row in first[at:]), sheet=name)


def _fixed_shape(stream: IO[bytes], encoding: str, slices: tuple[Slice, ...], *, header: bool) -> Shape:
    names = tuple(part.header for part in slices)
    first = list(islice(_fixed(stream, encoding, slices), SAMPLE_ROWS))
    filled = [line for line in first if any(_filled(cell) for cell in line.cells)]
    if not filled:
        raise FileFault("The file is empty.")
    at = 1 if header else 0
    sample = tuple(line.cells for line in filled[at:])
    return Shape("fixed", names, filled[0].number if at else 0, sample, encoding, slices=slices)


def _headers(first: Sequence[Line], column_map: ColumnMap | None) -> tuple[tuple[str, ...], int, int]:
    """The headers, the position of the first row after them, and the line they stand on."""
    rows = [line for line in first if line.cells]
    if not any(any(_filled(cell) for cell in line.cells) for line in rows):
        raise FileFault("The file is empty.")
    if column_map is not None and not column_map.header:
        width = max(len(line.cells) for line in rows)
        return tuple(f"Column {at}" for at in range(1, width + 1)), 0, 0
    for line in rows[:HEADER_WITHIN]:
        if _is_header(line.cells, column_map):
            return _unique(line.cells), first.index(line) + 1, line.number
    if column_map is not None:
        raise FileFault(_not_this_map(rows[0].cells, column_map))
    raise NoHeaders("No row with column names was found at the top of the file.")


def _is_header(cells: Sequence[Cell], column_map: ColumnMap | None) -> bool:
    texts = [cell.strip() for cell in cells if isinstance(cell, str) and cell.strip()]
    if column_map is not None:
        return set(column_map.columns) <= set(_unique(cells, check=False))
    if len(texts) < 2 or len(texts) * 2 < len(cells):
        return False
    known = sum(1 for text in texts if field_of(text))
    data = sum(1 for text in texts if len(text) > 120 or _DATA_LIKE.fullmatch(text))
    return known >= 2 and data == 0 and (known * 4 >= len(texts) or known >= 5)


def _not_this_map(cells: Sequence[Cell], column_map: ColumnMap) -> str:
    present = {str(cell).strip() for cell in cells}
    gone = [header for header in column_map.columns if header not in present]
    return "The saved map expects columns that this file does not have: " + ", ".join(gone[:8]) + "."


def _unique(cells: Sequence[Cell], *, check: bool = True) -> tuple[str, ...]:
    """Headers trimmed and told apart: a second Phone is Phone (2), a blank one Column 7."""
    if check and len(cells) > MAX_COLUMNS:
        raise FileFault(f"The file has {len(cells)} columns; at most {MAX_COLUMNS} can be read.")
    names: list[str] = []
    seen: Counter[str] = Counter()
    for at, cell in enumerate(cells, start=1):
        text = "".join(letter if letter.isprintable() else " " for letter in str(cell)[:200])
        name = " ".join(text.split())[:100] or f"Column {at}"
        seen[header_key(name) or name] += 1
        often = seen[header_key(name) or name]
        names.append(f"{name} ({often})" if often > 1 else name)
    return tuple(names)


def _filled(cell: Any) -> bool:
    return bool(cell.strip()) if isinstance(cell, str) else cell is not None

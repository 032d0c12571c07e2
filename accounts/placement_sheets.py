"""Workbooks (XLSX): refused when they are bombs, read by calamine otherwise. No Django here."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

from accounts.placement_columns import Cell
from accounts.placement_errors import FileFault

MAX_PARTS = 2_000
MAX_UNPACKED = 160 << 20  # calamine keeps a sheet in memory: some 300 MB for this much
MAX_RATIO = 250
SMALL = 4 << 20
CHUNK = 1 << 20

_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
    ValueError,
)
_BROKEN = "The workbook is damaged and cannot be opened."
_BOMB = "The workbook unpacks to more than can be read. Save the table as CSV, which may be of any length."


def check(stream: IO[bytes]) -> None:
    """Refuse what is no workbook, is damaged, has a password, or unpacks to too much. Raises FileFault."""
    try:
        with zipfile.ZipFile(stream) as archive:
            _check_parts(archive)
    except _UNREADABLE as wrong:
        if isinstance(wrong, FileFault):
            raise
        raise FileFault(_BROKEN) from wrong
    finally:
        stream.seek(0)


def _check_parts(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    names = {part.filename for part in parts}
    if "xl/workbook.xml" not in names:
        what = "a workbook of another make" if names & {"mimetype", "xl/workbook.bin"} else "a zip archive"
        raise FileFault(f"This is {what}. Save the table as CSV or XLSX and upload that.")
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise FileFault(_BOMB)
    if any(part.flag_bits & 1 for part in parts):
        raise FileFault("The workbook has a password. Save it without one.")
    for part in parts:
        if part.file_size > SMALL and part.file_size > MAX_RATIO * max(part.compress_size, 1):
            raise FileFault(_BOMB)
        if part.filename.endswith((".xml", ".rels")):
            _check_part(archive, part)


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Unpack once to see that sizes are true and that no entity could grow."""
    with archive.open(part) as content:
        if b"<!DOCTYPE" in content.read(4096):
            raise FileFault("The workbook holds declarations that no spreadsheet writes.")
        while content.read(CHUNK):
            pass


def pick(stream: IO[bytes], name: str | None = None) -> str:
    """The sheet to read: the one named, else the visible one with most rows. Raises FileFault."""
    book = _open(stream)
    if name is not None:
        if name not in book.sheet_names:
            raise FileFault(f"The workbook has no sheet named {name}.")
        return name
    visible = [sheet.name for sheet in book.sheets_metadata if str(sheet.visible).endswith("Visible")]
    names: list[str] = visible or list(book.sheet_names)
    if not names:
        raise FileFault("The workbook has no sheet.")
    if len(names) == 1:
        return names[0]
    return max(names, key=lambda sheet: _height(book, sheet))


def rows(stream: IO[bytes], name: str | None) -> Iterator[tuple[int, tuple[Cell, ...]]]:
    """Row numbers as the spreadsheet shows them, and cells as text, numbers or days. Raises FileFault."""
    sheet = _sheet(_open(stream), name)
    for number, values in enumerate(sheet.iter_rows(), start=1):
        cells = tuple(_cell(value) for value in values)
        if any(cell != "" for cell in cells):
            yield number, cells


def _open(stream: IO[bytes]) -> Any:
    import python_calamine

    stream.seek(0)
    try:
        return python_calamine.CalamineWorkbook.from_filelike(stream)
    except (python_calamine.CalamineError, OSError, ValueError) as wrong:
        raise FileFault(_BROKEN) from wrong


def _sheet(book: Any, name: str | None) -> Any:
    import python_calamine

    try:
        return book.get_sheet_by_name(name) if name else book.get_sheet_by_index(0)
    except (python_calamine.CalamineError, OSError, ValueError, IndexError) as wrong:
        raise FileFault(_BROKEN) from wrong


def _height(book: Any, name: str) -> int:
    return int(_sheet(book, name).total_height)


def _cell(value: Any) -> Cell:
    """A float becomes the decimal that Excel shows (15 digits); nothing is rounded to the cent here."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, (int, float)):
        return Decimal(format(value, ".15g"))
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, (date, str)):
        return value
    return str(value)

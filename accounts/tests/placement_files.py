"""Makers of small placement files, good and broken, for the tests. No test in here."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from typing import Any

import xlsxwriter

from accounts.placement_file import Defaults, Row, guess_map, parse

HEADER = (
    "Account,First Name,Last Name,DOB,Street,City,State,ZIP,Phone,Email,Principal,Interest,Fees,Balance,"
    "Currency,Delinquency Date"
)
DANA = {
    "Account": "NE-0001",
    "First Name": "Dana",
    "Last Name": "Cole",
    "DOB": "02/29/1980",
    "Street": "12 Mill Road",
    "City": "Chicago",
    "State": "IL",
    "ZIP": "60601",
    "Phone": "(312) 555-0110",
    "Email": "dana@example.com",
    "Principal": "100.00",
    "Interest": "5.00",
    "Fees": "0.00",
    "Balance": "105.00",
    "Currency": "USD",
    "Delinquency Date": "01/31/2026",
}
PLACED_ON = date(2026, 6, 30)


def cells(**changes: str) -> list[str]:
    """Dana's row with some cells changed; spaces in names are written as underscores."""
    row = {**DANA, **{name.replace("_", " "): value for name, value in changes.items()}}
    return list(row.values())


def line(**changes: str) -> str:
    """The same as a line of CSV; cells with a comma or quote get quotes."""
    return ",".join(
        '"' + cell.replace('"', '""') + '"' if any(sign in cell for sign in ',"\n') else cell
        for cell in cells(**changes)
    )


def table(*lines: str, header: str = HEADER, end: str = "\n") -> bytes:
    """A CSV file of a header and lines, in UTF-8."""
    return (end.join([header, *lines]) + end).encode()


def read(content: bytes, *, currency: str = "USD") -> list[Row]:
    """All rows of a file by its guessed map."""
    source = io.BytesIO(content)
    rows = parse(source, guess_map(source), placed_on=PLACED_ON, creditor_defaults=Defaults(currency=currency))
    return list(rows)


def workbook(*rows: list[Any], first_row: int = 0, sheet: str = "Placement") -> bytes:
    """An XLSX file; dates are written as dates, numbers as numbers."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    page = book.add_worksheet(sheet)
    day = book.add_format({"num_format": "mm/dd/yyyy"})
    for at, row in enumerate(rows, start=first_row):
        for column, value in enumerate(row):
            if isinstance(value, date):
                page.write_datetime(at, column, value, day)
            elif isinstance(value, str):
                page.write_string(at, column, value)
            else:
                page.write(at, column, value)
    book.close()
    return stream.getvalue()


def archive(parts: dict[str, bytes]) -> bytes:
    """A zip archive of parts."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return stream.getvalue()

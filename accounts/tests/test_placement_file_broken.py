"""Broken placement files of every kind met so far: each gets a sentence, and none an exception of ours.

A fault of the file loads nothing; a fault of a row names its line and its field.
"""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts import placement_sheets, placement_tables
from accounts.placement_file import FileFault, RowError, guess_map, parse
from accounts.tests.placement_files import (
    HEADER,
    PLACED_ON,
    archive,
    cells,
    line,
    read,
    table,
    workbook,
)

GOOD = table(line())
DAMAGED = (
    table(line(), line(Account="NE-2", Street='12 "Old" Mill,\nUnit 3', City="M\u00fcnchen")),
    table(line(City="M\u00fcnchen")).decode().encode("utf-16"),
    workbook(HEADER.split(","), cells(), cells(Account="NE-2")),
)
SCRAPS = (b'"', b"\0", b",", b"\n", b"\r", b"\xff", b"\xe2\x80\xae", b"\x1a", b"\x85")
WIDE = HEADER + "," + ",".join(f"Extra {at}" for at in range(300))


def bomb() -> bytes:
    parts = {"xl/workbook.xml": b"<workbook/>", "xl/worksheets/sheet1.xml": b" " * (placement_sheets.SMALL * 3)}
    return archive(parts)


def damaged_part() -> bytes:
    content = bytearray(archive({"xl/workbook.xml": bytes(range(256)) * 9}))
    content[60:80] = b"\xff" * 20
    return bytes(content)


def entity_workbook() -> bytes:
    evil = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><workbook>&c;</workbook>'
    return archive({"xl/workbook.xml": evil})


def with_other_part(content: bytes, name: str, body: bytes) -> bytes:
    source = zipfile.ZipFile(io.BytesIO(content))
    parts = {part: source.read(part) for part in source.namelist()}
    return archive({**parts, name: body})


FILES: list[tuple[str, bytes, str]] = [
    ("no bytes", b"", "is empty"),
    ("only a byte order mark", b"\xef\xbb\xbf", "is empty|one column"),
    ("only blank lines", b"\n\n\r\n  \n", "is empty|one column"),
    ("only separators", b",,,,\n,,,,\n", "is empty"),
    ("headers and nothing more", (HEADER + "\n").encode(), "no rows"),
    ("rows without headers", (line() + "\n" + line(Account="NE-2") + "\n").encode(), "No row with column names"),
    ("prose", b"Hello Ada,\nhere is the list, as agreed.\nBest, Max\n", "No row with column names"),
    ("one column", b"Account\nNE-1\nNE-2\n", "one column"),
    ("no account number", table("Cole,1.00", header="Last Name,Balance"), "account number"),
    ("no amount", table("NE-1,Cole", header="Account,Last Name"), "balance"),
    ("no name", table("NE-1,1.00", header="Account,Balance"), "name"),
    ("three hundred columns too many", table(line() + ",x" * 300, header=WIDE), "columns; at most 300"),
    ("quotes never closed", GOOD + b'NE-2,"Dana,Cole\nNE-3,Gus,Vance\n', "quotation mark"),
    (
        "quotes closed a hundred lines later",
        GOOD + b'NE-2,"Dana\n' + (line(Account="NE-3") + "\n").encode() * 100 + b'",x\n',
        "quotation mark",
    ),
    ("quotes that swallow the rest", GOOD + b'NE-2,"' + b"x" * 200_000, "quotation mark"),
    ("one line of two million letters", b"Account,Balance," + b"x" * 2_000_000, "longer than a million"),
    ("a picture", b"\x89PNG\r\n\x1a\n" + b"\0" * 99, "picture"),
    ("a photograph", b"\xff\xd8\xff\xe0" + b"\0" * 99, "picture"),
    ("a PDF", b"%PDF-1.7\n", "PDF"),
    ("an old Excel file", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old Excel"),
    ("a gzip archive", gzip.compress(GOOD), "archive"),
    ("a program", b"\x7fELF" + b"\0" * 99, "program"),
    ("a Windows program", b"MZ\x90\0" + b"\0" * 99, "program"),
    ("a database", b"SQLite format 3\0" + b"\0" * 99, "database"),
    ("a web page", b"\n <!DOCTYPE html><html></html>", "web page"),
    ("a web page with a mark", b"\xef\xbb\xbf<html><table></table></html>", "web page"),
    ("an XML file", b"<?xml version='1.0'?><placement/>", "XML"),
    ("a JSON file", b'[{"account": "NE-1"}]', "JSON"),
    ("a letter", b"{\\rtf1 Account, Balance}", "letter|JSON"),
    ("zero bytes", b"\0" * 5000, "not a text file"),
    ("noise", bytes(range(256)) * 20, "not a text file|damaged|mixes"),
    ("mainframe letters", GOOD.decode().encode("cp037"), "one column|not a text file|No row|damaged"),
    (
        "two encodings in one file",
        table(line(City="M\u00fcnchen")) + "NE-2,M\u00fcnchen\n".encode("cp1252"),
        "mixes two",
    ),
    ("a file cut inside a letter", table(line(City="M\u00fcnchen")) + "NE-2,\u00fc".encode()[:-1], "breaks off"),
    ("a wide file cut inside a letter", GOOD.decode().encode("utf-16")[:-1], "damaged"),
    ("a zip archive", archive({"placement.csv": GOOD}), "zip archive"),
    ("an archive cut off", archive({"xl/workbook.xml": GOOD})[:60], "damaged"),
    ("PK and nothing more", b"PK\x03\x04", "damaged"),
    ("a workbook cut off", workbook(HEADER.split(","), cells())[:-900], "damaged"),
    ("a workbook with a damaged part", damaged_part(), "damaged"),
    ("an OpenDocument table", archive({"mimetype": b"application/vnd.oasis"}), "another make"),
    ("a binary workbook", archive({"xl/workbook.bin": b"x"}), "another make"),
    ("a zip bomb", bomb(), "unpacks to more than can be read"),
    ("an entity bomb", entity_workbook(), "declarations"),
    ("a workbook of nonsense", archive({"xl/workbook.xml": b"<workbook>"}), "damaged|no sheet"),
    ("an empty workbook", workbook(), "is empty"),
    ("a workbook with headers only", workbook(HEADER.split(",")), "no rows"),
    ("a workbook without headers", workbook(cells(), cells(Account="NE-2")), "No row with column names"),
    (
        "a workbook with a broken sheet",
        with_other_part(workbook(HEADER.split(","), cells()), "xl/worksheets/sheet1.xml", b"<worksheet><row"),
        "damaged|is empty",
    ),
]

ROWS: list[tuple[str, str, str, str]] = [
    ("a row too short", "NE-2,Dana,Cole", "row", "3 values"),
    ("a row too long", line() + ",more", "row", "17 values"),
    ("the last row cut off", line()[:60], "row", "values"),
    ("a quotation mark in the wrong place", 'NE-2,"Dana"x,Cole' + "," * 13, "row", "quotation mark"),
    ("no account number", line(Account=""), "reference", "no account number"),
    ("an account number of spaces", line(Account="   "), "reference", "no account number"),
    ("an account number shortened by a spreadsheet", line(Account="1.23457E+11"), "reference", "shortened"),
    ("an account number of a megabyte", line(Account="9" * 100_000), "reference", "longer"),
    ("an account number a little too long", line(Account="9" * 65), "reference", "too long"),
    ("no balance", line(Balance="", Principal=""), "balance", "no balance"),
    ("a balance in words", line(Balance="one hundred"), "balance", "not an amount"),
    ("a balance with an exponent", line(Balance="1e3"), "balance", "not an amount"),
    ("a balance that is not a number", line(Balance="NaN"), "balance", "not an amount"),
    ("an endless balance", line(Balance="Infinity"), "balance", "not an amount"),
    ("a balance in Arabic digits", line(Balance="\u0661\u0660\u0665"), "balance", "not an amount"),
    ("a balance in wide digits", line(Balance="\uff11\uff10\uff15"), "balance", "not an amount"),
    ("a balance with wrong groups", line(Balance="1,05.00"), "balance", "not an amount"),
    ("a balance with two points", line(Balance="1.0.5"), "balance", "not an amount"),
    ("a fraction of a cent", line(Balance="105.001"), "balance", "fraction of a cent"),
    ("an absurd balance", line(Balance="99999999999.00"), "balance", "larger than any debt"),
    ("parts larger than any debt", line(Balance="", Principal="9999999999.99"), "balance", "larger than any"),
    ("an unreadable fee", line(Fees="?"), "fees", "not an amount"),
    ("nobody named", line(First_Name="", Last_Name=""), "last_name", "nobody"),
    ("a NUL in a name", line(First_Name="Da\0na"), "first_name", "cannot be stored"),
    ("a name that turns the reading around", line(Last_Name="Cole\u202egnp"), "last_name", "reading direction"),
    ("an escape character in a name", line(Last_Name="Cole\x1b[31m"), "last_name", "cannot be stored"),
    ("a name of ten thousand letters", line(Last_Name="x" * 10_000), "last_name", "too long"),
    ("a name of a megabyte", line(Last_Name="x" * 120_000), "last_name", "longer than any"),
    ("a line of totals", "Total,,,,,,,,,,,,,105.00,,", "reference", "totals"),
    ("a trailer", "TRAILER RECORD" + "," * 15, "reference", "totals"),
]


@pytest.mark.parametrize(("content", "sentence"), [pytest.param(*kind[1:], id=kind[0]) for kind in FILES])
def test_a_broken_file_loads_nothing_and_says_why(content: bytes, sentence: str) -> None:
    with pytest.raises(FileFault, match=sentence) as fault:
        read(content)

    assert str(fault.value)[-1] in ".)"


@pytest.mark.parametrize(("text", "field", "sentence"), [pytest.param(*kind[1:], id=kind[0]) for kind in ROWS])
def test_a_broken_row_is_rejected_at_its_line_and_the_rest_is_read(text: str, field: str, sentence: str) -> None:
    rows = read(table(line(), text, line(Account="NE-9")))

    assert [row.outcome for row in rows] == ["accepted", "rejected", "accepted"]
    assert [row.line for row in rows] == [2, 3, 4]
    broken = rows[1]
    assert isinstance(broken, RowError)
    assert (broken.line, broken.field) == (3, field)
    assert sentence in broken.reason
    assert broken.reason.endswith(".")
    assert "\0" not in "".join(broken.raw.values())
    assert all(len(cell) <= 2_001 for cell in broken.raw.values())


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_a_file_damaged_anywhere_gets_rows_or_a_sentence(data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from(DAMAGED)))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(content)))
        gone = data.draw(st.integers(0, 30))
        content[at : at + gone] = data.draw(st.sampled_from(SCRAPS) | st.binary(max_size=4))

    try:
        rows = read(bytes(content))
    except FileFault as fault:
        assert str(fault)
        return

    for row in rows:
        assert row.outcome == "accepted" or row.reason
        assert "\0" not in json.dumps(row.to_dict(), ensure_ascii=False)


def test_there_are_at_least_forty_five_kinds_of_broken_files() -> None:
    assert len({kind[0] for kind in FILES}) == len(FILES) >= 45


def test_a_workbook_that_lies_about_its_size_is_refused() -> None:
    """The directory says 100 bytes, the part holds ten thousand."""
    content = bytearray(archive({"xl/workbook.xml": b"x" * 10_000}))
    directory = content.rfind(b"PK\x01\x02")
    content[directory + 24 : directory + 28] = (100).to_bytes(4, "little")

    with pytest.raises(FileFault, match="damaged"):
        read(bytes(content))


def test_a_workbook_with_a_password_is_refused() -> None:
    content = bytearray(archive({"xl/workbook.xml": b"<workbook/>"}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(mark)
        content[at + offset] |= 1

    with pytest.raises(FileFault, match="password"):
        read(bytes(content))


def test_a_file_larger_than_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from accounts import placement_bytes

    monkeypatch.setattr(placement_bytes, "MAX_BYTES", 100)

    with pytest.raises(FileFault, match="larger than"):
        read(GOOD)


def test_an_account_number_that_lost_its_digits_in_a_workbook_is_rejected() -> None:
    row: list[Any] = cells()
    row[0] = 1_234_567_890_123_456_789

    (found,) = read(workbook(HEADER.split(","), row))

    assert (found.outcome, found.field) == ("rejected", "reference")
    assert found.reason is not None
    assert "lost its last digits" in found.reason


def test_rows_before_a_late_fault_are_seen_but_the_fault_is_raised() -> None:
    lines = [line(Account=f"NE-{at}") for at in range(400)]
    source = io.BytesIO(table(*lines) + b'NE-400,"open')
    rows = parse(source, guess_map(source), placed_on=PLACED_ON)

    assert [next(rows).reference for _ in lines] == [f"NE-{at}" for at in range(400)]
    with pytest.raises(FileFault, match="near line 402"):
        next(rows)


def test_a_file_on_disk_and_a_stream_are_read_alike(tmp_path: Path) -> None:
    path = tmp_path / "placement.csv"
    path.write_bytes(GOOD)
    stream = io.BytesIO(GOOD)

    from_disk = list(parse(path, guess_map(path), placed_on=PLACED_ON))

    assert from_disk == read(GOOD)
    assert not stream.closed
    assert placement_tables.inspect(stream).headers == placement_tables.inspect(path).headers

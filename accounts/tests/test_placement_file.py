"""Good placement files in many makes, and what is read of them."""

from __future__ import annotations

import io
import json
import tracemalloc
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from accounts.placement_file import (
    ColumnMap,
    FileFault,
    MapError,
    PlacementRow,
    Row,
    RowError,
    Slice,
    guess_map,
    inspect,
    notice_gaps,
    parse,
    tally,
)
from accounts.tests.placement_files import HEADER, PLACED_ON, cells, line, read, table, workbook


def only(rows: list[Row]) -> PlacementRow:
    assert len(rows) == 1
    row = rows[0]
    assert isinstance(row, PlacementRow), row
    return row


def test_danas_row_is_read_with_all_it_says() -> None:
    row = only(read(table(line())))

    assert row.outcome == "accepted"
    assert (row.line, row.reference) == (2, "NE-0001")
    assert row.components() == {"principal": Decimal("100.00"), "interest": Decimal("5.00")}
    assert row.balance == Decimal("105.00")
    assert row.values["birth_date"] == date(1980, 2, 29)
    assert row.values["delinquency_date"] == date(2026, 1, 31)
    assert [phone.number for phone in row.phones] == ["+13125550110"]
    assert row.emails == ("dana@example.com",)
    assert row.flags == ()


@pytest.mark.parametrize("delimiter", ["\t", "|", ";"])
def test_other_separators_are_found(delimiter: str) -> None:
    content = table(delimiter.join(cells()), header=HEADER.replace(",", delimiter))

    assert only(read(content)).balance == Decimal("105.00")


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1"]
)
def test_a_name_with_accents_comes_through_in_every_encoding(encoding: str) -> None:
    content = table(line(Last_Name="Mu\u00f1oz")).decode().encode(encoding)

    assert only(read(content)).values["last_name"] == "Mu\u00f1oz"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_all_line_ends_are_lines(end: str) -> None:
    rows = read(table(line(), line(Account="NE-0002"), end=end))

    assert [(row.line, row.reference) for row in rows] == [(2, "NE-0001"), (3, "NE-0002")]


def test_line_numbers_are_those_of_the_file_with_breaks_inside_quotes_and_blank_lines() -> None:
    content = table(line(Street='12 "Old" Mill,\nUnit 3'), "", line(Account="NE-0002"), ",,,,,,,,,,,,,,,", "x")

    rows = read(content)

    assert [row.line for row in rows] == [2, 5, 7]
    first = rows[0]
    assert isinstance(first, PlacementRow)
    assert first.values["address1"] == '12 "Old" Mill, Unit 3'


def test_title_lines_above_the_headers_are_skipped() -> None:
    content = b"Northwind Energy placement\n\nprepared,30 June 2026\n" + table(line())

    row = only(read(content))

    assert row.line == 5


def test_european_numbers_and_dates_are_recognized() -> None:
    row = cells(
        Principal="1.234,50",
        Interest="0,00",
        Fees="0,00",
        Balance="1.234,50",
        DOB="29.02.1980",
        Delinquency_Date="31/01/2026",
    )
    content = table(";".join(row), header=HEADER.replace(",", ";"))
    column_map = guess_map(io.BytesIO(content))

    assert (column_map.number_style, column_map.date_order) == ("1.234,56", "DMY")
    found = only(read(content))
    assert found.balance == Decimal("1234.50")
    assert found.values["delinquency_date"] == date(2026, 1, 31)


def test_a_workbook_keeps_dates_cents_and_its_own_row_numbers() -> None:
    row: list[Any] = cells()
    row[3], row[15] = date(1980, 2, 29), date(2026, 1, 31)
    row[10:14] = [100.1, 0.2, 0, 100.3]
    content = workbook(HEADER.split(","), row, first_row=3)

    found = only(read(content))

    assert found.outcome == "accepted"
    assert found.line == 5
    assert found.balance == Decimal("100.30")
    assert found.values["birth_date"] == date(1980, 2, 29)


def test_an_account_number_a_workbook_kept_as_number_is_text_again() -> None:
    row: list[Any] = cells()
    row[0], row[7] = 280670965, 2139
    row[6] = "MA"

    found = only(read(workbook(HEADER.split(","), row)))

    assert found.reference == "280670965"
    assert found.values["zip"] == "02139"


def test_a_fixed_width_file_is_read_by_its_slices() -> None:
    column_map = ColumnMap(
        columns={"acct": "reference", "name": "full_name", "bal": "balance"},
        slices=(Slice("acct", 0, 8), Slice("name", 8, 28), Slice("bal", 28, 40)),
        header=False,
    )
    content = b"00000017Cole, Dana               105.00\n00000018Vance, Gus                7.50\n"

    rows = list(parse(io.BytesIO(content), column_map, placed_on=PLACED_ON))

    assert [(row.reference, row.values["last_name"], row.balance) for row in rows if isinstance(row, PlacementRow)] == [
        ("00000017", "Cole", Decimal("105.00")),
        ("00000018", "Vance", Decimal("7.50")),
    ]


def test_a_fixed_width_file_with_headers_shows_its_columns_by_itself() -> None:
    content = (
        b"ACCT NO   NAME                 BALANCE  DELINQUENT SINCE\n"
        b"00000017  Cole, Dana            105.00  01/31/2026\n"
        b"00000018  Vance, Augustus     1,007.50  02/28/2026\n"
        b"00000019  Northwind LLC           1.00  03/31/2026\n"
    )

    first, second, third = read(content)

    assert isinstance(first, PlacementRow)
    assert isinstance(second, PlacementRow)
    assert isinstance(third, PlacementRow)
    assert (first.reference, first.values["last_name"], first.balance) == ("00000017", "Cole", Decimal("105.00"))
    assert second.balance == Decimal("1007.50")
    assert second.values["delinquency_date"] == date(2026, 2, 28)
    assert third.values["company"] == "Northwind LLC"


def test_a_fixed_width_line_cut_off_is_rejected() -> None:
    slices = (Slice("acct", 0, 8), Slice("name", 8, 28), Slice("bal", 28, 40))
    column_map = ColumnMap({"acct": "reference", "name": "full_name", "bal": "balance"}, slices=slices, header=False)
    content = b"00000017Cole, Dana               105.00\n000000\n"

    rows = list(parse(io.BytesIO(content), column_map, placed_on=PLACED_ON))

    assert [(row.line, row.outcome) for row in rows] == [(1, "accepted"), (2, "rejected")]


def test_a_saved_map_survives_the_database_and_refuses_nonsense() -> None:
    column_map = guess_map(io.BytesIO(table(line())))

    assert ColumnMap.from_dict(json.loads(json.dumps(column_map.to_dict()))) == column_map
    for wrong in (
        {},
        {"columns": {"A": "nonsense"}},
        {"columns": {"A": "balance", "B": "balance"}},
        {"columns": {}, "number_style": "1 234"},
        {"columns": {}, "date_order": "YDM"},
        {"columns": {}, "delimiter": "x"},
        {"columns": {}, "encoding": "rot13"},
        {"columns": {}, "slices": [["A", 5, 5]]},
        {"columns": {}, "slices": [["A", "x"]]},
    ):
        with pytest.raises(MapError, match=r"\.$"):
            ColumnMap.from_dict(wrong)


def test_a_saved_map_says_which_of_its_columns_are_gone() -> None:
    column_map = guess_map(io.BytesIO(table(line())))
    other = table(line(), header=HEADER.replace("Balance", "Owing"))

    with pytest.raises(FileFault, match="does not have: Balance"):
        list(parse(io.BytesIO(other), column_map, placed_on=PLACED_ON))


def test_ambiguous_dates_are_read_the_american_way_and_said_to_be_unsure() -> None:
    content = table(line(DOB="01/02/1980", Delinquency_Date="01/02/2026"))

    assert any("MDY is assumed" in sentence for sentence in guess_map(io.BytesIO(content)).unsure)
    assert only(read(content)).values["delinquency_date"] == date(2026, 1, 2)


def test_a_column_nobody_knows_is_kept() -> None:
    content = table(line() + ",blue", header=HEADER + ",Meter Color")

    assert only(read(content)).extra == {"Meter Color": "blue"}


def test_an_ssn_is_read_but_never_stands_in_the_raw_row() -> None:
    content = table(line() + ",078-05-1120", header=HEADER + ",SSN")

    row = only(read(content))

    assert row.values["ssn"] == "078051120"
    assert row.raw["SSN"] == "***-**-1120"


def test_a_row_survives_the_database() -> None:
    row = only(read(table(line())))

    assert PlacementRow.from_dict(json.loads(json.dumps(row.to_dict()))) == row


def test_two_debts_of_dana_have_the_same_person_key() -> None:
    first, second, other = read(
        table(line(), line(Account="NE-0002", Street="9 New Street"), line(Account="NE-3", First_Name="Gus"))
    )

    assert isinstance(first, PlacementRow)
    assert isinstance(second, PlacementRow)
    assert isinstance(other, PlacementRow)
    assert first.person_key() == second.person_key() != other.person_key()


def test_the_map_says_what_a_lawful_notice_lacks() -> None:
    plain = guess_map(io.BytesIO(table(line())))
    full_header = HEADER + (
        ",Itemization Date,Itemization Kind,Itemization Amount,Interest Since,Fees Since,Payments Since,"
        "Credits Since,Original Creditor"
    )
    good = line() + ",01/31/2026,charge-off,100.00,5.00,0.00,0.00,0.00,Northwind Energy"
    bad = line(Account="NE-2") + ",01/31/2026,charge-off,100.00,6.00,0.00,0.00,0.00,Northwind Energy"
    blank = line(Account="NE-3") + ",01/31/2026,charge-off,100.00,5.00,,0.00,0.00,Northwind Energy"

    first, second, third = read(table(good, bad, blank, header=full_header))

    assert "the itemization date" in notice_gaps(plain)
    assert len(notice_gaps(plain)) == 8
    assert isinstance(first, PlacementRow)
    assert isinstance(second, PlacementRow)
    assert isinstance(third, PlacementRow)
    assert notice_gaps(first) == []
    assert "do not lead to the current balance" in notice_gaps(second)[0]
    assert notice_gaps(third) == ["the fees since the itemization date"]


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    def peak(rows: int) -> int:
        path = tmp_path / f"{rows}.csv"
        with path.open("w", encoding="utf-8") as out:
            out.write(HEADER + "\n")
            out.writelines(line(Account=f"NE-{at}") + "\n" for at in range(rows))
        column_map = guess_map(path)
        tracemalloc.start()
        for _ in parse(path, column_map, placed_on=PLACED_ON):
            pass
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    # What remains is a digest of 12 bytes a row, up to 50,000 rows.
    assert peak(3_000) - peak(500) < 3_000 * 400


def test_counts_and_sums_agree_with_the_rows() -> None:
    rows = read(table(line(), line(), line(Account="B", Balance="1"), line(Account="C", Principal="x")))

    counted = tally(rows)

    assert (counted.rows, counted.accepted, counted.held, counted.rejected, counted.duplicates) == (4, 1, 1, 1, 1)
    assert (counted.balance, counted.held_balance) == (Decimal("105.00"), Decimal("1.00"))
    assert isinstance(rows[3], RowError)


def test_the_shape_tells_what_the_file_is() -> None:
    shape = inspect(io.BytesIO(table(line())))

    assert (shape.kind, shape.delimiter, shape.encoding, shape.header_line) == ("delimited", ",", "utf-8", 1)


def test_the_fullest_visible_sheet_of_a_workbook_is_read_unless_the_map_names_one() -> None:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    for name, accounts in (("Notes", 0), ("May", 1), ("June", 2), ("Old", 5)):
        page = book.add_worksheet(name)
        page.write_row(0, 0, HEADER.split(","))
        for at in range(accounts):
            page.write_row(at + 1, 0, cells(Account=f"{name}-{at}"))
        if name == "Old":
            page.hide()
    book.close()
    guessed = guess_map(stream)

    may = list(parse(stream, replace(guessed, sheet="May"), placed_on=PLACED_ON))

    assert [row.reference for row in read(stream.getvalue())] == ["June-0", "June-1"]
    assert [row.reference for row in may] == ["May-0"]
    with pytest.raises(FileFault, match="no sheet named July"):
        list(parse(stream, replace(guessed, sheet="July"), placed_on=PLACED_ON))

"""What becomes of each kind of row: held, flagged, left out, or brought into form."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from accounts.placement_file import (
    PlacementRow,
    Row,
)
from accounts.placement_seen import SeenReferences
from accounts.tests.placement_files import HEADER, line, read, table


def only(rows: list[Row]) -> PlacementRow:
    assert len(rows) == 1
    row = rows[0]
    assert isinstance(row, PlacementRow), row
    return row


HELD: list[tuple[dict[str, str], str]] = [
    ({"Balance": "104.00"}, "balance"),
    ({"Principal": "(100.00)", "Balance": "(95.00)"}, "balance"),
    ({"Principal": "0", "Interest": "0", "Balance": "0"}, "balance"),
    ({"Interest": "-5.00", "Balance": "95.00"}, "interest"),
    ({"Currency": "EUR"}, "currency"),
    ({"Currency": "JPY"}, "currency"),
    ({"Delinquency_Date": "00/00/0000"}, "delinquency_date"),
    ({"Delinquency_Date": "02/30/2026"}, "delinquency_date"),
    ({"Delinquency_Date": "soon"}, "delinquency_date"),
    ({"Delinquency_Date": "07/01/2026"}, "delinquency_date"),
    ({"DOB": "07/01/2008"}, "birth_date"),
    ({"DOB": "01/01/2027"}, "birth_date"),
    ({"DOB": "01/01/1901"}, "birth_date"),
    ({"DOB": "29/02/1980"}, "birth_date"),
    ({"City": "#N/A"}, "city"),
]


@pytest.mark.parametrize(("changes", "field"), HELD)
def test_a_doubtful_row_is_held_for_a_person_to_decide(changes: dict[str, str], field: str) -> None:
    sure = line(Account="NE-0009", DOB="02/28/1980")

    row = only(read(table(sure, line(**changes)))[1:])

    assert (row.outcome, row.field) == ("held", field)
    assert row.reason is not None
    assert row.reason.endswith(".")


FLAGGED: list[tuple[dict[str, str], str]] = [
    ({"Phone": "5551234"}, "bad_phone"),
    ({"Email": "john(at)example.com"}, "bad_email"),
    ({"State": "HI"}, "state_zip_mismatch"),
    ({"State": "ZZ"}, "bad_state"),
    ({"ZIP": "6060A"}, "bad_zip"),
    ({"Street": ""}, "no_address"),
    ({"City": "", "State": "", "ZIP": ""}, "no_address"),
    ({"First_Name": '=HYPERLINK("http://x","y")'}, "formula_text"),
]


@pytest.mark.parametrize(("changes", "flag"), FLAGGED)
def test_a_small_flaw_is_flagged_and_the_debt_is_taken(changes: dict[str, str], flag: str) -> None:
    row = only(read(table(line(**changes))))

    assert row.outcome == "accepted"
    assert row.flags == (flag,)


@pytest.mark.parametrize(
    ("changes", "name", "value"),
    [
        ({"First_Name": "  DANA "}, "first_name", "Dana"),
        ({"Last_Name": "O\u2019BRIEN"}, "last_name", "O\u2019Brien"),
        ({"Last_Name": "MCDONALD"}, "last_name", "McDonald"),
        ({"Last_Name": "van der Berg"}, "last_name", "van der Berg"),
        ({"State": "il"}, "state", "IL"),
        ({"State": "Illinois"}, "state", "IL"),
        ({"ZIP": "60601-0000"}, "zip", "60601"),
        ({"ZIP": "606011234"}, "zip", "60601-1234"),
        ({"Delinquency_Date": "2026-01-31"}, "delinquency_date", date(2026, 1, 31)),
        ({"Delinquency_Date": "31-Jan-2026"}, "delinquency_date", date(2026, 1, 31)),
        ({"Delinquency_Date": "20260131"}, "delinquency_date", date(2026, 1, 31)),
        ({"Delinquency_Date": "01/31/26"}, "delinquency_date", date(2026, 1, 31)),
        ({"Delinquency_Date": "1/31/2026 12:00 AM"}, "delinquency_date", date(2026, 1, 31)),
        ({"Principal": "$1,100.00", "Balance": "USD 1,105.00"}, "balance", Decimal("1105.00")),
        ({"Balance": ""}, "balance", Decimal("105.00")),
    ],
)
def test_values_are_brought_into_form(changes: dict[str, str], name: str, value: object) -> None:
    row = only(read(table(line(**changes))))

    assert row.outcome == "accepted"
    assert row.values[name] == value


def test_principal_left_out_is_what_the_other_parts_leave() -> None:
    row = only(read(table(line(Principal=""))))

    assert row.components() == {"principal": Decimal("100.00"), "interest": Decimal("5.00")}
    assert row.flags == ("principal_derived",)


def test_dana_turns_eighteen_on_the_day_of_placement() -> None:
    assert only(read(table(line(DOB="06/30/2008")))).outcome == "accepted"
    assert only(read(table(line(DOB="07/13/2008")))).outcome == "held"


def test_the_rows_own_placement_date_is_the_one_that_counts() -> None:
    header = HEADER + ",Placed On"
    minor_then = table(line(DOB="12/31/1990") + ",06/30/2005", header=header)
    tomorrow = table(line() + ",07/13/2026", header=header)

    assert "birth_date" in {problem.field for problem in only(read(minor_then)).problems}
    assert only(read(tomorrow)).field == "placed_on"


def test_a_second_copy_is_left_out_and_other_figures_are_held() -> None:
    rows = read(table(line(), line(), line(Principal="101.00", Balance="106.00")))

    assert [row.outcome for row in rows] == ["accepted", "duplicate", "held"]
    assert [row.field for row in rows[1:]] == ["reference", "reference"]


def test_repeats_are_found_beyond_what_memory_keeps() -> None:
    seen = SeenReferences()
    for at in range(120_000):
        assert seen.check(f"NE-{at}", [str(at)]) == "new"

    assert seen.check("NE-0", ["0"]) == "same"
    assert seen.check("NE-60000", ["x"]) == "other"
    assert seen.check("NE-119999", ["119999"]) == "same"
    seen.close()


def test_days_past_due_give_the_date_and_a_contradiction_is_flagged() -> None:
    header = "Account,Name,Balance,DPD,As Of,Delinquency Date"
    content = table(
        'A1,"Cole, Dana",10.00,75,06/30/2026,', 'A2,"Cole, Dana",10.00,75,06/30/2026,05/31/2026', header=header
    )

    first, second = read(content)

    assert isinstance(first, PlacementRow)
    assert first.values["delinquency_date"] == date(2026, 4, 16)
    assert set(second.flags) == {"no_address", "dpd_disagrees"}


def test_invoices_of_a_firm_are_accounts() -> None:
    content = table(
        "C-7,0280670965,1/3/2026,7/20/2026,50.39,Yes",
        header="Customer,Invoice No,Invoice Date,Due Date,Amount,In Dispute",
    )

    row = only(read(content))

    assert row.outcome == "accepted"
    assert row.reference == "0280670965"
    assert row.values["debtor_kind"] == "company"
    assert set(row.flags) >= {"not_due", "disputed", "name_missing"}

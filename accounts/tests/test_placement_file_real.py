"""The real portfolios beside this project: totals and verdicts as published with them."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings

from accounts.placement_file import PlacementRow, Row, guess_map, notice_gaps, parse, records, tally
from core.text import csv_safe

DATA = settings.BASE_DIR.parent / "shared" / "data"
CARDS = DATA / "consumer_cards"
LOADED_ON = date(2026, 11, 24)

pytestmark = pytest.mark.skipif(not DATA.exists(), reason="the shared data are not beside this clone")


def rows_of(name: str) -> list[Row]:
    path = DATA / name
    return list(parse(path, guess_map(path), placed_on=LOADED_ON))


def expected(name: str) -> Any:
    return json.loads((DATA / name).read_text(encoding="utf-8"))


def test_the_card_portfolio_loads_with_its_published_total() -> None:
    counted = tally(rows_of("consumer_cards/placement_2005-06-30.csv"))

    assert (counted.rows, counted.accepted) == (2293, 2293)
    assert counted.balance == counted.principal == Decimal("112826704")


def test_the_loan_portfolio_loads_with_its_published_total() -> None:
    late = [
        bucket
        for status, bucket in expected("consumer_loans/expected.json")["by_status"].items()
        if status.startswith(("In Grace", "Late"))
    ]

    counted = tally(rows_of("consumer_loans/placement_pipe.txt"))

    assert counted.accepted == counted.rows == sum(bucket["loans"] for bucket in late)
    assert counted.balance == sum(Decimal(bucket["balance"]) for bucket in late)


def test_the_charged_off_portfolio_loads_with_its_published_total() -> None:
    published = expected("chargeoff_recoveries/expected.json")["charged_off"]

    counted = tally(rows_of("chargeoff_recoveries/chargeoff_placement.csv"))

    assert counted.accepted == counted.rows == published["accounts"]
    assert counted.principal == Decimal(published["principal"])


def test_the_invoices_load_with_their_leading_zeros() -> None:
    rows = rows_of("b2b_ar/invoices.csv")

    assert tally(rows).accepted == 1267
    assert rows[0].reference == "0280670965"


def test_customers_are_read_by_their_headers() -> None:
    customers = list(records(DATA / "b2b_ar" / "customers.csv"))

    assert len(customers) == 50
    assert customers[0] == (2, customers[0][1])
    assert customers[0][1]["company"] == "Glenn-Vincent"


def test_no_real_file_says_enough_for_a_lawful_notice() -> None:
    gaps = notice_gaps(guess_map(CARDS / "placement_2005-06-30.csv"))

    assert "the itemization date" in gaps
    assert "the payments since the itemization date" in gaps


def outcome_fits(verdict: str, found: list[Row]) -> bool:
    first = found[0]
    if verdict == "reject":
        return first.outcome == "rejected"
    if verdict == "reject_or_hold":
        return first.outcome in ("rejected", "held")
    if verdict == "accept_without_phone":
        return first.outcome == "accepted" and "bad_phone" in first.flags and not getattr(first, "phones", ())
    if verdict == "accept_without_email":
        return first.outcome == "accepted" and "bad_email" in first.flags and not getattr(first, "emails", ())
    if verdict == "accept_flag":
        return first.outcome == "accepted" and "state_zip_mismatch" in first.flags
    if verdict == "second_copy_ignored":
        return [row.outcome for row in found] == ["accepted", "duplicate"]
    if verdict == "reject_or_hold_second":
        return first.outcome == "accepted" and found[1].outcome in ("rejected", "held")
    return first.outcome == "accepted"


def test_the_dirty_file_gets_the_verdict_published_for_each_of_its_rows() -> None:
    by_reference: dict[str, list[Row]] = defaultdict(list)
    rows = rows_of("consumer_cards/placement_dirty.csv")
    for row in rows:
        by_reference[row.reference].append(row)
    published = expected("consumer_cards/placement_dirty_expected.json")

    wrong = [
        entry for entry in published["rows"] if not outcome_fits(entry["verdict"], by_reference[entry["account_ref"]])
    ]

    assert wrong == []
    assert len(rows) == published["data_rows"]
    assert len(by_reference) == published["distinct_accounts"]


def test_rows_of_the_dirty_file_without_a_defect_are_accepted_without_a_flag() -> None:
    published = expected("consumer_cards/placement_dirty_expected.json")
    defective = {entry["account_ref"] for entry in published["rows"]}
    partner = "TWCC-0000314"  # the other debt of one of them, counted with her

    clean = [row for row in rows_of("consumer_cards/placement_dirty.csv") if row.reference not in {*defective, partner}]

    assert len(clean) == published["rows_without_defect"]
    assert {(row.outcome, row.flags) for row in clean} == {("accepted", ())}


def test_the_two_debts_of_kimberly_lee_belong_to_one_person() -> None:
    keys = {
        row.reference: row.person_key()
        for row in rows_of("consumer_cards/placement_dirty.csv")
        if isinstance(row, PlacementRow) and row.reference in ("TWCC-0000922", "TWCC-0000314")
    }

    assert len(keys) == 2
    assert len(set(keys.values())) == 1


def test_the_formula_in_a_name_leaves_as_text() -> None:
    names = [
        row.values["first_name"]
        for row in rows_of("consumer_cards/placement_dirty.csv")
        if isinstance(row, PlacementRow) and "formula_text" in row.flags
    ]

    assert len(names) == 2
    assert all(str(csv_safe(name)).startswith("'=") for name in names)

"""Days past due and the two schemes of buckets."""

from __future__ import annotations

import csv
import json
from collections import Counter
from datetime import date, datetime
from decimal import Decimal

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from accounts.buckets import (
    SCHEMES,
    bucket_codes,
    bucket_for,
    bucket_label,
    bucket_starts_on,
    dpd,
)

B2B = settings.BASE_DIR.parent / "shared" / "data" / "b2b_ar"


@pytest.mark.parametrize(
    ("days", "code"),
    [
        (-3, "0"),
        (0, "0"),
        (1, "1-29"),
        (29, "1-29"),
        (30, "30-59"),
        (119, "90-119"),
        (120, "120-149"),
        (179, "150-179"),
        (180, "180+"),
        (9999, "180+"),
    ],
)
def test_a_bank_counts_in_thirties(days: int, code: str) -> None:
    assert bucket_for(days, "bank").code == code


@pytest.mark.parametrize(
    ("days", "code"),
    [(0, "0"), (1, "1-30"), (30, "1-30"), (31, "31-60"), (60, "31-60"), (61, "61-90"), (91, "91+")],
)
def test_trade_counts_from_thirty_one(days: int, code: str) -> None:
    assert bucket_for(days, "trade").code == code


def test_danas_loan_is_120_days_late_on_29_june() -> None:
    """Example J of the money rules."""
    unpaid = date(2026, 3, 1)

    assert dpd(unpaid, date(2026, 6, 29)) == 120
    assert dpd(unpaid, date(2026, 8, 28)) == 180
    assert dpd(unpaid, date(2026, 2, 1)) == 0
    assert dpd(None, date(2026, 2, 1)) == 0
    assert bucket_starts_on(bucket_for(120), unpaid) == date(2026, 6, 29)


@given(st.integers(-10, 5000), st.sampled_from(["bank", "trade"]))
def test_every_day_lies_in_exactly_one_bucket(days: int, scheme: str) -> None:
    holding = [
        bucket
        for bucket in SCHEMES[scheme]
        if bucket.first <= max(days, 0) and (bucket.last is None or max(days, 0) <= bucket.last)
    ]

    assert holding == [bucket_for(days, scheme)]  # type: ignore[arg-type]


def test_labels_are_words_a_person_reads() -> None:
    assert bucket_label("0") == "Not past due"
    assert bucket_label("30-59") == "30\u201359 days"
    assert bucket_label("91+", "trade") == "91 days or more"
    assert bucket_codes("trade") == ["0", "1-30", "31-60", "61-90", "91+"]


@pytest.mark.skipif(not B2B.exists(), reason="the shared data are not beside this clone")
@pytest.mark.parametrize("day", ["2012-06-30", "2013-12-31"])
def test_unpaid_invoices_age_as_published(day: str) -> None:
    expected = json.loads((B2B / "expected_invoices_only.json").read_text(encoding="utf-8"))["ageing"][day]
    on = date.fromisoformat(day)
    counts: Counter[str] = Counter()
    sums: Counter[str] = Counter()
    with (B2B / "invoices.csv").open(encoding="utf-8", newline="") as invoices:
        for row in csv.DictReader(invoices):
            issued, due = (
                datetime.strptime(row[name], "%m/%d/%Y").date()  # noqa: DTZ007 - days
                for name in ("Invoice Date", "Due Date")
            )
            if issued <= on:
                code = bucket_for(dpd(due, on), "trade").code
                counts[code] += 1
                sums[code] += int(Decimal(row["Amount"]) * 100)

    names = {"0": "not_due", "91+": "90+"}
    for code in bucket_codes("trade"):
        bucket = expected[names.get(code, code)]
        assert counts[code] == bucket["invoices"], code
        assert Decimal(sums[code]) / 100 == Decimal(bucket["amount"]), code

"""Three calendars, clipped months, half-open periods, the validation period."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from core.dates import (
    Period,
    add_business_days,
    add_months,
    age_on,
    assumed_receipt,
    days_between,
    is_bank_day,
    is_business_day,
    legal_holidays,
    month_end,
    next_bank_day,
    previous_bank_day,
    validation_period_end,
)

VECTORS = settings.BASE_DIR.parent / "shared" / "data" / "vectors" / "regf_validation_period.json"
DAYS = st.dates(date(1990, 1, 1), date(2090, 12, 31))


def published() -> list[dict[str, Any]]:
    if not VECTORS.exists():
        return []
    data = json.loads(VECTORS.read_text(encoding="utf-8"))
    return [*data["published"], *data["vectors"]]


def test_the_legal_holidays_of_2026_are_the_eleven_of_the_statute() -> None:
    assert sorted(legal_holidays(2026)) == [
        date(2026, 1, 1),
        date(2026, 1, 19),
        date(2026, 2, 16),
        date(2026, 5, 25),
        date(2026, 6, 19),
        date(2026, 7, 4),
        date(2026, 9, 7),
        date(2026, 10, 12),
        date(2026, 11, 11),
        date(2026, 11, 26),
        date(2026, 12, 25),
    ]


def test_juneteenth_counts_from_2021_on() -> None:
    assert date(2020, 6, 19) not in legal_holidays(2020)
    assert date(2021, 6, 19) in legal_holidays(2021)


def test_a_day_in_lieu_of_a_saturday_holiday_is_open_in_every_calendar() -> None:
    friday = date(2026, 7, 3)

    assert is_business_day(friday, "legal")
    assert is_bank_day(friday)
    assert is_business_day(friday, "post")


def test_a_holiday_on_sunday_closes_monday_for_banks_and_post_but_not_in_the_statute() -> None:
    """4 July 2027 is a Sunday."""
    monday = date(2027, 7, 5)

    assert not is_bank_day(monday)
    assert not is_business_day(monday, "post")
    assert is_business_day(monday, "legal")


def test_mail_is_delivered_on_saturdays() -> None:
    assert is_business_day(date(2026, 11, 21), "post")
    assert not is_business_day(date(2026, 11, 22), "post")


def test_bank_days_around_thanksgiving() -> None:
    assert next_bank_day(date(2026, 11, 26)) == date(2026, 11, 27)
    assert previous_bank_day(date(2026, 11, 26)) == date(2026, 11, 25)
    assert next_bank_day(date(2026, 11, 27)) == date(2026, 11, 27)
    assert previous_bank_day(date(2027, 2, 28)) == date(2027, 2, 26)


def test_business_days_run_both_ways() -> None:
    assert add_business_days(date(2026, 11, 24), 2) == date(2026, 11, 27)
    assert add_business_days(date(2026, 11, 27), -2) == date(2026, 11, 24)
    assert add_business_days(date(2026, 11, 22), 0) == date(2026, 11, 22)


@pytest.mark.parametrize(
    ("sent", "receipt", "end"),
    [
        ("2020-07-22", "2020-07-29", "2020-08-28"),
        ("2026-06-29", "2026-07-06", "2026-08-05"),
        ("2026-11-23", "2026-12-01", "2026-12-31"),
        ("2026-12-21", "2026-12-29", "2027-01-28"),
    ],
)
def test_the_validation_period_ends_thirty_days_after_assumed_receipt(sent: str, receipt: str, end: str) -> None:
    assert assumed_receipt(date.fromisoformat(sent)) == date.fromisoformat(receipt)
    assert validation_period_end(date.fromisoformat(sent)) == date.fromisoformat(end)


@pytest.mark.skipif(not VECTORS.exists(), reason="the shared vectors are not beside this clone")
def test_published_validation_periods_come_out_the_same() -> None:
    assert published()
    for vector in published():
        end = validation_period_end(date.fromisoformat(vector["sent_on"]))
        assert end.isoformat() == vector["validation_period_end_not_before"], vector


def test_months_clip_and_return_to_their_anchor() -> None:
    first = date(2026, 1, 31)

    assert [add_months(first, n) for n in range(4)] == [
        first,
        date(2026, 2, 28),
        date(2026, 3, 31),
        date(2026, 4, 30),
    ]
    assert add_months(date(2024, 2, 29), 12) == date(2025, 2, 28)
    assert add_months(date(2026, 2, 28), 1, anchor=31) == date(2026, 3, 31)
    assert add_months(date(2026, 1, 15), -1) == date(2025, 12, 15)
    assert month_end(date(2024, 2, 3)) == date(2024, 2, 29)


@given(DAYS, st.integers(-600, 600))
def test_adding_months_moves_exactly_that_many_months(day: date, n: int) -> None:
    later = add_months(day, n)

    assert (later.year - day.year) * 12 + later.month - day.month == n
    assert later.day <= day.day


@given(DAYS, st.integers(1, 30), st.sampled_from(["legal", "bank", "post"]))
def test_business_days_undo_each_other(day: date, n: int, calendar: Any) -> None:
    start = add_business_days(day, 1, calendar)

    assert add_business_days(add_business_days(start, n, calendar), -n, calendar) == start


def test_a_period_holds_its_first_day_and_not_its_end() -> None:
    november = Period.month_of(date(2026, 11, 24))

    assert date(2026, 11, 1) in november
    assert date(2026, 12, 1) not in november
    assert november.days == 30 == len(list(november))
    assert not november.overlaps(Period.month_of(date(2026, 12, 1)))
    with pytest.raises(ValueError, match="does not end before"):
        Period(date(2026, 1, 2), date(2026, 1, 1))


def test_days_between_leaves_the_first_out() -> None:
    assert days_between(date(2026, 3, 1), date(2026, 6, 29)) == 120


def test_ages_turn_on_the_birthday() -> None:
    assert age_on(date(1987, 6, 30), date(2005, 6, 29)) == 17
    assert age_on(date(1987, 6, 30), date(2005, 6, 30)) == 18
    assert age_on(date(2004, 2, 29), date(2022, 2, 28)) == 17

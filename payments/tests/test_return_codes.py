"""Which returned debits may be presented again: twice, within 180 days, and only for the codes that allow it."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.dates import is_bank_day
from payments.return_codes import CODES, last_day, retry

SETTLED = date(2026, 9, 1)


def test_example_h_twice_and_until_the_friday_before_the_180th_day() -> None:
    first = retry(code="R01", method="ACH", settled_on=SETTLED, tried=0, on=date(2026, 9, 10))
    second = retry(code="R01", method="ACH", settled_on=SETTLED, tried=1, on=date(2026, 9, 20))
    third = retry(code="R01", method="ACH", settled_on=SETTLED, tried=2, on=date(2026, 9, 30))

    assert (first.allowed, second.allowed, third.allowed) == (True, True, False)
    assert first.until == date(2027, 2, 26)  # day 180 is Sunday, February 28
    assert "twice more, until Feb 26, 2027" in first.text
    assert "third time" in third.text


def test_after_the_last_day_it_is_refused_with_that_day() -> None:
    late = retry(code="R09", method="ACH", settled_on=SETTLED, tried=0, on=date(2027, 2, 27))

    assert not late.allowed
    assert "Feb 26, 2027" in late.text


@pytest.mark.parametrize("code", ["R02", "R03", "R04", "R05", "R07", "R08", "R10", "R11", "R16", "R20", "R24", "R29"])
def test_other_codes_are_not_tried_again_and_say_what_to_do(code: str) -> None:
    found = retry(code=code, method="ACH", settled_on=SETTLED, tried=0, on=date(2026, 9, 10))

    assert not found.allowed
    assert CODES[code].instead in found.text


@pytest.mark.parametrize(
    ("code", "method"), [("CHARGEBACK", "CARD"), ("NSF", "CHECK"), ("R01", "CARD"), ("R99", "ACH")]
)
def test_cards_checks_and_unknown_codes_are_not(code: str, method: str) -> None:
    assert not retry(code=code, method=method, settled_on=SETTLED, tried=0, on=date(2026, 9, 10)).allowed


@given(st.dates(date(2024, 1, 1), date(2040, 1, 1)))
def test_the_last_day_is_a_bank_day_within_180_days(settled: date) -> None:
    last = last_day(settled)

    assert is_bank_day(last)
    assert settled + timedelta(days=173) <= last <= settled + timedelta(days=180)


@given(st.sampled_from(sorted(CODES)), st.integers(0, 5), st.integers(0, 400))
def test_what_was_refused_is_never_allowed_by_waiting_or_trying(code: str, tried: int, days: int) -> None:
    on = SETTLED + timedelta(days=days)
    if not retry(code=code, method="ACH", settled_on=SETTLED, tried=tried, on=on).allowed:
        later = retry(code=code, method="ACH", settled_on=SETTLED, tried=tried + 1, on=on + timedelta(days=1))
        assert not later.allowed

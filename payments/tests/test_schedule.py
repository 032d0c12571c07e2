"""Plans: any two of amount, number and end date give the third, and the parts sum to the cent."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from core.dates import is_bank_day
from payments.schedule import InstallmentLine, ScheduleError, build, total_of

VECTORS = settings.BASE_DIR.parent / "shared" / "data" / "vectors"
JAN_31 = date(2026, 1, 31)


def amounts(lines: tuple[InstallmentLine, ...]) -> list[str]:
    return [str(line.amount) for line in lines]


def dues(lines: tuple[InstallmentLine, ...]) -> list[str]:
    return [line.due_date.isoformat() for line in lines]


def test_dana_pays_her_settlement_in_three_parts() -> None:
    """Example M of the money rules."""
    lines = build(total=Decimal("1028.05"), count=3, first_date=date(2026, 12, 1), every="monthly")

    assert amounts(lines) == ["342.68", "342.68", "342.69"]
    assert dues(lines) == ["2026-12-01", "2027-01-01", "2027-02-01"]


def test_a_thousand_in_seven_installments() -> None:
    """Example N of the money rules."""
    lines = build(total=Decimal("1000"), count=7, first_date=JAN_31, every="monthly")

    assert amounts(lines) == ["142.86"] * 6 + ["142.84"]


def test_forty_five_dollars_at_a_time_take_seventy_two_installments() -> None:
    """The plan in the design's pictures: 71 x 45.00 + 11.26."""
    lines = build(total=Decimal("3206.26"), amount=Decimal("45.00"), first_date=date(2026, 11, 20), every="biweekly")

    assert amounts(lines) == ["45.00"] * 71 + ["11.26"]
    assert lines[-1].due_date == date(2026, 11, 20) + timedelta(days=14 * 71)


@pytest.mark.skipif(not VECTORS.exists(), reason="the shared vectors are not beside this clone")
def test_published_interest_free_plans_come_out_the_same() -> None:
    plans = json.loads((VECTORS / "payment_plans.json").read_text(encoding="utf-8"))["vectors"]
    assert plans
    for plan in plans:
        lines = build(
            total=Decimal(plan["total"]),
            count=plan["n"],
            first_date=date.fromisoformat(plan["first"]),
            every="monthly" if plan["every"] == "month" else "biweekly",
            rounding="down",
        )
        expected = [(part["due"], part["amount"]) for part in plan["instalments"]]
        assert list(zip(dues(lines), amounts(lines), strict=True)) == expected


def test_the_three_ways_to_ask_for_a_plan_agree() -> None:
    common: dict[str, Any] = {"total": Decimal("600.00"), "first_date": JAN_31, "every": "monthly"}

    by_amount = build(**common, amount=Decimal("100.00"))
    by_count = build(**common, count=6)
    by_end = build(**common, end_date=date(2026, 6, 30))

    assert by_amount == by_count == by_end
    assert dues(by_count)[1:3] == ["2026-02-28", "2026-03-31"]


def test_amount_and_number_give_the_total() -> None:
    lines = build(amount=Decimal("25.00"), count=4, first_date=JAN_31, every="weekly")

    assert total_of(lines) == Decimal("100.00")


def test_amount_and_end_date_give_number_and_total() -> None:
    lines = build(amount=Decimal("25.00"), end_date=date(2026, 3, 1), first_date=date(2026, 1, 30), every="weekly")

    assert len(lines) == 5
    assert lines[-1].due_date == date(2026, 2, 27)


def test_twice_a_month_falls_on_two_fixed_days() -> None:
    given_days = build(
        total=Decimal("80"), count=4, first_date=date(2026, 2, 1), every="semimonthly", days_of_month=(1, 31)
    )
    from_first = build(total=Decimal("80"), count=4, first_date=date(2026, 1, 15), every="semimonthly")

    assert dues(given_days) == ["2026-02-01", "2026-02-28", "2026-03-01", "2026-03-31"]
    assert dues(from_first) == ["2026-01-15", "2026-01-30", "2026-02-15", "2026-02-28"]


def test_installments_follow_danas_paydays() -> None:
    paydays = [date(2026, 12, 4), date(2026, 12, 18), date(2027, 1, 1), date(2026, 11, 20)]
    lines = build(total=Decimal("90"), count=3, first_date=date(2026, 12, 1), every="payday", paydays=paydays)

    assert dues(lines) == ["2026-12-04", "2026-12-18", "2027-01-01"]
    with pytest.raises(ScheduleError, match="fewer paydays"):
        build(total=Decimal("90"), count=4, first_date=date(2026, 12, 1), every="payday", paydays=paydays)


def test_a_due_date_on_thanksgiving_moves_and_says_from_where() -> None:
    common: dict[str, Any] = {
        "total": Decimal("50"),
        "count": 1,
        "first_date": date(2026, 11, 26),
        "every": "monthly",
    }

    (later,) = build(**common, holiday_rule="next")
    (earlier,) = build(**common, holiday_rule="previous")
    (kept,) = build(**common)

    assert (later.due_date, later.moved_from) == (date(2026, 11, 27), date(2026, 11, 26))
    assert (earlier.due_date, earlier.moved_from) == (date(2026, 11, 25), date(2026, 11, 26))
    assert (kept.due_date, kept.moved_from) == (date(2026, 11, 26), None)


def test_a_down_payment_comes_first_and_a_balloon_last() -> None:
    lines = build(
        total=Decimal("500"),
        count=3,
        first_date=date(2026, 1, 5),
        every="monthly",
        down_payment=Decimal("50"),
        balloon=Decimal("150"),
    )

    assert [(line.kind, str(line.amount)) for line in lines] == [
        ("down_payment", "50.00"),
        ("regular", "100.00"),
        ("regular", "100.00"),
        ("regular", "100.00"),
        ("balloon", "150.00"),
    ]
    assert dues(lines) == ["2026-01-05", "2026-02-05", "2026-03-05", "2026-04-05", "2026-05-05"]
    assert [line.number for line in lines] == [1, 2, 3, 4, 5]


def test_an_end_date_is_that_of_the_balloon() -> None:
    lines = build(
        total=Decimal("400"),
        end_date=date(2026, 4, 30),
        first_date=JAN_31,
        every="monthly",
        balloon=Decimal("100"),
    )

    assert dues(lines) == ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]
    assert amounts(lines) == ["100.00"] * 4
    assert lines[-1].kind == "balloon"


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"total": Decimal("100")}, None),
        ({"count": 3}, "amount"),
        ({"total": Decimal("0"), "count": 3}, "total"),
        ({"total": Decimal("-5"), "count": 3}, "total"),
        ({"total": Decimal("10.005"), "count": 3}, "total"),
        ({"total": Decimal("NaN"), "count": 3}, "total"),
        ({"total": Decimal("100"), "count": 0}, "count"),
        ({"total": Decimal("100"), "count": 601}, "count"),
        ({"total": Decimal("0.05"), "count": 6}, "count"),
        ({"total": Decimal("100"), "amount": Decimal("-1")}, "amount"),
        ({"total": Decimal("100"), "amount": Decimal("0.01")}, "count"),
        ({"total": Decimal("100"), "amount": Decimal("10"), "count": 9}, "amount"),
        ({"total": Decimal("100"), "amount": Decimal("10"), "count": 11}, "count"),
        ({"total": Decimal("100"), "end_date": date(2026, 1, 30)}, "end_date"),
        ({"total": Decimal("100"), "count": 7, "end_date": date(2026, 6, 30)}, "count"),
        ({"total": Decimal("100"), "count": 2, "down_payment": Decimal("100")}, "total"),
        ({"total": Decimal("100"), "count": 2, "every": "daily"}, "every"),
    ],
)
def test_a_plan_that_cannot_be_made_says_why_at_the_field(asked: dict[str, Any], field: str | None) -> None:
    with pytest.raises(ScheduleError, match=r"\.$") as refused:
        build(**{"first_date": JAN_31, "every": "monthly", **asked})
    assert refused.value.field == field


@given(
    total=st.decimals("5.00", "50000.00", places=2),
    count=st.integers(1, 120),
    first=st.dates(date(2020, 1, 1), date(2035, 12, 31)),
    every=st.sampled_from(["weekly", "biweekly", "semimonthly", "monthly"]),
    rounding=st.sampled_from(["half_up", "down"]),
    rule=st.sampled_from(["keep", "next", "previous"]),
)
def test_every_plan_sums_to_its_total_on_rising_dates(
    total: Decimal, count: int, first: date, every: Any, rounding: Any, rule: Any
) -> None:
    lines = build(total=total, count=count, first_date=first, every=every, rounding=rounding, holiday_rule=rule)

    assert total_of(lines) == total
    assert len(lines) == count
    assert all(line.amount > 0 for line in lines)
    planned = [line.moved_from or line.due_date for line in lines]
    assert planned == sorted(set(planned))
    assert planned[0] == first
    if rule != "keep":
        assert all(is_bank_day(line.due_date) for line in lines)


@given(
    total=st.decimals("5.00", "5000.00", places=2),
    amount=st.decimals("10.00", "900.00", places=2),
)
def test_a_fixed_amount_is_paid_until_a_smaller_last_one(total: Decimal, amount: Decimal) -> None:
    lines = build(total=total, amount=amount, first_date=JAN_31, every="weekly")

    assert total_of(lines) == total
    assert all(line.amount == amount for line in lines[:-1])
    assert 0 < lines[-1].amount <= amount

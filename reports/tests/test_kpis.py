"""The figures as formulas: bases, edges, and rows that add up."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import kpis


@pytest.mark.parametrize(
    "rate",
    [
        kpis.penetration(0, 0),
        kpis.intensity(0, 0),
        kpis.contact_rate(0, 0),
        kpis.right_party_rate(0, 0),
        kpis.right_party_per_contact(0, 0),
        kpis.promise_rate(0, 0),
        kpis.kept_rate(0, 0),
        kpis.adherence(Decimal(0), Decimal(0)),
        kpis.liquidation(Decimal(0), Decimal(0)),
        kpis.against_target(Decimal("10.00"), Decimal(0)),
        kpis.worked_per_hour(3, 0),
        kpis.cure_rate(0, 0),
        kpis.block_rate(0, 0),
        kpis.return_rate(0, 0),
    ],
)
def test_an_empty_base_gives_no_value(rate: kpis.Rate) -> None:
    assert rate.value is None
    assert not rate.thin


def test_a_base_under_thirty_is_thin_and_thirty_is_not() -> None:
    assert kpis.kept_rate(20, 29).thin
    assert not kpis.kept_rate(20, 30).thin


def test_eight_hundred_sixty_one_of_twelve_hundred_six_is_seventy_one_point_four_percent() -> None:
    value = kpis.kept_rate(861, 1206).value

    assert value is not None
    assert round(value * 100, 1) == Decimal("71.4")


def test_overpaying_one_promise_does_not_repair_another() -> None:
    paid = [kpis.paid_against(Decimal("150.00"), Decimal("100.00")), kpis.paid_against(Decimal(0), Decimal("100.00"))]

    assert kpis.adherence(sum(paid, Decimal(0)), Decimal("200.00")).value == Decimal("0.5")


def test_fifteen_people_in_five_hours_are_three_an_hour() -> None:
    assert kpis.worked_per_hour(15, 5 * 3600).value == 3


def test_the_forecast_adds_open_promises_at_the_kept_rate() -> None:
    kept = kpis.kept_rate(3, 4)

    assert kpis.forecast(Decimal("1000.00"), Decimal("200.01"), kept) == Decimal("1150.01")
    assert kpis.forecast(Decimal("1000.00"), Decimal("200.00"), kpis.kept_rate(0, 0)) is None
    assert kpis.forecast(Decimal("1000.00"), Decimal(0), kpis.kept_rate(0, 0)) == Decimal("1000.00")


@given(st.lists(st.decimals(min_value=0, max_value=10**9, places=2), min_size=1, max_size=12))
def test_every_row_of_shares_adds_to_a_hundred(parts: list[Decimal]) -> None:
    shares = kpis.hundredths(parts)

    if sum(parts) == 0:
        assert shares is None
    else:
        assert shares is not None
        assert sum(shares) == Decimal("100.0")
        assert all(abs(s - p * 100 / sum(parts)) < Decimal("0.1") for s, p in zip(shares, parts, strict=True))


def test_six_hundred_of_a_thousand_dollars_rolled_is_sixty_percent() -> None:
    moved = {("30-59", "60-89"): Decimal(600), ("30-59", "0"): Decimal(400)}

    matrix = kpis.roll_matrix(moved, ["30-59", "60-89"], ["0", "30-59", "60-89"])

    assert matrix == {"30-59": [Decimal("40.0"), Decimal(0), Decimal("60.0")], "60-89": None}


def test_a_curve_is_cash_over_placed_month_by_month() -> None:
    assert kpis.curve({0: Decimal(50), 2: Decimal(25)}, Decimal(1000), 3) == [
        Decimal(0),
        Decimal("5.0"),
        Decimal("5.0"),
        Decimal("7.5"),
    ]


def test_every_definition_has_a_version_and_says_what_is_counted() -> None:
    for found in kpis.DEFINITIONS.values():
        assert found.ref == f"{found.id}@{found.version}"
        assert found.numerator

"""Money: strict reading, named rounding, and shares that lose no cent."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import (
    MoneyError,
    check_currency,
    parse_money,
    pro_rata,
    pro_rata_by,
    quantize,
    require_cents,
    split_evenly,
)

AMOUNTS = st.decimals("0.00", "9999999.99", places=2)


@pytest.mark.parametrize(
    ("text", "amount"),
    [("125", "125.00"), ("0.5", "0.50"), ("0042.10", "42.10"), ("9999999999.99", "9999999999.99")],
)
def test_an_amount_in_plain_digits_is_read(text: str, amount: str) -> None:
    assert str(parse_money(text)) == amount


@pytest.mark.parametrize(
    "text",
    [
        "",
        " 1",
        "1 ",
        "1\n",
        "-1",
        "+1",
        "1,000",
        "1.000",
        "1e3",
        "NaN",
        "Infinity",
        "1_000",
        "$5",
        ".5",
        "5.",
        "0x10",
        "12345678901",
        "\u0661\u0662",
        "\uff11\uff12",
        "1" * 1_000_000,
    ],
)
def test_a_doubtful_amount_is_refused_and_never_converted(text: str) -> None:
    with pytest.raises(MoneyError):
        parse_money(text)


@pytest.mark.parametrize(
    ("rule", "amount", "rounded"),
    [
        ("half_up", "2.345", "2.35"),
        ("half_up", "2.344", "2.34"),
        ("half_up", "-2.345", "-2.35"),
        ("down", "2.349", "2.34"),
        ("up", "2.341", "2.35"),
        ("down", "-0.001", "0.00"),
    ],
)
def test_each_named_rule_rounds_its_own_way(rule: str, amount: str, rounded: str) -> None:
    assert str(quantize(Decimal(amount), rule)) == rounded  # type: ignore[arg-type]


def test_what_is_no_amount_is_not_rounded() -> None:
    for wrong in (Decimal("NaN"), Decimal("Infinity"), Decimal("1e40")):
        with pytest.raises(MoneyError):
            quantize(wrong)
    with pytest.raises(MoneyError):
        quantize(0.1)  # type: ignore[arg-type]
    with pytest.raises(MoneyError):
        require_cents(Decimal("0.001"))


def test_a_settlement_in_three_parts_leaves_the_difference_to_the_last() -> None:
    """Example M of the money rules."""
    settlement = quantize(Decimal("2284.56") * Decimal("0.45"))

    assert settlement == Decimal("1028.05")
    assert [str(part) for part in split_evenly(settlement, 3)] == ["342.68", "342.68", "342.69"]
    assert Decimal("2284.56") - settlement == Decimal("1256.51")


def test_a_thousand_in_seven_parts() -> None:
    """Example N of the money rules."""
    assert [str(part) for part in split_evenly(Decimal("1000"), 7)] == ["142.86"] * 6 + ["142.84"]


def test_the_last_part_is_never_left_with_nothing() -> None:
    assert [str(part) for part in split_evenly(Decimal("0.16"), 9)] == ["0.01"] * 8 + ["0.08"]


@given(AMOUNTS, st.integers(1, 400), st.sampled_from(["half_up", "down", "up"]))
def test_parts_sum_to_the_total_and_are_never_negative(total: Decimal, n: int, rule: str) -> None:
    parts = split_evenly(total, n, rule)  # type: ignore[arg-type]

    assert sum(parts) == total
    assert len(parts) == n
    assert min(parts) >= 0
    if total >= Decimal("0.01") * n and rule != "up":
        assert min(parts) > 0


def test_every_cent_of_a_budget_is_offered() -> None:
    """Angel Advance publishes 58.47 + 86.10 + 15.42, which is a cent short of 160.00."""
    offers = pro_rata_by(
        Decimal("160"),
        {"Bank loan": Decimal(4550), "Credit card": Decimal(6700), "Store card": Decimal(1200)},
    )

    assert {name: str(offer) for name, offer in offers.items()} == {
        "Bank loan": "58.47",
        "Credit card": "86.11",
        "Store card": "15.42",
    }


@given(AMOUNTS, st.lists(st.decimals("0", "99999", places=2), min_size=1, max_size=30).filter(any))
def test_shares_sum_to_the_total_and_follow_the_weights(total: Decimal, weights: list[Decimal]) -> None:
    shares = pro_rata(total, weights)

    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share - total * weight / sum(weights)) < Decimal("0.01")


@pytest.mark.parametrize("code", ["JPY", "KRW", "KWD", "usd", "", "XXX", "US"])
def test_a_currency_without_two_decimals_is_refused(code: str) -> None:
    with pytest.raises(MoneyError):
        check_currency(code)


def test_dollars_are_taken() -> None:
    assert check_currency("USD") == "USD"

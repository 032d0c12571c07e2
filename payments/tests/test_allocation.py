"""A payment is spread as the law and the creditor ask, and not a cent is made or lost."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.allocation import (
    DIRECTED_TO_DISPUTED,
    DIRECTED_TOO_MUCH,
    DISPUTED,
    OVERPAID,
    Allocation,
    AllocationError,
    allocate,
)

THREE_DEBTS = {
    "A": {"principal": Decimal("400.00")},
    "B": {"principal": Decimal("250.00")},
    "C": {"principal": Decimal("300.00")},
}
DUE = {"A": date(2026, 3, 1), "B": date(2025, 1, 1), "C": date(2025, 11, 1)}
FOUR_PARTS = {
    "principal": Decimal("298.73"),
    "interest": Decimal("31.27"),
    "fees": Decimal("25.00"),
    "costs": Decimal("45.00"),
}


def codes(allocation: Allocation[str]) -> list[str]:
    return [reason.code for reason in allocation.reasons]


def test_the_older_debt_is_paid_first_and_the_disputed_one_gets_nothing() -> None:
    """Example A of the money rules."""
    spread = allocate(amount=Decimal("500.00"), balances=THREE_DEBTS, disputed={"B"}, due_dates=DUE)

    assert [(part.debt, str(part.amount)) for part in spread.parts] == [("C", "300.00"), ("A", "200.00")]
    assert spread.unapplied == 0
    assert codes(spread) == [DISPUTED]
    assert spread.reasons[0].debt == "B"


def test_danas_direction_is_followed_before_the_rest_goes_to_the_oldest() -> None:
    """Example B of the money rules."""
    spread = allocate(
        amount=Decimal("500.00"),
        balances=THREE_DEBTS,
        direction={"A": Decimal("100.00")},
        disputed={"B"},
        due_dates=DUE,
    )

    assert spread.to_debt("A") == Decimal("200.00")
    assert spread.to_debt("C") == Decimal("300.00")
    assert spread.to_debt("B") == 0
    assert THREE_DEBTS["A"]["principal"] - spread.to_debt("A") == Decimal("200.00")


def test_costs_fees_and_interest_come_before_principal() -> None:
    """Example C of the money rules."""
    spread = allocate(amount=Decimal("120.00"), balances={"A": FOUR_PARTS})

    assert {part.component: str(part.amount) for part in spread.parts} == {
        "costs": "45.00",
        "fees": "25.00",
        "interest": "31.27",
        "principal": "18.73",
    }
    assert FOUR_PARTS["principal"] - spread.parts[-1].amount == Decimal("280.00")


def test_what_is_paid_too_much_is_a_credit() -> None:
    """Example D of the money rules."""
    spread = allocate(amount=Decimal("75.00"), balances={"A": {"principal": Decimal("62.10")}})

    assert spread.unapplied == Decimal("12.90")
    assert codes(spread) == [OVERPAID]


def test_northwind_energy_may_want_principal_first() -> None:
    spread = allocate(
        amount=Decimal("300.00"), balances={"A": FOUR_PARTS}, order=("principal", "interest", "fees", "costs")
    )

    assert [(part.component, str(part.amount)) for part in spread.parts] == [
        ("principal", "298.73"),
        ("interest", "1.27"),
    ]


def test_each_debt_follows_the_order_of_its_own_creditor() -> None:
    spread = allocate(
        amount=Decimal("350.00"),
        balances={1: FOUR_PARTS, 2: FOUR_PARTS},
        orders={1: ("principal",), 2: ("fees",)},
        direction={1: Decimal("100.00"), 2: Decimal("25.00")},
    )

    first = [part for part in spread.parts if part.debt == 1]
    assert first[0].component == "principal"
    assert next(part.component for part in spread.parts if part.debt == 2) == "fees"


def test_a_component_nobody_ordered_is_paid_last_but_is_paid() -> None:
    balances = {"A": {"court stamps": Decimal("8.00"), "principal": Decimal("20.00")}}

    spread = allocate(amount=Decimal("28.00"), balances=balances)

    assert [part.component for part in spread.parts] == ["principal", "court stamps"]
    assert spread.unapplied == 0


def test_money_directed_to_a_disputed_debt_is_held_until_dana_is_asked() -> None:
    spread = allocate(
        amount=Decimal("500.00"),
        balances=THREE_DEBTS,
        direction={"B": Decimal("150.00")},
        disputed={"B"},
        due_dates=DUE,
    )

    assert spread.to_debt("B") == 0
    assert spread.unapplied == Decimal("150.00")
    assert spread.applied == Decimal("350.00")
    assert codes(spread) == [DIRECTED_TO_DISPUTED]


def test_money_directed_beyond_a_debt_is_held_too() -> None:
    spread = allocate(amount=Decimal("500.00"), balances=THREE_DEBTS, direction={"A": None}, due_dates=DUE)

    assert spread.to_debt("A") == Decimal("400.00")
    assert spread.unapplied == Decimal("100.00")
    assert codes(spread) == [DIRECTED_TOO_MUCH]


def test_a_single_disputed_debt_gets_money_only_when_that_is_allowed() -> None:
    balances = {"B": THREE_DEBTS["B"]}
    held = allocate(amount=Decimal("50.00"), balances=balances, disputed={"B"})
    taken = allocate(amount=Decimal("50.00"), balances=balances, disputed={"B"}, accept_on_single_disputed=True)

    assert (held.applied, held.unapplied) == (Decimal("0.00"), Decimal("50.00"))
    assert (taken.applied, taken.unapplied) == (Decimal("50.00"), Decimal("0.00"))


def test_a_credit_balance_takes_nothing() -> None:
    balances = {"A": {"interest": Decimal("-5.00"), "principal": Decimal("10.00")}}

    spread = allocate(amount=Decimal("10.00"), balances=balances)

    assert [(part.component, part.amount) for part in spread.parts] == [("principal", Decimal("10.00"))]


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": Decimal("0")},
        {"amount": Decimal("-5")},
        {"amount": Decimal("0.001")},
        {"amount": Decimal("NaN")},
        {"direction": {"Z": Decimal("1.00")}},
        {"direction": {"A": Decimal("-1.00")}},
        {"direction": {"A": Decimal("0.005")}},
    ],
)
def test_a_payment_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(AllocationError, match=r"\.$"):
        allocate(**{"amount": Decimal("5.00"), "balances": THREE_DEBTS, **wrong})


CENTS = st.decimals("0.00", "500.00", places=2)
NAMES = ("costs", "fees", "interest", "principal", "court stamps")
BALANCES = st.dictionaries(
    st.integers(1, 5), st.dictionaries(st.sampled_from(NAMES), CENTS, max_size=5), min_size=1, max_size=5
)


@given(
    amount=st.decimals("0.01", "3000.00", places=2),
    balances=BALANCES,
    order=st.permutations(NAMES).map(tuple),
    wishes=st.dictionaries(st.integers(1, 5), st.none() | st.decimals("0.01", "900.00", places=2), max_size=4),
    disputed=st.frozensets(st.integers(1, 5)),
)
def test_no_cent_is_made_lost_or_put_on_a_disputed_debt(
    amount: Decimal,
    balances: dict[int, dict[str, Decimal]],
    order: tuple[str, ...],
    wishes: dict[int, Decimal | None],
    disputed: frozenset[int],
) -> None:
    direction = {debt: wish for debt, wish in wishes.items() if debt in balances}

    spread = allocate(amount=amount, balances=balances, order=order, direction=direction, disputed=disputed)

    assert spread.applied + spread.unapplied == amount
    assert spread.unapplied >= 0
    for part in spread.parts:
        assert Decimal(0) < part.amount <= balances[part.debt][part.component]
        assert part.debt not in disputed
    assert len({(part.debt, part.component) for part in spread.parts}) == len(spread.parts)
    if spread.unapplied:
        assert spread.reasons

"""How one payment is spread over debts and their components. Pure; each posting keeps what was decided here.

The law (12 CFR 1006.30(c)): nothing of a payment goes to a debt the consumer disputes, and her direction is
followed. The house: within a debt costs, fees, interest, principal unless the creditor orders otherwise; over
several debts the one due longest first (compliance/money_rules.md section 1).
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Generic, TypeVar

from core.money import ZERO, MoneyError, require_cents

Debt = TypeVar("Debt", bound=Hashable)

DEFAULT_ORDER = ("costs", "fees", "interest", "principal")

DISPUTED = "disputed"
DIRECTED_TO_DISPUTED = "directed_to_disputed"
DIRECTED_TOO_MUCH = "directed_too_much"
DIRECTION_SHORT = "direction_short"
OVERPAID = "overpaid"


class AllocationError(ValueError):
    """A payment that cannot be spread; the text is a sentence for the officer."""


@dataclass(frozen=True, slots=True)
class Part(Generic[Debt]):
    """One line of a posting: the amount that goes to a component of a debt, always above zero."""

    debt: Debt
    component: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Reason(Generic[Debt]):
    """Why money did not go where one would expect it: a code, the debt if it is about one, a sentence."""

    code: str
    debt: Debt | None
    text: str


@dataclass(frozen=True, slots=True)
class Allocation(Generic[Debt]):
    """Where a payment went. Parts and unapplied together are the payment to the cent."""

    parts: tuple[Part[Debt], ...]
    unapplied: Decimal
    reasons: tuple[Reason[Debt], ...]

    @property
    def applied(self) -> Decimal:
        """The sum of the parts."""
        return sum((part.amount for part in self.parts), ZERO)

    def to_debt(self, debt: Debt) -> Decimal:
        """What one debt got."""
        return sum((part.amount for part in self.parts if part.debt == debt), ZERO)


def allocate(
    *,
    amount: Decimal,
    balances: Mapping[Debt, Mapping[str, Decimal]],
    order: Sequence[str] = DEFAULT_ORDER,
    orders: Mapping[Debt, Sequence[str]] | None = None,
    direction: Mapping[Debt, Decimal | None] | None = None,
    disputed: Collection[Debt] = frozenset(),
    due_dates: Mapping[Debt, date] | None = None,
    accept_on_single_disputed: bool = False,
) -> Allocation[Debt]:
    """Spread a payment over open balances, all in one currency.

    order: components first to last; orders: the same for single debts whose creditor wants another.
    Components nobody ordered are paid last. direction: the consumer's wish, debt -> amount (None: all that is
    left). due_dates: the oldest debt first; without them the order of balances holds. Money directed to a
    disputed debt, or beyond what a debt owes, is held unapplied until somebody asked her (house rule).
    accept_on_single_disputed: when her only debt is disputed, take the payment on it (M-APPLY-3) instead of
    holding it. Credit balances count as nothing owed. Raises AllocationError.
    """
    _check(amount, balances, direction)
    if accept_on_single_disputed and len(balances) == 1:
        disputed = frozenset()
    spread = _Spread(amount, balances, order, orders or {}, frozenset(disputed))
    spread.follow(direction or {})
    for debt in _oldest_first(balances, due_dates or {}):
        spread.pay(debt)
    return spread.result()


def _check(
    amount: Decimal,
    balances: Mapping[Debt, Mapping[str, Decimal]],
    direction: Mapping[Debt, Decimal | None] | None,
) -> None:
    wishes = [wish for wish in (direction or {}).values() if wish is not None]
    owed = [balance for components in balances.values() for balance in components.values()]
    try:
        for figure in [amount, *wishes, *owed]:
            require_cents(figure)
    except MoneyError as wrong:
        raise AllocationError(str(wrong)) from wrong
    if amount <= ZERO:
        raise AllocationError("A payment to be spread is more than 0.00.")
    if any(wish <= ZERO for wish in wishes):
        raise AllocationError("A directed amount is more than 0.00.")
    if any(debt not in balances for debt in direction or {}):
        raise AllocationError("The direction names a debt that is not among this person's open debts.")


def _oldest_first(balances: Mapping[Debt, Mapping[str, Decimal]], due_dates: Mapping[Debt, date]) -> list[Debt]:
    return sorted(balances, key=lambda debt: due_dates.get(debt, date.max))


class _Spread(Generic[Debt]):
    """The running state of one allocation: money left, money held back, what each component got."""

    def __init__(
        self,
        amount: Decimal,
        balances: Mapping[Debt, Mapping[str, Decimal]],
        order: Sequence[str],
        orders: Mapping[Debt, Sequence[str]],
        disputed: frozenset[Debt],
    ) -> None:
        self.left = require_cents(amount)
        self.held = ZERO
        self.balances = balances
        self.order = order
        self.orders = orders
        self.disputed = disputed
        self.given: dict[tuple[Debt, str], Decimal] = {}
        self.reasons: list[Reason[Debt]] = []

    def follow(self, direction: Mapping[Debt, Decimal | None]) -> None:
        for debt, wish in direction.items():
            if wish is not None and wish > self.left:
                self.say(
                    DIRECTION_SHORT,
                    debt,
                    "The payment is less than the amounts directed; it went in their order.",
                )
            directed = self.left if wish is None else min(wish, self.left)
            if directed == ZERO:
                continue
            if debt in self.disputed:
                self.hold(directed)
                text = f"{directed} was directed to a disputed debt; it is held until the person is asked."
                self.say(DIRECTED_TO_DISPUTED, debt, text)
                continue
            rest = directed - self.give(debt, directed)
            if rest > ZERO:
                self.hold(rest)
                text = f"{rest} was directed beyond what this debt owes; it is held until the person is asked."
                self.say(DIRECTED_TOO_MUCH, debt, text)

    def pay(self, debt: Debt) -> None:
        if debt in self.disputed:
            already = any(reason.debt == debt for reason in self.reasons)
            if not already and self.owed(debt) > ZERO:
                self.say(DISPUTED, debt, "This debt is disputed, so nothing of the payment goes to it.")
            return
        self.give(debt, self.left)

    def owed(self, debt: Debt) -> Decimal:
        return sum((balance for balance in self.balances[debt].values() if balance > ZERO), ZERO)

    def give(self, debt: Debt, most: Decimal) -> Decimal:
        given = ZERO
        for component in self.components(debt):
            key = (debt, component)
            open_balance = self.balances[debt][component] - self.given.get(key, ZERO)
            part = min(open_balance, most - given)
            if part > ZERO:
                self.given[key] = self.given.get(key, ZERO) + part
                given += part
        self.left -= given
        return given

    def components(self, debt: Debt) -> list[str]:
        own = self.balances[debt]
        ordered = list(dict.fromkeys(name for name in self.orders.get(debt, self.order) if name in own))
        return ordered + [name for name in own if name not in ordered]

    def hold(self, amount: Decimal) -> None:
        self.left -= amount
        self.held += amount

    def say(self, code: str, debt: Debt | None, text: str) -> None:
        self.reasons.append(Reason(code, debt, text))

    def result(self) -> Allocation[Debt]:
        if self.left > ZERO:
            self.say(OVERPAID, None, f"{self.left} cannot be applied; it is held as a credit.")
        parts = tuple(Part(debt, component, require_cents(given)) for (debt, component), given in self.given.items())
        return Allocation(parts, require_cents(self.left + self.held), tuple(self.reasons))

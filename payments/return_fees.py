"""May a returned payment carry a fee, and how much at most? Pure.

Only when the agreement allows it and the law where the person lives does (M-FEE-2; 12 CFR 1006.22(b); 15 USC
1692f(1)). What a state allows is data (returned_item_fees.toml); a state that is not in it allows nothing here.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

TABLE = Path(__file__).resolve().with_name("returned_item_fees.toml")
NO_MONEY = frozenset({"R01", "NSF"})  # a closed account or a stopped check is not want of money
PAUSES = {
    "DISPUTE": "the debt is disputed",
    "BANKRUPTCY": "there is a bankruptcy",
    "HARDSHIP": "there is a hardship pause",
    "BREATHING": "there is a breathing space",
    "DECEASED": "the person has died",
    "ID_THEFT": "identity theft is reported",
}
ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Cap:
    """The most for items of at most `up_to` (None: of any amount), in dollars."""

    most: Decimal
    up_to: Decimal | None = None


@dataclass(frozen=True, slots=True)
class StateLaw:
    """What one state's statute allows, for which ways of paying, with its citation."""

    code: str
    methods: frozenset[str]
    caps: tuple[Cap, ...]
    cite: str

    def most(self, face: Decimal) -> Decimal:
        """The most for an item of this amount."""
        return next(cap.most for cap in self.caps if cap.up_to is None or face <= cap.up_to)


@dataclass(frozen=True, slots=True)
class Returned:
    """A returned item and what is known about its debt. Amounts in `currency`; `states`: where the person may live.

    `fee` and `agreement` are the portfolio's terms; None: its agreements allow no fee.
    """

    code: str
    method: str
    face: Decimal
    currency: str
    states: tuple[str, ...]
    fee: Decimal | None
    agreement: str
    is_open: bool = True
    pauses: frozenset[str] = frozenset()
    is_charged: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """The fee (0.00: none), the statutes it rests on, and a sentence that says what and why."""

    amount: Decimal
    cite: str
    words: str


def decide(item: Returned) -> Decision:
    """The fee for a returned item: the agreement's, cut to what the law allows. When in doubt, none."""
    why = _why_not(item)
    if why:
        return Decision(ZERO, "", f"No fee: {why}.")
    found = laws()
    allowed = [found[code] for code in sorted(set(item.states))]
    most = min(law.most(item.face) for law in allowed)
    cite = "; ".join(law.cite for law in allowed)
    amount = min(item.fee or ZERO, most)
    cut = f", cut from ${item.fee:,.2f}" if item.fee and item.fee > most else ""
    return Decision(amount, cite, f"Fee of ${amount:,.2f}{cut}: {cite}; agreement: {item.agreement}.")


def _why_not(item: Returned) -> str:
    if item.fee is None or not item.agreement:
        return "the agreement names none"
    if item.currency != "USD":
        return "the caps are known in dollars only"
    if item.code not in NO_MONEY:
        return "it did not come back for want of money"
    if item.is_charged:
        return "this item carried one already"
    pause = next((words for kind, words in PAUSES.items() if kind in item.pauses), "")
    if pause:
        return pause
    if not item.is_open:
        return "the debt is not being worked"
    return _not_lawful(item)


def _not_lawful(item: Returned) -> str:
    if not item.states:
        return "it is not known in which state the person lives"
    for code in item.states:
        law = laws().get(code)
        if law is None:
            return f"no statute of {code} that allows one is on file"
        if item.method not in law.methods:
            return f"{law.cite} does not speak of this way of paying"
    return ""


@cache
def laws() -> dict[str, StateLaw]:
    """By state, the caps we are sure of."""
    return dict(sorted(_read(tomllib.loads(TABLE.read_text(encoding="utf-8"))["state"])))


def highest() -> Decimal:
    """The highest fee any state on file allows."""
    return max(cap.most for law in laws().values() for cap in law.caps)


def _read(rows: Iterable[dict[str, Any]]) -> Iterable[tuple[str, StateLaw]]:
    for row in rows:
        if row["sure"] != "high":
            continue
        caps = tuple(
            Cap(Decimal(cap["most"]), Decimal(cap["up_to"]) if "up_to" in cap else None) for cap in row["caps"]
        )
        yield row["code"], StateLaw(row["code"], frozenset(row["methods"]), caps, row["cite"])

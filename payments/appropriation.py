"""Which money counts for which promise and which installment: first in, first out. Pure.

A promise is met by net money received from the moment it was made until its grace ends (PRODUCT K 4.3,
DECISIONS 25: by the received date). The oldest promise takes first, never more than was promised; what is left
of a payment goes to the next promise whose time it falls in. Amounts are in one currency, two decimals.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Generic, Literal, TypeVar

from core.money import ZERO

Key = TypeVar("Key", bound=Hashable)

Judgement = Literal["OPEN", "KEPT", "PART_KEPT", "BROKEN"]
Standing = Literal["DUE", "PAID", "LATE", "MISSED"]
MISSED_AFTER_DAYS = 30


@dataclass(frozen=True, slots=True)
class Claim(Generic[Key]):
    """A promise: what was promised, from which moment, and the last day on which money still counts."""

    key: Key
    amount: Decimal
    made_at: datetime
    due: date
    last_day: date


@dataclass(frozen=True, slots=True)
class Receipt:
    """Money that came and stayed: the moment of receipt and its calendar day at the portfolio."""

    amount: Decimal
    received_at: datetime
    received_on: date


def appropriate(*, claims: Sequence[Claim[Key]], receipts: Sequence[Receipt]) -> dict[Key, Decimal]:
    """What each promise got. Nothing is counted twice, and no promise gets more than was promised."""
    oldest = sorted(claims, key=lambda claim: (claim.due, claim.made_at))
    got = {claim.key: ZERO for claim in claims}
    for receipt in sorted(receipts, key=lambda receipt: receipt.received_at):
        left = receipt.amount
        for claim in oldest:
            if left <= ZERO:
                break
            if receipt.received_at >= claim.made_at and receipt.received_on <= claim.last_day:
                part = min(left, claim.amount - got[claim.key])
                got[claim.key] += part
                left -= part
    return got


def verdict(*, amount: Decimal, paid: Decimal, tolerance_percent: Decimal, over: bool) -> Judgement:
    """Kept as soon as enough is there; before the end of grace otherwise open, after it partly kept or broken."""
    if paid * 100 >= amount * tolerance_percent and paid > ZERO:
        return "KEPT"
    if not over:
        return "OPEN"
    return "PART_KEPT" if paid > ZERO else "BROKEN"


def fill(*, amounts: Sequence[Decimal], paid: Decimal) -> list[Decimal]:
    """Spread what was paid over installments in their order; what is more than all of them is left out."""
    parts = []
    for amount in amounts:
        part = min(amount, max(paid, ZERO))
        parts.append(part)
        paid -= part
    return parts


def standings(
    *, dues: Sequence[date], amounts: Sequence[Decimal], parts: Sequence[Decimal], grace_days: int, on: date
) -> list[Standing]:
    """Where each installment stands on a day.

    Late when its grace is over; missed when the next one's grace is over too, or 30 days after it was due.
    """
    found: list[Standing] = []
    for at, (due, amount, part) in enumerate(zip(dues, amounts, parts, strict=True)):
        late_by = (on - due).days
        next_is_late = at + 1 < len(dues) and (on - dues[at + 1]).days > grace_days
        if part >= amount:
            found.append("PAID")
        elif late_by <= grace_days:
            found.append("DUE")
        elif next_is_late or late_by > max(MISSED_AFTER_DAYS, grace_days):
            found.append("MISSED")
        else:
            found.append("LATE")
    return found


def plan_standing(standings: Sequence[Standing]) -> Literal["ACTIVE", "SLIPPING", "BROKEN", "DONE"]:
    """The plan from its installments: one missed breaks it, one late makes it slip."""
    if all(standing == "PAID" for standing in standings):
        return "DONE"
    if "MISSED" in standings:
        return "BROKEN"
    return "SLIPPING" if "LATE" in standings else "ACTIVE"

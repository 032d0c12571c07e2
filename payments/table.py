"""A plan's schedule as people read it: who gets what of each payment, what is left, which rows can be folded. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.money import ZERO, pro_rata

from .schedule import InstallmentLine

FIRST_ROWS, LAST_ROWS = 6, 2


@dataclass(frozen=True, slots=True)
class Row:
    """One payment: its part for each debt in the plan's order, what is left after it, which debts it finishes."""

    number: int
    due_date: date
    amount: Decimal
    moved_from: date | None
    parts: tuple[Decimal, ...]
    left: Decimal
    finishes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Fold:
    """Rows left out of the short table: how many equal payments, from when to when."""

    count: int
    amount: Decimal
    first: date
    last: date


def rows(*, lines: Sequence[InstallmentLine], shares: Sequence[Decimal], positions: Sequence[int]) -> tuple[Row, ...]:
    """Spread each payment over the debts: lower positions first, equal ones by what is left of them.

    The parts of a payment sum to it, and the parts of a debt to its share, to the cent.
    """
    left = list(shares)
    found = []
    for line in lines:
        parts = [ZERO] * len(left)
        rest = line.amount
        for position in sorted(set(positions)):
            group = [at for at, own in enumerate(positions) if own == position and left[at] > ZERO]
            weights = [left[at] for at in group]
            taken = min(rest, sum(weights, ZERO))
            if taken <= ZERO:
                continue
            for at, part in zip(group, pro_rata(taken, weights), strict=True):
                parts[at] = part
            rest -= taken
        finished = tuple(at for at, part in enumerate(parts) if part > ZERO and part == left[at])
        left = [owed - part for owed, part in zip(left, parts, strict=True)]
        found.append(
            Row(line.number, line.due_date, line.amount, line.moved_from, tuple(parts), sum(left, ZERO), finished)
        )
    return tuple(found)


def folded(found: Sequence[Row]) -> list[Row | Fold]:
    """The short table: the first six, the last two, those that move or finish something; the rest in folds."""
    shown: list[Row | Fold] = []
    waiting: list[Row] = []
    for at, row in enumerate(found):
        plain = FIRST_ROWS <= at < len(found) - LAST_ROWS and not row.finishes and row.amount == found[0].amount
        if plain and (row.moved_from is None or at > FIRST_ROWS * 2):
            waiting.append(row)
            continue
        shown += _fold(waiting)
        waiting = []
        shown.append(row)
    return shown


def _fold(waiting: list[Row]) -> list[Row | Fold]:
    if len(waiting) < 2:
        return list(waiting)
    return [Fold(len(waiting), waiting[0].amount, waiting[0].due_date, waiting[-1].due_date)]

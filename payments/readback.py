"""The words an officer reads back before a plan is saved, and their digest, so that what was heard is what is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from core import formats

from .policy import EVERY_WORDS
from .schedule import InstallmentLine

METHOD_WORDS = {
    "ACH": "by bank transfer",
    "CARD": "by card",
    "CHECK": "by check",
    "CASH": "in cash",
    "LINK": "by a payment link we send you",
    "DIRECT": "straight to the creditor",
}


def parts(
    *, lines: Sequence[InstallmentLine], every: str, method: str, total: Decimal, currency: str, no_charges: bool
) -> list[tuple[str, bool]]:
    """The sentence in pieces, each with whether it is said with weight."""
    first, last = lines[0], lines[-1]
    starting = f"{first.due_date:%A}, {first.due_date:%B} {first.due_date.day}"
    said = [
        ("You will pay ", False),
        (f"{formats.money(first.amount, currency)} {EVERY_WORDS.get(every, '')}", True),
        (f" {METHOD_WORDS.get(method, '')}, starting ", False),
        (starting, True),
        (f", {len(lines)} payments in all. The last payment is ", False),
        (f"{formats.money(last.amount, currency)} on {formats.letter_day(last.due_date)}", True),
        (", and then ", False),
        (formats.money(total, currency), True),
        (" is paid. ", False),
    ]
    if no_charges:
        said.append(("We add no interest and no fees. ", False))
    said.append(
        ("You can change or stop this by calling us at any time before a payment is sent. Do you agree?", False)
    )
    return said


def text(said: Sequence[tuple[str, bool]]) -> str:
    """The same as one string, as it is kept with the plan."""
    return "".join(words for words, _ in said)


def digest(words: str, debts: Sequence[int], dates: Sequence[date]) -> str:
    """Names exactly these words for exactly these debts and days."""
    told = "\n".join([words, *map(str, sorted(debts)), *(day.isoformat() for day in dates)])
    return hashlib.sha256(told.encode()).hexdigest()

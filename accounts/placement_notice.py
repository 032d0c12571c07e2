"""What a file must say so that a lawful validation notice can be made from it (12 CFR 1006.34(c)). Pure."""

from __future__ import annotations

from decimal import Decimal

from accounts.placement_columns import ColumnMap
from accounts.placement_rows import PlacementRow
from core.money import ZERO

NEEDED = {
    "itemization_date": "the itemization date",
    "itemization_kind": "which of the five kinds of itemization date it is",
    "itemization_amount": "the amount owed on the itemization date",
    "interest_since": "the interest since the itemization date",
    "fees_since": "the fees since the itemization date",
    "payments_since": "the payments since the itemization date",
    "credits_since": "the credits since the itemization date",
    "original_creditor": "the creditor on the itemization date",
}
ARITHMETIC = "the figures since the itemization date do not lead to the current balance"
ADDRESS = "a mailing address"


def notice_gaps(of: ColumnMap | PlacementRow) -> list[str]:
    """What is missing for a lawful notice, as phrases; empty when nothing is.

    Of a map: columns the file does not have. Of a row: values it lacks, and whether amount + interest + fees
    - payments - credits is its balance (M-INT-3). A zero must be stated; blank is not zero.
    """
    if isinstance(of, ColumnMap):
        has = of.fields()
        gaps = [words for name, words in NEEDED.items() if name not in has]
        return gaps if has & {"address1", "city_state_zip"} else [*gaps, ADDRESS]
    gaps = [words for name, words in NEEDED.items() if of.values.get(name) is None]
    if "no_address" in of.flags:
        gaps.append(ADDRESS)
    return gaps if _adds_up(of) else [*gaps, ARITHMETIC]


def _adds_up(row: PlacementRow) -> bool:
    def figure(name: str) -> Decimal | None:
        value = row.values.get(name)
        return value if isinstance(value, Decimal) else None

    start = figure("itemization_amount")
    names = ("interest_since", "fees_since", "payments_since", "credits_since")
    if start is None or any(figure(name) is None for name in names):
        return True  # already named as missing
    interest, fees, payments, credits = (figure(name) or ZERO for name in names)
    return start + interest + fees - payments - credits == row.balance

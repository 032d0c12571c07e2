"""What a bank's return code means, and whether the debit may be presented again. Pure.

Source: Nacha Operating Rules, Subsection 2.13 (reinitiation): an entry returned R01 or R09 at most twice more, within
180 days of the original settlement date, same amount; R08 only with the person's new authorization. Checks returned
unpaid are presented again as their bank agrees, never here; a card is never charged again without her word
(compliance/money_rules.md section 6).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from core.dates import previous_bank_day

RETRIES = 2
WINDOW = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class ReturnCode:
    """A code in words, whether the same debit may be tried again, and else what to do instead."""

    words: str
    instead: str = ""

    @property
    def may_retry(self) -> bool:
        return not self.instead


@dataclass(frozen=True, slots=True)
class Retry:
    """May it be presented again? The text says how often and until when, or why not and what to do."""

    allowed: bool
    text: str
    until: date | None = None


CODES: dict[str, ReturnCode] = {
    "R01": ReturnCode("Not enough money in the account"),
    "R02": ReturnCode("Account closed", "Ask for another way to pay."),
    "R03": ReturnCode("No account found", "Check the numbers with the person."),
    "R04": ReturnCode("Account number not valid", "Correct the number, and ask for her authorization again."),
    "R05": ReturnCode("Not authorized", "Report it to compliance."),
    "R07": ReturnCode("Authorization taken back", "Stop every debit under it."),
    "R08": ReturnCode("Payment stopped", "Only with a new authorization; ask whether the whole series is stopped."),
    "R09": ReturnCode("Money not collected yet"),
    "R10": ReturnCode("Not authorized by the person", "Stop the series and open a complaint."),
    "R11": ReturnCode("Not as authorized", "Correct the error; then one corrected debit within 60 days."),
    "R16": ReturnCode("Account frozen", "Hand it to compliance: a levy, a bankruptcy or sanctions may be behind it."),
    "R20": ReturnCode("Not a payment account", "Ask for another account."),
    "R24": ReturnCode("Sent twice", "Find the other one."),
    "R29": ReturnCode("Not authorized by the firm", "Ask the firm for its authorization."),
    "NSF": ReturnCode("Check not covered", "The bank presents a check again, not we."),
    "STOP": ReturnCode("Check stopped", "Talk with the person first."),
    "CHARGEBACK": ReturnCode("Card payment taken back", "A card is never charged again without a new authorization."),
    "MISTAKE": ReturnCode("Recorded by mistake", "Nothing was debited."),
}
RETURN_REASONS = {code: known.words for code, known in CODES.items()}
UNKNOWN = ReturnCode("Returned", "Ask the bank what the code means.")


def last_day(settled_on: date) -> date:
    """The last day on which a new try may settle: within 180 days of the first settlement, on a bank day."""
    return previous_bank_day(settled_on + WINDOW)


def retry(*, code: str, method: str, settled_on: date, tried: int, on: date) -> Retry:
    """Whether a returned debit may settle again on a day.

    `settled_on`: when the first one did; `tried`: how often it was presented again; `code`: of the newest return.
    """
    known = CODES.get(code, UNKNOWN)
    if not known.may_retry:
        return Retry(False, f"Not to be tried again. {known.instead}")
    if method != "ACH":
        return Retry(False, "Only a bank transfer can be presented again. Ask for another payment.")
    until = last_day(settled_on)
    if tried >= RETRIES:
        return Retry(False, "It was presented again twice; a third time is not allowed. Ask for another way to pay.")
    if on > until:
        return Retry(False, f"The last day to present it again was {_day(until)}: 180 days after the first one.")
    left = "twice more" if tried == 0 else "once more"
    return Retry(True, f"It may be presented {left}, until {_day(until)}, for the same amount.", until)


def _day(day: date) -> str:
    return f"{day:%b} {day.day}, {day.year}"

"""What the rules know about a person's debts in one book."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """One person's collectable debts in portfolios of the same teams. Amounts in the debts' currency.

    `callback_at` is an agreed time; `promise_open` and `plan_on_track` mean that we wait; `missed_on` is the
    due date of a promise missed in the last 30 days; `plan_slipping` a plan that slips or broke;
    `dispute_answered` a dispute answered in the last 30 days; `stopped` a hold that forbids work (cease,
    attorney, bankruptcy, deceased); `has_number` a phone in use; `set_queue` what somebody chose,
    "skip" only until a number is added or good again; `reply_open` a text or an e-mail of the person that nobody
    answered.
    """

    amount: Decimal
    late_since: date | None = None
    placed_on: date | None = None
    callback_at: datetime | None = None
    promise_open: bool = False
    missed_on: date | None = None
    plan_on_track: bool = False
    plan_slipping: bool = False
    dispute_answered: bool = False
    stopped: bool = False
    has_number: bool = True
    last_contact_on: date | None = None
    set_queue: str = ""
    reply_open: bool = False

    def days_late(self, on: date) -> int:
        """Calendar days since the oldest debt became late; 0 when none is."""
        return max((on - self.late_since).days, 0) if self.late_since else 0

    def days_quiet(self, on: date) -> int | None:
        """Calendar days since the last contact; None when there was none."""
        return (on - self.last_contact_on).days if self.last_contact_on else None

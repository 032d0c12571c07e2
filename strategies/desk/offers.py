"""What could work: a few ways to pay within the officer's limits, each one press away (PRODUCT J1, J3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from accounts.models import Account
from core import formats
from core.money import ZERO
from payments import policy, schedule
from payments import services as payments
from payments.services.drafting import Draft

EVERY = "biweekly"
PAUSE_DAYS = 30


@dataclass(frozen=True, slots=True)
class Offer:
    """One offer. Choosing it fills amount, rhythm and first day, and names the outcome it leads to."""

    code: str
    words: str
    shown: str
    outcome: str
    amount: Decimal | None = None
    every: str = ""
    first: date | None = None
    note: str = ""
    key: str = ""

    @property
    def ident(self) -> str:
        return {"P": "offer-promise", "O": "offer-plan"}.get(self.key, f"offer-{self.code}")


@dataclass(frozen=True, slots=True)
class Terms:
    """What a plan with these numbers comes to, in words; `fits` is whether the officer may agree to it."""

    words: str
    fits: bool
    months: Decimal = ZERO
    limit: int = 1

    @property
    def share(self) -> Decimal:
        """How much of the longest plan this one takes, in percent."""
        return self.months / self.limit * 100

    @property
    def share_words(self) -> str:
        return f"{self.months} months; the house limit is {self.limit}"


def offers(*, accounts: Sequence[Account], on: date) -> list[Offer]:
    """A small promise first, then all of it, then plans from the smallest payment up, then a pause.

    `accounts` are the debts we may collect, their portfolios loaded. Amounts in their currency.
    """
    if not accounts:
        return []
    main = accounts[0]
    total = sum((row.balance for row in accounts), ZERO)
    least, day = payments.default_promise(main, on)
    many, currency = len(accounts) > 1, main.currency
    whole = f"Pay {main.creditor.name} in full" if many else "Pay it in full"
    shown = formats.money(main.balance, currency)
    found = [Offer("full", whole, shown, "promise", main.balance, "", day)]
    if least < main.balance:
        words, note = f"One payment by {formats.day(day, on)}", "The smallest we may take"
        found.insert(0, Offer("promise", words, formats.money(least, currency), "promise", least, "", day, note))
    limits = min((row.portfolio for row in accounts), key=lambda book: book.plan_max_months)
    for plan in policy.offers(total=total, first_date=day, every=EVERY, limits=limits)[:2]:
        last = formats.short_day(plan.last_date, on)
        found.append(
            Offer(
                f"plan-{plan.number}", f"{'Plan for all' if many else 'Plan'}, {plan.count} payments",
                formats.money(plan.amount, currency), "plan", plan.amount, EVERY, day,
                f"Every 2 weeks until {last}, nothing added",
            )
        )  # fmt: skip
    found.append(Offer("pause", "Pause, nothing due", f"{PAUSE_DAYS} days", "cannot-pay"))
    return _keyed(found)


def _keyed(found: list[Offer]) -> list[Offer]:
    """P is the first promise, O the first plan."""
    keys = {"promise": "P", "plan": "O"}
    return [replace(offer, key=keys.pop(offer.outcome, "")) for offer in found]


def terms_words(draft: Draft, *, on: date, currency: str) -> Terms:
    """A worked-out plan as one reading: whether it fits, how many payments, the last one."""
    lines, book = draft.lines, draft.debts[0].portfolio
    last = lines[-1]
    words = f"{len(lines)} payments"
    if last.amount != lines[0].amount:
        words += f", last one {formats.money(last.amount, currency)}"
    words += f" on {formats.day(last.due_date, on)}. {formats.money(schedule.total_of(lines), currency)} in all."
    if draft.outside:
        words = f"{words} {draft.outside[0][1]}"
    months = Decimal((last.due_date - lines[0].due_date).days) / Decimal("30.44")
    return Terms(words, not draft.outside, months.quantize(Decimal("0.1")), book.plan_max_months)

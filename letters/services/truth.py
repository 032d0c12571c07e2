"""The send-time truth check: is this still so, in the second of sending? (PRODUCT D6, F45)

Nothing here asks the rules; compliance is asked right after it, in the same transaction.
"""

from dataclasses import dataclass
from decimal import Decimal

from accounts.models import Account, ContactPoint
from accounts.states import Status
from core import formats
from letters import kinds, points
from letters.facts import Book
from letters.models import Message
from letters.states import State
from letters.subjects import NoReader

PAID = frozenset({Status.PAID, Status.SETTLED})


@dataclass(frozen=True, slots=True)
class No:
    """Why a message doesn't go: CANCELLED when its reason has gone, WITHHELD when something must be sorted out."""

    state: str
    reason: str


def check(message: Message, book: Book, point: ContactPoint | None) -> No | None:
    """None when it may go as far as the facts are concerned."""
    account = book.accounts[message.account_id]
    try:
        subject = book.subject(message)
    except NoReader as wrong:
        return No(State.WITHHELD, str(wrong))
    if subject.gone:
        return No(State.CANCELLED, subject.gone)
    no = _about_the_debt(account, book.unapplied.get(account.pk)) if kinds.of(message.kind).asks else None
    if no is not None:
        return no
    if point is None:
        return No(State.WITHHELD, "The number or address is no longer in use, and there is no other.")
    return None


def _about_the_debt(account: Account, unapplied: Decimal | None) -> No | None:
    if account.status in PAID or (account.is_open and account.balance <= 0):
        return No(State.CANCELLED, "Nothing is owed any more.")
    if account.status == Status.RECALLED:
        return No(State.CANCELLED, "The creditor took this debt back.")
    if not account.is_open:
        return No(State.CANCELLED, "This debt is closed.")
    if account.status == Status.DISPUTED:
        return No(State.WITHHELD, "This debt is disputed.")
    if account.status == Status.HELD:
        return No(State.WITHHELD, "This debt is paused.")
    if account.needs_decision:
        return No(State.WITHHELD, "This debt waits for a decision.")
    if unapplied:
        amount = formats.money(unapplied, account.currency)
        return No(State.WITHHELD, f"There is {amount} of money received that is not applied yet.")
    return None


def point_for(message: Message, book: Book) -> ContactPoint | None:
    """The planned point while it can be used, else the person's best other one."""
    known = book.points.get(message.debtor_id, [])
    planned = next((p for p in known if p.pk == message.contact_point_id), None)
    if planned is not None and points.fits(planned, message.channel):
        return planned
    return points.best(known, message.channel)

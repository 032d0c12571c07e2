"""The end of a contact: outcome, what was agreed, what comes next; one transaction (F35)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts.models import Account, Debtor
from contacts import gate
from contacts import services as contacts
from contacts.models import Disposition, Interaction
from payments import services as payments
from payments.models import Plan, Promise
from strategies import services as work
from strategies.services import Claim
from users.models import User

from . import confirm

PAUSE = timedelta(days=30)


class WrapUpRefused(Exception):
    """The outcome lacks something, or what it asks for is refused; a sentence, and the `field` it is about."""

    def __init__(self, text: str, field: str | None = None) -> None:
        super().__init__(text)
        self.field = field


@dataclass(frozen=True, slots=True)
class Agreed:
    """What the outcome needs. Only the fields of its own kind are read; amounts in the debt's currency."""

    account: Account | None = None
    accounts: Sequence[Account] = ()
    amount: Decimal | None = None
    day: date | None = None
    method: str = "LINK"
    terms: payments.Terms | None = None
    read_back: bool = False
    read_back_words: str = ""
    terms_channel: str = "EMAIL"
    call_at: datetime | None = None
    written: bool = False
    every_debt: bool = True
    attorney_name: str = ""
    attorney_phone: str = ""
    pause: bool = False
    key: str = ""
    confirm: bool = True


@dataclass(frozen=True, slots=True)
class Done:
    """What was written: the closed call, what came of it in one sentence, and when to try again (None: wait)."""

    call: Interaction
    words: str
    next_at: datetime | None = None
    promise: Promise | None = None
    plan: Plan | None = None
    undo: bool = False
    notes: tuple[str, ...] = field(default=())


_REFUSALS = (
    contacts.OutcomeRefused,
    contacts.CallMistake,
    contacts.RequestRefused,
    payments.PromiseRefused,
    payments.PlanRefused,
    payments.PaymentRefused,
    work.CallbackRefused,
)


def wrap_up(
    *, call: Interaction, disposition: Disposition, note: str, by: User, at: datetime, agreed: Agreed | None = None,
    locked: bool = False,
) -> Done:  # fmt: skip
    """Close a call with its outcome and everything that follows from it, or nothing at all.

    Promise, plan, payment, call-back, stop or attorney first, then the work item is finished with the outcome's
    next step and a date no earlier than the next lawful call; the person is let go. Raises WrapUpRefused.
    `locked`: this transaction has just read and locked the call (contacts.open_call).
    """
    agreed = agreed or Agreed()
    try:
        if plain(disposition) and not agreed.pause:
            return _plain(call, disposition, note, by, at, locked)
        with transaction.atomic():
            return _wrap_up(call, disposition, note, by, at, agreed)
    except _REFUSALS as refused:
        raise WrapUpRefused(str(refused), getattr(refused, "field", None)) from refused


def plain(disposition: Disposition) -> bool:
    """Does this outcome change nothing but when and how the person was called last?"""
    return disposition.follow in ("", Disposition.Follow.NOTE)


def _plain(call: Interaction, disposition: Disposition, note: str, by: User, at: datetime, locked: bool) -> Done:
    """A plain outcome. It is refused before anything is written, so no savepoint is needed around it."""
    with transaction.atomic(savepoint=False):
        call = call if locked else contacts.locked(call)
        accounts = contacts.debts_of(call)
        try:
            closed = contacts.close_locked(
                call=call, accounts=accounts, disposition=disposition, note=note, by=by, at=at
            )
        except (contacts.OutcomeRefused, contacts.CallMistake) as error:
            refused = error
        else:
            next_at = _next_at(closed, accounts, disposition, at, Agreed())
            _finish(closed.debtor, disposition, by, at, next_at, only_time=True)
            return Done(closed, f"{disposition.label} saved.", next_at)
    raise refused


def _wrap_up(call: Interaction, disposition: Disposition, note: str, by: User, at: datetime, agreed: Agreed) -> Done:
    debtor = call.debtor
    call = contacts.locked(call)
    accounts = contacts.debts_of(call)
    closed = contacts.close_locked(call=call, accounts=accounts, disposition=disposition, note=note, by=by, at=at)
    promise, plan = _follow(closed, disposition, by, at, agreed)
    if disposition.follow == "CALLBACK" and agreed.call_at is not None:
        _finish(debtor, disposition, by, at, agreed.call_at)
        work.schedule_callback(debtor=debtor, at_time=agreed.call_at, by=by, at=at)
        next_at: datetime | None = agreed.call_at
    else:
        next_at = _next_at(closed, contacts.debts_of(closed), disposition, at, agreed)
        _finish(debtor, disposition, by, at, next_at)
    if promise is not None and agreed.confirm:
        confirm.promise(promise=promise, by=by, at=at)
    if plan is not None:
        confirm.plan(plan=plan, channel=agreed.terms_channel, by=by, at=at)
    return Done(closed, f"{disposition.label} saved.", next_at, promise, plan)


def _finish(
    debtor: Debtor, disposition: Disposition, by: User, at: datetime, not_before: datetime, *, only_time: bool = False
) -> None:
    """What was to do is done, what comes next is set, and the person is let go."""
    work.finish_item(
        debtor=debtor, by=by, at=at, queue=disposition.queue, next_step=disposition.next_step, not_before=not_before,
        only_time=only_time, let_go=True,
    )  # fmt: skip


def _next_at(
    call: Interaction, accounts: Sequence[Account], disposition: Disposition, at: datetime, agreed: Agreed
) -> datetime:
    """After the outcome's own time, and not before the next lawful call."""
    own = at + (PAUSE if agreed.pause else timedelta(hours=disposition.retry_hours))
    lawful = gate.next_call_at(debtor=call.debtor, accounts=accounts, point=call.contact_point, at=at)
    return max(own, lawful or own)


def _follow(
    call: Interaction, disposition: Disposition, by: User, at: datetime, agreed: Agreed
) -> tuple[Promise | None, Plan | None]:
    follow = disposition.follow
    if follow == "PROMISE":
        return _promise(call, by, at, agreed), None
    if follow == "PLAN":
        return None, _plan(call, by, at, agreed)
    if follow == "PAYMENT":
        _payment(by, at, agreed)
    elif follow == "CALLBACK" and agreed.call_at is None:
        raise WrapUpRefused("Choose when to call back.", "call_at")
    elif follow == "DISPUTE" and not call.debtor.disputes.filter(received_at__gte=call.started_at).exists():
        raise WrapUpRefused("Say what is wrong with the debt first (X).", "disposition")
    elif follow == "STOP":
        contacts.stop_contact(
            debtor=call.debtor, accounts=agreed.accounts, every_debt=agreed.every_debt, written=agreed.written,
            words=call.note[:300], by=by, at=at,
        )  # fmt: skip
    elif follow == "ATTORNEY":
        contacts.add_attorney(
            debtor=call.debtor, accounts=agreed.accounts, name=agreed.attorney_name, phone=agreed.attorney_phone,
            by=by, at=at,
        )  # fmt: skip
    elif follow == "WRONG_PARTY" and call.contact_point is not None:
        contacts.wrong_party(point=call.contact_point, by=by, at=at)
    if agreed.pause:
        gate.place_hold(
            debtor=call.debtor, kind="HARDSHIP", by=by, at=at, reason="Pause agreed", until=at + PAUSE, source="desk"
        )
    return None, None


def _promise(call: Interaction, by: User, at: datetime, agreed: Agreed) -> Promise:
    if agreed.account is None:
        raise WrapUpRefused("Choose the debt.", "debt")
    if agreed.amount is None or agreed.day is None:
        raise WrapUpRefused("Enter amount and day.", "amount" if agreed.amount is None else "first")
    terms: dict[str, Any] = {"amount": agreed.amount, "due_date": agreed.day, "method": agreed.method}
    earlier = agreed.account.promises.filter(state="OPEN").first()
    if earlier is not None:
        return payments.replace_promise(promise=earlier, **terms, by=by, at=at, interaction_id=call.pk)
    return payments.make_promise(account=agreed.account, **terms, by=by, at=at, interaction_id=call.pk)


def _plan(call: Interaction, by: User, at: datetime, agreed: Agreed) -> Plan:
    if agreed.terms is None:
        raise WrapUpRefused("Enter amount, how often and the first day.", "amount")
    return payments.open_plan(
        debtor=call.debtor, accounts=agreed.accounts, terms=agreed.terms, by=by, at=at,
        read_back_at=at if agreed.read_back else None, terms_channel=agreed.terms_channel, interaction_id=call.pk,
        read_back=agreed.read_back_words[:1000],
    )  # fmt: skip


def _payment(by: User, at: datetime, agreed: Agreed) -> None:
    if agreed.account is None or agreed.amount is None or agreed.day is None:
        raise WrapUpRefused("Enter the amount that was paid.", "amount")
    payments.record_payment(
        account=agreed.account, amount=agreed.amount, method=agreed.method, effective_date=agreed.day,
        key=f"desk:{agreed.key}", by=by, at=at,
    )  # fmt: skip


def take_over(*, debtor: Debtor, call: Interaction | None, by: User, at: datetime, reason: str) -> Claim:
    """A lead takes a live person: the hold, and the open call with its identity check and place in the script."""
    with transaction.atomic():
        claim = work.takeover(debtor=debtor, by=by, at=at, reason=reason)
        if call is not None:
            contacts.hand_over(call=call, to=by, at=at)
    return claim

"""What happens elsewhere and changes the work. Nothing hangs on it: the next refresh finds the same (STYLE 3)."""

import logging
from collections.abc import Sequence
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.db import transaction

from accounts.models import Account
from accounts.signals import placement_loaded
from compliance import planned
from compliance.signals import hold_placed
from contacts.models import Reply
from contacts.signals import replies_changed
from core import clock, nav
from payments import services as payments
from payments.signals import payment_returned, plan_lowered
from users.signals import shift_ended

from . import services
from .planned import contacts as planned_contacts

log = logging.getLogger(__name__)

# module, signal: after commit, with something that knows its person
HEARD = (
    ("accounts.signals", "numbers_changed"),
    ("payments.signals", "payment_posted"),
    ("payments.signals", "money_came"),
    ("payments.signals", "payment_returned"),
    ("payments.signals", "promise_judged"),
    ("payments.signals", "plan_changed"),
    ("compliance.signals", "hold_placed"),
    ("compliance.signals", "hold_lifted"),
    ("letters.signals", "message_bounced"),
    ("contacts.signals", "dispute_answered"),
    ("contacts.signals", "replies_changed"),
)


def connect() -> None:
    """Called once when the apps are loaded."""
    shift_ended.connect(on_shift_ended, dispatch_uid="strategies.shift_ended")
    for module, name in HEARD:
        if find_spec(module) is None:
            continue
        signal = getattr(import_module(module), name, None)
        if signal is not None:
            signal.connect(on_change, dispatch_uid=f"strategies.{name}")
    hold_placed.connect(on_hold, dispatch_uid="strategies.dispute_leaves_plan")
    plan_lowered.connect(on_lowered, dispatch_uid="strategies.alert_lowered")
    payment_returned.connect(on_returned, dispatch_uid="strategies.alert_returned")
    replies_changed.connect(on_replies, dispatch_uid="strategies.hurry_replies")
    placement_loaded.connect(on_placement, dispatch_uid="strategies.placement_loaded")
    nav.register_count(name="desk:my_day", count=waiting_for)
    planned.register("strategies", planned_contacts)


def on_shift_ended(sender: Any, *, user: Any, at: datetime, **_: Any) -> None:
    """Signing off hands back what was in hand."""
    services.hand_back(user=user, at=at)


def on_placement(sender: Any, *, accounts: Sequence[int], at: datetime, **_: Any) -> None:
    """Debts were loaded: once they are committed, their people are to be worked, not a quarter of an hour later."""
    transaction.on_commit(lambda: _refresh_debts(accounts, at), robust=True)


def _refresh_debts(accounts: Sequence[int], at: datetime) -> None:
    services.refresh_people(Account.objects.filter(pk__in=accounts).values_list("debtor_id", flat=True), at)


def on_change(sender: Any, **facts: Any) -> None:
    """Somebody's money, promise, plan, hold, message or number changed: work out that person's item anew."""
    told = [one for value in facts.values() for one in (value if isinstance(value, list) else [value])]
    people = {found for found in map(_person, told) if found is not None}
    if not people:
        return
    try:
        services.refresh_people(people, facts.get("at") or clock.now())
    except Exception:  # the fact is committed; the quarter-hourly refresh repeats this
        log.exception("work not refreshed", extra={"people": sorted(people)})


def on_replies(sender: Any, *, replies: Sequence[Reply], at: datetime, **_: Any) -> None:
    """Somebody wrote, or was answered: the item says so now, also when it was put off."""
    people = {reply.debtor_id for reply in replies}
    waiting = set(Reply.objects.filter(debtor__in=people, state=Reply.State.OPEN).values_list("debtor_id", flat=True))
    for debtor_id in people:
        services.hurry_replies(debtor_id=debtor_id, waits=debtor_id in waiting, at=at)


def on_returned(sender: Any, *, payment: Any, at: datetime, **_: Any) -> None:
    """A payment came back: whoever took it has the person on her list now, with the reason as the next step (F61)."""
    services.alert(
        debtor_id=payment.debtor_id,
        to=payment.taken_by,
        next_step=f"Payment came back: {payment.returned.reason.lower()}",
        at=at,
    )


def on_hold(sender: Any, *, hold: Any, **_: Any) -> None:
    """A disputed debt leaves its plan at once; the quarter-hourly judging finds what was missed here."""
    if hold.kind == "DISPUTE":
        payments.leave_out_disputed(at=clock.now(), debtor_id=hold.debtor_id)


def on_lowered(sender: Any, *, plan: Any, without: str, at: datetime, **_: Any) -> None:
    """Whoever agreed the plan has to tell the person what she pays now."""
    text = f"Plan goes on without {without}: tell the person"
    services.alert(debtor_id=plan.debtor_id, to=plan.agreed_by, next_step=text, at=at)


def _person(value: Any) -> int | None:
    found = getattr(value, "debtor_id", None)
    return found if isinstance(found, int) else None


def waiting_for(user: Any) -> int | None:
    """How many people wait in this officer's books: the number beside Work."""
    from accounts.access import portfolio_ids

    from . import counts

    return counts.waiting(portfolio_ids(user)).total

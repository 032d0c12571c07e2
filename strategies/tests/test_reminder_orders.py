"""No reminder after a clearing payment, a dispute or an opt-out, whatever the order; nobody forgotten (D6)."""

from collections import Counter
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accounts.models import Account, Debtor
from collections_crm import testing as make
from compliance import services as compliance
from core import clock
from letters import channels
from letters import services as letters
from letters.models import Message
from letters.states import OPEN, State
from letters.tests import scene
from payments import services as payments
from strategies import reminders

pytestmark = pytest.mark.django_db
DUE = date(2026, 11, 20)
BEFORE = datetime.fromisoformat("2026-11-19T11:00:00-07:00")  # the day before, within hours
EVENTS = ("plan", "part", "part", "clear", "dispute", "stop", "cancel", "send", "signal", "hours")


class World:
    """What has happened, and what may therefore not happen any more."""

    def __init__(self, account: Account, person: Debtor) -> None:
        self.account, self.person, self.at = account, person, make.NOON
        self.promise = payments.make_promise(
            account=account, amount=Decimal("120.00"), due_date=DUE, method="LINK", by=None, at=self.at
        )
        self.paid, self.number, self.closed_at = Decimal(0), 0, {}  # type: ignore[var-annotated]

    def plan(self) -> None:
        reminders.plan_reminders(at=self.at)

    def pay(self, amount: Decimal) -> None:
        self.account.refresh_from_db()
        amount = min(amount, self.account.balance)
        if amount > 0:
            self.number += 1
            key = f"{self.account.pk}-{self.number}"
            payments.record_payment(
                account=self.account,
                amount=amount,
                method="CHECK",
                effective_date=clock.today("America/Chicago", self.at),
                key=key,
                by=None,
                at=self.at,
            )
            self.paid += amount
            if self.paid >= 114:  # 95 % of the promise keeps it
                self.closed_at.setdefault("paid", self.at)

    def part(self) -> None:
        self.pay(Decimal("30.00"))

    def clear(self) -> None:
        self.pay(Decimal("250.00"))

    def dispute(self) -> None:
        compliance.place_hold(debtor=self.person, account=self.account, kind="DISPUTE", at=self.at)
        self.closed_at.setdefault("dispute", self.at)

    def stop(self) -> None:
        for medium in ("sms", "email"):
            compliance.record_opt_out(debtor=self.person, medium=medium, at=self.at, words="STOP")
        self.closed_at.setdefault("stop", self.at)

    def cancel(self) -> None:
        self.promise.refresh_from_db()
        if self.promise.state == "OPEN":
            payments.cancel_promise(promise=self.promise, by=None, at=self.at, reason="Changed")
            self.closed_at.setdefault("cancelled", self.at)

    def send(self) -> None:
        letters.send_due(at=self.at)

    def signal(self) -> None:
        letters.drop_gone(account=self.account, at=self.at)

    def hours(self) -> None:
        self.at = min(self.at + timedelta(hours=9), BEFORE)


@pytest.fixture
def ready(danas_account: Account, dana: Debtor) -> tuple[Account, Debtor]:
    scene.reachable(dana, danas_account)
    return danas_account, dana


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@example(["plan", "hours", "hours", "hours", "clear"])
@example(["part", "plan", "part"])
@example(["plan", "stop"])
@given(st.lists(st.sampled_from(EVENTS), max_size=9))
def test_in_any_order_of_events_no_reminder_is_wrong_and_none_is_forgotten(
    ready: tuple[Account, Debtor], events: list[str]
) -> None:
    with transaction.atomic():
        world = World(*ready)
        for event in events:
            getattr(world, event)()
        world.plan()
        world.at = BEFORE
        world.send()
        _judge(world)
        transaction.set_rollback(True)


def _judge(world: World) -> None:
    rows = list(Message.objects.filter(kind="promise_reminder"))
    for row in rows:
        if row.state == State.SENT:
            late = {why: when for why, when in world.closed_at.items() if row.sent_at and row.sent_at > when}
            assert not late or (set(late) == {"stop"} and row.channel == "post"), f"a reminder went out after {late}"
    states = Counter(row.state for row in Message.objects.all())
    assert not set(states) & OPEN or all(r.due_at > world.at for r in Message.objects.filter(state__in=OPEN))
    if not world.closed_at:
        (row,) = rows
        assert row.state == State.SENT, f"forgotten: {row.state} {row.reason}"
        missing = Decimal("120.00") - world.paid
        (text,) = [t["text"] for t in channels.fake_outbox("sms") if t["key"] == f"message:{row.pk}"]
        sent_before = row.sent_at is not None and row.sent_at < BEFORE
        assert sent_before or f"${missing:,.2f}" in text


def test_what_is_not_sent_always_says_why(ready: tuple[Account, Debtor], noon: datetime) -> None:
    world: Any = World(*ready)
    world.plan()
    world.dispute()
    world.at = BEFORE
    world.send()
    row = Message.objects.get(kind="promise_reminder")
    assert row.state == State.WITHHELD and row.reason and row.verdict_id

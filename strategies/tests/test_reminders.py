"""Reminders before the day, a letter after a missed one, the notice after placement; nothing twice."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Account, Debtor
from accounts.signals import placement_released
from collections_crm import testing as make
from letters import channels
from letters import services as letters
from letters.channels.hooks import Event
from letters.models import Message
from letters.states import State
from letters.tests import scene
from payments import services as payments
from strategies import reminders, tasks

pytestmark = pytest.mark.django_db
WEDNESDAY = make.NOON + timedelta(days=1)


@pytest.fixture(autouse=True)
def _words(danas_account: Account, dana: Debtor) -> None:
    scene.reachable(dana, danas_account)


@pytest.fixture
def promise(danas_account: Account, olive: Any, noon: datetime) -> Any:
    """Dana will pay $120 on Friday."""
    return payments.make_promise(
        account=danas_account, amount=Decimal("120.00"), due_date=date(2026, 11, 20), method="LINK", by=olive, at=noon
    )


def pay(account: Account, amount: str, at: datetime, key: str = "cash") -> Any:
    account.refresh_from_db()
    return payments.record_payment(
        account=account, amount=Decimal(amount), method="CHECK", effective_date=at.date(), key=key, by=None, at=at
    )


def the(kind: str) -> Message:
    return Message.objects.get(kind=kind)


def test_two_days_before_the_day_a_text_is_due_at_ten_in_el_paso(promise: Any, noon: datetime) -> None:
    reminders.plan_reminders(at=noon)
    reminder = the("promise_reminder")
    assert (reminder.channel, reminder.due_at) == ("sms", datetime.fromisoformat("2026-11-18T10:00:00-07:00"))
    assert reminder.expires_at == datetime.fromisoformat("2026-11-20T00:00:00-07:00")
    assert letters.send_due(at=WEDNESDAY)["sent"] >= 1
    texts = [t["text"] for t in channels.fake_outbox("sms")]
    assert any("$120.00" in text and "Friday, November 20, 2026" in text for text in texts)


def test_planning_twice_plans_nothing_more(promise: Any, noon: datetime) -> None:
    assert reminders.plan_reminders(at=noon)["promise_reminder"] == 1
    assert reminders.plan_reminders(at=noon + timedelta(hours=1)) == {}


def test_a_part_payment_leaves_a_reminder_for_the_rest(promise: Any, danas_account: Account, noon: datetime) -> None:
    reminders.plan_reminders(at=noon)
    pay(danas_account, "50.00", noon + timedelta(hours=1))
    letters.send_due(at=WEDNESDAY)
    assert the("promise_reminder").state == State.SENT
    assert any("$70.00" in t["text"] for t in channels.fake_outbox("sms"))


def test_a_kept_promise_takes_its_reminder_back(
    promise: Any, danas_account: Account, noon: datetime, django_capture_on_commit_callbacks: Any
) -> None:
    reminders.plan_reminders(at=noon)
    with django_capture_on_commit_callbacks(execute=True):
        pay(danas_account, "120.00", noon + timedelta(hours=1))
    reminder = the("promise_reminder")
    assert (reminder.state, reminder.reason) == (State.CANCELLED, "The promise is kept.")


def test_without_any_signal_the_kept_promise_is_found_at_sending(
    promise: Any, danas_account: Account, noon: datetime
) -> None:
    reminders.plan_reminders(at=noon)
    pay(danas_account, "120.00", noon + timedelta(hours=1))
    letters.send_due(at=WEDNESDAY)
    assert the("promise_reminder").state == State.CANCELLED


def test_a_cancelled_promise_is_not_reminded(promise: Any, olive: Any, noon: datetime) -> None:
    reminders.plan_reminders(at=noon)
    payments.cancel_promise(promise=promise, by=olive, at=noon, reason="Lost the job")
    letters.send_due(at=WEDNESDAY)
    assert the("promise_reminder").reason == "The promise was cancelled."


def test_the_day_after_it_was_judged_missed_a_letter_goes(promise: Any, danas_account: Account, noon: datetime) -> None:
    late = noon + timedelta(days=14)
    payments.judge(at=late)
    promise.refresh_from_db()
    assert promise.state == "BROKEN"
    assert reminders.plan_reminders(at=late)["broken_promise"] == 1
    letter = the("broken_promise")
    assert letter.channel == "post" and letter.due_at.date() == (late + timedelta(days=1)).date()
    letters.send_due(at=letter.due_at)
    letter.refresh_from_db()
    assert letter.state == State.SENT and letter.document is not None


def test_a_new_promise_makes_the_letter_about_the_missed_one_needless(
    promise: Any, danas_account: Account, olive: Any, noon: datetime
) -> None:
    late = noon + timedelta(days=14)
    payments.judge(at=late)
    reminders.plan_reminders(at=late)
    payments.make_promise(
        account=danas_account, amount=Decimal("60.00"), due_date=date(2026, 12, 11), method="LINK", by=olive, at=late
    )
    letter = the("broken_promise")
    letters.send_due(at=letter.due_at)
    letter.refresh_from_db()
    assert (letter.state, letter.reason) == (State.CANCELLED, "A new promise was made.")


def test_a_payment_is_confirmed_once_and_a_returned_one_is_not(danas_account: Account, noon: datetime) -> None:
    payment = pay(danas_account, "50.00", noon)
    reminders.plan_reminders(at=noon)
    payments.return_payment(payment=payment, code="R01", returned_on=noon.date(), key="back", by=None, at=noon)
    reminders.plan_reminders(at=noon)
    letters.send_due(at=noon)
    receipt = the("payment_received")
    assert (receipt.state, receipt.reason) == (State.CANCELLED, "The payment came back.")
    assert the("returned_payment").state in (State.SENT, State.QUEUED)


@pytest.fixture
def fresh(dana: Debtor, northwind: Any) -> Account:
    """A second debt, placed yesterday, without a notice."""
    return make.account("410.00", debtor=dana, portfolio=northwind, placed_on=date(2026, 11, 16))


def test_a_placed_debt_gets_its_notice_with_figures_that_add_up(fresh: Account, noon: datetime) -> None:
    fresh.placement.received_at = noon - timedelta(days=1)  # type: ignore[union-attr]
    fresh.placement.save()  # type: ignore[union-attr]
    assert reminders.plan_first_notices(at=noon) == {"validation_notice": 1, "notice_incomplete": 0}
    letters.send_due(at=noon)
    notice = the("validation_notice")
    assert notice.account_id == fresh.pk and notice.state == State.SENT, notice.reason
    assert notice.document is not None and notice.document.pages >= 1
    assert reminders.plan_first_notices(at=noon)["validation_notice"] == 0


def test_a_debt_that_lacks_itemization_is_counted_and_never_noticed_incompletely(
    fresh: Account, noon: datetime
) -> None:
    fresh.itemization_date = None
    fresh.save()
    made = reminders.plan_first_notices(at=noon, account_ids=[fresh.pk])
    assert made == {"validation_notice": 0, "notice_incomplete": 1}


def test_a_payment_since_placement_stands_on_the_notice(fresh: Account, noon: datetime) -> None:
    pay(fresh, "10.00", noon)
    reminders.plan_first_notices(at=noon, account_ids=[fresh.pk])
    letters.send_due(at=noon)
    assert the("validation_notice").state == State.SENT, the("validation_notice").reason


def test_a_cent_that_does_not_add_up_holds_the_notice_back_with_its_name(fresh: Account, noon: datetime) -> None:
    reminders.plan_first_notices(at=noon, account_ids=[fresh.pk])
    Account.objects.filter(pk=fresh.pk).update(itemization_fees="0.01")
    letters.send_due(at=noon)
    notice = the("validation_notice")
    assert notice.state == State.WITHHELD and "current amount" in notice.reason


def test_a_release_wakes_the_first_notices_of_its_debts_once(
    fresh: Account, noon: datetime, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks() as woken:
        placement_released.send(sender=Account, placement_id=1, account_ids=[fresh.pk], at=noon)
    assert len(woken) == 1
    for _ in range(2):
        tasks.plan_first_notices(account_ids=[fresh.pk])
    assert the("validation_notice").account_id == fresh.pk


def test_a_notice_that_came_back_goes_once_more_when_there_is_another_address(
    fresh: Account, dana: Debtor, noon: datetime
) -> None:
    reminders.plan_first_notices(at=noon, account_ids=[fresh.pk])
    letters.send_due(at=noon)
    first = the("validation_notice")
    back = Event(id="back", kind="returned", occurred_at=noon, reference=f"message:{first.pk}")
    letters.take(channel="post", events=[back], at=noon)
    letters.take_in(at=noon)
    assert reminders.plan_first_notices(at=noon, account_ids=[fresh.pk])["validation_notice"] == 0, "no address"
    make.address(dana, "14 Mesa St")
    for made in (1, 0):
        assert reminders.plan_first_notices(at=noon, account_ids=[fresh.pk])["validation_notice"] == made
    second = Message.objects.filter(kind="validation_notice").latest("pk")
    assert second.key == f"{first.key}:1"

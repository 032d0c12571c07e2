"""Who has no number in use is looked for, not called; the calls come back with the number."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client, TestCase

from accounts import services as accounts
from accounts.models import Account, ContactPoint, Debtor
from collections_crm import testing as make
from contacts.models import Reply
from contacts.tests.stories import dial, outcome
from strategies import services as work
from strategies.desk import services as desk
from strategies.models import WorkItem
from strategies.rules import steps
from strategies.rules.facts import PersonFacts
from users.models import User

from .test_refresh import plan, promise

pytestmark = pytest.mark.django_db
NOON = make.NOON
TODAY = date(2026, 11, 17)


@pytest.fixture
def number(dana: Debtor) -> ContactPoint:
    """Dana's only number; there is an e-mail address, too."""
    return ContactPoint.objects.get(debtor=dana, kind="PHONE")


def item_of(debtor: Debtor) -> WorkItem:
    return WorkItem.objects.get(debtor=debtor, state="OPEN")


def standing(point: ContactPoint, status: str, at: datetime) -> None:
    """The number's new status, with what is done after the commit."""
    with TestCase.captureOnCommitCallbacks(execute=True):
        accounts.set_contact_status(point=point, status=status, by=None, at=at)


@pytest.mark.parametrize("status", ["BAD", "WRONG_PARTY", "RETIRED"])
def test_a_broken_promise_of_who_cannot_be_phoned_is_a_search_until_the_number_is_good_again(
    olive: User, danas_account: Account, number: ContactPoint, status: str
) -> None:
    promise(danas_account, due=date(2026, 11, 13))
    work.refresh_all(NOON)
    assert item_of(danas_account.debtor).queue == "broken-promises"

    standing(number, status, NOON)

    item = item_of(danas_account.debtor)
    assert (item.queue, item.next_step, item.get_queue_display()) == ("skip", "Find a number", "No working number")
    assert work.claim_next(user=olive, at=NOON, queue="broken-promises") is None
    assert work.claim_next(user=olive, at=NOON) is None
    searched = work.claim_next(user=olive, at=NOON, queue="skip")
    assert searched is not None and searched.debtor_id == danas_account.debtor_id
    WorkItem.objects.update(not_before=NOON + timedelta(days=7))
    work.pass_over(user=olive, at=NOON)

    standing(number, "ACTIVE", NOON + timedelta(minutes=20))

    claim = work.claim_next(user=olive, at=NOON + timedelta(minutes=20), queue="broken-promises")
    assert claim is not None and claim.next_step == "Call, ask what changed"


def test_a_number_added_on_her_page_brings_the_calls_back(
    olive: User, danas_account: Account, number: ContactPoint, sign_in: Callable[[User], Client]
) -> None:
    standing(number, "BAD", NOON)
    assert item_of(danas_account.debtor).queue == "skip"
    new = {"kind": "PHONE", "value": "(915) 555-0190", "use": "MOBILE", "source": "SKIP"}

    with TestCase.captureOnCommitCallbacks(execute=True):
        saved = sign_in(olive).post(f"/people/{danas_account.debtor.ref}/reach/", new)

    assert saved.status_code == 303
    assert item_of(danas_account.debtor).queue == "general"


def test_a_call_back_to_a_number_gone_bad_waits_for_another_number_and_keeps_its_time(
    olive: User, danas_account: Account, number: ContactPoint
) -> None:
    two, debtor = NOON + timedelta(hours=2), danas_account.debtor
    promise(danas_account, due=date(2026, 11, 27), state="OPEN")
    work.schedule_callback(debtor=debtor, at_time=two, by=olive, at=NOON)

    standing(number, "BAD", NOON)
    item = item_of(debtor)
    assert (item.queue, item.not_before, item.assigned_to) == ("skip", NOON, olive)
    assert work.claim_next(user=olive, at=two) is None
    work.refresh_all(NOON + timedelta(minutes=15))

    standing(number, "ACTIVE", NOON + timedelta(minutes=30))
    item = item_of(debtor)
    assert (item.queue, item.not_before, item.due_at) == ("callbacks", two, two)
    assert item.next_step == "Call back as agreed"


def test_not_in_service_is_a_search_until_another_number_is_added(
    olive: User, danas_account: Account, number: ContactPoint
) -> None:
    call = dial(danas_account, by=olive, at=NOON)
    desk.wrap_up(call=call, disposition=outcome("not-in-service"), note="", by=olive, at=NOON)
    work.refresh_all(NOON + timedelta(minutes=15))
    assert item_of(danas_account.debtor).queue == "skip"

    later = NOON + timedelta(minutes=20)
    with TestCase.captureOnCommitCallbacks(execute=True):
        accounts.add_contact_point(
            debtor=danas_account.debtor, kind="PHONE", value="+19155550190", source="SKIP", by=olive, at=later
        )

    item = item_of(danas_account.debtor)
    assert (item.queue, item.next_step) == ("general", "Call") and item.not_before <= later


@pytest.mark.parametrize("chosen", ["", "skip", "review", "disputes", "broken-promises"])
@pytest.mark.parametrize("wrote", [False, True])
@pytest.mark.parametrize("waits", ["", "callback", "promise", "plan"])
@pytest.mark.parametrize("has_number", [False, True])
def test_one_person_everybody_and_the_rules_agree(
    danas_account: Account, number: ContactPoint, has_number: bool, waits: str, wrote: bool, chosen: str
) -> None:
    debtor = danas_account.debtor
    work.refresh_all(NOON)
    WorkItem.objects.update(set_queue=chosen)
    if waits == "callback":
        WorkItem.objects.update(queue="callbacks", due_at=NOON + timedelta(hours=2))
    elif waits == "promise":
        promise(danas_account, due=date(2026, 11, 27), state="OPEN")
    elif waits == "plan":
        plan(danas_account, "ACTIVE")
    if wrote:
        Reply.objects.create(debtor=debtor, channel="sms", key="k", event_id=uuid4(), received_at=NOON)
    if not has_number:
        ContactPoint.objects.filter(pk=number.pk).update(status="BAD")
    known = PersonFacts(
        amount=danas_account.balance,
        callback_at=NOON + timedelta(hours=2) if waits == "callback" else None,
        promise_open=waits == "promise",
        plan_on_track=waits == "plan",
        has_number=has_number,
        set_queue=chosen,
        reply_open=wrote,
    )
    expected = steps.queue_of(known, on=TODAY)

    work.refresh_people([debtor.pk], NOON)

    assert WorkItem.objects.filter(state="OPEN").values_list("queue", flat=True).first() == expected
    assert work.refresh_all(NOON) == {"made": 0, "changed": 0, "ended": 0}

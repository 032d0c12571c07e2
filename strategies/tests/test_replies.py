"""Somebody writes back: it is work for the team until somebody has answered or says that it is done."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client, TestCase

from accounts.models import Account, AccountParty, Debtor
from collections_crm import testing as make
from compliance.models import Hold
from contacts import services as contacts
from contacts.models import Reply
from contacts.tests.stories import dial, outcome, talk
from core.models import AuditEvent
from letters import services as letters
from letters.models import Message, ProviderEvent
from letters.tests import scene
from letters.tests.test_incoming import SECRET, written
from strategies import services as work
from strategies.desk import services as desk
from strategies.desk import undo
from strategies.models import WorkItem
from strategies.tests.test_refresh import plan, promise
from users.models import User

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
LINE = "+19155550142"


@pytest.fixture(autouse=True)
def _a_person_we_write_to(danas_account: Account, dana: Debtor, settings: Any) -> None:
    make.firm()
    scene.reachable(dana, danas_account)
    secrets = {"hook_secrets": [SECRET]}
    settings.LETTERS = {name: how | secrets for name, how in settings.LETTERS.items()}


def item_of(debtor: Debtor) -> WorkItem:
    return WorkItem.objects.get(debtor=debtor, state="OPEN")


def committed() -> Any:
    """What waits for the commit is done when the block ends."""
    return TestCase.captureOnCommitCallbacks(execute=True)


def text_in(noon: datetime, text: str = "I lost my job. Can I pay less?", id: str = "e-1") -> None:
    with committed():
        assert written("sms", noon, LINE, text, id=id).status_code == 200
        letters.take_in(at=noon)


def test_a_text_is_work_for_her_team_at_once_and_once(dana: Debtor, olive: User, quinn: User, noon: datetime) -> None:
    text_in(noon)
    text_in(noon)
    ProviderEvent.objects.update(state="NEW", lease_until=None, finished_at=None)  # a worker died after its commit
    letters.take_in(at=noon)

    assert Reply.objects.count() == 1
    item = item_of(dana)
    assert (item.queue, item.next_step) == ("replies", "Read the message, answer")
    assert work.claim_next(user=quinn, at=noon, queue="replies") is None
    claim = work.claim_next(user=olive, at=noon, queue="replies")
    assert claim is not None and claim.debtor_id == dana.pk


@pytest.mark.parametrize("text", ["STOP", "HELP", "start"])
def test_a_command_is_obeyed_and_makes_no_work(dana: Debtor, noon: datetime, text: str) -> None:
    text_in(noon, text)

    assert not Reply.objects.exists()
    assert not WorkItem.objects.filter(queue="replies").exists()


def test_help_by_e_mail_has_no_answer_of_its_own_so_somebody_reads_it(dana: Debtor, noon: datetime) -> None:
    with committed():
        written("email", noon, "dana.reyes@example.com", "Help")

    assert item_of(dana).queue == "replies"


def test_who_waits_for_nothing_else_is_answered_too(dana: Debtor, danas_account: Account, noon: datetime) -> None:
    promise(danas_account, due=date(2026, 11, 27), state="OPEN")
    plan(danas_account, "ACTIVE")
    work.refresh_all(noon)
    assert not WorkItem.objects.filter(state="OPEN").exists()

    text_in(noon)

    assert item_of(dana).queue == "replies"
    work.refresh_all(noon + timedelta(minutes=15))
    assert item_of(dana).queue == "replies"


@pytest.mark.parametrize("end", ["paid", "closed", "disputed", "cease"])
def test_also_without_a_debt_that_may_be_asked_for(
    dana: Debtor, danas_account: Account, noon: datetime, end: str
) -> None:
    if end == "paid":
        Account.objects.update(balance=0, status="PAID", closed_at=noon)
    elif end == "closed":
        Account.objects.update(status="CLOSED", closed_at=noon)
    elif end == "disputed":
        Account.objects.update(status="DISPUTED")
    else:
        Hold.objects.create(debtor=dana, kind="CEASE", since=noon)
    text_in(noon)

    item = item_of(dana)
    assert (item.queue, item.account) == ("replies", danas_account)
    assert item.amount == (250 if end == "cease" else 0)


def test_a_guarantor_who_writes_is_answered(danas_account: Account, olive: User, noon: datetime) -> None:
    gus = make.debtor("Gus Okafor")
    make.phone(gus, "+19155550177")
    AccountParty.objects.create(account=danas_account, debtor=gus, role="GUARANTOR")
    with committed():
        written("sms", noon, "+19155550177", "Please write to me instead")

    assert item_of(gus).account == danas_account


def test_what_was_put_off_is_due_now_and_an_agreed_call_back_keeps_its_time(
    dana: Debtor, olive: User, noon: datetime
) -> None:
    tomorrow = noon + timedelta(days=1)
    work.refresh_all(noon)
    work.schedule_callback(debtor=dana, at_time=tomorrow, by=olive, at=noon)

    text_in(noon)

    item = item_of(dana)
    assert (item.queue, item.due_at, item.not_before) == ("callbacks", tomorrow, noon)
    assert item.next_step == "Read the message, answer"
    with committed():
        work.finish_replies(debtor=dana, by=olive, at=noon)
    item = item_of(dana)
    assert (item.queue, item.not_before, item.next_step) == ("callbacks", tomorrow, "Call back as agreed")


def test_a_talk_answers_her_and_no_answer_does_not(
    dana: Debtor, danas_account: Account, olive: User, noon: datetime
) -> None:
    text_in(noon)
    contact = talk(danas_account, by=olive, at=noon)

    desk.wrap_up(call=contact, disposition=outcome("cannot-pay"), note="Nothing to pay with", by=olive, at=noon)
    reply = Reply.objects.get()
    assert (reply.state, reply.closed_by) == ("ANSWERED", olive)
    assert not WorkItem.objects.filter(state="OPEN", queue="replies").exists()

    text_in(noon, "You called?", id="e-2")
    again = dial(danas_account, by=olive, at=noon + timedelta(days=8))
    desk.wrap_up(call=again, disposition=outcome("no-answer"), note="", by=olive, at=noon + timedelta(days=8))
    assert item_of(dana).queue == "replies" and Reply.objects.filter(state="OPEN").count() == 1


def test_a_letter_of_an_officer_answers_what_came_before_it_when_it_went_out(
    dana: Debtor, danas_account: Account, olive: User, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.promise()
    text_in(noon)
    scene.reminder(danas_account, "sms", key="by the system")
    letters.send_due(at=noon + timedelta(minutes=1))
    assert Reply.objects.get().state == "OPEN"

    scene.reminder(danas_account, "email", key="by Olive", by=olive, at=noon + timedelta(minutes=2))
    assert Reply.objects.get().state == "OPEN"  # planned; nobody has read it yet
    monkeypatch.setattr("core.clock.now", lambda: noon + timedelta(minutes=3))
    text_in(noon + timedelta(minutes=3), "And one more thing", id="e-2")
    with committed():
        letters.send_due(at=noon + timedelta(minutes=4))

    assert Message.objects.get(key="by Olive").state == "SENT"
    assert list(Reply.objects.order_by("received_at").values_list("state", "closed_by")) == [
        ("ANSWERED", olive.pk), ("OPEN", None),
    ]  # fmt: skip
    assert item_of(dana).queue == "replies"


def test_olive_reads_it_on_the_page_and_marks_it_done_twice(
    dana: Debtor, olive: User, cora: User, quinn: User, sign_in: SignIn, noon: datetime
) -> None:
    text_in(noon, "I can't pay the $250.00 now")
    client, url = sign_in(olive), f"/people/{dana.ref}/replies/done/"

    page = client.get(f"/people/{dana.ref}/").content.decode()
    assert 'id="replies"' in page and "pay the $•••• now" in page
    assert 'id="replies-done"' not in sign_in(cora).get(f"/people/{dana.ref}/").content.decode()
    assert sign_in(quinn).post(url).status_code == 404
    with committed():
        assert [client.post(url).status_code for _ in range(2)] == [303, 303]

    assert 'id="replies"' not in client.get(f"/people/{dana.ref}/").content.decode()
    assert Reply.objects.get().state == "DONE"
    assert AuditEvent.objects.filter(action="reply.done", person_id=dana.pk).count() == 1
    assert WorkItem.objects.get(queue="replies").done_by == olive
    assert item_of(dana).queue == "general"


def test_the_quarter_hourly_refresh_finds_what_the_signal_lost(
    dana: Debtor, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    work.refresh_all(noon)
    monkeypatch.setattr("contacts.signals.replies_changed.send", lambda **_: None)
    text_in(noon)
    assert item_of(dana).queue == "general"

    work.refresh_all(noon + timedelta(minutes=15))

    assert (item_of(dana).queue, item_of(dana).next_step) == ("replies", "Read the message, answer")
    assert contacts.finish_replies(debtor=dana, by=make.user("Ann Other", "officer"), at=noon) == 1


def test_an_outcome_taken_back_leaves_what_she_wrote_unanswered_again(
    dana: Debtor, danas_account: Account, olive: User, noon: datetime
) -> None:
    text_in(noon, "An old question", id="e-0")
    with committed():
        work.finish_replies(debtor=dana, by=olive, at=noon - timedelta(minutes=1))
    text_in(noon)
    work.claim(user=olive, debtor=dana, at=noon)
    contact = talk(danas_account, by=olive, at=noon)
    with committed():
        desk.wrap_up(call=contact, disposition=outcome("cannot-pay"), note="Nothing to pay", by=olive, at=noon)
    assert item_of(dana).queue == "general"

    soon = noon + timedelta(seconds=20)
    with committed():
        again = undo.outcome(call_id=contact.pk, by=olive, at=soon)

    assert list(Reply.objects.order_by("pk").values_list("state", "closed_by")) == [("DONE", olive.pk), ("OPEN", None)]
    item = item_of(dana)
    assert (item.queue, item.next_step, item.held) == ("replies", "Read the message, answer", True)
    assert AuditEvent.objects.get(action="reply.reopened").data == {"replies": 1}

    desk.wrap_up(call=again, disposition=outcome("cannot-pay"), note="Nothing to pay", by=olive, at=soon)
    assert not Reply.objects.filter(state="OPEN").exists()

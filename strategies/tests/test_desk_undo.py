"""U takes the outcome or the skip of a moment ago back; what was done stays on record and the attempt stays counted."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account
from compliance import services as compliance
from compliance.models import ContactEvent
from contacts.models import Interaction
from contacts.tests.stories import dial, mobile, outcome, talk
from core.models import AuditEvent
from payments.models import Promise
from strategies import services as work
from strategies.desk import services, undo
from strategies.desk.services import Agreed
from strategies.models import PersonHold, WorkItem
from users.models import User

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


@pytest.fixture
def at_work(olive: User, danas_account: Account, noon: datetime) -> Account:
    """Olive has Dana in hand."""
    work.refresh_people([danas_account.debtor_id], noon)
    work.claim(user=olive, debtor=danas_account.debtor, at=noon)
    return danas_account


def opened(client: Client, answer: Any) -> str:
    """The page that an answer sends the browser to."""
    assert answer.status_code == 303
    return str(client.get(answer["Location"]).content.decode())


def ended(account: Account, by: User, at: datetime, code: str = "no-answer") -> Interaction:
    call = dial(account, by=by, at=at)
    services.wrap_up(call=call, disposition=outcome(code), note="", by=by, at=at)
    return call


def test_a_wrong_digit_is_taken_back_and_the_right_one_counts_once(
    olive: User, at_work: Account, noon: datetime
) -> None:
    call = ended(at_work, olive, noon)
    soon = noon + timedelta(seconds=5)

    again = undo.outcome(call_id=call.pk, by=olive, at=soon)

    assert (again.state, again.corrects, again.facts["line"]) == ("OPEN", call, "ended")
    assert PersonHold.objects.get(released_at=None).user == olive
    assert WorkItem.objects.get(debtor=at_work.debtor, state="OPEN").not_before == soon
    note = Interaction.objects.get(kind="NOTE")
    assert note.corrects == call and "“No answer” was taken back" in note.note
    assert Interaction.objects.get(pk=call.pk).disposition_id == "no-answer"  # nothing is erased

    services.wrap_up(call=again, disposition=outcome("busy"), note="", by=olive, at=soon)

    facts = compliance.facts_for(at_work.debtor, soon, [at_work])
    assert [event.outcome for event in facts.history if event.kind == "call"] == ["busy"]
    assert ContactEvent.objects.filter(source_id=str(call.pk), kind="attempt").count() == 1
    assert AuditEvent.objects.filter(action="call.outcome_taken_back").exists()


def test_the_queue_and_next_step_come_back_too(olive: User, at_work: Account, noon: datetime) -> None:
    before = WorkItem.objects.get(debtor=at_work.debtor, state="OPEN")
    call = ended(at_work, olive, noon, "not-in-service")
    assert WorkItem.objects.get(debtor=at_work.debtor, state="OPEN").queue == "skip"

    undo.outcome(call_id=call.pk, by=olive, at=noon)

    item = WorkItem.objects.get(debtor=at_work.debtor, state="OPEN")
    assert (item.queue, item.set_queue, item.next_step) == (before.queue, "", before.next_step)


def test_a_promise_is_cancelled_with_it(olive: User, at_work: Account, noon: datetime) -> None:
    call = talk(at_work, by=olive, at=noon)
    agreed = Agreed(account=at_work, amount=Decimal("60.00"), day=date(2026, 11, 27))
    services.wrap_up(call=call, disposition=outcome("promise"), note="", by=olive, at=noon, agreed=agreed)

    again = undo.outcome(call_id=call.pk, by=olive, at=noon)

    assert Promise.objects.get().state == "CANCELLED" and again.verified_at == noon


@pytest.mark.parametrize("code", ["message-left", "wrong-number"])
def test_what_reached_somebody_or_switched_a_number_off_stays(
    olive: User, at_work: Account, noon: datetime, code: str
) -> None:
    call = ended(at_work, olive, noon, code)

    with pytest.raises(undo.UndoRefused):
        undo.outcome(call_id=call.pk, by=olive, at=noon)

    assert Interaction.objects.count() == 1


def test_it_is_refused_later_twice_by_another_and_after_somebody_else_worked_her(
    olive: User, pavel: User, at_work: Account, noon: datetime
) -> None:
    call = ended(at_work, olive, noon)
    with pytest.raises(undo.UndoRefused, match="too late"):
        undo.outcome(call_id=call.pk, by=olive, at=noon + timedelta(minutes=3))
    with pytest.raises(undo.UndoRefused, match="too late"):
        undo.outcome(call_id=call.pk, by=pavel, at=noon)

    later = noon + timedelta(seconds=10)
    work.claim(user=pavel, debtor=at_work.debtor, at=later)
    with pytest.raises(undo.UndoRefused, match="Something else"):
        undo.outcome(call_id=call.pk, by=olive, at=later)
    PersonHold.objects.filter(user=pavel).delete()

    again = undo.outcome(call_id=call.pk, by=olive, at=later)
    services.wrap_up(call=again, disposition=outcome("busy"), note="", by=olive, at=later)
    with pytest.raises(undo.UndoRefused):
        undo.outcome(call_id=call.pk, by=olive, at=later)


def test_the_next_page_offers_undo_and_says_what_stays(
    olive: User, at_work: Account, sign_in: SignIn, noon: datetime
) -> None:
    client = sign_in(olive)
    point = mobile(at_work.debtor).pk
    client.post(f"/people/{at_work.debtor.ref}/call/", {"point": point, "idempotency_key": "k1"})
    call = Interaction.objects.get(state="OPEN")
    facts = {"disposition": "no-answer", "call": call.pk, "then": "stay", "idempotency_key": "k2"}

    page = opened(client, client.post(f"/people/{at_work.debtor.ref}/wrap-up/", facts))
    assert f'action="/people/{at_work.debtor.ref}/undo/{call.pk}/"' in page and "The attempt stays counted" in page

    after = opened(client, client.post(f"/people/{at_work.debtor.ref}/undo/{call.pk}/"))
    assert "Taken back. Say how the call ended." in after and "Call ended. Say how it ended" in after


def test_a_skip_is_taken_back(olive: User, at_work: Account, sign_in: SignIn, noon: datetime) -> None:
    client = sign_in(olive)

    page = opened(client, client.post(f"/people/{at_work.debtor.ref}/skip/"))
    assert f'action="/people/{at_work.debtor.ref}/unskip/"' in page
    assert WorkItem.objects.get(state="OPEN").not_before > noon
    client.post(f"/people/{at_work.debtor.ref}/unskip/")

    assert PersonHold.objects.get(released_at=None).user == olive
    assert WorkItem.objects.get(state="OPEN").not_before == noon
    assert PersonHold.objects.filter(release_reason="passed over").count() == 1

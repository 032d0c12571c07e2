"""How a contact ends at the desk: one transaction, the next step set by the outcome."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, Debtor
from contacts.models import Interaction
from contacts.tests.stories import dial, mobile, outcome, talk
from payments import services as payments
from payments.models import Payment, Plan, Promise
from strategies import services as work
from strategies.desk import services
from strategies.desk.services import Agreed
from strategies.models import PersonHold, WorkItem
from users.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_work(olive: User, danas_account: Account, noon: datetime) -> Account:
    """Olive has Dana in hand."""
    work.refresh_people([danas_account.debtor_id], noon)
    work.claim(user=olive, debtor=danas_account.debtor, at=noon)
    return danas_account


def test_no_answer_puts_her_off_a_day_and_lets_her_go(olive: User, at_work: Account, noon: datetime) -> None:
    call = dial(at_work, by=olive, at=noon)

    done = services.wrap_up(call=call, disposition=outcome("no-answer"), note="", by=olive, at=noon)

    item = WorkItem.objects.get(debtor=at_work.debtor, state="OPEN")
    assert done.next_at == item.not_before == noon + timedelta(hours=24)
    assert item.next_step == "Call again"
    assert not PersonHold.objects.filter(released_at=None).exists()


def test_a_promise_is_made_and_the_work_waits_for_it(olive: User, at_work: Account, noon: datetime) -> None:
    call = talk(at_work, by=olive, at=noon)
    agreed = Agreed(account=at_work, amount=Decimal("60.00"), day=date(2026, 11, 27))

    services.wrap_up(call=call, disposition=outcome("promise"), note="", by=olive, at=noon, agreed=agreed)

    promise = Promise.objects.get()
    assert (promise.amount, promise.due_date, promise.interaction_id) == (Decimal("60.00"), date(2026, 11, 27), call.pk)
    assert not WorkItem.objects.filter(debtor=at_work.debtor, state="OPEN").exists()


def test_a_promise_that_is_refused_leaves_the_call_open_and_nothing_saved(
    olive: User, at_work: Account, noon: datetime
) -> None:
    call = talk(at_work, by=olive, at=noon)

    with pytest.raises(services.WrapUpRefused) as refused:
        services.wrap_up(
            call=call, disposition=outcome("promise"), note="x", by=olive, at=noon,
            agreed=Agreed(account=at_work, amount=Decimal("9999.00"), day=date(2026, 11, 27)),
        )  # fmt: skip

    assert refused.value.field == "amount"
    assert Interaction.objects.get(pk=call.pk).state == "OPEN" and not Promise.objects.exists()


def test_a_plan_needs_the_read_back(olive: User, at_work: Account, noon: datetime) -> None:
    call = talk(at_work, by=olive, at=noon)
    terms = payments.Terms(every="biweekly", first_date=date(2026, 11, 27), amount=Decimal("50.00"))
    agreed = Agreed(accounts=[at_work], terms=terms, read_back=False)

    with pytest.raises(services.WrapUpRefused, match="Read the terms back"):
        services.wrap_up(call=call, disposition=outcome("plan"), note="", by=olive, at=noon, agreed=agreed)
    services.wrap_up(
        call=call, disposition=outcome("plan"), note="", by=olive, at=noon,
        agreed=Agreed(accounts=[at_work], terms=terms, read_back=True),
    )  # fmt: skip

    plan = Plan.objects.get()
    assert sum(line.amount for line in plan.installments.all()) == Decimal("250.00")


def test_a_payment_at_the_desk_is_posted_once_by_its_key(olive: User, at_work: Account, noon: datetime) -> None:
    call = talk(at_work, by=olive, at=noon)
    agreed = Agreed(account=at_work, amount=Decimal("40.00"), day=date(2026, 11, 17), method="CARD", key="k1")

    for _ in range(2):
        services.wrap_up(call=call, disposition=outcome("paid-now"), note="", by=olive, at=noon, agreed=agreed)

    at_work.refresh_from_db()
    assert Payment.objects.count() == 1 and at_work.balance == Decimal("210.00")


def test_a_call_back_is_due_at_its_time_for_the_officer(olive: User, at_work: Account, noon: datetime) -> None:
    call = talk(at_work, by=olive, at=noon)
    when = noon + timedelta(days=8)

    services.wrap_up(
        call=call, disposition=outcome("callback"), note="", by=olive, at=noon, agreed=Agreed(call_at=when)
    )

    item = WorkItem.objects.get(debtor=at_work.debtor, state="OPEN")
    assert (item.queue, item.due_at, item.assigned_to) == ("callbacks", when, olive)
    with pytest.raises(services.WrapUpRefused):
        services.wrap_up(
            call=talk_again(at_work, olive, noon), disposition=outcome("callback"), note="", by=olive, at=noon
        )


def talk_again(account: Account, officer: User, at: datetime) -> Interaction:
    from contacts import services as contacts

    found = contacts.receive_call(number=mobile(account.debtor).value, by=officer, at=at).call
    assert found is not None
    contacts.verify(call=found, facts=["address", "birth_date"], by=officer, at=at)
    return contacts.step_done(call=found, step="disclosure", by=officer, at=at)


def test_after_a_talk_the_next_call_is_not_before_seven_days(olive: User, at_work: Account, noon: datetime) -> None:
    call = talk(at_work, by=olive, at=noon)

    done = services.wrap_up(call=call, disposition=outcome("refuses"), note="Says no", by=olive, at=noon)

    assert done.next_at is not None and done.next_at >= noon + timedelta(days=6)


def test_a_wrong_number_is_taken_off_with_the_outcome(olive: User, at_work: Account, noon: datetime) -> None:
    point = mobile(at_work.debtor)
    call = dial(at_work, by=olive, at=noon)

    services.wrap_up(call=call, disposition=outcome("wrong-number"), note="", by=olive, at=noon)

    point.refresh_from_db()
    assert point.status == "WRONG_PARTY"


def test_a_dispute_outcome_asks_for_the_reason_first(olive: User, at_work: Account, noon: datetime) -> None:
    call = talk(at_work, by=olive, at=noon)

    with pytest.raises(services.WrapUpRefused, match="what is wrong"):
        services.wrap_up(call=call, disposition=outcome("dispute"), note="", by=olive, at=noon)


def test_saving_no_answer_costs_a_bounded_number_of_statements(
    olive: User, at_work: Account, dana: Debtor, noon: datetime
) -> None:
    def cost(events: int) -> int:
        Interaction.objects.bulk_create(
            Interaction(debtor=dana, account=at_work, kind="NOTE", state="CLOSED", started_at=noon, note=f"n{n}")
            for n in range(events)
        )
        call = dial(at_work, by=olive, at=noon)
        nobody = outcome("no-answer")
        with CaptureQueriesContext(connection) as seen:
            services.wrap_up(call=call, disposition=nobody, note="", by=olive, at=noon)
        return len(seen)

    cost(0)  # opens the shift
    few = cost(0)
    assert cost(300) == few
    assert few <= 13  # two of them are a savepoint of the verdict


def test_an_outcome_without_consequences_tells_the_list_how_she_was_called_last(
    olive: User, at_work: Account, noon: datetime
) -> None:
    later = noon + timedelta(minutes=5)
    call = dial(at_work, by=olive, at=noon)

    services.wrap_up(call=call, disposition=outcome("no-answer"), note="", by=olive, at=later)

    item = WorkItem.objects.get(debtor=at_work.debtor, state="OPEN")
    assert (item.last_contact, item.last_contact_at, item.held) == ("no answer", noon, False)
    done = WorkItem.objects.get(debtor=at_work.debtor, state="DONE")
    assert (done.done_by, done.done_at) == (olive, later)
    assert work.refresh_people([at_work.debtor_id], later) == {"made": 0, "changed": 1, "ended": 0}  # only its points
    assert PersonHold.objects.get().release_reason == "done"


def test_a_number_not_in_service_moves_her_to_the_search_for_a_number(
    olive: User, at_work: Account, noon: datetime
) -> None:
    call = dial(at_work, by=olive, at=noon)

    services.wrap_up(call=call, disposition=outcome("not-in-service"), note="", by=olive, at=noon)

    item = WorkItem.objects.get(debtor=at_work.debtor, state="OPEN")
    assert (item.queue, item.set_queue, item.next_step) == ("skip", "skip", "Find a number")
    assert item.priority == sum(item.reasons.values())
    assert work.refresh_people([at_work.debtor_id], noon) == {"made": 0, "changed": 0, "ended": 0}


def test_her_own_call_to_olive_leaves_her_in_pavels_hand(
    olive: User, pavel: User, at_work: Account, noon: datetime
) -> None:
    work.release(user=olive, debtor=at_work.debtor, at=noon, reason="done")
    work.claim(user=pavel, debtor=at_work.debtor, at=noon)
    call = talk_again(at_work, olive, noon)

    services.wrap_up(call=call, disposition=outcome("refuses"), note="Says no", by=olive, at=noon)

    assert PersonHold.objects.get(released_at=None).user == pavel
    assert WorkItem.objects.get(debtor=at_work.debtor, state="OPEN").held


def test_a_call_back_without_an_answer_goes_back_to_the_queue_of_the_facts(
    olive: User, at_work: Account, noon: datetime
) -> None:
    work.schedule_callback(debtor=at_work.debtor, at_time=noon + timedelta(hours=1), by=olive, at=noon)
    due = noon + timedelta(hours=1)
    call = dial(at_work, by=olive, at=due)

    services.wrap_up(call=call, disposition=outcome("no-answer"), note="", by=olive, at=due)

    item = WorkItem.objects.get(debtor=at_work.debtor, state="OPEN")
    assert (item.queue, item.due_at, item.assigned_to) == ("general", None, None)
    assert not PersonHold.objects.filter(released_at=None).exists()


def test_a_plain_outcome_that_is_refused_leaves_the_call_open_and_the_transaction_whole(
    olive: User, at_work: Account, noon: datetime
) -> None:
    call = talk(at_work, by=olive, at=noon)

    with pytest.raises(services.WrapUpRefused):
        services.wrap_up(call=call, disposition=outcome("no-answer"), note="", by=olive, at=noon)

    assert Interaction.objects.get(pk=call.pk).state == "OPEN"
    assert PersonHold.objects.get(released_at=None).user == olive


def test_a_lead_takes_over_the_person_and_the_call(olive: User, lee: User, at_work: Account, noon: datetime) -> None:
    call = talk(at_work, by=olive, at=noon)

    services.take_over(debtor=at_work.debtor, call=call, by=lee, at=noon, reason="Complaint")

    call.refresh_from_db()
    assert call.officer == lee and call.verified_at == noon and call.script_step
    assert PersonHold.objects.get(released_at=None).user == lee

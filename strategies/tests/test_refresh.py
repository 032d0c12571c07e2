"""One open item per person, its queue the most urgent reason; SQL and Python agree; a second run writes nothing."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, Debtor, Portfolio
from collections_crm import testing as make
from compliance.models import ContactEvent, Hold
from contacts.models import Dispute
from payments.models import Plan, Promise
from strategies import services as work
from strategies.models import NOT_LATE, PriorityWeights, WorkItem
from strategies.rules import priority, steps
from strategies.rules.facts import PersonFacts
from users.models import Team, User

NOON = make.NOON
TODAY = date(2026, 11, 17)


def promise(account: Account, *, due: date, state: str = "BROKEN", amount: str = "60.00") -> Promise:
    return Promise.objects.create(
        account=account,
        debtor=account.debtor,
        amount=Decimal(amount),
        currency="USD",
        due_date=due,
        grace_until=due + timedelta(days=2),
        state=state,
        made_at=NOON - timedelta(days=20),
    )


def plan(account: Account, state: str) -> Plan:
    return Plan.objects.create(
        debtor=account.debtor,
        account=account,
        state=state,
        total=Decimal(250),
        amount=Decimal(50),
        currency="USD",
        every="monthly",
        first_date=TODAY,
        last_date=TODAY + timedelta(days=120),
        count=5,
        agreed_at=NOON,
    )


def item_of(debtor: Debtor) -> WorkItem:
    return WorkItem.objects.get(debtor=debtor, state="OPEN")


def test_a_plain_old_debt_is_general_work(danas_account: Account) -> None:
    work.refresh_people([danas_account.debtor_id], NOON)

    item = item_of(danas_account.debtor)
    assert (item.queue, item.amount, item.debts, item.next_step) == ("general", Decimal("250.00"), 1, "Call")
    assert item.late_since == date(2026, 8, 1) and item.days_late(TODAY) == 108


def test_a_missed_promise_is_the_most_urgent_with_amount_and_date(danas_account: Account) -> None:
    promise(danas_account, due=date(2026, 11, 13))

    work.refresh_people([danas_account.debtor_id], NOON)

    item = item_of(danas_account.debtor)
    assert (item.queue, item.missed_amount, item.missed_on) == (
        "broken-promises",
        Decimal("60.00"),
        date(2026, 11, 13),
    )


def test_an_open_promise_or_a_plan_on_track_means_waiting(danas_account: Account) -> None:
    open_promise = promise(danas_account, due=date(2026, 11, 27), state="OPEN")
    work.refresh_people([danas_account.debtor_id], NOON)
    assert not WorkItem.objects.filter(state="OPEN").exists()

    open_promise.delete()
    agreed = plan(danas_account, "ACTIVE")
    work.refresh_people([danas_account.debtor_id], NOON)
    assert not WorkItem.objects.filter(state="OPEN").exists()

    Plan.objects.filter(pk=agreed.pk).update(state="SLIPPING")
    work.refresh_people([danas_account.debtor_id], NOON)
    assert item_of(danas_account.debtor).queue == "plans-at-risk"


def test_placed_this_week_is_new(dana: Debtor, northwind: Portfolio) -> None:
    make.account(debtor=dana, portfolio=northwind, placed_on=date(2026, 11, 12))

    work.refresh_people([dana.pk], NOON)

    assert item_of(dana).queue == "new"


def test_nobody_to_reach_goes_to_the_search_queue(northwind: Portfolio) -> None:
    person = make.debtor("Dana Reyes")
    make.phone(person, status="BAD")
    make.account(debtor=person, portfolio=northwind)

    work.refresh_people([person.pk], NOON)

    assert item_of(person).queue == "skip"


def test_a_hold_on_the_person_takes_her_out_of_the_calling_queues(danas_account: Account, olive: User) -> None:
    promise(danas_account, due=date(2026, 11, 13))
    Hold.objects.create(debtor=danas_account.debtor, kind="ATTORNEY", since=NOON)

    work.refresh_people([danas_account.debtor_id], NOON)

    assert item_of(danas_account.debtor).queue == "review"
    assert work.claim_next(user=olive, at=NOON) is None


def test_an_answered_dispute_comes_back_until_somebody_talked(danas_account: Account) -> None:
    Dispute.objects.create(
        account=danas_account,
        debtor=danas_account.debtor,
        reason="A",
        amount=Decimal("50.00"),
        state="ANSWERED",
        received_at=NOON - timedelta(days=9),
        due_on=TODAY,
        answered_at=NOON - timedelta(days=1),
    )
    work.refresh_people([danas_account.debtor_id], NOON)
    assert item_of(danas_account.debtor).queue == "disputes"

    ContactEvent.objects.create(
        debtor=danas_account.debtor, kind="call", at=NOON - timedelta(hours=2), outcome="conversation"
    )
    work.refresh_people([danas_account.debtor_id], NOON)
    item = item_of(danas_account.debtor)
    assert (item.queue, item.last_contact) == ("general", "talked")


def test_paid_debts_end_the_work(danas_account: Account) -> None:
    work.refresh_people([danas_account.debtor_id], NOON)
    Account.objects.filter(pk=danas_account.pk).update(balance=0)

    counts = work.refresh_people([danas_account.debtor_id], NOON)

    assert counts == {"made": 0, "changed": 0, "ended": 1}
    assert WorkItem.objects.get().state == "CANCELLED"


def test_a_second_run_writes_nothing(danas_account: Account) -> None:
    promise(danas_account, due=date(2026, 11, 13))

    assert work.refresh_all(NOON) == {"made": 1, "changed": 0, "ended": 0}
    assert work.refresh_all(NOON + timedelta(minutes=15)) == {"made": 0, "changed": 0, "ended": 0}


def test_a_day_older_is_not_a_row_rewritten(danas_account: Account) -> None:
    work.refresh_all(NOON)

    assert work.refresh_all(NOON + timedelta(days=1)) == {"made": 0, "changed": 0, "ended": 0}


def test_the_number_of_statements_does_not_grow_with_people(northwind: Portfolio) -> None:
    asked = []
    for crowd in (2, 20):
        for number in range(crowd):
            make.account(debtor=make.debtor(f"Dana {number}"), portfolio=northwind)
        with CaptureQueriesContext(connection) as queries:
            assert work.refresh_all(NOON)["made"] == crowd
        asked.append(len(queries))

    assert asked[0] == asked[1] <= 8


def test_debts_of_other_teams_and_first_party_debts_are_not_added_up(
    dana: Debtor, northwind: Portfolio, north: Team, south: Team
) -> None:
    make.account("250.00", debtor=dana, portfolio=northwind)
    make.account("100.00", debtor=dana, portfolio=make.portfolio("Northwind gas", team=north))
    make.account("90.00", debtor=dana, portfolio=make.portfolio("Southern loans", team=south))
    own = make.portfolio("Own book", team=north, collector_type="first_party_creditor")
    make.account("80.00", debtor=dana, portfolio=own)

    work.refresh_people([dana.pk], NOON)

    item = item_of(dana)
    assert (item.amount, item.debts) == (Decimal("350.00"), 2)


STORIES: list[dict[str, Any]] = [
    {},
    {"balance": "99.99", "delinquency_date": None},
    {"balance": "5000.00", "delinquency_date": date(2026, 11, 16)},
    {"balance": "2500.00", "delinquency_date": date(2025, 11, 16), "missed": date(2026, 11, 3)},
    {"balance": "120.00", "delinquency_date": date(2026, 10, 18), "talked_days": 8},
    {"balance": "1000.00", "delinquency_date": date(2026, 12, 1), "talked_days": 1},
    {"balance": "700.00", "placed_on": date(2026, 11, 11), "talked_days": 20},
    {"balance": "700.00", "placed_on": date(2026, 11, 10)},
    {"balance": "260.00", "missed": date(2026, 10, 18)},
    {"balance": "260.00", "missed": date(2026, 10, 17)},
]


@pytest.mark.parametrize("story", STORIES)
def test_sql_gives_the_points_and_the_queue_of_the_rules(story: dict[str, Any], northwind: Portfolio) -> None:
    person = make.debtor("Dana Reyes")
    make.phone(person)
    facts = {k: v for k, v in story.items() if k in ("delinquency_date", "placed_on")}
    account = make.account(story.get("balance", "250.00"), debtor=person, portfolio=northwind, **facts)
    if story.get("missed"):
        promise(account, due=story["missed"])
    talked = TODAY - timedelta(days=story["talked_days"]) if "talked_days" in story else None
    if talked:
        ContactEvent.objects.create(
            debtor=person, kind="call", at=NOON - timedelta(days=story["talked_days"]), outcome="no_answer"
        )
    known = PersonFacts(
        amount=account.balance,
        late_since=account.delinquency_date,
        placed_on=account.placed_on,
        missed_on=story.get("missed") if story.get("missed", date.min) >= TODAY - timedelta(days=30) else None,
        last_contact_on=talked,
    )

    work.refresh_people([person.pk], NOON)

    item = item_of(person)
    step = steps.decide(known, on=TODAY)
    assert step is not None and (item.queue, item.next_step) == (step.queue, step.words)
    assert item.reasons == priority.components(known, queue=step.queue, on=TODAY)
    assert item.priority == priority.score(item.reasons) == sum(item.reasons.values())
    assert item.late_since == (account.delinquency_date or NOT_LATE)


def test_new_weights_change_the_order_and_still_add_up(danas_account: Account) -> None:
    work.refresh_people([danas_account.debtor_id], NOON)
    before = item_of(danas_account.debtor).priority
    PriorityWeights.objects.create(weights={**priority.DEFAULT, "amount": 100}, made_at=NOON)

    work.refresh_all(NOON)

    item = item_of(danas_account.debtor)
    assert item.reasons["amount"] == 36
    assert item.priority == sum(item.reasons.values()) == before - 9 + 36


def test_the_same_facts_give_the_same_order(northwind: Portfolio) -> None:
    for number in range(5):
        make.account(debtor=make.debtor(f"Dana {number}"), portfolio=northwind)
    work.refresh_all(NOON)
    order = list(WorkItem.objects.order_by("-priority", "id").values_list("debtor_id", flat=True))

    work.refresh_all(NOON)

    assert list(WorkItem.objects.order_by("-priority", "id").values_list("debtor_id", flat=True)) == order

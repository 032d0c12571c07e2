"""The next person: nobody gets the same one, nobody else's, nobody whose clock says no."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from accounts.models import Account, Debtor, Portfolio
from collections_crm import testing as make
from compliance.models import ContactEvent
from strategies import gate
from strategies import services as work
from strategies.models import PersonHold, WorkItem
from users.models import Team, User

NOON = make.NOON
PLACES = {
    "TX": ("El Paso", "TX", "79901", "915"),
    "NY": ("New York", "NY", "10001", "212"),
    "CA": ("Los Angeles", "CA", "90001", "213"),
}


def people(count: int, book: Portfolio, at: datetime = NOON, **fields: Any) -> list[Debtor]:
    """So many people with one debt each, and their work."""
    made = []
    for number in range(count):
        person = make.debtor(f"Dana {number}", **fields)
        city, state, code, area = PLACES[fields.get("state", "TX")]
        make.address(person, city=city, state=state, postal_code=code, zone=person.home_zone)
        make.phone(person, f"+1{area}555{1000 + number}", zone=person.home_zone)
        make.account("250.00", debtor=person, portfolio=book)
        made.append(person)
    work.refresh_all(at)
    return made


def test_the_most_urgent_person_is_claimed_and_held(olive: User, danas_account: Account) -> None:
    work.refresh_all(NOON)

    claim = work.claim_next(user=olive, at=NOON)

    assert claim is not None and claim.debtor_id == danas_account.debtor_id
    hold = PersonHold.objects.get(released_at=None)
    assert (hold.user, hold.expires_at) == (olive, NOON + timedelta(minutes=30))
    assert sum(claim.reasons.values()) == claim.priority > 0


def test_the_verdict_at_the_claim_is_asked_about_the_person_as_she_is(
    olive: User, danas_account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    Debtor.objects.filter(pk=danas_account.debtor_id).update(state="TX", language="es")
    olive.languages = ["es"]
    work.refresh_all(NOON)
    asked: list[Debtor] = []
    offered = gate.may_be_offered

    def spy(*, debtor: Debtor, at: datetime, by: Any) -> gate.Answer:
        asked.append(debtor)
        return offered(debtor=debtor, at=at, by=by)

    monkeypatch.setattr(gate, "may_be_offered", spy)
    claim = work.claim_next(user=olive, at=NOON)

    assert claim is not None
    known = Debtor.objects.get(pk=claim.debtor_id)
    for column in Debtor._meta.concrete_fields:
        assert getattr(asked[0], column.attname) == getattr(known, column.attname)


def test_the_hold_is_on_the_person_across_creditors(olive: User, pavel: User, dana: Debtor, north: Team) -> None:
    creditor = make.organization("Tallgrass Bank")
    cards = make.portfolio("Tallgrass cards", team=north, creditor=creditor)
    make.account("250.00", debtor=dana)
    make.account("900.00", debtor=dana, portfolio=cards)
    work.refresh_all(NOON)

    mine = work.claim_next(user=olive, at=NOON)
    theirs = work.claim_next(user=pavel, at=NOON)

    assert mine is not None and theirs is None
    with pytest.raises(work.Held, match="Olive"):
        work.claim(user=pavel, debtor=dana, at=NOON)


def test_a_hold_expires_and_the_person_is_offered_again(olive: User, pavel: User, danas_account: Account) -> None:
    work.refresh_all(NOON)
    work.claim_next(user=olive, at=NOON)
    later = NOON + timedelta(minutes=31)

    assert work.expire(at=NOON + timedelta(minutes=29)) == 0
    assert work.expire(at=later) == 1

    claim = work.claim_next(user=pavel, at=later)
    assert claim is not None and claim.debtor_id == danas_account.debtor_id


def test_releasing_lets_a_colleague_have_her_and_only_the_holder_can(
    olive: User, pavel: User, danas_account: Account
) -> None:
    work.refresh_all(NOON)
    work.claim_next(user=olive, at=NOON)

    assert not work.release(user=pavel, debtor=danas_account.debtor, at=NOON, reason="skipped")
    assert work.claim_next(user=pavel, at=NOON) is None
    assert work.release(user=olive, debtor=danas_account.debtor, at=NOON, reason="skipped")
    assert work.claim_next(user=pavel, at=NOON) is not None


def test_quinn_never_gets_norths_people(quinn: User, danas_account: Account) -> None:
    work.refresh_all(NOON)

    assert work.claim_next(user=quinn, at=NOON) is None


def test_an_officer_gets_her_own_and_nobodys_but_not_a_colleagues(
    olive: User, pavel: User, northwind: Portfolio
) -> None:
    people(2, northwind)
    first, second = WorkItem.objects.order_by("-priority", "id")
    WorkItem.objects.filter(pk=first.pk).update(assigned_to=olive)

    claim = work.claim_next(user=pavel, at=NOON)

    assert claim is not None and claim.work_item_id == second.pk


def test_at_8_05_eastern_only_the_east_is_offered(olive: User, northwind: Portfolio) -> None:
    early = datetime(2026, 11, 17, 13, 5, tzinfo=UTC)
    people(1, northwind, early, zones=("America/Los_Angeles",), state="CA")
    east = people(1, northwind, early, zones=("America/New_York",), state="NY")
    people(1, northwind, early, zones=("America/New_York", "America/Los_Angeles"), state="NY")

    claim = work.claim_next(user=olive, at=early)
    nobody_else = work.claim_next(user=olive, at=early)

    assert claim is not None and claim.debtor_id == east[0].pk
    assert nobody_else is None


def test_a_refused_person_is_put_off_and_the_next_one_comes(olive: User, northwind: Portfolio) -> None:
    people(2, northwind)
    first, second = (item.debtor for item in WorkItem.objects.order_by("-priority", "id"))
    debts = list(first.accounts.values_list("pk", flat=True))
    for hours in range(1, 8):  # seven calls since the work was planned: the eighth isn't free yet
        ContactEvent.objects.create(
            debtor=first, account_ids=debts, kind="call", direction="out", outcome="no_answer",
            at=NOON - timedelta(hours=hours), address="+19155551000",
        )  # fmt: skip

    claim = work.claim_next(user=olive, at=NOON)

    assert claim is not None and claim.debtor_id == second.pk
    put_off = WorkItem.objects.get(debtor=first).not_before
    assert put_off is not None and put_off > NOON + timedelta(days=1)
    assert not PersonHold.objects.filter(debtor=first).exists()


def test_a_dialer_list_keeps_officers_away(olive: User, danas_account: Account) -> None:
    work.refresh_all(NOON)
    PersonHold.objects.create(
        debtor=danas_account.debtor, kind="DIALER", taken_at=NOON, expires_at=NOON + timedelta(hours=1)
    )

    assert work.claim_next(user=olive, at=NOON) is None


def test_the_position_counts_up_within_a_queue(olive: User, northwind: Portfolio) -> None:
    people(3, northwind)

    places = []
    for minute in range(3):
        claim = work.claim_next(user=olive, at=NOON + timedelta(minutes=minute), queue="general")
        assert claim is not None
        places.append(claim.position)

    assert places == [1, 2, 3]


def test_seven_of_forty_two_stays_while_she_works_and_the_kept_count_follows(olive: User, northwind: Portfolio) -> None:
    people(6, northwind)
    work.refresh_counts(at=NOON)

    def take(seconds: int) -> tuple[int, int]:
        work.pass_over(user=olive, at=NOON + timedelta(seconds=seconds))  # what is behind her doesn't come again
        assert work.claim_next(user=olive, at=NOON + timedelta(seconds=seconds), queue="general") is not None
        hold = PersonHold.objects.get(released_at=None, kind="OFFICER")
        return hold.position, hold.size

    assert [take(20), take(25), take(30)] == [(1, 6), (2, 6), (3, 6)]  # the count is older than her last claim
    work.refresh_counts(at=NOON + timedelta(seconds=50))
    assert take(55) == (4, 6)
    WorkItem.objects.filter(held=False, not_before__lte=NOON).first().delete()  # type: ignore[union-attr]
    work.refresh_counts(at=NOON + timedelta(seconds=110))
    assert take(120) == (5, 5)


def test_the_size_counts_her_own_books_and_the_queue_she_works(olive: User, northwind: Portfolio, south: Team) -> None:
    people(3, northwind)
    people(2, make.portfolio("Southern", team=south))
    WorkItem.objects.filter(pk=WorkItem.objects.filter(portfolio=northwind).latest("pk").pk).update(queue="skip")
    work.refresh_counts(at=NOON)

    work.claim_next(user=olive, at=NOON, queue="general")

    hold = PersonHold.objects.get()
    assert (hold.position, hold.size) == (1, 2)


def test_a_person_taken_by_name_has_her_place_too(olive: User, northwind: Portfolio) -> None:
    first, *_ = people(3, northwind)
    work.refresh_counts(at=NOON)

    work.claim(user=olive, debtor=first, at=NOON)

    hold = PersonHold.objects.get()
    assert (hold.position, hold.size) == (1, 3)


def test_a_lead_takes_over_a_live_person(olive: User, lee: User, danas_account: Account) -> None:
    work.refresh_all(NOON)
    work.claim_next(user=olive, at=NOON)

    work.takeover(debtor=danas_account.debtor, by=lee, at=NOON, reason="asked for a lead")

    assert PersonHold.objects.get(released_at=None).user == lee
    assert PersonHold.objects.get(user=olive).release_reason == "taken over"


@pytest.mark.django_db(transaction=True)
def test_who_comes_while_others_are_being_judged_takes_the_next(north: Team) -> None:
    people(60, make.portfolio(team=north))
    olive = make.user("Olive Marsh", "officer", team=north)
    first = list(WorkItem.objects.order_by("-priority", "id").values_list("id", flat=True)[:50])
    others = connection.copy()
    try:
        others.set_autocommit(False)
        with others.cursor() as cursor:
            cursor.execute("SELECT id FROM strategies_workitem WHERE id = ANY(%s) FOR UPDATE", [first])
            claim = work.claim_next(user=olive, at=NOON)
    finally:
        others.rollback()
        others.close()

    assert claim is not None and claim.work_item_id not in first


@pytest.mark.django_db(transaction=True)
def test_thirty_two_officers_at_once_never_share_a_person(north: Team) -> None:
    book = make.portfolio(team=north)
    people(64, book)
    officers = [make.user(f"Officer{number} Fast", "officer", team=north) for number in range(32)]
    got: list[int] = []
    failed: list[Exception] = []
    start = threading.Barrier(32)

    def claim_two(officer: User) -> None:
        try:
            start.wait(timeout=30)
            for _ in range(2):
                claim = work.claim_next(user=officer, at=NOON)
                if claim is not None:
                    got.append(claim.debtor_id)
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=claim_two, args=(officer,)) for officer in officers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert not failed
    assert len(got) == len(set(got)) == 64
    assert PersonHold.objects.filter(released_at=None).count() == 64

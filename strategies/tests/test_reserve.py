"""An officer who goes fast has people kept ready: who gets them, when they are given back, what ends a reserve."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, AccountParty, ContactPoint, Debtor, Portfolio
from collections_crm import testing as make
from compliance import services as compliance
from compliance.models import VerdictRecord
from strategies import reserve
from strategies import services as work
from strategies.models import PersonHold, WorkItem
from strategies.services import Claim
from strategies.tests.test_claims import people
from users.models import Team, User

LATER = make.NOON + timedelta(hours=1)  # everything about them has been known for long
SignIn = Callable[[User], Client]


def ready() -> list[int]:
    kept = PersonHold.objects.filter(kind="RESERVED", released_at=None)
    return list(kept.order_by("-work_item__priority", "work_item").values_list("debtor_id", flat=True))


def claimed(user: User, at: datetime, queue: str = "") -> Claim:
    found = work.claim_next(user=user, at=at, queue=queue)
    assert found is not None
    return found


def known_people(count: int, book: Portfolio) -> list[Debtor]:
    """So many people to work, about whom nothing is new."""
    made = people(count, book)
    ContactPoint.objects.update(source_at=make.NOON, status_at=make.NOON)
    AccountParty.objects.update(recorded_at=make.NOON)
    Account.objects.update(created_at=make.NOON)
    return made


def many_others(book: Portfolio) -> None:
    """Forty less urgent people: a reserve is made only while enough are left for everybody."""
    folk = Debtor.objects.bulk_create(Debtor(name=f"Zoe {n}", zone_key="America/Denver") for n in range(40))
    debts = Account.objects.bulk_create(
        Account(
            debtor=one, portfolio=book, creditor=book.creditor, reference=one.name, placed_on=make.NOON.date(),
            placed_amount=9, balance=9, draw=0,
        )
        for one in folk
    )  # fmt: skip
    WorkItem.objects.bulk_create(
        WorkItem(
            debtor=debt.debtor, account=debt, portfolio=book, queue="general", zone_key="America/Denver", priority=1,
            not_before=make.NOON,
        )
        for debt in debts
    )  # fmt: skip


@pytest.fixture
def crowd(northwind: Portfolio) -> list[Debtor]:
    """Eight people to work before many others."""
    made = known_people(8, northwind)
    many_others(northwind)
    return made


@pytest.fixture
def fast(olive: User, crowd: list[Debtor]) -> list[int]:
    """Olive has taken two people within a minute; those kept ready for her, the most urgent first."""
    claimed(olive, LATER - timedelta(minutes=1))
    claimed(olive, LATER)
    return ready()


def test_who_takes_somebody_now_and_then_has_no_reserve(olive: User, crowd: list[Debtor]) -> None:
    for minutes in (0, 3, 6):
        claimed(olive, LATER + timedelta(minutes=minutes))

    assert ready() == []


def test_the_reserve_is_handed_out_in_order_by_one_statement_each(olive: User, fast: list[int]) -> None:
    assert len(fast) == reserve.SIZE
    got = []
    for second in range(1, 5):
        with CaptureQueriesContext(connection) as seen:
            claim = claimed(olive, LATER + timedelta(seconds=second))
        got.append(claim.debtor_id)
        hold = PersonHold.objects.get(pk=claim.hold_id)
        assert (len(seen), claim.position, hold.kind, hold.user) == (1, 2 + second, "OFFICER", olive)
        assert hold.expires_at == claim.expires_at == LATER + timedelta(seconds=second, minutes=30)
        assert claim.verdict_id is not None
        record = VerdictRecord.objects.get(pk=claim.verdict_id)
        assert (record.debtor_id, record.occasion, record.decision) == (claim.debtor_id, "claim", "allow")

    assert got == fast and ready() == []


def test_the_place_in_the_queue_counts_those_kept_ready_as_waiting(olive: User, fast: list[int]) -> None:
    work.refresh_counts(at=LATER)  # 48 people, two in hand, four kept ready
    places = []
    for second in range(1, 5):
        hold = PersonHold.objects.get(pk=claimed(olive, LATER + timedelta(seconds=second)).hold_id)
        places.append((hold.position, hold.size))
    work.refresh_counts(at=LATER + timedelta(seconds=50))
    last = PersonHold.objects.get(pk=claimed(olive, LATER + timedelta(seconds=60)).hold_id)

    assert places == [(3, 48), (4, 48), (5, 48), (6, 48)]
    assert (last.position, last.size) == (7, 48)


def test_a_cease_between_reserve_and_hand_out_is_obeyed(olive: User, fast: list[int]) -> None:
    first = Debtor.objects.get(pk=fast[0])
    compliance.place_hold(
        debtor=first, kind="CEASE", by=olive, at=LATER + timedelta(seconds=5), reason="Asked us to stop", source="desk"
    )

    got = [claimed(olive, LATER + timedelta(seconds=10 + n)).debtor_id for n in range(3)]

    assert got == fast[1:]


@pytest.mark.parametrize("change", ["talk", "number", "party", "closed"])
def test_any_new_fact_about_a_person_takes_her_out_of_the_reserve(olive: User, fast: list[int], change: str) -> None:
    first = Debtor.objects.get(pk=fast[0])
    account = first.accounts.get()
    if change == "talk":
        compliance.record_contact(
            debtor=first, accounts=[account], kind="call", at=LATER, direction="in", outcome="conversation"
        )
    elif change == "number":
        make.phone(first, "+19155550199", zone=first.home_zone, source_at=LATER)
    elif change == "party":
        AccountParty.objects.create(account=account, debtor=make.debtor("Pat Sorel"), role="GUARANTOR")
    else:
        account.status = "CLOSED"
        account.closed_at = LATER
        account.save(update_fields=["status", "closed_at"])

    assert claimed(olive, LATER + timedelta(seconds=10)).debtor_id == fast[1]


def test_an_unused_reserve_runs_out_and_a_colleague_gets_them(olive: User, pavel: User, fast: list[int]) -> None:
    over = LATER + reserve.LASTS

    assert work.expire(at=over - timedelta(seconds=1)) == 0
    assert work.expire(at=over) == reserve.SIZE
    assert claimed(pavel, over).debtor_id == fast[0]


def test_signing_off_gives_the_reserve_back(olive: User, pavel: User, fast: list[int]) -> None:
    handed = work.hand_back(user=olive, at=LATER)

    assert handed.released == 2  # those in hand; nobody had the others
    assert ready() == [] and not WorkItem.objects.filter(held=True).exists()


def test_passing_over_lets_go_of_the_one_in_hand_only(olive: User, fast: list[int]) -> None:
    work.pass_over(user=olive, at=LATER)

    assert ready() == fast
    assert claimed(olive, LATER + timedelta(seconds=1)).debtor_id == fast[0]


def test_who_takes_her_by_name_gets_her(olive: User, pavel: User, fast: list[int]) -> None:
    first = Debtor.objects.get(pk=fast[0])

    work.claim(user=pavel, debtor=first, at=LATER)

    hold = work.hold_of(first)
    assert hold is not None and hold.user == pavel
    assert claimed(olive, LATER + timedelta(seconds=1)).debtor_id == fast[1]


def test_a_reserve_is_nobodys_hand_on_any_screen(olive: User, lee: User, fast: list[int], sign_in: SignIn) -> None:
    client = sign_in(lee)

    listed = client.get("/work/all/").content.decode()
    person = client.get(f"/people/P-{fast[0]}/").content.decode()

    assert work.hold_of(Debtor.objects.get(pk=fast[0])) is None
    assert listed.count("With Olive Marsh") == 2
    assert "has this person in hand" not in person


def test_an_own_call_back_that_is_due_goes_before_the_reserve(olive: User, fast: list[int]) -> None:
    free = WorkItem.objects.filter(held=False).exclude(debtor__in=fast).first()
    assert free is not None
    work.schedule_callback(debtor=free.debtor, at_time=LATER + timedelta(seconds=30), by=olive, at=LATER)

    assert claimed(olive, LATER + timedelta(seconds=40)).debtor_id == free.debtor_id
    assert claimed(olive, LATER + timedelta(seconds=50)).debtor_id == fast[0]


def test_another_queue_gives_the_reserve_back(olive: User, fast: list[int]) -> None:
    claim = work.claim_next(user=olive, at=LATER + timedelta(seconds=1), queue="skip")

    assert claim is None and ready() == []


def test_nobody_is_kept_ready_whose_evening_ends_within_the_reserve(olive: User, crowd: list[Debtor]) -> None:
    nine = datetime(2026, 11, 18, 4, 0, tzinfo=UTC)  # 9 PM in El Paso
    claimed(olive, nine - timedelta(minutes=3))
    claimed(olive, nine - timedelta(minutes=2))

    assert ready() == []
    assert claimed(olive, nine - timedelta(minutes=5)) and len(ready()) == reserve.SIZE


def test_a_colleague_never_waits_while_people_are_kept_ready(olive: User, pavel: User, fast: list[int]) -> None:
    WorkItem.objects.filter(held=False).update(not_before=LATER + timedelta(days=1))

    got = [claimed(pavel, LATER).debtor_id for _ in fast]

    assert sorted(got) == sorted(fast) and work.claim_next(user=pavel, at=LATER) is None


def test_nor_behind_many_who_may_not_be_called(olive: User, pavel: User, fast: list[int]) -> None:
    free = 8 - 2 - len(fast)  # behind them are forty without a telephone number
    got = [claimed(pavel, LATER).debtor_id for _ in range(free + len(fast))]

    assert set(fast) < set(got) and len(set(got)) == len(got)


@pytest.mark.django_db(transaction=True)
def test_eight_windows_of_one_officer_never_get_the_same_person(north: Team) -> None:
    book = make.portfolio(team=north)
    known_people(88, book)
    olive = make.user("Olive Marsh", "officer", team=north)
    got: list[int] = []
    failed: list[Exception] = []
    start = threading.Barrier(8)

    def claim_six() -> None:
        try:
            start.wait(timeout=30)
            got.extend(claimed(olive, LATER).debtor_id for _ in range(6))
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=claim_six) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert not failed
    assert len(got) == len(set(got)) == 48

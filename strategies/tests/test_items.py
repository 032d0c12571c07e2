"""Call-backs, sign-off, bulk acts and what is taken back."""

from datetime import timedelta

import pytest

from accounts.models import Account
from collections_crm import testing as make
from core.models import AuditEvent
from strategies import services as work
from strategies.models import PersonHold, WorkItem
from users import services as users
from users.models import User

NOON = make.NOON


@pytest.fixture
def item(danas_account: Account) -> WorkItem:
    work.refresh_all(NOON)
    return WorkItem.objects.get()


def test_a_call_back_waits_for_its_time_and_then_comes_first(
    olive: User, pavel: User, item: WorkItem, danas_account: Account
) -> None:
    gus = make.debtor("Gus Okafor")
    make.address(gus)
    make.phone(gus, "+19155550177")
    make.account("9000.00", debtor=gus, portfolio=danas_account.portfolio)
    work.refresh_all(NOON)
    two = NOON + timedelta(hours=2)

    work.schedule_callback(debtor=danas_account.debtor, at_time=two, by=olive, at=NOON)

    assert not work.due_callbacks(user=olive, at=two - timedelta(seconds=1)).exists()
    assert work.due_callbacks(user=olive, at=two).get().debtor_id == danas_account.debtor_id
    claim = work.claim_next(user=olive, at=two)
    assert claim is not None and (claim.debtor_id, claim.queue) == (danas_account.debtor_id, "callbacks")
    assert PersonHold.objects.get(released_at=None).kind == "CALLBACK"


def test_a_call_back_nobody_takes_for_ten_minutes_goes_to_the_team(
    olive: User, pavel: User, item: WorkItem, danas_account: Account
) -> None:
    two = NOON + timedelta(hours=2)
    work.schedule_callback(debtor=danas_account.debtor, at_time=two, by=olive, at=NOON)

    assert work.claim_next(user=pavel, at=two + timedelta(minutes=9)) is None
    assert work.pass_on_callbacks(at=two + timedelta(minutes=9)) == 0
    assert work.pass_on_callbacks(at=two + timedelta(minutes=10)) == 1

    claim = work.claim_next(user=pavel, at=two + timedelta(minutes=11))
    assert claim is not None and claim.queue == "callbacks"


def test_a_call_back_survives_the_refresh_and_ends_with_the_work(
    olive: User, item: WorkItem, danas_account: Account
) -> None:
    work.schedule_callback(debtor=danas_account.debtor, at_time=NOON + timedelta(hours=2), by=olive, at=NOON)
    work.refresh_all(NOON + timedelta(hours=1))
    assert WorkItem.objects.get(state="OPEN").queue == "callbacks"

    following = work.finish_item(
        debtor=danas_account.debtor,
        by=olive,
        at=NOON + timedelta(hours=3),
        queue="",
        next_step="Call again",
        not_before=NOON + timedelta(days=1),
    )

    assert following is not None and (following.queue, following.next_step) == ("general", "Call again")
    assert WorkItem.objects.get(state="DONE").done_by == olive


def test_a_call_back_in_the_past_or_next_year_is_refused(olive: User, item: WorkItem) -> None:
    for wrong in (NOON, NOON - timedelta(minutes=1), NOON + timedelta(days=61)):
        with pytest.raises(work.CallbackRefused):
            work.schedule_callback(debtor=item.debtor, at_time=wrong, by=olive, at=NOON)


def test_a_chosen_queue_stays_until_the_item_is_done(olive: User, item: WorkItem) -> None:
    later = NOON + timedelta(days=7)
    work.finish_item(debtor=item.debtor, by=olive, at=NOON, queue="review", next_step="Review", not_before=later)

    work.refresh_all(NOON + timedelta(days=1))

    kept = WorkItem.objects.get(state="OPEN")
    assert (kept.queue, kept.next_step, kept.not_before) == ("review", "Review", later)
    assert kept.priority == sum(kept.reasons.values())


def test_signing_off_hands_back_people_and_todays_call_backs(
    olive: User, pavel: User, item: WorkItem, danas_account: Account
) -> None:
    two = NOON + timedelta(hours=2)
    work.schedule_callback(debtor=danas_account.debtor, at_time=two, by=olive, at=NOON)
    work.claim(user=olive, debtor=danas_account.debtor, at=NOON)

    users.end_shift(user=olive, at=NOON + timedelta(hours=1))

    assert PersonHold.objects.get().release_reason == "signed off"
    assert WorkItem.objects.get().assigned_to is None
    claim = work.claim_next(user=pavel, at=two)
    assert claim is not None and claim.debtor_id == danas_account.debtor_id


def test_an_absent_officers_work_moves_to_a_colleague_with_a_list(
    olive: User, pavel: User, lee: User, item: WorkItem
) -> None:
    work.assign(items=[item], to=olive, by=lee, at=NOON)

    moved = work.move_work(absent=olive, to=pavel, by=lee, at=NOON)

    assert [row.pk for row in moved] == [item.pk]
    item.refresh_from_db()
    assert item.assigned_to == pavel
    assert AuditEvent.objects.get(action="work.moved_for_absence").data["items"] == [item.pk]


def test_a_snooze_can_be_taken_back_once_and_only_by_its_maker(olive: User, pavel: User, item: WorkItem) -> None:
    before = item.not_before
    action = work.snooze(items=[item], until=NOON + timedelta(days=1), by=olive, at=NOON)
    item.refresh_from_db()
    assert item.not_before == NOON + timedelta(days=1)
    assert work.claim_next(user=olive, at=NOON) is None

    with pytest.raises(work.UndoRefused):
        work.undo(action_id=action.pk, by=pavel, at=NOON)
    assert work.undo(action_id=action.pk, by=olive, at=NOON + timedelta(minutes=1)) == 1

    item.refresh_from_db()
    assert item.not_before == before
    with pytest.raises(work.UndoRefused):
        work.undo(action_id=action.pk, by=olive, at=NOON + timedelta(minutes=2))


def test_an_undo_after_a_day_is_refused(olive: User, item: WorkItem) -> None:
    action = work.snooze(items=[item], until=NOON + timedelta(days=3), by=olive, at=NOON)

    with pytest.raises(work.UndoRefused):
        work.undo(action_id=action.pk, by=olive, at=NOON + timedelta(days=1, seconds=1))


def test_the_snooze_undo_does_not_touch_what_was_done_meanwhile(olive: User, item: WorkItem) -> None:
    action = work.snooze(items=[item], until=NOON + timedelta(days=1), by=olive, at=NOON)
    work.finish_item(
        debtor=item.debtor, by=olive, at=NOON, queue="", next_step="Call again", not_before=NOON + timedelta(days=5)
    )

    assert work.undo(action_id=action.pk, by=olive, at=NOON) == 0
    assert WorkItem.objects.get(state="OPEN").not_before == NOON + timedelta(days=5)


def test_flagging_a_wrong_priority_twice_is_one_flag(olive: User, item: WorkItem) -> None:
    for _ in range(2):
        work.flag_wrong_priority(item=item, by=olive, at=NOON)

    flagged = AuditEvent.objects.get(action="work.priority_flagged")
    assert flagged.data["priority"] == item.priority


def test_passing_over_a_person_brings_the_next_one(olive: User, item: WorkItem) -> None:
    work.claim_next(user=olive, at=NOON)

    assert work.pass_over(user=olive, at=NOON) == 1

    assert work.claim_next(user=olive, at=NOON) is None
    assert work.claim_next(user=olive, at=NOON + timedelta(minutes=15)) is not None


def test_counts_are_taken_at_most_every_45_seconds(olive: User, item: WorkItem) -> None:
    from strategies import counts

    assert work.refresh_counts(at=NOON) == 1
    assert work.refresh_counts(at=NOON + timedelta(seconds=30)) == 0
    assert counts.waiting([item.portfolio_id]).by_queue == {"general": 1}

    work.claim_next(user=olive, at=NOON)
    work.refresh_counts(at=NOON + timedelta(seconds=60))
    assert counts.waiting([item.portfolio_id]).total == 0

"""A call: asked for, written down, then it rings; nothing is told before the identity check."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.utils import InternalError

from accounts.models import Account, ContactPoint, Debtor
from collections_crm import testing as make
from compliance.models import ContactEvent, Hold, VerdictRecord
from contacts import services
from contacts.models import Interaction
from users.models import ShiftPart, User

from .stories import dial, mobile, outcome, talk

pytestmark = pytest.mark.django_db


def test_the_attempt_is_written_with_its_verdict_before_the_phone_rings(
    olive: User, danas_account: Account, noon: datetime, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks() as rings:
        call = dial(danas_account, by=olive, at=noon)

    event = ContactEvent.objects.get(kind="attempt")
    assert event.source_id == str(call.pk) and event.verdict_id == call.verdict_id
    assert VerdictRecord.objects.get(pk=str(call.verdict_id)).decision == "allow"
    assert call.call_ref == "" and len(rings) >= 1


def test_the_fake_phone_answers_even_numbers_and_lets_odd_ones_ring(
    olive: User, danas_account: Account, noon: datetime, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        call = dial(danas_account, by=olive, at=noon)
    call.refresh_from_db()
    assert call.facts["line"] == "answered" and call.call_ref == f"fake-{call.pk}"


def test_a_number_that_is_not_in_service_ends_the_call_by_itself(
    olive: User, danas_account: Account, dana: Debtor, noon: datetime, django_capture_on_commit_callbacks: Any
) -> None:
    dead = make.phone(dana, "+19155550149")
    with django_capture_on_commit_callbacks(execute=True):
        call = services.start_call(debtor=dana, point=dead, accounts=[danas_account], by=olive, at=noon)
    call.refresh_from_db()
    assert call.facts["line"] == "ended" and "not in service" in call.facts["line_said"]


def test_a_call_at_night_is_refused_with_the_rule_and_nothing_rings(olive: User, danas_account: Account) -> None:
    late = make.NOON.replace(hour=5)  # 10 PM in El Paso

    with pytest.raises(services.CallRefused) as refused:
        dial(danas_account, by=olive, at=late)

    assert refused.value.answer.next_allowed is not None
    assert VerdictRecord.objects.get().decision == "block"
    assert not Interaction.objects.exists() and not ContactEvent.objects.filter(kind="attempt").exists()


def test_the_eighth_call_in_seven_days_is_refused(olive: User, danas_account: Account, noon: datetime) -> None:
    for day in range(7):
        at = noon - timedelta(days=6 - day)
        services.close_call(
            call=dial(danas_account, by=olive, at=at), disposition=outcome("no-answer"), note="", by=olive, at=at
        )

    with pytest.raises(services.CallRefused):
        dial(danas_account, by=olive, at=noon + timedelta(hours=1))


def test_a_call_and_its_attempt_count_once(olive: User, danas_account: Account, noon: datetime) -> None:
    from compliance import services as compliance
    from compliance.rules import helpers

    call = dial(danas_account, by=olive, at=noon)
    facts = compliance.facts_for(danas_account.debtor, noon + timedelta(minutes=1), [danas_account])
    assert helpers.calls_in_window(facts, str(danas_account.pk), noon + timedelta(minutes=1))[0] == 1

    services.close_call(call=call, disposition=outcome("no-answer"), note="", by=olive, at=noon)
    facts = compliance.facts_for(danas_account.debtor, noon + timedelta(minutes=2), [danas_account])
    assert helpers.calls_in_window(facts, str(danas_account.pk), noon + timedelta(minutes=2))[0] == 1


def test_an_officer_has_one_call_at_a_time(olive: User, danas_account: Account, northwind: Any, noon: datetime) -> None:
    dial(danas_account, by=olive, at=noon)
    gil = make.debtor("Gil Reyes")
    make.phone(gil, "+19155550144")
    other = make.account("90.00", debtor=gil, portfolio=northwind)

    with pytest.raises(services.CallMistake, match="still open"):
        dial(other, by=olive, at=noon)


def test_two_facts_on_record_are_needed_and_kept_with_their_time(
    olive: User, danas_account: Account, noon: datetime
) -> None:
    call = dial(danas_account, by=olive, at=noon)

    for too_few in ([], ["address"], ["address", "ssn_last4"], ["address", "address"]):
        with pytest.raises(services.NotVerified):
            services.verify(call=call, facts=too_few, by=olive, at=noon)
    checked = services.verify(call=call, facts=["birth_date", "address"], by=olive, at=noon)

    assert checked.verified_at == noon and sorted(checked.verified_facts) == ["address", "birth_date"]


def test_another_officer_cannot_check_or_close_the_call(
    olive: User, pavel: User, danas_account: Account, noon: datetime
) -> None:
    call = dial(danas_account, by=olive, at=noon)

    with pytest.raises(services.CallMistake):
        services.verify(call=call, facts=["birth_date", "address"], by=pavel, at=noon)
    with pytest.raises(services.CallMistake):
        services.close_call(call=call, disposition=outcome("no-answer"), note="", by=pavel, at=noon)


def test_before_the_check_only_results_that_disclose_nothing_may_be_saved(
    olive: User, danas_account: Account, noon: datetime
) -> None:
    call = dial(danas_account, by=olive, at=noon)

    with pytest.raises(services.OutcomeRefused, match="Check the identity"):
        services.close_call(call=call, disposition=outcome("promise"), note="", by=olive, at=noon)
    services.verify(call=call, facts=["birth_date", "address"], by=olive, at=noon)
    with pytest.raises(services.OutcomeRefused, match="You talked"):
        services.close_call(call=call, disposition=outcome("no-answer"), note="", by=olive, at=noon)


def test_a_talk_is_not_saved_until_the_disclosure_is_ticked(
    olive: User, danas_account: Account, noon: datetime
) -> None:
    call = dial(danas_account, by=olive, at=noon)
    with pytest.raises(services.StepRefused):
        services.step_done(call=call, step="disclosure", by=olive, at=noon)
    call = services.verify(call=call, facts=["birth_date", "address"], by=olive, at=noon)

    with pytest.raises(services.OutcomeRefused, match="Disclosure"):
        services.close_call(call=call, disposition=outcome("cannot-pay"), note="Lost her job", by=olive, at=noon)
    services.step_done(call=call, step="disclosure", by=olive, at=noon)
    closed = services.close_call(call=call, disposition=outcome("cannot-pay"), note="Lost her job", by=olive, at=noon)

    assert closed.right_party and closed.state == "CLOSED"
    assert ContactEvent.objects.get(kind="call").outcome == "conversation"


def test_an_outcome_that_asks_for_a_note_is_refused_without_one(
    olive: User, danas_account: Account, noon: datetime
) -> None:
    call = talk(danas_account, by=olive, at=noon)

    with pytest.raises(services.OutcomeRefused) as refused:
        services.close_call(call=call, disposition=outcome("cannot-pay"), note=" ", by=olive, at=noon)

    assert refused.value.field == "note"


def test_closing_twice_with_the_same_outcome_is_one_close(olive: User, danas_account: Account, noon: datetime) -> None:
    call = dial(danas_account, by=olive, at=noon)

    for _ in range(2):
        services.close_call(call=call, disposition=outcome("no-answer"), note="", by=olive, at=noon)

    assert ContactEvent.objects.filter(kind="call").count() == 1
    with pytest.raises(services.CallMistake):
        services.close_call(call=call, disposition=outcome("busy"), note="", by=olive, at=noon)


def test_a_closed_call_cannot_be_changed_even_by_sql_and_a_correction_is_linked(
    olive: User, danas_account: Account, dana: Debtor, noon: datetime
) -> None:
    call = services.close_call(
        call=dial(danas_account, by=olive, at=noon), disposition=outcome("no-answer"), note="Rang", by=olive, at=noon
    )

    with pytest.raises(InternalError), transaction.atomic():
        Interaction.objects.filter(pk=call.pk).update(note="Changed")
    fixed = services.add_note(debtor=dana, account=danas_account, text="It was busy.", by=olive, at=noon, corrects=call)

    assert fixed.corrects_id == call.pk and Interaction.objects.get(pk=call.pk).note == "Rang"


def test_a_wrong_number_is_off_for_everybody_who_has_it(
    olive: User, danas_account: Account, dana: Debtor, gus: Debtor, noon: datetime
) -> None:
    make.phone(gus, mobile(dana).value)

    services.wrong_party(point=mobile(dana), by=olive, at=noon)

    states = ContactPoint.objects.filter(value="+19155550142").values_list("status", flat=True)
    assert set(states) == {"WRONG_PARTY"}


def test_a_known_caller_opens_the_person_and_an_unknown_one_the_search(
    olive: User, quinn: User, danas_account: Account, dana: Debtor, noon: datetime
) -> None:
    known = services.receive_call(number="(915) 555-0142", by=olive, at=noon)
    unknown = services.receive_call(number="915 555 0199", by=quinn, at=noon)

    assert known.call is not None and known.call.direction == "in" and known.people == (dana,)
    assert unknown.call is None and unknown.number == "+19155550199"
    assert services.receive_call(number="915-555-0142", by=quinn, at=noon).call is None  # not hers to see


def test_a_person_who_calls_us_at_night_is_heard_and_the_no_is_kept(
    olive: User, danas_account: Account, noon: datetime
) -> None:
    late = noon.replace(hour=5)

    found = services.receive_call(number="+19155550142", by=olive, at=late)

    assert found.call is not None and found.call.facts["line"] == "answered"


def test_the_officers_time_follows_the_call(olive: User, danas_account: Account, noon: datetime) -> None:
    call = dial(danas_account, by=olive, at=noon)
    services.move_line(call=call, to="ended", by=olive, at=noon + timedelta(minutes=2))
    services.close_call(call=call, disposition=outcome("no-answer"), note="", by=olive, at=noon + timedelta(minutes=3))

    states = list(ShiftPart.objects.filter(shift__user=olive).order_by("started_at").values_list("state", flat=True))
    assert states == ["ON_CALL", "WRAP_UP", "READY"]


def test_a_lead_takes_the_call_over_with_its_identity_check(
    olive: User, lee: User, danas_account: Account, noon: datetime
) -> None:
    call = services.verify(
        call=dial(danas_account, by=olive, at=noon), facts=["birth_date", "address"], by=olive, at=noon
    )

    taken = services.hand_over(call=call, to=lee, at=noon)

    assert taken.officer == lee and taken.verified_at == noon and taken.script_step == "disclosure"
    with pytest.raises(services.CallMistake):
        services.close_call(call=call, disposition=outcome("hung-up"), note="", by=olive, at=noon)


def test_a_written_stop_holds_everything_and_a_spoken_one_stops_calls(
    olive: User, danas_account: Account, dana: Debtor, noon: datetime
) -> None:
    services.stop_contact(
        debtor=dana, accounts=[], every_debt=True, written=False, words="No more calls", by=olive, at=noon
    )
    with pytest.raises(services.CallRefused):
        dial(danas_account, by=olive, at=noon + timedelta(minutes=1))

    services.stop_contact(debtor=dana, accounts=[], every_debt=True, written=True, words="Stop", by=olive, at=noon)
    assert Hold.objects.get(kind="CEASE", lifted_at=None).debtor == dana


def test_an_attorney_is_kept_with_a_number_and_calls_stop_at_once(
    olive: User, danas_account: Account, dana: Debtor, noon: datetime
) -> None:
    attorney = services.add_attorney(
        debtor=dana, accounts=[danas_account], name="Rita Cole", phone="915 555 0160", by=olive, at=noon
    )

    assert attorney.contact_points.get().value == "+19155550160"
    assert danas_account.parties.get(role="ATTORNEY").debtor == attorney
    with pytest.raises(services.CallRefused):
        dial(danas_account, by=olive, at=noon + timedelta(minutes=1))

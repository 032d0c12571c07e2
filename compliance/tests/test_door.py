"""The one door: what Olive hears when she asks about Dana, and what is kept of it."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import Account, Debtor
from collections_crm import testing as make
from compliance import services as compliance
from compliance.models import Hold, VerdictRecord
from users.models import User

pytestmark = pytest.mark.django_db
NIGHT = datetime(2026, 11, 18, 4, 30, tzinfo=UTC)  # 9:30 PM in El Paso


def ask(dana: Debtor, at: datetime = make.NOON, channel: str = "call", **more: object) -> compliance.Answer:
    kinds = {"call": "PHONE", "sms": "PHONE", "email": "EMAIL", "letter": "ADDRESS"}
    point = dana.contact_points.get(kind=kinds[channel])
    return compliance.may_contact(debtor=dana, channel=channel, at=at, occasion="dial", point=point, **more)  # type: ignore[arg-type]


def noticed(dana: Debtor, account: Account) -> None:
    """The validation notice went out in October, so that the duty to send it does not speak here."""
    compliance.record_contact(
        debtor=dana,
        accounts=[account],
        kind="validation_notice",
        at=make.NOON - timedelta(days=45),
        facts={"via": "letter"},
    )


def call(dana: Debtor, account: Account, at: datetime, outcome: str = "no_answer") -> None:
    point = dana.contact_points.get(kind="PHONE")
    compliance.record_contact(debtor=dana, accounts=[account], kind="call", at=at, outcome=outcome, point=point)


def test_at_ten_in_the_morning_dana_may_be_called(dana: Debtor, danas_account: Account) -> None:
    noticed(dana, danas_account)

    assert ask(dana).allowed


def test_at_half_past_nine_at_night_she_may_not_and_the_answer_says_when(dana: Debtor, danas_account: Account) -> None:
    noticed(dana, danas_account)

    answer = ask(dana, NIGHT)

    assert (answer.decision, answer.rule_id) == ("block", "REGF-1006.6B1-TIME-DEFAULT")
    assert answer.next_allowed == datetime(2026, 11, 18, 15, 0, tzinfo=UTC)  # 8:00 AM in El Paso


def test_the_eighth_call_in_seven_days_waits(dana: Debtor, danas_account: Account) -> None:
    noticed(dana, danas_account)
    for day in range(7):
        call(dana, danas_account, make.NOON - timedelta(days=day, hours=1))

    answer = ask(dana)

    assert answer.rule_id == "REGF-1006.14-FREQ-7IN7"
    assert answer.next_allowed == datetime(2026, 11, 18, 15, 0, tzinfo=UTC)


def test_after_a_conversation_seven_days_pass(dana: Debtor, danas_account: Account) -> None:
    noticed(dana, danas_account)
    call(dana, danas_account, make.NOON - timedelta(days=2), "conversation")

    answer = ask(dana)

    assert answer.rule_id == "REGF-1006.14-FREQ-POSTCONV"
    assert answer.next_allowed == datetime(2026, 11, 22, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        (Hold.Kind.ATTORNEY, {"name": "R. Alvarez"}),
        (Hold.Kind.BANKRUPTCY, {"chapter": 7, "status": "open"}),
        (Hold.Kind.DECEASED, {}),
        (Hold.Kind.COMPLAINT, {}),
        (Hold.Kind.NO_ADDRESS, {}),
    ],
)
@pytest.mark.parametrize("channel", ["call", "email", "letter"])
def test_a_hold_closes_every_channel(
    dana: Debtor, danas_account: Account, kind: str, facts: dict[str, object], channel: str
) -> None:
    noticed(dana, danas_account)
    compliance.place_hold(debtor=dana, kind=kind, at=make.NOON - timedelta(hours=1), facts=facts)

    assert ask(dana, channel=channel).decision == "block"


def test_a_written_cease_request_is_obeyed_at_once_and_an_inbound_call_still_passes(
    dana: Debtor, danas_account: Account, olive: User
) -> None:
    noticed(dana, danas_account)
    compliance.record_cease(debtor=dana, at=make.NOON, written=True, by=olive)

    assert ask(dana).rule_id == "REGF-1006.6C-CEASE"
    assert ask(dana, inbound=True).allowed


def test_a_text_without_consent_is_a_no(dana: Debtor, danas_account: Account) -> None:
    noticed(dana, danas_account)

    assert ask(dana, channel="sms").decision == "block"

    phone = dana.contact_points.get(kind="PHONE")
    compliance.record_consent(
        debtor=dana, accounts=[danas_account], scope="sms", at=make.NOON - timedelta(days=3), point=phone
    )
    assert ask(dana, channel="sms").allowed
    compliance.record_opt_out(debtor=dana, medium="sms", at=make.NOON - timedelta(minutes=1), point=phone)
    assert ask(dana, channel="sms").decision == "block"


def test_without_a_known_place_nobody_is_called(danas_account: Account, dana: Debtor) -> None:
    noticed(dana, danas_account)
    dana.contact_points.filter(kind="ADDRESS").delete()
    dana.contact_points.filter(kind="PHONE").update(value="+18005550142")

    assert ask(dana).decision == "block"


def test_every_answer_is_kept_with_the_facts_it_used(dana: Debtor, danas_account: Account, olive: User) -> None:
    answer = ask(dana, NIGHT, by=olive)

    kept = VerdictRecord.objects.get(pk=str(answer.record_id))
    assert (kept.decision, kept.rule_id, kept.asked_by_id) == ("block", answer.rule_id, olive.pk)
    assert kept.facts["places"][0]["state"] == "TX"
    assert kept.findings[0]["citation"]


def test_a_thousand_questions_cost_a_handful_of_queries(
    dana: Debtor, danas_account: Account, django_assert_max_num_queries: object
) -> None:
    people = [make.debtor(f"Person {n}") for n in range(40)]
    for person in people:
        make.account(debtor=person, portfolio=danas_account.portfolio)
    requests = [compliance.Request(person, "letter") for person in people]

    with django_assert_max_num_queries(8):  # type: ignore[operator]
        answers = compliance.may_contact_many(requests, make.NOON)

    assert len(answers) == 40


def test_lists_know_who_is_inside_calling_hours(dana: Debtor, gus: Debtor) -> None:
    early = datetime(2026, 11, 17, 13, 5, tzinfo=UTC)  # 8:05 AM in New York, 6:05 AM in El Paso

    keys = [person.zone_key for person in (dana, gus)]

    assert compliance.open_keys(keys, early) == {"America/New_York"}
    assert compliance.open_keys(keys, make.NOON) == {"America/New_York", "America/Denver"}

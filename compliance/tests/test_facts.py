"""What becomes a fact: pauses of the house, people around a debt, attempts and outcomes, places, intake."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import Account, AccountParty, Debtor
from accounts.signals import placement_loaded
from collections_crm import testing as make
from compliance import services as compliance
from compliance.models import ContactEvent, Hold, Preference
from users.models import User

pytestmark = pytest.mark.django_db
EARLIER = make.NOON - timedelta(days=2)


@pytest.fixture(autouse=True)
def notice_sent(dana: Debtor, danas_account: Account) -> None:
    compliance.record_contact(
        debtor=dana, accounts=[danas_account], kind="validation_notice", at=make.NOON - timedelta(days=45),
        facts={"via": "letter"},
    )  # fmt: skip


def ask(person: Debtor, accounts: list[Account] | None = None, at: datetime = make.NOON) -> compliance.Answer:
    point = person.contact_points.filter(kind="PHONE").first()
    return compliance.may_contact(
        debtor=person, channel="call", at=at, accounts=accounts, point=point, occasion="look", record=False
    )


@pytest.mark.parametrize("kind", ["COMPLAINT", "HARDSHIP", "INTERNAL", "NO_ADDRESS", "ID_THEFT", "DISPUTE"])
def test_a_pause_of_the_house_is_a_rule_with_its_own_sentence(dana: Debtor, danas_account: Account, kind: str) -> None:
    hold = compliance.place_hold(debtor=dana, account=danas_account, kind=kind, at=EARLIER)

    answer = ask(dana, [danas_account])

    assert (answer.decision, answer.rule_id, answer.next_allowed) == ("block", "POLICY-HOLD", None)
    assert hold.get_kind_display() in answer.sentence and "Nov 15" in answer.sentence


def test_a_pause_with_an_end_says_when_it_opens(dana: Debtor, danas_account: Account) -> None:
    end = datetime(2026, 11, 20, 7, 0, tzinfo=UTC)
    compliance.place_hold(debtor=dana, kind=Hold.Kind.HARDSHIP, at=EARLIER, until=end)

    answer = ask(dana, [danas_account])

    assert answer.next_allowed == datetime(2026, 11, 20, 15, 0, tzinfo=UTC)  # 8:00 AM in El Paso that day
    assert ask(dana, [danas_account], at=datetime(2026, 11, 20, 15, 0, tzinfo=UTC)).allowed


def test_a_disputed_debt_rests_while_her_other_debt_may_be_called_about(dana: Debtor, danas_account: Account) -> None:
    other = make.account("80.00", debtor=dana, portfolio=danas_account.portfolio)
    compliance.record_contact(
        debtor=dana, accounts=[other], kind="validation_notice", at=make.NOON - timedelta(days=45)
    )
    compliance.place_hold(debtor=dana, account=danas_account, kind=Hold.Kind.DISPUTE, at=EARLIER)

    answer = ask(dana)

    assert answer.allowed and answer.account_ids == (other.pk,)
    assert not ask(dana, [danas_account, other]).allowed


def test_danas_chapter_13_case_also_stays_collection_from_gus(
    dana: Debtor, danas_account: Account, gus: Debtor
) -> None:
    AccountParty.objects.create(account=danas_account, debtor=gus, role=AccountParty.Role.GUARANTOR)
    make.phone(gus, "+12125550131", zone="America/New_York")
    make.address(gus, "9 Canal St", city="New York", state="NY", postal_code="10013", zone="America/New_York")
    compliance.record_contact(
        debtor=gus, accounts=[danas_account], kind="validation_notice", at=make.NOON - timedelta(days=45)
    )
    assert ask(gus).allowed

    compliance.place_hold(
        debtor=dana, kind=Hold.Kind.BANKRUPTCY, at=EARLIER, facts={"chapter": 13, "filed_on": "2026-11-10"}
    )

    assert ask(gus).rule_id == "BK-1301-CODEBTOR"


def test_what_gus_asks_for_binds_gus_and_not_dana(dana: Debtor, danas_account: Account, gus: Debtor) -> None:
    AccountParty.objects.create(account=danas_account, debtor=gus, role=AccountParty.Role.CO_OBLIGOR)
    make.phone(gus, "+12125550131")
    compliance.record_cease(debtor=gus, at=EARLIER, written=True)

    assert ask(gus, [danas_account]).rule_id == "REGF-1006.6C-CEASE"
    assert ask(dana, [danas_account]).allowed


def test_her_attorney_may_be_called(dana: Debtor, danas_account: Account) -> None:
    attorney = make.debtor("Rosa Alvarez", zones=())
    make.phone(attorney, "+19155550188")
    AccountParty.objects.create(account=danas_account, debtor=attorney, role=AccountParty.Role.ATTORNEY)
    compliance.place_hold(debtor=dana, kind=Hold.Kind.ATTORNEY, at=EARLIER, facts={"name": "Rosa Alvarez"})

    assert ask(dana, [danas_account]).rule_id == "REGF-1006.6B2-ATTORNEY"
    assert ask(attorney, [danas_account]).allowed


def test_an_attempt_counts_once_when_its_outcome_arrives(dana: Debtor, danas_account: Account) -> None:
    for _ in range(2):
        ContactEvent.objects.create(
            debtor=dana, account_ids=[danas_account.pk], kind="attempt", at=EARLIER, address="+19155550142",
            source_type="contacts.interaction", source_id="7",
        )  # fmt: skip
    facts = compliance.facts_for(dana, make.NOON, [danas_account])
    assert [e.outcome for e in facts.history if e.kind == "call"] == [""]

    ContactEvent.objects.create(
        debtor=dana, account_ids=[danas_account.pk], kind="call", at=EARLIER, outcome="busy", address="+19155550142",
        source_type="contacts.interaction", source_id="7",
    )  # fmt: skip

    facts = compliance.facts_for(dana, make.NOON, [danas_account])
    assert [e.outcome for e in facts.history if e.kind == "call"] == ["busy"]


def test_a_lifted_cease_request_binds_no_more(dana: Debtor, danas_account: Account, cora: User) -> None:
    compliance.record_cease(debtor=dana, at=EARLIER, written=True)
    assert ask(dana).rule_id == "REGF-1006.6C-CEASE"

    (hold,) = compliance.open_holds(dana)
    compliance.lift_hold(hold=hold, by=cora, at=make.NOON - timedelta(hours=1), reason="She wrote that we may call")

    assert ask(dana).allowed
    assert ask(dana, at=make.NOON - timedelta(hours=1, seconds=1)).rule_id == "REGF-1006.6C-CEASE"


def test_a_cease_hold_without_a_letter_on_file_is_obeyed(dana: Debtor, danas_account: Account) -> None:
    compliance.place_hold(debtor=dana, kind=Hold.Kind.CEASE, at=EARLIER, source="creditor")

    assert ask(dana).rule_id == "REGF-1006.6C-CEASE"


def test_what_was_learned_later_was_not_known_then(dana: Debtor, danas_account: Account) -> None:
    dana.contact_points.update(source_at=EARLIER)
    late = Hold.objects.create(
        debtor=dana, kind=Hold.Kind.BANKRUPTCY, since=EARLIER, facts={"chapter": 7},
        recorded_at=make.NOON + timedelta(hours=1),
    )  # fmt: skip
    request = compliance.Request(dana, "call", [danas_account], dana.contact_points.get(kind="PHONE"))

    then = compliance.judge_as_known(request, make.NOON, make.NOON)
    now = compliance.judge_as_known(request, make.NOON, None)

    assert late.pk and then.allowed
    assert now.rule_id == "BK-362-STAY"


def test_a_wish_about_times_holds_at_once_on_every_channel_of_the_clock(dana: Debtor, danas_account: Account) -> None:
    compliance.record_preference(
        debtor=dana, kind=Preference.Kind.INCONVENIENT_TIME, facts={"start": 0, "end": 17 * 60}, at=make.NOON
    )

    assert ask(dana).next_allowed == datetime(2026, 11, 18, 0, 0, tzinfo=UTC)  # 5 PM in El Paso


def test_the_five_boroughs_are_known_by_their_zip(dana: Debtor, danas_account: Account) -> None:
    make.address(dana, "41-01 Main St", city="Flushing", state="NY", postal_code="11355", zone="America/New_York")
    make.address(dana, "5 Elm St", city="New York Mills", state="NY", postal_code="13417", zone="America/New_York")

    facts = compliance.facts_for(dana, make.NOON, [danas_account])

    assert [a.locality for a in facts.consumer.addresses] == ["", "NYC", ""]


def test_a_person_in_leeds_is_judged_by_the_law_over_there(dana: Debtor, danas_account: Account) -> None:
    dana.contact_points.filter(kind="ADDRESS").update(country="GB", state="", postal_code="LS1 4DY", city="Leeds")

    assert compliance.facts_for(dana, make.NOON, [danas_account]).jurisdiction == "UK"


def test_a_placed_row_without_an_address_and_a_disputed_one_are_held(dana: Debtor, danas_account: Account) -> None:
    other = make.account("80.00", debtor=dana, portfolio=danas_account.portfolio)

    for _ in range(2):
        placement_loaded.send(
            sender=None,
            placement_id=5,
            accounts=[danas_account.pk, other.pk],
            without_address=[danas_account.pk],
            disputed=[other.pk],
            at=make.NOON,
            by=None,
        )

    assert sorted(Hold.objects.values_list("account_id", "kind")) == sorted(
        [(danas_account.pk, "NO_ADDRESS"), (other.pk, "DISPUTE")]
    )


def test_a_hospital_bill_carries_its_medical_facts(dana: Debtor) -> None:
    book = make.portfolio("St. Brigid hospital bills", product="Hospital bills")
    bill = make.account("900.00", debtor=dana, portfolio=book, extra={"medical": {"first_bill_on": "2026-09-01"}})

    (debt,) = compliance.facts_for(dana, make.NOON, [bill]).debts

    assert debt.medical is not None and debt.medical.tax_exempt_hospital
    assert str(debt.medical.first_bill_on) == "2026-09-01"


def test_one_person_costs_one_query_and_a_thousand_cost_five(
    dana: Debtor, danas_account: Account, django_assert_num_queries: object
) -> None:
    danas_account = Account.objects.select_related("portfolio__creditor").get(pk=danas_account.pk)
    points = list(dana.contact_points.all())
    compliance.badges(dana, points, [danas_account], make.NOON)  # the statement is prepared once per connection
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert len(compliance.badges(dana, points, [danas_account], make.NOON)) == 3

    people = [make.debtor(f"Person {n}") for n in range(30)]
    for person in people:
        make.account(debtor=person, portfolio=danas_account.portfolio)
    with django_assert_num_queries(5):  # type: ignore[operator]
        compliance.may_contact_many([compliance.Request(p, "letter") for p in people], make.NOON)

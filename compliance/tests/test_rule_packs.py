"""Cora writes a stricter quiet hour for Northwind Energy; somebody else approves; it begins at its minute."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from accounts.models import Account, Debtor
from collections_crm import testing as make
from compliance import rulebooks
from compliance import services as compliance
from compliance.models import RulePack, RulePackVersion, VerdictRecord
from compliance.rules import packs
from compliance.services import Answer, rule_packs
from compliance.services.rule_packs import PackRefusal
from core.models import AuditEvent
from users.models import User

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
EVENING = make.NOON + timedelta(hours=10, minutes=30)  # Tue Nov 17, 8:30 PM in El Paso
BEGINS = make.NOON + timedelta(days=1, hours=10, minutes=29)  # the next day, 8:29 PM in El Paso
NORTHWIND = """[pack]
id = "northwind"
version = "1"
title = "Northwind Energy"
creditors = ["Northwind Energy"]

[[rule]]
id = "POLICY-QUIET-HOURS"
order = 91
kind = "house_policy"
cite = "Northwind Energy, agreement of 2026"
sure = "high"
params = { open = 540, close = 1200 }
text = "Northwind's hours are {open} to {close}; it is {times}. Free on {free}."
blocked = [{ now = "2026-11-10T20:30" }]
allowed = [{ now = "2026-11-10T19:30" }]
"""


@pytest.fixture
def ben(db: None) -> User:
    """A second person in compliance."""
    return make.user("Ben Achebe", "compliance")


@pytest.fixture(autouse=True)
def noticed(dana: Debtor, danas_account: Account) -> None:
    """Dana has had her validation notice; all her ways were known long ago."""
    compliance.record_contact(
        debtor=dana, accounts=[danas_account], kind="validation_notice", at=make.NOON - timedelta(days=45)
    )
    dana.contact_points.update(source_at=make.NOON - timedelta(days=90))


def drafted(by: User, text: str = NORTHWIND) -> RulePackVersion:
    return rule_packs.new_pack(text=text, note="Northwind asked for it on Nov 16.", by=by, at=make.NOON)


def approved(by: User, second: User, text: str = NORTHWIND, begins: datetime = BEGINS) -> RulePackVersion:
    row = drafted(by, text)
    rule_packs.propose(version=row, effective_from=begins, by=by, at=make.NOON)
    return rule_packs.approve(version=row, by=second, at=make.NOON + HOUR)


def asked(dana: Debtor, at: datetime) -> Answer:
    return compliance.may_contact(debtor=dana, channel="call", at=at, occasion="dial")


def newer(source: RulePackVersion, text: str, by: User, second: User, at: datetime) -> RulePackVersion:
    row = rule_packs.start_draft(source=source, by=by, at=at, note="Northwind changed its mind.")
    rule_packs.save_draft(version=row, text=text, note=row.note, by=by, at=at)
    rule_packs.propose(version=row, effective_from=None, by=by, at=at)
    return rule_packs.approve(version=row, by=second, at=at)


# --- the way of a version ---------------------------------------------------------------------------------------


def test_it_takes_effect_at_its_minute_and_not_a_second_before(dana: Debtor, cora: User, ben: User) -> None:
    assert asked(dana, EVENING).decision == "allow"
    approved(cora, ben)

    before, at_it = asked(dana, BEGINS - timedelta(seconds=1)), asked(dana, BEGINS)

    assert before.decision == "allow"
    assert (at_it.decision, at_it.rule_id) == ("block", "POLICY-QUIET-HOURS")
    assert "Northwind's hours are 9:00 AM to 8:00 PM" in at_it.sentence


def test_each_stored_verdict_names_the_version_it_was_judged_by(dana: Debtor, cora: User, ben: User) -> None:
    row = approved(cora, ben)

    asked(dana, BEGINS - HOUR)
    asked(dana, BEGINS)

    before, after = VerdictRecord.objects.order_by("asked_at").values_list("packs", flat=True)
    assert row.label == f"northwind@1.{row.digest[:8]}"
    assert row.label not in before and row.label in after
    assert "us_federal@1." in before and "us_federal@1." in after


def test_another_creditors_debts_are_not_narrowed(cora: User, ben: User) -> None:
    tallgrass = make.portfolio("Tallgrass cards", creditor=make.organization("Tallgrass Bank"))
    gil = make.debtor("Gil Moreno")
    make.phone(gil, "+19155550177")
    make.address(gil)
    account = make.account("90.00", debtor=gil, portfolio=tallgrass)
    compliance.record_contact(
        debtor=gil, accounts=[account], kind="validation_notice", at=make.NOON - timedelta(days=45)
    )
    approved(cora, ben)

    assert asked(gil, BEGINS).sentence == ""
    assert "northwind" not in asked(gil, BEGINS).verdict.packs


def test_gone_back_to_an_older_text_by_two_people_too(dana: Debtor, cora: User, ben: User) -> None:
    first = approved(cora, ben, begins=make.NOON + 2 * HOUR)
    stricter = NORTHWIND.replace("close = 1200", "close = 900").replace("T19:30", "T14:30")
    second = newer(first, stricter, ben, cora, make.NOON + 3 * HOUR)
    assert asked(dana, make.NOON + 8 * HOUR).rule_id == "POLICY-QUIET-HOURS"  # 6 PM there

    back = rule_packs.start_draft(source=first, by=cora, at=make.NOON + 8 * HOUR, note="Back to version 1.")
    rule_packs.propose(version=back, effective_from=None, by=cora, at=make.NOON + 8 * HOUR)
    with pytest.raises(PackRefusal, match="Somebody else"):
        rule_packs.approve(version=back, by=cora, at=make.NOON + 8 * HOUR)
    rule_packs.approve(version=back, by=ben, at=make.NOON + 8 * HOUR)

    assert (back.number, back.digest) == (3, first.digest)
    assert asked(dana, make.NOON + 8 * HOUR + timedelta(minutes=2)).decision == "allow"
    assert asked(dana, make.NOON + 8 * HOUR).rule_id == "POLICY-QUIET-HOURS"  # what was then stays what it was
    assert RulePackVersion.objects.get(pk=second.pk).state == "APPROVED"


def test_a_manager_may_be_the_second_person_and_an_officer_not(cora: User, max_: User, olive: User) -> None:
    row = drafted(cora)
    rule_packs.propose(version=row, effective_from=BEGINS, by=cora, at=make.NOON)

    with pytest.raises(PackRefusal, match="Compliance or a manager"):
        rule_packs.approve(version=row, by=olive, at=make.NOON)
    rule_packs.approve(version=row, by=max_, at=make.NOON)

    row.refresh_from_db()
    assert (row.state, row.approver, row.effective_from) == ("APPROVED", max_, BEGINS)
    with pytest.raises(PackRefusal, match="Compliance writes rules"):
        rule_packs.start_draft(source=row, by=max_, at=make.NOON)


def test_every_step_is_audited(cora: User, ben: User) -> None:
    approved(cora, ben)

    told = list(AuditEvent.objects.filter(action__startswith="rules.").order_by("at", "id"))
    assert [(e.action, e.actor_name) for e in told] == [
        ("rules.started", "Cora Whitfield"), ("rules.proposed", "Cora Whitfield"), ("rules.approved", "Ben Achebe"),
    ]  # fmt: skip
    assert told[-1].data["pack"] == "northwind" and told[-1].data["digest"]


def test_approved_without_a_moment_it_begins_with_a_full_minute_still_to_come(cora: User, ben: User) -> None:
    row = drafted(cora)
    rule_packs.propose(version=row, effective_from=None, by=cora, at=make.NOON)

    rule_packs.approve(version=row, by=ben, at=make.NOON + timedelta(seconds=40))

    row.refresh_from_db()
    assert row.effective_from == make.NOON + timedelta(minutes=2)


# --- what is refused ---------------------------------------------------------------------------------------------


def test_rules_never_begin_in_the_past(cora: User, ben: User) -> None:
    row = drafted(cora)
    with pytest.raises(PackRefusal, match="never take effect in the past"):
        rule_packs.propose(version=row, effective_from=make.NOON - HOUR, by=cora, at=make.NOON)
    rule_packs.propose(version=row, effective_from=make.NOON + HOUR, by=cora, at=make.NOON)

    with pytest.raises(PackRefusal, match="never take effect in the past"):
        rule_packs.approve(version=row, by=ben, at=make.NOON + 2 * HOUR)

    row.refresh_from_db()
    assert row.state == "PROPOSED"


def test_a_rule_whose_examples_do_not_hold_is_not_proposed(cora: User) -> None:
    row = drafted(cora, NORTHWIND.replace("T19:30", "T20:15"))

    with pytest.raises(PackRefusal, match="Examples do not hold: POLICY-QUIET-HOURS"):
        rule_packs.propose(version=row, effective_from=BEGINS, by=cora, at=make.NOON)


def test_a_text_with_a_mistake_is_not_kept_and_a_pack_of_an_unknown_creditor_neither(cora: User) -> None:
    row = drafted(cora)
    wrong = NORTHWIND.replace("open = 540", "open = 5400")

    with pytest.raises(PackRefusal) as refusal:
        rule_packs.save_draft(version=row, text=wrong, note="x", by=cora, at=make.NOON)
    with pytest.raises(PackRefusal, match="not the name of a creditor"):
        drafted(cora, NORTHWIND.replace('"Northwind Energy"]', '"Nordwind"]').replace('"northwind"', '"nordwind"'))

    assert refusal.value.problems[0].startswith("Line 13: POLICY-QUIET-HOURS: open is 0 to 1,440")
    row.refresh_from_db()
    assert row.text == NORTHWIND
    assert not RulePack.objects.filter(slug="nordwind").exists()


def test_what_is_word_for_word_in_force_needs_no_approval(cora: User) -> None:
    shipped = RulePackVersion.objects.get(pack__slug="uk", number=1)
    row = rule_packs.start_draft(source=shipped, by=cora, at=make.NOON, note="The same")

    with pytest.raises(PackRefusal, match="word for word"):
        rule_packs.propose(version=row, effective_from=BEGINS, by=cora, at=make.NOON)


def test_a_scheduled_version_can_be_withdrawn_and_one_in_force_cannot(dana: Debtor, cora: User, ben: User) -> None:
    row = approved(cora, ben)
    with pytest.raises(PackRefusal, match="in force"):
        rule_packs.withdraw(version=row, why="No longer wanted", by=ben, at=BEGINS + HOUR)

    rule_packs.withdraw(version=row, why="Northwind took it back", by=ben, at=BEGINS - HOUR)

    assert asked(dana, BEGINS).decision == "allow"


def test_the_database_holds_the_text_the_two_people_and_the_past(cora: User, ben: User) -> None:
    row = approved(cora, ben)
    rows = RulePackVersion.objects.filter(pk=row.pk)

    for change in ({"text": "x"}, {"digest": "x"}, {"effective_from": BEGINS - HOUR}, {"state": "DRAFT"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.delete()
    other = newer_draft(row, ben)
    with pytest.raises(DatabaseError), transaction.atomic():
        RulePackVersion.objects.filter(pk=other.pk).update(
            state="APPROVED", approver=ben, approved_at=make.NOON, effective_from=BEGINS + HOUR
        )
    with pytest.raises(DatabaseError), transaction.atomic():
        RulePackVersion.objects.filter(pk=other.pk).update(
            state="APPROVED", approver=cora, approved_at=BEGINS + HOUR, effective_from=BEGINS
        )


def newer_draft(source: RulePackVersion, by: User) -> RulePackVersion:
    return rule_packs.start_draft(source=source, by=by, at=make.NOON + HOUR, note="Another")


# --- the versions that came with the product -------------------------------------------------------------------


def test_the_files_are_version_one_since_always(dana: Debtor) -> None:
    assert rulebooks.stored() is rulebooks.shipped()
    assert rule_packs.load_shipped(rulebooks.shipped().texts, at=make.NOON) == []
    assert asked(dana, make.NOON).verdict.packs.startswith("us_federal@1.")


def test_a_release_with_another_text_waits_for_one_person(dana: Debtor, cora: User) -> None:
    now = next(t for t in rulebooks.shipped().texts if t.slug == "us_federal")
    text = now.text.replace("params = { limit = 7, days = 7 }", "params = { limit = 6, days = 7 }")
    release = [replace(now, text=text, digest=rulebooks.digest_of(text))]

    (row,) = rule_packs.load_shipped(release, at=make.NOON)

    assert (row.number, row.state, row.author) == (2, "PROPOSED", None)
    assert "us_federal@1." in asked(dana, make.NOON + HOUR).verdict.packs
    rule_packs.approve(version=row, by=cora, at=make.NOON)
    assert "us_federal@2." in asked(dana, make.NOON + HOUR).verdict.packs
    assert rule_packs.load_shipped(release, at=make.NOON) == []


# --- speed and memory --------------------------------------------------------------------------------------------


def test_a_question_costs_no_query_more_because_of_versions(
    dana: Debtor, danas_account: Account, cora: User, ben: User, django_assert_num_queries: Any
) -> None:
    asked_once = [compliance.Request(dana, "call", [danas_account])]
    compliance.may_contact_many(asked_once, EVENING)  # the statement is prepared once per connection
    with django_assert_num_queries(1):
        compliance.may_contact_many(asked_once, EVENING)

    approved(cora, ben)
    compliance.may_contact_many(asked_once, EVENING)  # this process reads the new texts once

    with django_assert_num_queries(1):
        (answer,) = compliance.may_contact_many(asked_once, BEGINS)
    assert answer.rule_id == "POLICY-QUIET-HOURS"


def test_a_process_that_holds_old_texts_sees_the_marks_and_reads_anew(dana: Debtor, cora: User, ben: User) -> None:
    row = approved(cora, ben, begins=make.NOON + 2 * HOUR)
    assert asked(dana, EVENING).rule_id == "POLICY-QUIET-HOURS"
    wider = NORTHWIND.replace("close = 1200", "close = 1240").replace("T20:30", "T20:45")

    newer(row, wider, ben, cora, make.NOON + 3 * HOUR)

    assert asked(dana, EVENING).decision == "allow"  # 8:30 PM is before 8:40 PM


def test_could_we_have_is_answered_by_the_rules_of_then_and_of_now(dana: Debtor, cora: User, ben: User) -> None:
    approved(cora, ben)
    question = compliance.Request(dana, "call")

    then = compliance.judge_as_known(question, EVENING, EVENING)
    by_todays = compliance.judge_as_known(question, EVENING, EVENING, rules_of=BEGINS + HOUR)

    assert (then.decision, by_todays.rule_id) == ("allow", "POLICY-QUIET-HOURS")


def test_a_renamed_creditor_stays_bound(dana: Debtor, cora: User, ben: User) -> None:
    approved(cora, ben)
    creditor = make.organization("Northwind Energy")
    creditor.name = "Northwind Power"
    creditor.save()

    assert asked(dana, BEGINS).rule_id == "POLICY-QUIET-HOURS"


def test_every_pack_of_the_files_is_loaded() -> None:
    assert {pack.slug for pack in RulePack.objects.all()} == {packs.read_pack(name).id for name in packs.DEFAULT}

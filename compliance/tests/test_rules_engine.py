"""What the engine says to people: sentences, missing facts, odd histories, errors, licenses, medical debts, helpers."""

from __future__ import annotations

import ast
import json
import sys
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from compliance.rules import frequency, packs
from compliance.rules.engine import ERROR_ID, evaluate
from compliance.rules.facts import (
    Action,
    Address,
    Attorney,
    Collector,
    Flags,
    License,
    Medical,
    Person,
    Phone,
    Policy,
    Preferences,
    Window,
)
from compliance.rules.helpers import open_intervals
from compliance.rules.registry import Hit
from compliance.rules.verdict import HOUSE_POLICY, PRESUMPTION, PROHIBITION
from compliance.tests.rules_cast import (
    MAIL,
    MOBILE,
    NOON,
    at,
    call,
    daily_calls,
    dana,
    debt,
    event,
    facts,
    may,
    notice,
    rule_ids,
)

MORNING = at("2026-11-18T08:00")


def test_the_eighth_call_says_how_many_since_when_and_when_next() -> None:
    answer = may(facts(*daily_calls(NOON - timedelta(hours=1), 7)))

    assert answer.decision == "block"
    assert answer.next_allowed == MORNING
    assert answer.findings[0].sentence.startswith(
        "7 calls in the 7 days to Tue Nov 17; the eighth is free on Wed Nov 18, 8:00 AM El Paso time."
    )
    assert (answer.findings[0].kind, answer.findings[0].citation[:21]) == (PRESUMPTION, "12 CFR 1006.14(b)(2)(")


def test_the_next_time_counts_a_busy_morning_after_the_locked_days() -> None:
    mornings = Preferences(inconvenient=(Window(frozenset({2}), 0, 720),))  # Wednesdays until noon
    known = facts(*daily_calls(NOON, 7), consumer=dana(preferences=mornings))

    assert may(known, now=NOON + timedelta(minutes=1)).next_allowed == at("2026-11-18T12:00")


def test_a_number_in_chicago_closes_the_evening_in_el_paso_at_eight() -> None:
    person = dana(phones=(Phone("p1", MOBILE, "mobile", ("America/Denver",)),
                          Phone("p2", "+13125550102", "landline", ("America/Chicago",))))  # fmt: skip

    hours = open_intervals(facts(consumer=person), Action("call", to=MOBILE), date(2026, 11, 17))

    assert hours == [(at("2026-11-17T08:00"), at("2026-11-17T20:00"))]


def test_the_ruler_of_a_short_and_a_long_day_follows_the_clock_change() -> None:
    spring, autumn = date(2026, 3, 8), date(2026, 11, 1)

    assert open_intervals(facts(), Action(), spring) == [(at("2026-03-08T08:00"), at("2026-03-08T21:00"))]
    assert open_intervals(facts(), Action(), autumn) == [(at("2026-11-01T08:00"), at("2026-11-01T21:00"))]


def test_presumptions_may_be_overridden_and_prohibitions_never() -> None:
    counted = may(facts(*daily_calls(NOON - timedelta(hours=1), 7)))
    ceased = may(facts(*daily_calls(NOON - timedelta(hours=1), 7), event("cease", "2026-11-16T09:00", written=True)))

    assert counted.may_override
    assert ceased.rule_id == "REGF-1006.6C-CEASE"
    assert not ceased.may_override
    assert "REGF-1006.14-FREQ-7IN7" in rule_ids(ceased)


def test_without_any_known_place_calls_wait_and_letters_go() -> None:
    nowhere = facts(consumer=dana(addresses=(), phones=()))

    called, written = may(nowhere), may(nowhere, Action("letter", to="a1"))

    assert called.rule_id == "POLICY-UNKNOWN-PLACE"
    assert called.next_allowed is None
    assert "no address and number on file" in called.findings[0].sentence
    assert called.findings[0].kind == HOUSE_POLICY
    assert written.decision == "allow"


def test_an_inbound_call_is_answered_whatever_the_hour_and_the_counter() -> None:
    known = facts(*daily_calls(NOON, 7), event("cease", "2026-11-16T09:00", written=True))

    assert may(known, Action("call", to=MOBILE, inbound=True), at("2026-11-17T23:30")).decision == "allow"


def test_a_suit_on_a_debt_of_unknown_age_asks_a_person_first() -> None:
    unknown = may(facts(), Action("sue"))
    known = may(facts(debts=(debt(sol_expires_on=date(2027, 1, 1)),)), Action("sue"))

    assert (unknown.decision, unknown.rule_id) == ("warn", "POLICY-UNKNOWN-AGE")
    assert known.decision == "allow"


def test_an_error_inside_a_rule_is_a_no_that_names_the_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> Hit | None:
        raise ZeroDivisionError

    monkeypatch.setattr(frequency, "counted_calls", broken)

    answer = may(facts())

    assert (answer.decision, answer.rule_id, answer.next_allowed) == ("block", ERROR_ID, None)
    assert "REGF-1006.14-FREQ-7IN7 could not be judged (ZeroDivisionError" in answer.findings[0].sentence


@pytest.mark.parametrize(
    ("action", "now", "name"),
    [
        (Action("telepathy"), NOON, "telepathy"),
        (Action("call"), datetime(2026, 11, 17, 12, 0), "time zone"),  # noqa: DTZ001 — a naive moment on purpose
        (Action("apply_payment", extra={"allocation": {"d1": "ten"}, "consumer_direction": {"d1": 1}}), NOON, "'ten'"),
    ],
)
def test_a_question_that_cannot_be_read_is_a_no(action: Action, now: datetime, name: str) -> None:
    answer = may(facts(), action, now)

    assert (answer.decision, answer.rule_id) == ("block", ERROR_ID)
    assert name in answer.findings[0].sentence


def test_an_unknown_zone_on_file_is_a_no() -> None:
    mars = facts(consumer=dana(addresses=(Address("a1", tz=("Mars/Olympus",)),)))

    assert may(mars).rule_id == ERROR_ID


def test_a_stranger_nobody_recorded_is_a_third_party() -> None:
    assert may(facts(), Action("call", to=MOBILE, person_id="nobody")).rule_id == "REGF-1006.6D1-THIRDPARTY"


def test_events_of_tomorrow_do_not_count_today_and_are_named() -> None:
    tomorrow = [call(NOON + timedelta(days=1, minutes=n)) for n in range(7)]

    answer = may(facts(*tomorrow))

    assert answer.decision == "allow"
    assert answer.notes == ("7 events are dated in the future; not counted before that day.",)


def test_a_call_recorded_twice_counts_once_and_is_named() -> None:
    six = daily_calls(NOON - timedelta(hours=1), 6)

    answer = may(facts(*six, *(replace(c) for c in six)))

    assert answer.decision == "allow"
    assert answer.notes == ("6 events are recorded twice; each counts once.",)


def test_a_refusal_and_a_return_at_the_same_second_leave_the_refusal() -> None:
    answer = may(facts(event("opt_out", NOON, medium="call"), event("opt_in", NOON, medium="call")))

    assert answer.rule_id == "REGF-1006.14H-MEDIA"
    assert "the refusal counts" in answer.notes[0]


def test_a_license_ends_with_its_last_local_day_and_opens_with_the_renewal() -> None:
    ends = License("TX", date(2026, 11, 16))
    renewed = License("TX", date(2027, 11, 16), valid_from=date(2026, 11, 20))
    known = facts(collector=Collector(licenses=(ends,)))

    last_evening = may(known, now=at("2026-11-16T20:59"))
    after = may(known, Action("letter", to="a1"), at("2026-11-17T00:00"))
    coming = may(replace(known, collector=Collector(licenses=(ends, renewed))))

    assert last_evening.decision == "allow"
    assert (after.rule_id, after.next_allowed) == ("POLICY-LICENSE", None)
    assert "ended on Mon Nov 16" in after.findings[0].sentence
    assert coming.next_allowed == at("2026-11-20T08:00")
    assert may(known, Action("call", to=MOBILE, inbound=True)).decision == "allow"


def test_a_creditor_in_its_own_name_is_free_of_the_federal_rule_and_not_under_another_name() -> None:
    northwind = Collector("first_party_creditor", "Northwind Energy")
    own = facts(*daily_calls(NOON - timedelta(hours=1), 7), collector=northwind)
    under = Action("call", to=MOBILE, sender_name="Northwind Energy")

    assert may(own, under).decision == "allow"
    assert may(own, replace(under, sender_name="Capital Recovery Bureau")).rule_id == "REGF-1006.14-FREQ-7IN7"
    assert may(replace(own, policy=Policy(apply_regf_to_first_party=True)), under).is_blocked


def test_a_dispute_in_writing_rests_calls_letters_and_suits_until_verification() -> None:
    disputed = facts(event("dispute", "2026-09-10T09:00", written=True))

    for channel in ("call", "letter", "sue"):
        assert may(disputed, Action(channel, to=MOBILE)).rule_id == "REGF-1006.38D-DISPUTE"
    settled = replace(disputed, history=(*disputed.history, event("verification_sent", "2026-09-20T09:00")))
    assert may(settled).decision == "allow"


def test_in_wisconsin_a_debt_past_its_time_is_not_collected() -> None:
    person = dana(addresses=(Address("a1", "home", "WI", "53202", tz=("America/Chicago",)),))
    old = facts(consumer=person, debts=(debt(sol_expires_on=date(2026, 11, 1)),))

    answer = may(old)

    assert answer.rule_id == "REGF-1006.26B-TIMEBARRED"
    assert "in WI that ends the debt" in answer.findings[0].sentence


def test_a_hospitals_debt_waits_for_its_notice_and_its_days() -> None:
    billed = Medical(tax_exempt_hospital=True, first_bill_on=date(2026, 8, 1), action_notice_on=date(2026, 11, 10))
    known = facts(debts=(debt(type="medical", medical=billed, sol_expires_on=date(2030, 1, 1)),))

    answer = may(known, Action("sue"))

    assert rule_ids(answer) == {"MED-501R-120DAYS", "MED-501R-30DAY-NOTICE"}
    assert answer.next_allowed == at("2026-12-10T00:00")  # thirty days after the notice, the later of the two


def test_the_bureaus_limits_are_shown_as_theirs() -> None:
    small = debt(type="medical", balance=Decimal("499.99"), medical=Medical(first_bill_on=date(2024, 1, 1)))
    known = facts(call("2026-11-01T10:00", "conversation"), debts=(small,))

    answer = may(known, Action("furnish"))

    assert answer.rule_id == "BUREAU-MEDICAL"
    assert answer.findings[0].kind == "bureau_rule"
    assert answer.findings[0].sentence.endswith("Their rule, not law.")


def test_two_holds_name_both_and_only_new_facts_help() -> None:
    held = facts(event("cease", "2026-11-02T09:00", written=True),
                 consumer=dana(flags=Flags(attorney=Attorney("Lee Lawyer"))))  # fmt: skip

    answer = may(held, now=at("2026-11-17T22:00"))

    assert [f.rule_id for f in answer.findings] == [
        "REGF-1006.6C-CEASE", "REGF-1006.6B2-ATTORNEY", "REGF-1006.6B1-TIME-DEFAULT",
    ]  # fmt: skip
    assert answer.next_allowed is None
    assert answer.primary is not None
    assert answer.primary.kind == PROHIBITION


def test_a_gus_who_guarantees_has_a_counter_of_his_own() -> None:
    gus = Person("g1", "co_debtor", "Gus", addresses=(Address("a9", "home", "TX", tz=("America/Denver",)),))
    known = facts(*daily_calls(NOON - timedelta(hours=1), 7), persons=(gus,))

    assert may(known).is_blocked
    assert may(known, Action("call", to=MOBILE, person_id="g1")).decision == "allow"


def test_the_answer_as_text_has_the_keys_of_the_vectors_and_sorted_bytes() -> None:
    answer = may(facts(), Action("email", to=MAIL, content=frozenset()))

    loaded = json.loads(answer.to_json())
    assert {"decision", "rule_id", "next_allowed", "required_content", "findings"} <= set(loaded)
    assert answer.to_json() == json.dumps(loaded, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def test_a_rulebook_of_one_pack_asks_only_its_rules() -> None:
    policy_only = packs.rulebook(("house_policy",))

    answer = evaluate(facts(*daily_calls(NOON, 9)), Action("call", to=MOBILE), NOON, packs=policy_only)

    assert (answer.decision, answer.packs.split("@")[0]) == ("allow", "house_policy")


def test_the_engine_imports_only_the_standard_library_and_itself() -> None:
    folder = Path(packs.__file__).parent
    for file in folder.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in names:
                own = name == "compliance.rules" or name.startswith("compliance.rules.")
                assert own or name.split(".")[0] in sys.stdlib_module_names, f"{file.name} imports {name}"


def test_no_rule_reads_the_clock() -> None:
    for file in Path(packs.__file__).parent.glob("*.py"):
        text = file.read_text()
        assert "datetime.now" not in text, file.name
        assert "date.today" not in text, file.name


def test_a_notice_that_never_went_holds_everything_else_back() -> None:
    talked = facts(history=(call("2026-11-10T10:00", "conversation"),))

    letter = Action("letter", to="a1")
    noticed = replace(talked, history=(*talked.history, notice("2026-11-12T10:00")))

    assert may(talked, letter).rule_id == "REGF-1006.34A-OVERDUE"
    assert may(talked, replace(letter, purpose="validation_notice")).decision == "allow"
    assert may(noticed, letter).decision == "allow"


def test_a_returned_debit_is_presented_again_only_where_it_settles_in_time() -> None:
    returned = facts(event("ach_return", "2026-09-03T10:00", entry="e1", code="R01"))
    again = Action("debit_payment", extra={"entry": "e1", "amount": "150.00", "original_settlement": "2026-09-01"})

    assert may(returned, again, at("2027-02-26T10:00")).decision == "allow"  # Friday, the last bank day
    assert may(returned, again, at("2027-02-27T10:00")).rule_id == "NACHA-REINIT-2"


def test_a_block_outranks_an_earlier_warning_and_hides_what_would_be_required() -> None:
    advised = facts(*daily_calls(NOON, 8), policy=Policy(presumptions="advise"))
    late = at("2026-11-17T21:30")

    warned = may(advised)
    blocked = may(advised, Action("call", to=MOBILE, content=frozenset()), late)

    assert (warned.decision, warned.rule_id, warned.next_allowed) == ("warn", "REGF-1006.14-FREQ-7IN7", None)
    assert (blocked.decision, blocked.rule_id) == ("block", "REGF-1006.6B1-TIME-DEFAULT")
    assert {"REGF-1006.14-FREQ-7IN7", "REGF-1006.18E-SUBSEQUENT"} < rule_ids(blocked)
    assert blocked.required_content == ()
    assert blocked.next_allowed == MORNING


def test_an_event_without_a_time_zone_is_a_no() -> None:
    naive = replace(call(NOON), at=datetime(2026, 11, 17, 9, 0))  # noqa: DTZ001 — on purpose

    assert may(facts(naive)).rule_id == ERROR_ID

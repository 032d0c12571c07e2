"""The regulator's own dated examples and further histories, replayed event by event."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest

from compliance.rules import calendars
from compliance.rules.facts import Action, Address, Event, Phone, Preferences, Window
from compliance.rules.helpers import calls_in_window, open_intervals
from compliance.tests.rules_cast import EL_PASO, MOBILE, NEW_YORK, at, dana, event, facts, may, notice, rule_ids, shared

_OUTCOMES = {
    "call_unanswered": "no_answer", "call_conversation": "conversation", "inbound_conversation": "conversation",
    "call_not_connected": "busy",
}  # fmt: skip
_REASONS = {
    "more_than_7_in_7": "REGF-1006.14-FREQ-7IN7",
    "within_7_days_of_conversation": "REGF-1006.14-FREQ-POSTCONV",
}


def _load(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(shared("data", "vectors", name).read_text())
    return loaded


def _scenarios() -> list[dict[str, Any]]:
    return [*_load("regf_call_frequency.json")["scenarios"], *_load("regf_official_examples.json")["call_frequency"]]


def _event(raw: dict[str, Any]) -> Event:
    moment = at(raw["at"])
    if raw["kind"] == "consent":
        return Event("consent", moment, scope="call")
    direction = "in" if raw["kind"].startswith("inbound") else "out"
    return Event("call", moment, outcome=_OUTCOMES[raw["kind"]], direction=direction)


def test_each_call_of_each_history_is_judged_as_the_regulator_does() -> None:
    seen = 0
    for story in _scenarios():
        for verdict in story["verdicts"]:
            now = at(verdict["at"])
            before = [_event(e) for e in story["events"] if at(e["at"]) < now]
            found = rule_ids(may(facts(*before, history=(notice("2020-01-02T10:00"), *before)), now=now))

            if verdict["counts"]:
                reasons = {_REASONS[reason] for reason in verdict["reasons"]}
                assert found & set(_REASONS.values()) == reasons, (story, verdict)
                seen += 1
    assert seen > 40


def test_the_counter_shows_what_the_regulator_counts() -> None:
    for story in _scenarios():
        for verdict in story["verdicts"]:
            if "calls_in_window_incl_this" not in verdict:
                continue
            now = at(verdict["at"])
            until = tuple(_event(e) for e in story["events"] if at(e["at"]) <= now)

            assert calls_in_window(facts(history=until), "d1", now) == (verdict["calls_in_window_incl_this"], 7), story


def test_the_next_permitted_day_is_the_regulators() -> None:
    for story in _scenarios():
        day = story.get("next_permitted_day_without_consent") or story.get("next_permitted_day")
        if day is None:
            continue
        history = (notice("2020-01-02T10:00"), *map(_event, story["events"]))
        now = max(e.at for e in history) + timedelta(minutes=1)
        answer = may(facts(history=history), now=now)
        first = answer.next_allowed or now

        assert first.astimezone(EL_PASO).date() == date.fromisoformat(day), story


@pytest.mark.parametrize("key", ["published", "vectors"])
def test_validation_periods_end_as_published(key: str) -> None:
    for row in _load("regf_validation_period.json")[key]:
        sent = date.fromisoformat(row["sent_on"])

        assert calendars.assumed_receipt(sent) == date.fromisoformat(row["assumed_receipt"]), row
        assert calendars.validation_period_end(sent) == date.fromisoformat(row["validation_period_end_not_before"]), row


def test_an_eastern_mobile_and_a_pacific_home_are_open_from_eleven_to_nine_eastern() -> None:
    person = dana(
        addresses=(Address("a1", "home", "CA", "94105", tz=("America/Los_Angeles",)),),
        phones=(Phone("p1", MOBILE, "mobile", ("America/New_York",)),),
    )
    day = date(2026, 11, 17)

    hours = open_intervals(facts(consumer=person), Action("call", to=MOBILE), day)

    assert hours == [(at("2026-11-17T11:00", NEW_YORK), at("2026-11-17T21:00", NEW_YORK))]


def test_weekdays_except_three_to_five_leaves_two_stretches_and_no_weekend() -> None:
    weekdays, weekend = frozenset(range(5)), frozenset({5, 6})
    wishes = Preferences(inconvenient=(Window(weekdays, 900, 1020), Window(weekend)))
    known = facts(consumer=dana(preferences=wishes))

    tuesday = open_intervals(known, Action("call", to=MOBILE), date(2026, 11, 17))
    saturday = open_intervals(known, Action("call", to=MOBILE), date(2026, 11, 21))

    assert tuesday == [
        (at("2026-11-17T08:00"), at("2026-11-17T15:00")), (at("2026-11-17T17:00"), at("2026-11-17T21:00")),
    ]  # fmt: skip
    assert saturday == []


def test_a_returned_notice_starts_the_period_again_with_the_second_one() -> None:
    history = (
        event("validation_notice", "2026-01-01T10:00", id="first"),
        event("undeliverable", "2026-01-10T10:00", ref="first"),
        event("validation_notice", "2026-01-15T10:00", id="second"),
        event("dispute", "2026-02-20T10:00", written=True),
    )

    assert calendars.validation_period_end(date(2026, 1, 1)) < date(2026, 2, 20)
    assert may(facts(history=history), now=at("2026-02-23T12:00")).rule_id == "REGF-1006.38D-DISPUTE"


def test_reporting_after_a_returned_letter_is_a_violation() -> None:
    history = (
        event("validation_notice", "2026-05-01T10:00", id="n1"),
        event("undeliverable", "2026-05-10T10:00", ref="n1"),
    )

    answer = may(facts(history=history), Action("furnish"), at("2026-06-01T12:00"))

    assert answer.rule_id == "REGF-1006.30A-FURNISH"
    assert answer.next_allowed is None

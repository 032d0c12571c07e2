"""Properties: holds only take away, the next allowed instant is exact, order is nothing, same facts same bytes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.rules.engine import ERROR_ID, evaluate
from compliance.rules.facts import (
    Action,
    Address,
    Attorney,
    Bankruptcy,
    Collector,
    Event,
    Facts,
    Flags,
    KnownLocation,
    License,
    Person,
    Phone,
    Policy,
    Preferences,
    QuietHours,
    Window,
)
from compliance.tests.rules_cast import LANDLINE, MAIL, MOBILE, dana, debt, rule_ids

SECOND = timedelta(seconds=1)
BASE = datetime(2026, 10, 28, 0, 0, tzinfo=UTC)  # a week that crosses the clock change
ZONES = ("America/Denver", "America/New_York", "America/Phoenix", "Pacific/Honolulu", "America/Los_Angeles")
PLACES = (("TX", ""), ("MA", ""), ("NY", "NYC"), ("DC", ""), ("WA", ""), ("WV", ""), ("FL", ""), ("NV", ""))

moments = st.integers(-12 * 1440, 9 * 1440).map(lambda minutes: BASE + timedelta(minutes=minutes))
windows = st.builds(
    Window,
    days=st.frozensets(st.integers(0, 6), min_size=1),
    start=st.sampled_from([0, 420, 600, 900, 1200, 1320]),
    end=st.sampled_from([360, 720, 1020, 1260, 1440]),
    from_=st.sampled_from([None, date(2026, 10, 30)]),
    until=st.sampled_from([None, date(2026, 11, 6)]),
)


@st.composite
def events(draw: st.DrawFn) -> Event:
    kind = draw(st.sampled_from([
        "call", "call", "call", "ringless_voicemail", "sms", "email", "letter", "consent", "opt_out", "opt_in", "cease",
        "dispute", "verification_sent", "validation_notice", "undeliverable", "rnd_check", "revoke",
        "work_contact_request", "nv_medical_notice",
    ]))  # fmt: skip
    more: dict[str, Any] = {}
    if kind == "call":
        more["outcome"] = draw(st.sampled_from(["no_answer", "conversation", "busy", "voicemail"]))
        more["to"] = draw(st.sampled_from([MOBILE, LANDLINE, ""]))
    if kind in ("call", "sms", "email"):
        more["direction"] = draw(st.sampled_from(["out", "out", "in"]))
        more["from_"] = draw(st.sampled_from([MOBILE, MAIL, ""]))
    if kind == "consent":
        more["scope"] = draw(st.sampled_from(["call", "sms", "email", "ecomm", "tcpa"]))
        more["written"] = draw(st.booleans())
        more["address"] = draw(st.sampled_from([None, MOBILE, MAIL]))
        if draw(st.booleans()):
            more["valid_from"] = draw(moments)
            more["until"] = more["valid_from"] + timedelta(days=draw(st.integers(0, 3)))
    if kind in ("opt_out", "opt_in", "revoke"):
        more["medium"] = draw(st.sampled_from(["call", "sms", "email", "letter", "all_electronic"]))
        more["address"] = draw(st.sampled_from([None, MOBILE, MAIL]))
    if kind in ("cease", "dispute", "work_contact_request"):
        more["written"] = draw(st.sampled_from([False, False, True]))
    if kind == "cease" and draw(st.booleans()):
        more["received_at"] = draw(moments)
    if kind == "validation_notice":
        more["id"] = "vn"
    if kind == "undeliverable":
        more["ref"] = "vn"
    if kind == "rnd_check":
        more.update(phone=MOBILE, result=draw(st.sampled_from(["not_reassigned", "reassigned"])))
    return Event(kind, draw(moments), debt_ids=draw(st.sampled_from([(), ("d1",), ("d2",), ("d1", "d2")])), **more)


@st.composite
def people(draw: st.DrawFn) -> Person:
    state, city = draw(st.sampled_from(PLACES))
    zones = tuple(draw(st.lists(st.sampled_from(ZONES), max_size=2, unique=True)))
    home = Address("a1", "home", state, locality=city, tz=zones)
    number = Phone("p1", MOBILE, draw(st.sampled_from(["mobile", "work", "landline"])), (draw(st.sampled_from(ZONES)),))
    away = st.builds(KnownLocation, tz=st.sampled_from([("Pacific/Honolulu",)]),
                     until=st.sampled_from([None, date(2026, 10, 30), date(2026, 11, 2)]))  # fmt: skip
    return dana(
        addresses=(home,),
        phones=(number,),
        preferences=Preferences(
            inconvenient=tuple(draw(st.lists(windows, max_size=2))),
            convenient=tuple(draw(st.lists(windows, max_size=1))),
        ),
        known_location=draw(st.one_of(st.none(), st.none(), away)),
    )


@st.composite
def situations(draw: st.DrawFn) -> Facts:
    policy = Policy(
        presumptions=draw(st.sampled_from(["enforce", "enforce", "advise"])),
        quiet_hours=draw(st.sampled_from([None, None, QuietHours(540, 1200)])),
        no_contact_days=draw(st.sampled_from([frozenset(), frozenset({6})])),
        max_electronic_per_week=draw(st.sampled_from([None, None, 2])),
    )
    licenses = draw(st.sampled_from([None, None, (License("TX", date(2026, 10, 29)),)]))
    kind = draw(st.sampled_from(["third_party", "third_party", "debt_buyer", "first_party_creditor"]))
    notice = Event("validation_notice", BASE - timedelta(days=90), debt_ids=("d1", "d2"))
    return Facts(
        consumer=draw(people()),
        debts=(debt(type=draw(st.sampled_from(["utility", "medical"]))), debt(id="d2")),
        history=(notice, *draw(st.lists(events(), max_size=14))),
        collector=Collector(kind, licenses=licenses),
        policy=policy,
    )


actions = st.builds(
    Action,
    channel=st.sampled_from(["call", "call", "sms", "email", "letter", "ringless_voicemail", "furnish", "sue"]),
    purpose=st.sampled_from(["collect", "collect", "respond_to_consumer", "request_econsent"]),
    to=st.sampled_from([MOBILE, MAIL]),
    automated=st.sampled_from(["none", "none", "prerecorded"]),
    debt_ids=st.sampled_from([(), ("d1",), ("d2",), ("d1", "d2")]),
)
nows = st.integers(0, 7 * 1440).map(lambda minutes: BASE + timedelta(minutes=minutes))
slowly = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _held(known: Facts, now: datetime) -> list[Facts]:
    """The same facts with one hold more, each in its turn."""
    before = now - timedelta(minutes=1)
    person = known.consumer
    with_flags = [
        Flags(attorney=Attorney("Lee Lawyer")), Flags(bankruptcy=Bankruptcy(7)), Flags(deceased=True),
        Flags(employer_prohibits=True),
    ]  # fmt: skip
    wishes = person.preferences
    never = replace(wishes, inconvenient=(*wishes.inconvenient, Window()))
    added = [
        Event("cease", before, written=True), Event("dispute", before, written=True),
        Event("opt_out", before, medium="call"), Event("opt_out", before, medium="all_electronic"),
        Event("rnd_check", before, phone=MOBILE, result="reassigned"),
        Event("third_party_disclosure", before, address=MAIL),
    ]  # fmt: skip
    return [
        *(replace(known, consumer=replace(person, flags=flags)) for flags in with_flags),
        replace(known, consumer=replace(person, preferences=never)),
        *(replace(known, history=(*known.history, event)) for event in added),
        replace(known, collector=replace(known.collector, licenses=())),
    ]


@slowly
@given(situations(), actions, nows)
def test_a_hold_never_turns_a_no_into_a_yes(known: Facts, action: Action, now: datetime) -> None:
    if not evaluate(known, action, now).is_blocked:
        return
    for held in _held(known, now):
        assert evaluate(held, action, now).is_blocked


@slowly
@given(situations(), actions, nows, st.lists(st.floats(0, 0.999), max_size=6))
def test_the_next_allowed_instant_is_exact(known: Facts, action: Action, now: datetime, spots: list[float]) -> None:
    answer = evaluate(known, action, now)
    if answer.next_allowed is None:
        return
    opens = answer.next_allowed

    assert answer.is_blocked
    assert opens > now
    assert not evaluate(known, action, opens).is_blocked
    assert evaluate(known, action, opens - SECOND).is_blocked
    for spot in spots:
        assert evaluate(known, action, now + (opens - now) * spot).is_blocked


@slowly
@given(situations(), actions, nows, st.randoms(use_true_random=False))
def test_the_order_of_history_does_not_matter(known: Facts, action: Action, now: datetime, shuffle: Any) -> None:
    mixed = list(known.history)
    shuffle.shuffle(mixed)

    again = evaluate(replace(known, history=tuple(mixed)), action, now)

    assert again.to_json() == evaluate(known, action, now).to_json()


@slowly
@given(situations(), actions, nows)
def test_equal_facts_give_equal_bytes_and_no_rule_fails(known: Facts, action: Action, now: datetime) -> None:
    answer = evaluate(known, action, now)

    assert evaluate(replace(known), action, now.astimezone(UTC)).to_json() == answer.to_json()
    assert ERROR_ID not in rule_ids(answer)


@slowly
@given(situations(), actions, nows)
def test_a_repeated_event_counts_once(known: Facts, action: Action, now: datetime) -> None:
    twice = replace(known, history=known.history + known.history)

    answer, again = evaluate(known, action, now), evaluate(twice, action, now)
    assert any("recorded twice" in note for note in again.notes)
    assert replace(again, notes=()).to_json() == replace(answer, notes=()).to_json()

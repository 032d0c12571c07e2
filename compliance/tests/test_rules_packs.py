"""The packs: every rule has examples that hold, and a pack with a gap does not load."""

from __future__ import annotations

import re

import pytest

from compliance.rules import examples, packs, registry
from compliance.rules.engine import ERROR_ID, evaluate
from compliance.rules.pack_difference import Change, difference
from compliance.rules.packs import PackRefused
from compliance.rules.vectors import action_from_json, facts_from_json, instant_from
from compliance.tests.rules_cast import shared

NAMES = packs.DEFAULT


@pytest.mark.parametrize("name", NAMES)
def test_every_example_of_a_pack_holds(name: str) -> None:
    results = examples.check_examples(packs.read_pack(name), packs.rulebook())

    assert results
    assert [r for r in results if not r.passed] == []
    assert examples.check_examples(packs.read_pack(name)) == results


@pytest.mark.parametrize("name", NAMES)
def test_no_example_runs_into_an_error_and_every_sentence_is_whole(name: str) -> None:
    for rule_id, cases in packs.read_pack(name).examples.items():
        for example in cases:
            case = examples.case_of(example)
            verdict = evaluate(
                facts_from_json(case["given"]), action_from_json(case["action"]), instant_from(case["given"]["now"])
            )

            assert ERROR_ID not in {f.rule_id for f in verdict.findings}, rule_id
            assert all(len(f.sentence) > 10 and "{" not in f.sentence for f in verdict.findings)
            assert all(f.citation for f in verdict.findings)


def test_every_rule_function_has_its_numbers_in_one_pack() -> None:
    packs.load_rules()
    in_packs = [rule.id for name in NAMES for rule in packs.read_pack(name).rules]

    assert sorted(in_packs) == sorted(registry.REGISTRY)


def test_the_order_numbers_are_those_of_the_catalogue() -> None:
    text = shared("compliance", "RULES.md").read_text()
    section = text[text.index("## 2. Order numbers") : text.index("### 2.1")]
    listed = {name: int(order) for order, name in re.findall(r"(\d+) ([A-Z0-9][A-Z0-9.-]+[A-Z0-9])\b", section)}
    ours = {rule.id: rule.order for name in NAMES for rule in packs.read_pack(name).rules}

    assert len(listed) > 80
    assert {name: ours.get(name) for name in listed} == listed


_RULE = """
[pack]
id = "tried"
version = "1"
[[rule]]
id = "REGF-1006.22F1-POSTCARD"
order = 38
kind = "prohibition"
cite = "12 CFR 1006.22(f)(1)"
sure = "high"
text = "No postcards."
"""


@pytest.mark.parametrize(
    ("addition", "reason"),
    [
        ("allowed = [{ act = { channel = 'letter' } }]", "no blocked example"),
        ("blocked = [{ act = { channel = 'postcard' } }]", "no allowed example"),
        ("allowed = [{}]\nblocked = [{}]\neffective_from = '2026-01-01'", "not a date"),
    ],
)
def test_a_pack_with_a_gap_does_not_load(addition: str, reason: str) -> None:
    with pytest.raises(PackRefused, match=reason):
        packs.parse(_RULE + addition)


def test_a_pack_for_a_rule_nobody_wrote_does_not_load() -> None:
    text = _RULE.replace("REGF-1006.22F1-POSTCARD", "REGF-9999") + "allowed = [{}]\nblocked = [{}]"

    with pytest.raises(PackRefused, match="no function"):
        packs.parse(text)


def test_a_wrong_example_is_found() -> None:
    both = "allowed = [{ act = { channel = 'postcard' } }]\nblocked = [{ act = { channel = 'postcard' } }]"
    wrong = packs.parse(_RULE + both)

    results = examples.check_examples(wrong, packs.compile_packs([wrong]))

    assert [r.passed for r in results] == [False, True]


def test_two_packs_with_the_same_rule_do_not_mix() -> None:
    good = "allowed = [{ act = { channel = 'letter' } }]\nblocked = [{ act = { channel = 'postcard' } }]"
    mine = packs.parse(_RULE + good)

    with pytest.raises(PackRefused, match="stands in"):
        packs.compile_packs([mine, packs.read_pack("us_federal")])


def test_the_difference_of_two_versions_names_each_number() -> None:
    good = "allowed = [{ act = { channel = 'letter' } }]\nblocked = [{ act = { channel = 'postcard' } }]"
    old = packs.parse(_RULE + "params = { limit = 7 }\n" + good)
    new = packs.parse(_RULE.replace("No postcards.", "Never a postcard.") + "params = { limit = 6 }\n" + good)

    assert difference(old, old) == []
    assert difference(old, new) == [
        Change("REGF-1006.22F1-POSTCARD", "limit", "7", "6"),
        Change("REGF-1006.22F1-POSTCARD", "text", "No postcards.", "Never a postcard."),
    ]


def test_a_difference_speaks_of_hours_as_clocks_and_of_rules_that_come_and_go() -> None:
    text = (packs.FOLDER / "house_policy.toml").read_text()
    old, new = packs.parse(text), packs.parse(text.replace("open = 480", "open = 540"))
    without = packs.parse(text[: text.index('[[rule]]\nid = "POLICY-UNKNOWN-AGE"')])

    assert difference(old, new) == [Change("POLICY-3P-HOURS", "open", "8:00 AM", "9:00 AM")]
    assert [(c.where, c.field, bool(c.was), c.now) for c in difference(old, without)] == [
        ("POLICY-UNKNOWN-AGE", "Rule", True, "")
    ]
    assert [(c.where, c.was) for c in difference(without, old)] == [("POLICY-UNKNOWN-AGE", "")]
    assert len(difference(None, old)) == len(old.rules)

"""What somebody writes into a pack: everything wrong with it is said at once, each with its line."""

import pytest

from compliance.rules import examples, packs
from compliance.rules.engine import evaluate
from compliance.rules.facts import Action, Collector
from compliance.rules.pack_check import check
from compliance.rules.packs import compile_packs
from compliance.tests.rules_cast import MOBILE, at, debt, facts

HOUSE = (packs.FOLDER / "house_policy.toml").read_text()
NORTHWIND = """[pack]
id = "northwind"
version = "1"
title = "Northwind Energy"
creditors = ["Northwind Energy"]

[[rule]]
id = "POLICY-QUIET-HOURS"
order = 91
kind = "house_policy"
cite = "Northwind Energy, service agreement of 2026"
sure = "high"
params = { open = 540, close = 1200 }
text = "Northwind's hours are {open} to {close}; it is {times}. Free on {free}."
blocked = [{ now = "2026-11-10T20:30" }]
allowed = [{ now = "2026-11-10T19:30" }]
"""


def said(text: str, slug: str = "house_policy") -> list[str]:
    return [str(problem) for problem in check(text, slug=slug).problems]


def line(text: str, words: str) -> int:
    return next(n for n, row in enumerate(text.splitlines(), start=1) if words in row)


@pytest.mark.parametrize("name", packs.DEFAULT)
def test_what_came_with_the_product_is_fit(name: str) -> None:
    text = (packs.FOLDER / f"{name}.toml").read_text()
    others = [packs.read_pack(other) for other in packs.DEFAULT if other != name]

    checked = check(text, slug=name, others=others)

    assert checked.problems == ()
    assert checked.pack == packs.read_pack(name)


@pytest.mark.parametrize(
    ("was", "now", "where", "words"),
    [
        ("open = 480", "open = 48000", "48000", "cannot be meant"),
        ("open = 480, close = 1260", "open = 1260, close = 480", "close = 480", "the window is reversed"),
        ("close = 1260", 'close = "21:00"', '"21:00"', "close is a whole number"),
        ("open = 480", "open = true", "open = true", "open is a whole number"),
        ("open = 480,", "", "params = {  close", "needs the number “open”"),
        ("open = 480", "opens = 480", "opens", "reads no “opens”"),
        ('"POLICY-HOLIDAY"', '"POLICY-HOLYDAY"', "HOLYDAY", "No rule of the engine is called “POLICY-HOLYDAY”"),
        ("order = 92", "order = 92000", "order = 92000", "order is a whole number from 1 to 999"),
        ("order = 92", 'order = "92"', 'order = "92"', "order is a whole number"),
        ('sure = "low"', 'sure = "perhaps"', "perhaps", "sure is one of high, med, low"),
        ('id = "house_policy"', 'id = "other"', 'id = "other"', "The id of this pack is house_policy"),
        ("order = 92", "order = 92\neffective_from = '2026-12-01'", "effective_from", "a date without quotes"),
        (
            "order = 92", "order = 92\neffective_from = 2027-01-01\neffective_until = 2026-01-01", "effective_until",
            "ends before it starts",
        ),
        ("order = 92", "order = 92\nefective_from = 2027-01-01", "efective", "has no “efective_from”"),
        ('exempt_types = ["first_party_creditor"]', "exempt_types = [1]", "exempt_types", "is text in quotes"),
        ('{ now = "2026-11-27T10:00"', '{ now = "a quarter to ten"', "a quarter to ten", "cannot be read"),
        ('{ now = "2026-11-27T10:00"', '{ nowhere = "2026-11-27T10:00"', "nowhere", "knows no “nowhere”"),
        ("[[rule]]", "[[rule]", "[[rule]", "This is not TOML"),
        ("[pack]", "[pakc]", "[pakc]", "No table is called [pakc]"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_line(was: str, now: str, where: str, words: str) -> None:
    text = HOUSE.replace(was, now, 1)

    found = said(text)

    assert any(words in one for one in found), found
    assert any(one.startswith(f"Line {line(text, where)}:") for one in found if words in one), found


def test_a_rule_without_an_example_of_each_kind_does_not_load() -> None:
    start = HOUSE.index('allowed = [{ now = "2026-11-27')
    text = HOUSE[:start] + HOUSE[HOUSE.index("\n", start) + 1 :]

    assert said(text) == [
        f"Line {line(text, 'POLICY-HOLIDAY') - 1}: POLICY-HOLIDAY has no allowed example. "
        "Each rule needs an allowed and a blocked one."
    ]


def test_all_mistakes_are_told_at_once() -> None:
    text = HOUSE.replace("open = 480", "open = -1").replace("order = 92", "order = 0").replace('"low"', '"none"')

    assert len(said(text)) == 3


@pytest.mark.parametrize("text", ["", "\x00", "[" * 5000, "pack = 3", "[[pack]]", "rule = 4\n[pack]", "é" * 500_000])
def test_nonsense_is_survived(text: str) -> None:
    assert said(text)


def test_law_stays_law_until_a_release_changes_it() -> None:
    federal = (packs.FOLDER / "us_federal.toml").read_text()
    text = federal.replace('kind = "prohibition"', 'kind = "house_policy"', 1)

    assert "only a new release of the rules changes that" in said(text, "us_federal")[0]


def test_a_pack_for_everybody_may_not_repeat_a_rule_of_another() -> None:
    text = NORTHWIND.replace('creditors = ["Northwind Energy"]\n', "")

    checked = check(text, others=[packs.read_pack("house_policy")])

    assert str(checked.problems[0]).startswith("Line 7: POLICY-QUIET-HOURS stands in house_policy")


def test_a_pack_of_one_creditor_narrows_the_hours_of_its_debts_and_of_no_other() -> None:
    checked = check(NORTHWIND, creditors=["Northwind Energy"], others=[packs.read_pack("house_policy")])
    assert checked.pack is not None
    book = compile_packs([*(packs.read_pack(name) for name in packs.DEFAULT), checked.pack])
    evening = at("2026-11-17T20:30")
    northwind = facts(debts=(debt(),))
    tallgrass = facts(debts=(debt(current_creditor="Tallgrass Bank"),))

    ours = evaluate(northwind, Action("call", to=MOBILE), evening, packs=book)
    theirs = evaluate(tallgrass, Action("call", to=MOBILE), evening, packs=book)

    assert (ours.decision, ours.rule_id) == ("block", "POLICY-QUIET-HOURS")
    assert "northwind@1" in ours.packs and "northwind" not in theirs.packs
    assert theirs.decision == "allow"
    assert all(r.passed for r in examples.check_examples(checked.pack))


def test_a_pack_of_one_type_of_collector_is_asked_for_that_type_only() -> None:
    text = NORTHWIND.replace('creditors = ["Northwind Energy"]', 'collector_types = ["debt_buyer"]')
    checked = check(text)
    assert checked.pack is not None
    book = compile_packs([*(packs.read_pack(name) for name in packs.DEFAULT), checked.pack])

    asked = [
        evaluate(
            facts(collector=Collector(kind)), Action("call", to=MOBILE), at("2026-11-17T20:30"), packs=book
        ).decision
        for kind in ("debt_buyer", "third_party")
    ]

    assert asked == ["block", "allow"]


def test_a_bound_pack_never_turns_a_no_into_a_yes() -> None:
    wide = NORTHWIND.replace("POLICY-QUIET-HOURS", "REGF-1006.6B1-TIME-DEFAULT").replace("open = 540", "open = 0")
    wide = wide.replace("close = 1200", "close = 1440").replace('kind = "house_policy"', 'kind = "prohibition"')
    book = compile_packs([*(packs.read_pack(name) for name in packs.DEFAULT), packs.parse(wide)])

    verdict = evaluate(facts(debts=(debt(),)), Action("call", to=MOBILE), at("2026-11-17T22:30"), packs=book)

    assert (verdict.decision, verdict.rule_id) == ("block", "REGF-1006.6B1-TIME-DEFAULT")

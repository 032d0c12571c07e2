"""Templates written by admins cannot do more than fill in names."""

from datetime import UTC, datetime
from time import process_time

import pytest

from letters import merge_fields
from letters.render import RenderError, check_template, render
from letters.render.letterhead import Letterhead
from letters.render.liquid_env import fill
from letters.render.markdown_tree import filled_tree, to_html, to_text

END = "\n\n{{ legal.subsequent_disclosure }}"
ATTACKS = {
    "dunder": "{{ person.__class__ }}",
    "dunder by bracket": "{{ person['__class__'] }}",
    "method": "{{ person.name.upper }}",
    "range of a million million": "{% for i in (1..1000000000000) %}x{% endfor %}",
    "range of ranges": "{% for i in (1..9) %}{% for j in (1..9) %}x{% endfor %}{% endfor %}",
    "doubling string by assign": "{% assign a = 'xx' %}{% assign a = a | append: a %}{{ a }}",
    "doubling string by capture": "{% capture a %}{{ a }}{{ a }}{% endcapture %}",
    "doubling string by filter": "{{ person.name | append: person.name }}",
    "include": "{% include '/etc/passwd' %}",
    "render": "{% render '/etc/passwd' %}",
    "extends": "{% extends 'base' %}",
    "block": "{% block a %}{% endblock %}",
    "echo": "{% echo person.name %}",
    "liquid tag": "{% liquid assign a = 1 %}",
    "increment": "{% increment a %}",
    "tablerow": "{% tablerow i in plan.installments %}{% endtablerow %}",
    "cycle": "{% cycle 'a', 'b' %}",
    "unknown filter": "{{ person.name | system }}",
    "filter not on the list": "{{ person.name | base64_encode }}",
    "undefined name": "{{ secret }}",
    "undefined under a known group": "{{ person.ssn }}",
    "name by another name": "{{ person[debt.creditor] }}",
    "loop over a text": "{% for letter in person.name %}{{ letter }}{% endfor %}",
    "whole group": "{{ person }}",
    "whole list": "{{ person.address_lines }}",
    "item name that is none": "{% for i in plan.installments %}{{ i.secret }}{% endfor %}",
    "unclosed": "{% if person.name %}",
    "deep nesting": "{% if person.name %}" * 400 + "{% endif %}" * 400,
    "our own marks": "\ue0007\ue001",
    "a megabyte": "x" * 1_000_000,
    "link to a script": "[x](javascript:alert(1))",
    "link without encryption": "[x](http://evil.example)",
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_every_liquid_attack_is_refused_when_it_is_saved(attack: str) -> None:
    assert check_template(attack + END, subject="Hello", channel="POST", kind="plan_confirmation")


HARMLESS = {"range of ranges", "loop over a text", "link to a script", "link without encryption"}  # only text


@pytest.mark.parametrize("name", sorted(set(ATTACKS) - HARMLESS))
def test_what_is_refused_on_save_does_not_render_either(name: str) -> None:
    context = merge_fields.sample_context()
    before = process_time()

    with pytest.raises(RenderError):
        fill(ATTACKS[name], context)

    assert process_time() - before < 5  # a runaway, not a measurement


def test_loops_and_conditions_over_documented_names_are_allowed() -> None:
    body = "{% if promise.amount != '' %}{{ promise.amount }}{% else %}none{% endif %}" + END
    loop = "{% for i in plan.installments %}{{ forloop.index }} {{ i.amount | upcase }}\n{% endfor %}" + END

    assert check_template(body, subject="A", channel="POST", kind="promise_reminder") == []
    assert check_template(loop, subject="A", channel="POST", kind="plan_confirmation") == []


def test_a_name_of_another_kind_of_letter_is_refused_by_name() -> None:
    found = check_template("{{ plan.amount }}" + END, subject="A", channel="POST", kind="promise_reminder")

    assert [problem.code for problem in found] == ["kind"]
    assert "plan.amount" in found[0].message


def test_a_person_named_like_markdown_stays_text() -> None:
    evil = "*[x](https://evil.example)* <b>|`#\n\n# Big\n1. one &amp; ![i](https://e.example/i.png)"
    context = merge_fields.complete({"person": {"name": evil}})

    tree = filled_tree("Dear {{ person.name }},\n\n{{ person.name }}", context)

    assert [node["t"] for node in tree.body] == ["p", "p"]
    assert "<a" not in to_html(tree) and "<b>" not in to_html(tree) and "<img" not in to_html(tree)
    assert to_text(tree).split("\n\n")[1] == " ".join(evil.split())


def test_a_value_cannot_break_out_of_a_table_or_list() -> None:
    context = merge_fields.complete({"person": {"name": "a | b\n| c"}, "officer": {"name": "- x"}})
    table = "| A | B |\n|---|---|\n| {{ person.name }} | {{ officer.name }} |"

    tree = filled_tree(table, context)

    rows = [row for part in tree.body[0]["c"] for row in part["c"]]
    assert [len(row["c"]) for row in rows] == [2, 2]
    assert to_text(tree).endswith("a | b | c  - x")


def test_a_name_without_value_stops_the_letter_and_a_fallback_lets_it_pass() -> None:
    context = merge_fields.complete({"person": {"name": "Dana Reyes"}})

    with pytest.raises(RenderError, match=r"promise.amount has no value"):
        fill("{{ promise.amount }}", context)
    assert fill("{{ promise.amount | default: 'nothing' }}", context) == "nothing"


def test_a_context_with_an_object_or_an_undocumented_name_is_refused() -> None:
    with pytest.raises(merge_fields.ContextError, match=r"person.ssn"):
        merge_fields.complete({"person": {"ssn": "900-12-3456"}})
    with pytest.raises(merge_fields.ContextError, match="not text"):
        merge_fields.complete({"today": 3})


def test_an_email_without_a_way_out_or_a_disclosure_cannot_be_saved() -> None:
    found = check_template("Hello {{ person.name }}", subject="Hi", channel="email", kind="general")
    hidden = "{% if person.name == 'x' %}{{ legal.opt_out_instructions }}{% endif %}" + END

    assert {problem.code for problem in found} == {"content"} and len(found) == 2
    assert len(check_template(hidden, subject="Hi", channel="email", kind="general")) == 1


def test_a_subject_cannot_carry_a_second_header() -> None:
    context = merge_fields.sample_context() | {"debt": {"creditor": "Northwind\r\nBcc: x@example.com"}}
    mail = render(
        channel="email",
        subject="About {{ debt.creditor }}",
        body="Hello",
        context=context,
        lang="en",
        letterhead=Letterhead(name="L", address="A"),
        timestamp=datetime(2026, 11, 17, 15, tzinfo=UTC),
    )

    assert mail.subject == "About Northwind Bcc: x@example.com"

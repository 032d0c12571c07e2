"""The public vectors, whole, and the command that runs such files."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from compliance import places
from compliance.rules.vectors import run_case
from compliance.tests.rules_cast import shared


def _cases() -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = json.loads(shared("compliance", "vectors.json").read_text())["vectors"]
    return cases


def test_every_public_vector_passes() -> None:
    results = [run_case(case, resolve=places.zones_for) for case in _cases()]

    assert len(results) == 260
    assert [(r.id, r.expected, r.got, r.why) for r in results if r.passed is not True] == []


def test_cases_that_need_geography_are_skipped_without_it() -> None:
    skipped = [r.id for r in map(run_case, _cases()) if r.passed is None]

    assert len(skipped) == sum("geo" in case.get("needs", ()) for case in _cases()) > 0


def _plain_case(decision: str) -> dict[str, Any]:
    return {
        "id": "own-1",
        "given": {
            "now": "2026-11-17T07:30:00-07:00",
            "consumer": {"addresses": [{"id": "a1", "state": "TX", "tz": ["America/Denver"]}]},
            "debt": {"id": "d1", "class": "consumer"},
            "history": [{"kind": "validation_notice", "at": "2026-08-24T10:00:00-06:00"}],
        },
        "action": {"channel": "call"},
        "expect": {"decision": decision, "next_allowed": "2026-11-17T15:00:00Z"},
    }


def _run(folder: Path, cases: object, *flags: str) -> tuple[str, int]:
    file = folder / "cases.json"
    file.write_text(json.dumps({"vectors": cases}))
    out = io.StringIO()
    try:
        call_command("compliance_vectors", str(file), *flags, stdout=out)
    except SystemExit as stop:
        return out.getvalue(), int(str(stop.code))
    return out.getvalue(), 0


def test_the_command_prints_each_case_and_ends_well(tmp_path: Path) -> None:
    text, code = _run(tmp_path, [_plain_case("block")])

    assert code == 0
    assert text.startswith("own-1 pass expected")
    assert text.endswith("1 passed, 0 failed, 0 skipped\n")


def test_the_command_says_what_it_expected_and_got_and_ends_with_one(tmp_path: Path) -> None:
    text, code = _run(tmp_path, [_plain_case("allow")], "--json")

    answer = json.loads(text)
    assert code == 1
    assert (answer["passed"], answer["failed"], answer["skipped"]) == (0, 1, 0)
    assert answer["cases"][0]["pass"] is False
    assert answer["cases"][0]["expected"]["decision"] == "allow"
    assert answer["cases"][0]["got"]["rule_id"] == "REGF-1006.6B1-TIME-DEFAULT"


def test_a_case_that_cannot_be_read_fails_with_the_reason(tmp_path: Path) -> None:
    broken = _plain_case("block")
    broken["given"]["now"] = "2026-11-17T07:30:00"  # no offset

    text, code = _run(tmp_path, [broken], "--json")

    assert code == 1
    assert "no offset" in json.loads(text)["cases"][0]["got"]["error"]


@pytest.mark.parametrize("missing", ["id", "given", "action", "expect"])
def test_what_is_not_a_case_says_what_it_lacks(tmp_path: Path, missing: str) -> None:
    odd = {name: part for name, part in _plain_case("block").items() if name != missing}

    text, code = _run(tmp_path, [odd])

    assert code == 1
    assert f"it has no {missing}" in text


@pytest.mark.parametrize("content", ["not json", "{}", "[1, 2]"])
def test_a_file_without_vectors_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "odd.json"
    file.write_text(content)

    with pytest.raises(CommandError):
        call_command("compliance_vectors", str(file))

"""Worked cases in the shape of VECTORS.md: a run of one case and how it compares with what it expects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from compliance.rules.case_json import Json, Resolver, action_from_json, day_from, facts_from_json, instant_from
from compliance.rules.engine import evaluate
from compliance.rules.packs import Rulebook
from compliance.rules.verdict import Verdict

__all__ = ["CaseResult", "action_from_json", "facts_from_json", "instant_from", "judge_case", "run_case"]


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One case: `passed` is None when it was skipped."""

    id: str
    passed: bool | None
    expected: Json
    got: Json
    why: str = ""


def run_case(case: Json, *, resolve: Resolver | None = None, packs: Rulebook | None = None) -> CaseResult:
    """Run a case; it passes when every key of `expect` matches. A case that cannot be read fails with the reason."""
    name, expected = str(case.get("id", "")), case.get("expect") or {}
    missing = [key for key in ("id", "given", "action", "expect") if key not in case]
    if missing:
        return CaseResult(name, False, expected, {}, f"not a case in the shape of VECTORS.md: it has no {missing[0]}")
    if "geo" in (case.get("needs") or ()) and resolve is None:
        return CaseResult(name, None, expected, {}, "needs geo")
    try:
        facts = facts_from_json(case["given"], resolve=resolve)
        verdict = evaluate(facts, action_from_json(case["action"]), instant_from(case["given"]["now"]), packs=packs)
        passed = bool(expected) and all(_matches(key, value, verdict) for key, value in expected.items())
    except Exception as error:  # a file written by hand may hold anything; it fails, the run goes on
        return CaseResult(name, False, expected, {}, f"{type(error).__name__}: {error}")
    got = {key: value for key, value in verdict.to_dict().items() if key not in ("findings", "packs", "notes")}
    return CaseResult(name, passed, expected, {k: v for k, v in got.items() if v is not None or k in expected})


def judge_case(case: Json, *, resolve: Resolver | None = None, packs: Rulebook | None = None) -> Verdict:
    """The verdict on a case without comparing. Raises ValueError or KeyError when the case cannot be read."""
    facts = facts_from_json(case["given"], resolve=resolve)
    return evaluate(facts, action_from_json(case["action"]), instant_from(case["given"]["now"]), packs=packs)


def _matches(key: str, value: Any, verdict: Verdict) -> bool:
    if key == "decision":
        return bool(value == verdict.decision)
    if key == "rule_id":
        return bool(value == verdict.rule_id)
    if key == "next_allowed":
        return (None if value is None else instant_from(value)) == verdict.next_allowed
    if key == "required_content":
        return sorted(value) == list(verdict.required_content)
    if key == "deadline":
        return day_from(value) == verdict.deadline
    if key == "window":
        return verdict.window is not None and tuple(day_from(v) for v in value) == verdict.window
    return False  # an expectation we do not know is not met

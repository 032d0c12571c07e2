"""The packs' own examples: a compact form over one plain case, run to see that a rule speaks when it should."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from compliance.rules.case_json import action_from_json, facts_from_json
from compliance.rules.engine import evaluate
from compliance.rules.packs import Pack, Rulebook, compile_packs

_HOMES = {
    "GA": ("America/New_York", "30303"), "MA": ("America/New_York", "02108"), "NY": ("America/New_York", "12207"),
    "DC": ("America/New_York", "20001"), "NV": ("America/Los_Angeles", "89101"), "FL": ("America/New_York", "33130"),
    "WA": ("America/Los_Angeles", "98101"), "WV": ("America/New_York", "25301"), "CA": ("America/Los_Angeles", "94105"),
    "UK": ("Europe/London", "M1 1AE"),
}  # fmt: skip
_SHORT = {
    "flags": ("consumer", "flags"), "prefs": ("consumer", "preferences"), "phone": ("consumer", "phones", 0),
    "home": ("consumer", "addresses", 0), "email": ("consumer", "emails", 0),
}  # fmt: skip
_NOW = "2026-11-10T10:00:00"


@dataclass(frozen=True, slots=True)
class ExampleResult:
    rule_id: str
    fires: bool  # what the example says
    fired: bool  # what the engine says
    number: int

    @property
    def passed(self) -> bool:
        return self.fires == self.fired


def case_of(example: Mapping[str, Any]) -> dict[str, Any]:
    """The example as a case in the shape of VECTORS.md (given, action)."""
    home = example.get("home", "GA")
    zone, postal = _HOMES.get(home, ("America/New_York", "10001"))
    given: dict[str, Any] = {
        "now": _at(example.get("now", _NOW), zone),
        "jurisdiction": "UK" if home == "UK" else "US",
        "collector": {"type": "third_party", "name": "North Star Recovery"},
        "consumer": {
            "id": "c1", "name": "Dana Reyes", "flags": {}, "preferences": {},
            "addresses": [{"id": "a1", "kind": "home", "state": "NY" if home == "NYC" else home,
                           "postal_code": postal, "tz": [zone], "current": True,
                           "locality": "NYC" if home == "NYC" else ""}],
            "phones": [{"id": "p1", "e164": "+14045550101", "kind": "mobile", "tz": [zone], "status": "active"}],
            "emails": [{"address": "pat@example.com", "employer_provided": False, "domain_public": True}],
        },
        "debt": {"id": "d1", "class": "consumer", "type": "credit_card", "balance": "1250.00", "status": "open"},
        "policy": {},
        "history": [],
    }  # fmt: skip
    if not example.get("fresh") and home != "UK":
        given["history"].append({"id": "vn1", "kind": "validation_notice", "at": _at("2026-08-27T10:00", zone)})
    for event in example.get("history", ()):
        given["history"].extend(_events(event, zone))
    for path, value in example.get("facts", {}).items():
        _put(given, path, deepcopy(value))
    action = {"channel": "call", "to": "+14045550101", "person_id": "c1", **example.get("act", {})}
    return {"given": given, "action": action}


def _events(event: Mapping[str, Any], zone: str) -> list[dict[str, Any]]:
    raw = {key: value for key, value in event.items() if key != "repeat"}
    first = datetime.fromisoformat(_at(raw["at"], zone))
    return [{**raw, "at": (first + timedelta(minutes=5 * n)).isoformat()} for n in range(int(event.get("repeat", 1)))]


def _at(value: object, zone: str) -> str:
    moment = datetime.fromisoformat(str(value))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(zone))
    return moment.astimezone(UTC).isoformat()


def _put(given: dict[str, Any], path: str, value: Any) -> None:
    head, *rest = path.split(".")
    keys: list[Any] = [*_SHORT.get(head, (head,)), *rest]
    spot: Any = given
    for key in keys[:-1]:
        spot = spot[key]
    spot[keys[-1]] = value


def check_examples(pack: Pack, book: Rulebook | None = None) -> list[ExampleResult]:
    """Run every example of the pack against a rulebook that contains it: does its rule speak as the example says?

    Without a rulebook the pack stands alone, so that the same rule of another pack cannot speak for it.
    """
    rules = book or compile_packs([pack])
    results = []
    for rule_id, examples in pack.examples.items():
        for number, example in enumerate(examples, start=1):
            case = _bound_to(pack, case_of(example))
            facts, action = facts_from_json(case["given"]), action_from_json(case["action"])
            verdict = evaluate(facts, action, datetime.fromisoformat(case["given"]["now"]), packs=rules)
            fired = any(finding.rule_id == rule_id for finding in verdict.findings)
            results.append(ExampleResult(rule_id, bool(example["fires"]), fired, number))
    return results


def _bound_to(pack: Pack, case: dict[str, Any]) -> dict[str, Any]:
    """The case about a debt that the pack is for."""
    given = case["given"]
    if pack.creditors:
        given["debt"].setdefault("current_creditor", pack.creditors[0])
    if pack.collector_types and given["collector"]["type"] not in pack.collector_types:
        given["collector"]["type"] = pack.collector_types[0]
    return case

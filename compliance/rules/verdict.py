"""The answer: a decision, every finding behind it, and when the same act would be allowed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

ALLOW, WARN, REQUIRE, BLOCK = "allow", "warn", "require", "block"
RANK = {ALLOW: 0, WARN: 1, REQUIRE: 2, BLOCK: 3}

PROHIBITION, PRESUMPTION = "prohibition", "presumption"
HOUSE_POLICY, BUREAU_RULE = "house_policy", "bureau_rule"


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that has something to say. `next_allowed` is when this rule alone would stop blocking (UTC)."""

    rule_id: str
    decision: str
    kind: str
    citation: str
    sentence: str
    next_allowed: datetime | None
    order: int
    required_content: tuple[str, ...] = ()

    @property
    def may_override(self) -> bool:
        """The law leaves room only at presumptions, house policy and bureau rules."""
        return self.kind != PROHIBITION


@dataclass(frozen=True, slots=True)
class Verdict:
    """May it be done now? `next_allowed` (UTC) counts every rule together; None: only a new fact cures it."""

    decision: str
    rule_id: str | None = None
    next_allowed: datetime | None = None
    required_content: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    deadline: date | None = None
    window: tuple[date, date] | None = None
    packs: str = ""
    notes: tuple[str, ...] = ()  # oddities of the history that were survived, in words

    @property
    def is_blocked(self) -> bool:
        return self.decision == BLOCK

    @property
    def primary(self) -> Finding | None:
        """The finding with the lowest order number among those with the winning decision."""
        return next((f for f in self.findings if f.rule_id == self.rule_id and f.decision == self.decision), None)

    @property
    def may_override(self) -> bool:
        """True when every blocking finding leaves room for an override by a second person."""
        blocking = [f for f in self.findings if f.decision == BLOCK]
        return bool(blocking) and all(f.may_override for f in blocking)

    def to_dict(self) -> dict[str, Any]:
        """The keys of VECTORS.md plus the findings; instants are UTC ISO strings."""
        return {
            "decision": self.decision,
            "rule_id": self.rule_id,
            "next_allowed": _iso(self.next_allowed),
            "required_content": list(self.required_content),
            "deadline": self.deadline.isoformat() if self.deadline else None,
            "window": [day.isoformat() for day in self.window] if self.window else None,
            "packs": self.packs,
            "notes": list(self.notes),
            "findings": [
                {
                    "rule_id": f.rule_id,
                    "decision": f.decision,
                    "kind": f.kind,
                    "citation": f.citation,
                    "sentence": f.sentence,
                    "next_allowed": _iso(f.next_allowed),
                    "order": f.order,
                    "required_content": list(f.required_content),
                }
                for f in self.findings
            ],
        }

    def to_json(self) -> str:
        """Deterministic text: the same verdict gives the same bytes."""
        return json.dumps(self.to_dict(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment else None

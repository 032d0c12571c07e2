"""Two rulebooks on the same question: at which of these moments would they decide otherwise, and by which sentence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from compliance.rules.context import Context, as_utc
from compliance.rules.engine import Found, ask
from compliance.rules.facts import Action, Facts
from compliance.rules.packs import Rulebook, Step
from compliance.rules.verdict import ALLOW, RANK
from compliance.rules.words import Words

_DECISIONS = {rank: decision for decision, rank in RANK.items()}
Plan = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """The decision by each rulebook at that moment, and why the stricter one says so."""

    at: datetime
    was: str
    now: str
    rule_id: str
    sentence: str


@dataclass(frozen=True, slots=True)
class _Apart:
    """Two plans sorted out. They are kept, so that their identity stays theirs."""

    plans: tuple[Plan, Plan]
    both: Plan
    old: Plan
    new: Plan


class Comparison:
    """An old and a new rulebook. Only the rules that differ are asked until they disagree.

    What both share cannot make a difference by itself, so most questions cost a rule or two.
    """

    def __init__(self, old: Rulebook, new: Rulebook) -> None:
        self.old, self.new = old, new
        self._known: dict[tuple[int, int], _Apart] = {}

    def first_difference(self, facts: Facts, action: Action, moments: Iterable[datetime]) -> Difference | None:
        """The first of these moments (aware) at which the decisions differ; None when they never do."""
        context: Context | None = None
        for moment in moments:
            if context is None:
                context = Context(facts, action, as_utc(moment))
            context.move(as_utc(moment))
            plans = self._apart(self.old.plan(context), self.new.plan(context))
            was, now = ask(plans.old, context), ask(plans.new, context)
            if _rank(was) == _rank(now):
                continue
            shared = _rank(ask(plans.both, context))
            first, second = max(shared, _rank(was)), max(shared, _rank(now))
            if first != second:
                rule_id, sentence = _why(now if second > first else was, context)
                return Difference(moment, _DECISIONS[first], _DECISIONS[second], rule_id, sentence)
        return None

    def _apart(self, old: Plan, new: Plan) -> _Apart:
        found = self._known.get((id(old), id(new)))
        if found is None:
            both = tuple(step for step in old if step in new)
            found = self._known[id(old), id(new)] = _Apart(
                (old, new), both, tuple(s for s in old if s not in both), tuple(s for s in new if s not in both)
            )
        return found


def _rank(found: list[Found]) -> int:
    return max((RANK[hit.decision] for _, hit in found), default=RANK[ALLOW])


def _why(found: list[Found], context: Context) -> tuple[str, str]:
    rule, hit = max(found, key=lambda one: (RANK[one[1].decision], -one[0].order))
    return rule.id, rule.texts[hit.say].format_map(Words(context, hit, None))

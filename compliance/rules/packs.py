"""Rule packs: TOML texts of numbers, dates, sources and examples, compiled into a rulebook.

A pack does not load when a rule has no function, no allowed or no blocked example, no citation or no sentence.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from compliance.rules import registry
from compliance.rules.registry import Registered, Rule, RuleFunction
from compliance.rules.verdict import BUREAU_RULE, HOUSE_POLICY, PRESUMPTION, PROHIBITION

if TYPE_CHECKING:
    from compliance.rules.context import Context

FOLDER = Path(__file__).resolve().parent.parent / "packs"
DEFAULT = ("us_federal", "us_states", "us_medical", "uk", "eu_gdpr", "house_policy")
KINDS = (PROHIBITION, PRESUMPTION, HOUSE_POLICY, BUREAU_RULE)
_TEXT = ("text", "text_")
_SCOPES = {"us": ("US",), "uk": ("UK",), "eu": ("UK", "EU"), "all": ("US", "UK", "EU")}

Step = tuple[RuleFunction, Rule, bool]


class PackRefused(ValueError):
    """The pack cannot be used; the message names the rule and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Pack:
    id: str
    version: str
    title: str
    jurisdictions: tuple[str, ...]
    collector_types: tuple[str, ...]  # empty: every type
    rules: tuple[Rule, ...]
    examples: Mapping[str, tuple[Mapping[str, Any], ...]]  # rule id → examples, each with "fires"
    tables: Mapping[str, Any]  # state table, zone tables and so on
    creditors: tuple[str, ...] = ()  # names or short names; empty: everybody's
    label: str = ""  # what verdicts store; without one the id and the version of the text

    @property
    def is_bound(self) -> bool:
        """Bound to some creditors or collector types: its rules come on top of those for everybody."""
        return bool(self.creditors or self.collector_types)

    @property
    def name(self) -> str:
        return self.label or f"{self.id}@{self.version}"


@dataclass(slots=True)
class Rulebook:
    """Compiled packs. Immutable in meaning; `plans` is a cache of which rules apply to which kind of question."""

    packs: tuple[Pack, ...]
    name: str
    plans: dict[tuple[Any, ...], tuple[Step, ...]] = field(default_factory=dict)
    creditors: frozenset[str] = field(init=False)  # those that some pack is bound to
    names: dict[tuple[Any, ...], str] | None = field(init=False)  # a cache; None when every pack is for everybody

    def __post_init__(self) -> None:
        self.creditors = frozenset(name for pack in self.packs for name in pack.creditors)
        self.names = {} if any(pack.is_bound for pack in self.packs) else None

    def plan(self, context: Context) -> tuple[Step, ...]:
        """The rules to ask for this kind of question, in order."""
        who = "exempt" if context.exempt else "consumer" if context.consumer_like else "third"
        facts, action = context.facts, context.action
        key = (
            facts.jurisdiction, facts.collector.type, action.channel, action.inbound, who, context.regf,
            frozenset(context.states), self._creditors_of(context),
        )  # fmt: skip
        found = self.plans.get(key)
        if found is None:
            if len(self.plans) > 4096:
                self.plans.clear()
            found = self.plans[key] = self._choose(context, who)
        return found

    def _choose(self, context: Context, who: str) -> tuple[Step, ...]:
        steps: list[Step] = []
        for pack in self._packs_for(context):
            for rule in pack.rules:
                known = registry.REGISTRY[rule.id]
                if _applies(known, context, who):
                    dated = rule.effective_from is not None or rule.effective_until is not None
                    steps.append((known.function, rule, dated))
        return tuple(sorted(steps, key=lambda step: (step[1].order, step[1].id, step[1].pack)))

    def _packs_for(self, context: Context) -> list[Pack]:
        facts, mine = context.facts, self._creditors_of(context)
        return [
            pack
            for pack in self.packs
            if facts.jurisdiction in pack.jurisdictions
            and (not pack.collector_types or facts.collector.type in pack.collector_types)
            and (not pack.creditors or mine.intersection(pack.creditors))
        ]

    def _creditors_of(self, context: Context) -> frozenset[str]:
        """The creditors of these debts that some pack names; a debt in doubt has none."""
        if not self.creditors:
            return frozenset()
        named = {name for debt in context.debts for name in (debt.current_creditor, debt.creditor_key)}
        return self.creditors & named

    def name_for(self, context: Context) -> str:
        """The packs that were asked, as verdicts name them: those for everybody and the bound ones that apply."""
        if self.names is None:
            return self.name
        key = (context.facts.jurisdiction, context.facts.collector.type, self._creditors_of(context))
        found = self.names.get(key)
        if found is None:
            chosen = self._packs_for(context)
            named = [pack.name for pack in self.packs if not pack.is_bound or pack in chosen]
            found = self.names[key] = " ".join(named)
        return found

    def rule(self, rule_id: str) -> Rule | None:
        """The data of a rule by its id, of the pack for everybody when there are several."""
        return next((r for pack in self.packs for r in pack.rules if r.id == rule_id), None)

    def table(self, name: str) -> Mapping[str, Any]:
        """A data table of the packs by name; empty when no pack has it."""
        for pack in self.packs:
            if name in pack.tables:
                table: Mapping[str, Any] = pack.tables[name]
                return table
        return {}


def _applies(known: Registered, context: Context, who: str) -> bool:
    if context.action.channel not in known.channels or (known.regf and not context.regf):
        return False
    if context.action.inbound and not known.inbound:
        return False
    if known.states and not known.states & context.states:
        return False
    if context.facts.jurisdiction not in _SCOPES[known.scope]:
        return False
    return known.persons == "any" or known.persons == who or (known.persons == "outsider" and who != "exempt")


def parse(text: str) -> Pack:
    """Read one pack. Raises PackRefused with the reason; tomllib's error for text that is not TOML."""
    load_rules()
    raw = tomllib.loads(text)
    head = raw.get("pack")
    if not head or not head.get("id") or not head.get("version"):
        raise PackRefused("the pack has no [pack] id and version")
    rules: list[Rule] = []
    examples: dict[str, tuple[Mapping[str, Any], ...]] = {}
    for entry in raw.get("rule", []):
        rule = _rule(entry, head["id"])
        if rule.id in examples:
            raise PackRefused(f"{rule.id} stands twice in pack {head['id']}")
        examples[rule.id] = _examples(entry)
        rules.append(rule)
    tables = {key: value for key, value in raw.items() if key not in ("pack", "rule")}
    return Pack(
        id=head["id"],
        version=str(head["version"]),
        title=head.get("title", head["id"]),
        jurisdictions=tuple(head.get("jurisdictions", ("US",))),
        collector_types=tuple(head.get("collector_types", ())),
        rules=tuple(rules),
        examples=examples,
        tables=tables,
        creditors=tuple(head.get("creditors", ())),
    )


def _rule(entry: Mapping[str, Any], pack: str) -> Rule:
    name = entry.get("id", "")
    if name not in registry.REGISTRY:
        raise PackRefused(f"{name or 'a rule without id'}: no function of that id")
    for needed in ("order", "kind", "cite", "sure", "text"):
        if needed not in entry:
            raise PackRefused(f"{name}: {needed} is missing")
    if entry["kind"] not in KINDS:
        raise PackRefused(f"{name}: unknown kind {entry['kind']!r}")
    return Rule(
        id=name,
        order=int(entry["order"]),
        kind=entry["kind"],
        citation=entry["cite"],
        source=entry.get("source", ""),
        confidence=entry["sure"],
        texts={key: value for key, value in entry.items() if key.startswith(_TEXT)},
        params=entry.get("params", {}),
        effective_from=_day(entry.get("effective_from"), name),
        effective_until=_day(entry.get("effective_until"), name),
        pack=pack,
    )


def _day(value: object, name: str) -> date | None:
    if value is None or (isinstance(value, date) and type(value) is date):
        return value
    raise PackRefused(f"{name}: {value!r} is not a date")


def _examples(entry: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    allowed, blocked = entry.get("allowed", []), entry.get("blocked", [])
    if not allowed or not blocked:
        missing = "allowed" if not allowed else "blocked"
        raise PackRefused(f"{entry['id']}: it has no {missing} example")
    return tuple({**e, "fires": False} for e in allowed) + tuple({**e, "fires": True} for e in blocked)


def load_rules() -> None:
    """Import every module of rules, which registers them."""
    from compliance.rules import subjects  # noqa: F401, PLC0415


@lru_cache(maxsize=64)
def read_pack(name: str) -> Pack:
    """A pack that ships with the product, by file name without ending. Raises PackRefused, FileNotFoundError."""
    return parse((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def compile_packs(packs: Iterable[Pack]) -> Rulebook:
    """A rulebook of these packs; its name lists ids and versions.

    A bound pack may have a rule that others have too: both are asked, so it can only narrow. Raises PackRefused when
    two packs for everybody share a rule.
    """
    chosen = tuple(sorted(packs, key=lambda pack: pack.is_bound))
    seen: dict[str, str] = {}
    for pack in chosen:
        if pack.is_bound:
            continue
        for rule in pack.rules:
            if rule.id in seen:
                raise PackRefused(f"{rule.id} stands in {seen[rule.id]} and in {pack.id}")
            seen[rule.id] = pack.id
    return Rulebook(packs=chosen, name=" ".join(pack.name for pack in chosen))


@lru_cache(maxsize=64)
def rulebook(names: tuple[str, ...] = DEFAULT) -> Rulebook:
    """The compiled rulebook of the named packs, kept after the first question."""
    return compile_packs(read_pack(name) for name in names)

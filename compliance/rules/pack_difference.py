"""What changed between two versions of a pack, by rule and by field, for the person who approves it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from compliance.rules.packs import Pack
from compliance.rules.registry import Rule
from compliance.rules.words import say_minute

CLOCKS = frozenset({"open", "close"})
ALWAYS = "the pack"
_FIELDS = {
    "order": "Order", "kind": "Kind", "citation": "Law", "source": "Source", "confidence": "Sure",
    "effective_from": "From", "effective_until": "Until",
}  # fmt: skip
_HEAD = {"title": "Title", "jurisdictions": "Law of", "collector_types": "Collector types", "creditors": "Creditors"}


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one rule (or of the pack, or of a table): what it was, what it will be; empty for not there."""

    where: str
    field: str
    was: str
    now: str


def difference(old: Pack | None, new: Pack) -> list[Change]:
    """Every change from the old version to the new one; without an old one each rule is added."""
    if old is None:
        return [Change(rule.id, "Rule", "", _whole(rule)) for rule in _in_order(new)]
    found = [
        Change(ALWAYS, label, say(name, getattr(old, name)), say(name, getattr(new, name)))
        for name, label in _HEAD.items()
        if getattr(old, name) != getattr(new, name)
    ]
    before, after = {r.id: r for r in old.rules}, {r.id: r for r in new.rules}
    for rule in _in_order(old):
        if rule.id not in after:
            found.append(Change(rule.id, "Rule", _whole(rule), ""))
    for rule in _in_order(new):
        if rule.id not in before:
            found.append(Change(rule.id, "Rule", "", _whole(rule)))
        else:
            found += _of_rule(before[rule.id], rule)
            if old.examples[rule.id] != new.examples[rule.id]:
                found.append(Change(rule.id, "Examples", *_counts(old, new, rule.id)))
    return found + list(_tables(old.tables, new.tables))


def say(name: str, value: Any) -> str:
    """A value as people read it: minutes of the day as a clock, a list with commas, yes and no."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name in CLOCKS and isinstance(value, int):
        return "midnight" if value == 1440 else say_minute(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return ", ".join(say("", item) for item in value) or "none"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {say(key, item)}" for key, item in value.items())
    return str(value)


def _in_order(pack: Pack) -> list[Rule]:
    return sorted(pack.rules, key=lambda rule: (rule.order, rule.id))


def _whole(rule: Rule) -> str:
    numbers = say("", rule.params)
    return f"{rule.texts['text']} {rule.citation}" + (f"; {numbers}" if numbers else "")


def _of_rule(was: Rule, now: Rule) -> Iterator[Change]:
    for name, label in _FIELDS.items():
        yield from _changed(now.id, label, name, getattr(was, name), getattr(now, name))
    for before, after in ((was.params, now.params), (was.texts, now.texts)):
        for key in sorted(before.keys() | after.keys()):
            yield from _changed(now.id, key, key, before.get(key), after.get(key))


def _tables(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Change]:
    for table in sorted(was.keys() | now.keys()):
        before, after = was.get(table, {}), now.get(table, {})
        for key in sorted(before.keys() | after.keys()):
            yield from _changed(f"table {table}", key, key, before.get(key), after.get(key))


def _changed(where: str, field: str, name: str, was: Any, now: Any) -> Iterator[Change]:
    if was != now:
        yield Change(where, field, say(name, was), say(name, now))


def _counts(old: Pack, new: Pack, rule_id: str) -> tuple[str, str]:
    kept = [example for example in new.examples[rule_id] if example in old.examples[rule_id]]
    return f"{len(old.examples[rule_id])} examples", f"{len(new.examples[rule_id])}, {len(kept)} as before"

"""Is this text fit to be a pack? Everything that is wrong with it, each with its line and what would be right.

`packs.parse` refuses at the first gap; here a person who writes rules gets all of them at once, and numbers
that no rule can mean (an hour after midnight, a window that ends before it starts) are refused too.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from compliance.rules import packs, registry
from compliance.rules.case_json import action_from_json, facts_from_json
from compliance.rules.examples import case_of
from compliance.rules.pack_lines import Lines
from compliance.rules.packs import Pack, PackRefused
from compliance.rules.registry import Rule

LONGEST = 400_000
SURE = ("high", "med", "low")
COLLECTORS = ("third_party", "debt_buyer", "first_party_creditor")
LANDS = ("US", "UK", "EU")
_HEAD = {"id": str, "version": str, "title": str, "jurisdictions": list, "collector_types": list, "creditors": list}
_KEYS = frozenset({
    "id", "order", "kind", "cite", "source", "sure", "params", "effective_from", "effective_until", "allowed",
    "blocked",
})  # fmt: skip
_EXAMPLE = frozenset({"now", "home", "fresh", "facts", "history", "act"})
_TEXTS = ("id", "kind", "cite", "sure", "text")
# Numbers that a rule reads although the packs that came with the product leave them out.
_MORE: dict[str, dict[str, Any]] = {
    "POLICY-QUIET-HOURS": {"open": 540, "close": 1200},
    "POLICY-HOLIDAY": {"federal_holidays": True, "days": [6]},
    "POLICY-ELECTRONIC-PER-WEEK": {"limit": 2},
}
_RANGES = {
    "open": (0, 1440), "close": (0, 1440), "limit": (0, 200), "work_limit": (0, 200), "calls": (0, 200),
    "talks": (0, 200), "minutes": (0, 1440), "rate": (0, 100), "minimum": (0, 1_000_000),
}  # fmt: skip
_ANY_NUMBER = (0, 3660)
_NAMES = {str: "text in quotes", int: "a whole number", list: "a list", bool: "true or false", dict: "a table"}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, in a sentence, and on which line (None: nowhere in particular)."""

    line: int | None
    words: str

    def __str__(self) -> str:
        return f"Line {self.line}: {self.words}" if self.line else self.words


@dataclass(frozen=True, slots=True)
class Checked:
    """The pack, or None and why not."""

    pack: Pack | None
    problems: tuple[Problem, ...]


def check(text: str, *, slug: str = "", creditors: Collection[str] = (), others: Iterable[Pack] = ()) -> Checked:
    """Read a text that somebody wrote. `slug` is the pack it has to be; `others` are the packs beside it.

    `creditors` are the names a pack may be bound to. Never raises.
    """
    text = text.replace("\r\n", "\n")
    if len(text) > LONGEST:
        return Checked(None, (Problem(None, f"The text is longer than {LONGEST:,} letters."),))
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return Checked(None, (_not_toml(str(error)),))
    except RecursionError:
        return Checked(None, (Problem(None, "The tables are nested too deeply."),))
    found = _Check(Lines(text))
    found.head(raw.get("pack"), slug, creditors)
    found.rules(raw)
    found.tables({key: value for key, value in raw.items() if key not in ("pack", "rule")})
    if found.problems:
        return Checked(None, tuple(sorted(found.problems, key=lambda p: p.line or 0)))
    try:
        pack = packs.parse(text)
        packs.compile_packs([*others, pack])
    except PackRefused as refused:
        name = str(refused).split(":")[0].split(" ")[0]
        return Checked(None, (Problem(found.line_of_rule(raw, name), _sentence(str(refused))),))
    return Checked(pack, ())


def _not_toml(message: str) -> Problem:
    where = re.search(r"\(at line (\d+), column (\d+)\)", message)
    what = re.sub(r"\s*\(at .*\)$", "", message)
    words = f"This is not TOML: {what[:1].lower()}{what[1:]}"
    return Problem(int(where[1]), f"{words}, at letter {where[2]}.") if where else Problem(None, f"{words}.")


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


@lru_cache(maxsize=1)
def _shipped() -> dict[str, Rule]:
    """The rules as they came with the product: which numbers, sentences and kind each has."""
    return {rule.id: rule for name in packs.DEFAULT for rule in packs.read_pack(name).rules}


@lru_cache(maxsize=1)
def _tables_known() -> dict[str, Mapping[str, Any]]:
    return {key: table for name in packs.DEFAULT for key, table in packs.read_pack(name).tables.items()}


class _Check:
    """One reading of one text; collects what is wrong."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.problems: list[Problem] = []
        self.bound = False

    def say(self, block: str, key: str, words: str) -> None:
        self.problems.append(Problem(self.lines.of(block, key), words))

    def line_of_rule(self, raw: Mapping[str, Any], name: str) -> int | None:
        for index, entry in enumerate(raw.get("rule", ())):
            if entry.get("id") == name:
                return self.lines.of(f"rule {index}", "id")
        return None

    def _is(self, value: Any, wanted: type) -> bool:
        return isinstance(value, wanted) and (wanted is bool or not isinstance(value, bool))

    # --- the head ---------------------------------------------------------------------------------------------

    def head(self, head: Any, slug: str, creditors: Collection[str]) -> None:
        if not isinstance(head, dict):
            self.problems.append(Problem(1, "The text begins with [pack], an id and a version."))
            return
        for key, value in head.items():
            if key not in _HEAD:
                self.say("pack", key, f"[pack] knows no “{key}”.")
            elif not self._is(value, _HEAD[key]):
                self.say("pack", key, f"{key} is {_NAMES[_HEAD[key]]}.")
        for key in ("id", "version", "title"):
            if not head.get(key):
                self.say("pack", key, f"[pack] needs its {key}.")
        name = head.get("id")
        if isinstance(name, str) and name and not re.fullmatch(r"[a-z][a-z0-9_-]{1,39}", name):
            self.say("pack", "id", "The id has small letters, digits and underscores, at most 40.")
        elif slug and name != slug:
            self.say("pack", "id", f"The id of this pack is {slug}; it stays.")
        self._choices(head, "jurisdictions", LANDS, "a land of the engine")
        self._choices(head, "collector_types", COLLECTORS, "a type of collector")
        if creditors or head.get("creditors"):
            self._choices(head, "creditors", creditors, "the name of a creditor of ours")
        self.bound = bool(head.get("creditors") or head.get("collector_types"))

    def _choices(self, head: Mapping[str, Any], key: str, known: Collection[str], what: str) -> None:
        values = head.get(key, [])
        for value in values if isinstance(values, list) else ():
            if value not in known:
                hint = f": {', '.join(known)}" if 0 < len(known) < 6 else ""
                self.say("pack", key, f"“{value}” is not {what}{hint}.")

    # --- the rules --------------------------------------------------------------------------------------------

    def rules(self, raw: Mapping[str, Any]) -> None:
        entries = raw.get("rule", [])
        if not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
            self.problems.append(Problem(None, "A pack has at least one [[rule]]."))
            return
        packs.load_rules()
        seen: set[Any] = set()
        for index, entry in enumerate(entries):
            block, name = f"rule {index}", entry.get("id")
            if not isinstance(name, str) or name not in registry.REGISTRY:
                self.say(block, "id", f"No rule of the engine is called “{name or ''}”.")
                continue
            if name in seen:
                self.say(block, "id", f"{name} stands twice in this pack.")
            seen.add(name)
            self._rule(block, name, entry)

    def _rule(self, block: str, name: str, entry: Mapping[str, Any]) -> None:
        ours = _shipped()[name]
        for key in entry:
            if key not in _KEYS and not key.startswith("text"):
                self.say(block, key, f"{name} has no “{key}”.")
        for key in _TEXTS:
            if not isinstance(entry.get(key), str) or not entry[key].strip():
                self.say(block, key, f"{name} needs {key}, {_NAMES[str]}.")
        for key in ours.texts.keys() - entry.keys() - {"text"}:
            self.say(block, "text", f"{name} also says “{key}”: write that sentence.")
        if not self._is(entry.get("order"), int) or not 1 <= entry["order"] <= 999:
            self.say(block, "order", f"{name}: order is a whole number from 1 to 999.")
        if entry.get("sure") not in SURE:
            self.say(block, "sure", f"{name}: sure is one of {', '.join(SURE)}.")
        if entry.get("kind") not in packs.KINDS:
            self.say(block, "kind", f"{name}: kind is one of {', '.join(packs.KINDS)}.")
        elif entry["kind"] != ours.kind and not self.bound:
            self.say(block, "kind", f"{name} is {ours.kind}; only a new release of the rules changes that.")
        self._dates(block, name, entry)
        self._params(block, name, entry.get("params", {}), {**_MORE.get(name, {}), **ours.params}, ours.params)
        self._examples(block, name, entry)

    def _dates(self, block: str, name: str, entry: Mapping[str, Any]) -> None:
        days = [entry.get(key) for key in ("effective_from", "effective_until")]
        for key, day in zip(("effective_from", "effective_until"), days, strict=True):
            if day is not None and type(day) is not date:
                self.say(block, key, f"{name}: {key} is a date without quotes, such as 2027-01-01.")
        first, last = days
        if type(first) is date and type(last) is date and first > last:
            self.say(block, "effective_until", f"{name} ends before it starts.")

    def _params(self, block: str, name: str, given: Any, known: Mapping[str, Any], needed: Mapping[str, Any]) -> None:
        if not isinstance(given, dict):
            self.say(block, "params", f"{name}: params is a table, such as {{ limit = 7 }}.")
            return
        for key in needed.keys() - given.keys():
            self.say(block, "params", f"{name} needs the number “{key}” in its params.")
        for key, value in given.items():
            if key not in known:
                self.say(block, key, f"{name} reads no “{key}”.")
            else:
                self._value(block, name, key, value, known[key])
        opens, closes = given.get("open", 0), given.get("close", 1440)
        if self._is(opens, int) and self._is(closes, int) and opens >= closes:
            self.say(block, "close", f"{name}: the window is reversed; it opens before it closes.")

    def _value(self, block: str, name: str, key: str, value: Any, like: Any) -> None:
        wanted = type(like)
        if not self._is(value, wanted):
            self.say(block, key, f"{name}: {key} is {_NAMES.get(wanted, wanted.__name__)}.")
        elif wanted is int:
            low, high = _RANGES.get(key, _ANY_NUMBER)
            if not low <= value <= high:
                unit = " minutes of the day" if key in ("open", "close") else ""
                self.say(block, key, f"{name}: {key} is {low} to {high:,}{unit}; {value:,} cannot be meant.")
        elif wanted is list and like and not all(self._is(item, type(like[0])) for item in value):
            self.say(block, key, f"{name}: each entry of {key} is {_NAMES[type(like[0])]}.")

    def _examples(self, block: str, name: str, entry: Mapping[str, Any]) -> None:
        for key in ("allowed", "blocked"):
            cases = entry.get(key)
            if not isinstance(cases, list) or not cases or not all(isinstance(case, dict) for case in cases):
                self.say(block, key, f"{name} has no {key} example. Each rule needs an allowed and a blocked one.")
                continue
            for number, case in enumerate(cases, start=1):
                wrong = sorted(case.keys() - _EXAMPLE)
                if wrong:
                    self.say(block, key, f"{name}, {key} example {number}: it knows no “{wrong[0]}”.")
                    continue
                try:
                    whole = case_of(case)
                    facts_from_json(whole["given"])
                    action_from_json(whole["action"])
                except Exception as error:  # whatever a hand-written example holds, its line is named
                    what = f"{type(error).__name__}: {error}"[:120]
                    self.say(block, key, f"{name}, {key} example {number} cannot be read ({what}).")

    # --- tables -----------------------------------------------------------------------------------------------

    def tables(self, tables: Mapping[str, Any]) -> None:
        for table, rows in tables.items():
            known = _tables_known().get(table)
            if known is None:
                self.say(table, "", f"No table is called [{table}].")
            elif not isinstance(rows, dict):
                self.say(table, "", f"[{table}] is a table.")
            else:
                for key in known.keys() - rows.keys():
                    self.say(table, key, f"[{table}] needs “{key}”.")
                for key, value in rows.items():
                    if key not in known:
                        self.say(table, key, f"[{table}] knows no “{key}”.")
                    else:
                        self._value(table, f"[{table}]", key, value, known[key])

"""The steps of a script as data: read, checked, walked. Pure.

A step is `{key, title, say: {en, es}, coach, must_read, facts_required, records, branches: [{key, label, next,
outcome}]}`; the words are Liquid over the merge fields of letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

MAX_STEPS, MAX_WORDS, SHOWN = 40, 4000, 6
_KEY = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_LETTER = re.compile(r"[A-Z]")


class ScriptError(ValueError):
    """A script that cannot be used; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class Branch:
    """An answer: its letter, its words, and the step or outcome it leads to."""

    key: str
    label: str
    next: str = ""
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a script."""

    key: str
    title: str
    say: tuple[tuple[str, str], ...]
    coach: str = ""
    must_read: bool = False
    checks_identity: bool = False
    records: str = ""
    branches: tuple[Branch, ...] = ()

    @property
    def discloses(self) -> bool:
        """Must it be read before anything about the debt is said (12 CFR 1006.18(e))?"""
        return self.must_read and "disclosure" in self.records

    def words(self, language: str) -> str:
        """What to say, in this language or in English."""
        said = dict(self.say)
        return said.get(language[:2]) or said.get("en") or next(iter(said.values()), "")

    def needs_disclosure(self, steps: Iterable[Step]) -> bool:
        """Does it speak of the debt? Everything that comes after a disclosure step does, unless it is an ending."""
        return any(mark in text for _, text in self.say for mark in ("debt.", "promise.", "plan.", "payment."))


def parse(data: Any) -> list[Step]:
    """Steps from their data as stored. Unknown names are passed over."""
    return list(_parsed(_frozen(data)))


def _frozen(data: Any) -> Any:
    if isinstance(data, Mapping):
        return tuple((key, _frozen(value)) for key, value in data.items())
    if isinstance(data, list | tuple):
        return ("list", *(_frozen(value) for value in data))
    return data


@lru_cache(maxsize=64)
def _parsed(frozen: Any) -> tuple[Step, ...]:
    return tuple(_step(dict(row)) for row in frozen[1:])


def _step(row: dict[str, Any]) -> Step:
    branches = [dict(branch) for branch in row.get("branches", ("list",))[1:]]
    return Step(
        key=str(row.get("key", "")),
        title=str(row.get("title", "")),
        say=tuple((str(k), str(v)) for k, v in row.get("say", ())),
        coach=str(row.get("coach", "")),
        must_read=bool(row.get("must_read")),
        checks_identity=len(row.get("facts_required", ("list",))) > 1,
        records=str(row.get("records", "")),
        branches=tuple(
            Branch(str(b.get("key", "")), str(b.get("label", "")), str(b.get("next", "")), str(b.get("outcome", "")))
            for b in branches
        ),
    )


def find(steps: Iterable[Step], key: str) -> Step | None:
    """The step of that key."""
    return next((step for step in steps if step.key == key), None)


def following(steps: list[Step], key: str) -> str:
    """The step that its first branch leads to; else the next one in order; "" at the end."""
    here = find(steps, key)
    if here is None:
        return ""
    for branch in here.branches:
        if branch.next:
            return branch.next
    if here.branches:
        return ""
    place = steps.index(here)
    return steps[place + 1].key if place + 1 < len(steps) else ""


def path(steps: list[Step], done: Iterable[str], here: str) -> list[Step]:
    """The way walked so far, the step we are at, and what usually comes next: at most SHOWN steps."""
    order = {step.key: place for place, step in enumerate(steps)}
    walked = [key for key in sorted(set(done) & set(order), key=order.__getitem__) if key != here]
    keys = [*walked[-3:], here]
    while len(keys) < SHOWN and (key := following(steps, keys[-1])) and key not in keys:
        keys.append(key)
    found = [find(steps, key) for key in keys]
    return [step for step in found if step is not None]


def check(data: Any) -> None:
    """Refuse steps that nobody could follow. Raises ScriptError with a sentence that names the step."""
    if not isinstance(data, list) or not 1 <= len(data) <= MAX_STEPS:
        raise ScriptError(f"A script has 1 to {MAX_STEPS} steps.")
    steps = parse(data)
    keys = [step.key for step in steps]
    for number, step in enumerate(steps, 1):
        _check_step(number, step, keys)
    if len(set(keys)) != len(keys):
        raise ScriptError("Two steps have the same short name.")
    if not any(step.checks_identity for step in steps):
        raise ScriptError("One step must check the identity.")
    if not any(step.discloses for step in steps):
        raise ScriptError("One step must be the disclosure that is read word for word.")


def _check_step(number: int, step: Step, keys: list[str]) -> None:
    if not _KEY.fullmatch(step.key):
        raise ScriptError(f"Step {number} needs a short name in small letters.")
    if not step.title or not step.words("en"):
        raise ScriptError(f"Step {number} needs a title and words to say.")
    if any(len(text) > MAX_WORDS for _, text in step.say):
        raise ScriptError(f"The words of step {number} are too long; at most {MAX_WORDS} characters fit.")
    letters = [branch.key for branch in step.branches]
    if len(set(letters)) != len(letters) or not all(_LETTER.fullmatch(letter) for letter in letters):
        raise ScriptError(f"The answers of step {number} need a letter each.")
    for branch in step.branches:
        if branch.next and branch.next not in keys:
            raise ScriptError(f"“{branch.label}” of step {number} leads to {branch.next}, which is not there.")


BUILT_IN = parse(
    [
        {"key": "greeting", "title": "Greeting", "say": {"en": "Hello, may I speak with {{ person.name }}?"}},
        {
            "key": "identity",
            "title": "Identity",
            "facts_required": ["two"],
            "say": {"en": "To be sure I have the right person: what is your birth date, and your ZIP code?"},
        },
        {
            "key": "disclosure",
            "title": "Disclosure",
            "must_read": True,
            "records": "initial_disclosure",
            "say": {"en": "{{ legal.initial_disclosure }}"},
        },
        {
            "key": "reason",
            "title": "The debt",
            "say": {"en": "I am calling about {{ debt.creditor }}. The balance is {{ debt.balance }}. Can you pay it?"},
        },
    ]
)

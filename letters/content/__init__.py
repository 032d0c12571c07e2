"""The templates and call scripts that come with the product, as TOML files. Admins change copies of them.

`templates/<slug>.toml`: name, kind, and per channel and language `[post.en] subject, body`.
`scripts/<slug>.toml`: name, purpose, and `[[steps]]` with their branches.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from letters.merge_fields import CHANNELS, LANGUAGES
from letters.render.check import content_tokens
from letters.render.notice import CONTENT_TOKENS

FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class ShippedTemplate:
    """One template in one channel (post, email, sms) and language; `tokens`: content it always carries."""

    slug: str
    name: str
    kind: str
    channel: str
    lang: str
    subject: str
    body: str
    tokens: frozenset[str]


@dataclass(frozen=True, slots=True)
class Branch:
    """An answer and where it leads: the key of a step, or an outcome code that ends the script."""

    key: str
    label: str
    next: str = ""
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `say` is Liquid over merge fields; `must_read` steps are confirmed before the next one.

    `facts_required`: what must be confirmed to leave the step (identity: full_name, and one of birth_date,
    ssn_last4, address). `records`: the fact that reading it records (recording_notice, initial_disclosure).
    """

    key: str
    title: str
    say: dict[str, str]
    coach: str
    must_read: bool
    facts_required: tuple[str, ...]
    records: str
    branches: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class ShippedScript:
    """A call script; it starts at its first step."""

    slug: str
    name: str
    purpose: str
    tokens: frozenset[str]
    steps: tuple[Step, ...]

    def step(self, key: str) -> Step:
        """The step of that key. Raises KeyError."""
        for step in self.steps:
            if step.key == key:
                return step
        raise KeyError(key)


@cache
def templates() -> tuple[ShippedTemplate, ...]:
    """All shipped templates, by slug, channel and language."""
    return tuple(
        _template(path.stem, data, channel, lang)
        for path in sorted((FOLDER / "templates").glob("*.toml"))
        for data in [tomllib.loads(path.read_text("utf-8"))]
        for channel in CHANNELS
        for lang in LANGUAGES
        if lang in data.get(channel.lower(), {})
    )


@cache
def scripts() -> tuple[ShippedScript, ...]:
    """All shipped call scripts."""
    return tuple(
        parse_script(path.stem, tomllib.loads(path.read_text("utf-8")))
        for path in sorted((FOLDER / "scripts").glob("*.toml"))
    )


def parse_script(slug: str, data: dict[str, Any]) -> ShippedScript:
    """A script from its TOML data. Raises KeyError or TypeError when it lacks something."""
    steps = tuple(_step(step) for step in data["steps"])
    return ShippedScript(slug, data["name"], data["purpose"], frozenset(data.get("tokens", ())), steps)


def _template(slug: str, data: dict[str, Any], channel: str, lang: str) -> ShippedTemplate:
    text = data[channel.lower()][lang]
    body = text["body"]
    notice = data["kind"] == "validation_notice"
    tokens = CONTENT_TOKENS if notice else content_tokens(body, channel=channel)
    subject = text.get("subject", "")
    return ShippedTemplate(slug, data["name"], data["kind"], channel.lower(), lang, subject, body, tokens)


def _step(step: dict[str, Any]) -> Step:
    branches = tuple(Branch(**branch) for branch in step.get("branches", ()))
    return Step(
        step["key"],
        step["title"],
        step["say"],
        step.get("coach", ""),
        bool(step.get("must_read", False)),
        tuple(step.get("facts_required", ())),
        step.get("records", ""),
        branches,
    )

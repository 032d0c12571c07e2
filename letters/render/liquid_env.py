"""Liquid for people who write templates: strict names, few tags, six filters, hard limits.

Allowed are output, if, unless, case and for over documented lists; nothing that loads, assigns or captures.
Values can never write Markdown: they are taken out before it is read (markdown_tree.filled_tree) and put back
as text (STACK.md section 4, RELIABILITY 36).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TextIO

import liquid
from liquid.builtin.output import Output, OutputNode
from liquid.exceptions import LiquidError, UndefinedError

from letters.render.result import Problem, RenderError

TAGS = frozenset({"if", "unless", "case", "for", "break", "continue", "comment"})
FILTERS = frozenset({"default", "upcase", "downcase", "capitalize", "join", "size"})
MAX_SOURCE = 20_000
MARK_START, MARK_END = "\ue000", "\ue001"

_SPACES = re.compile(r"\s+")
_HIDDEN = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ue000\ue001]")


class MissingValue(LiquidError):
    """A name is documented but has no value here, and the template gives no fallback."""


class _Value(OutputNode):
    """Output of one value: text only, on one line, never empty, written by the rules of the environment."""

    __slots__ = ()

    def render_to_output(self, context: liquid.RenderContext, buffer: TextIO) -> int:
        """Write the value."""
        value = self.expression.evaluate(context)
        if isinstance(value, list | tuple | dict):
            raise MissingValue(f"{self.expression} is a list; show its items with a loop.", token=self.token)
        text = _SPACES.sub(" ", _HIDDEN.sub("", str(value))).strip()
        if not text:
            raise MissingValue(f"{self.expression} has no value and no fallback.", token=self.token)
        env = context.env
        assert isinstance(env, LetterEnvironment)
        return buffer.write(env.written(text))


class _ValueTag(Output):
    node_class = _Value


class LetterEnvironment(liquid.Environment):
    """The Liquid environment; `marked` wraps each value in MARK_START and MARK_END."""

    loop_iteration_limit = 5000
    output_stream_limit = 200_000
    local_namespace_limit = 50_000
    context_depth_limit = 10
    block_nesting_limit = 8

    def __init__(self, *, marked: bool) -> None:
        super().__init__(undefined=liquid.StrictUndefined)
        self.marked = marked
        kept = TAGS | {"content", "output", "illegal"}
        self.tags = {name: tag for name, tag in self.tags.items() if name in kept}
        for name in set(self.filters) - FILTERS:
            del self.filters[name]
        self.add_tag(_ValueTag)

    def written(self, text: str) -> str:
        """The value as it stands in the output."""
        return f"{MARK_START}{text}{MARK_END}" if self.marked else text


@lru_cache(maxsize=8)
def environment(marked: bool = False) -> LetterEnvironment:
    """The shared environment."""
    return LetterEnvironment(marked=marked)


@lru_cache(maxsize=512)
def parse(source: str, marked: bool = False) -> liquid.BoundTemplate:
    """The parsed template. Raises RenderError when it is too long or is not Liquid as allowed here."""
    if len(source) > MAX_SOURCE:
        raise RenderError(Problem("too_long", f"The text is longer than {MAX_SOURCE:,} characters."))
    if MARK_START in source or MARK_END in source:
        raise RenderError(Problem("syntax", "The text holds a character that cannot be printed."))
    try:
        return environment(marked).from_string(source)
    except LiquidError as wrong:
        raise RenderError(as_problem(wrong)) from wrong
    except RecursionError as wrong:
        raise RenderError(Problem("limit", "The text is nested too deeply.")) from wrong


def fill(source: str, context: Mapping[str, Any], *, marked: bool = False, where: str = "body") -> str:
    """The template with its values. The context comes from merge_fields.complete. Raises RenderError."""
    try:
        return parse(source, marked).render(context)
    except LiquidError as wrong:
        raise RenderError(as_problem(wrong, where)) from wrong


def as_problem(wrong: LiquidError, where: str = "body") -> Problem:
    """A Liquid error in words for the person who writes the template."""
    line = _line(wrong)
    text = str(wrong.args[0]) if wrong.args else "This is not valid."
    if isinstance(wrong, MissingValue):
        return Problem("missing_value", text, where, line)
    if isinstance(wrong, UndefinedError):
        return Problem("name", f"There is no merge field {text.split(' ')[0]}.", where, line)
    if isinstance(wrong, liquid.exceptions.ResourceLimitError):
        return Problem("limit", "The text repeats or nests too much.", where, line)
    if isinstance(wrong, liquid.exceptions.UnknownFilterError):
        return Problem("filter", f"This filter is not allowed: {text}.", where, line)
    if "tag" in text:
        return Problem("tag", f"This tag is not allowed here: {text}.", where, line)
    return Problem("syntax", f"This is not readable: {text}.", where, line)


def _line(wrong: LiquidError) -> int:
    token = wrong.token
    return 0 if token is None else token.source.count("\n", 0, token.start_index) + 1

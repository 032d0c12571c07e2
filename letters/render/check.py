"""Judging a template when it is saved: names, tags, loops, links, length and the content the law asks for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from liquid.ast import Node as LiquidNode
from liquid.builtin.expressions import FilteredExpression, Path
from liquid.builtin.output import OutputNode
from liquid.builtin.tags.for_tag import ForNode
from liquid.exceptions import LiquidError
from liquid.expression import Expression

from letters import merge_fields
from letters.render import legal, sms
from letters.render.liquid_env import FILTERS, MAX_SOURCE, as_problem, fill, parse
from letters.render.markdown_tree import filled_tree
from letters.render.result import Problem, RenderError

MAX_SUBJECT = 150
MAX_SMS_SOURCE = 1000
MAX_SMS_SEGMENTS = 4
LOOP_NAMES = frozenset({"forloop.first", "forloop.last", "forloop.index", "forloop.length"})
DISCLOSURES = frozenset({"initial_disclosure", "subsequent_disclosure"})
_LINK = re.compile(r"\]\(\s*<?([^)\s>]*)")
Scope = Mapping[str, frozenset[str]]


def check_template(
    body: str, *, subject: str | None = None, channel: str, kind: str, lang: str = "en"
) -> list[Problem]:
    """Everything that keeps a template from being saved; an empty list when it may be.

    channel: post, email or sms in either case; kind: a key of merge_fields.KINDS; lang: en or es. Content
    tokens are those of RULES.md (12 CFR 1006.18(e), 1006.6(e)); the notice of 1006.34 is a form of its own and
    its body is only the reverse side.
    """
    channel = channel.upper()
    mode = "plain" if channel == "SMS" else "markdown"
    limit = MAX_SMS_SOURCE if channel == "SMS" else MAX_SOURCE
    found = _checked_text(body, mode, kind, limit, "body")
    if channel != "SMS":
        found += _checked_subject(subject or "", kind)
    if found:
        return found
    found = _missing_content(body, channel=channel, kind=kind)
    return found or _trial(body, subject or "", channel=channel, kind=kind, lang=lang)


def content_tokens(body: str, *, channel: str) -> frozenset[str]:
    """The content tokens a template always carries: its `legal` fields outside every condition and loop."""
    template = parse(body)
    top = (node for node in template.nodes if isinstance(node, OutputNode))
    names = {name for node in top for name in _plain_name(node.expression)}
    return frozenset(token for name, token in legal.TOKENS.items() if name in names)


def check_spoken(say: str) -> list[Problem]:
    """As check_template, for what an officer says in a script step."""
    return _checked_text(say, "plain", "script", 2000, "say")


def _plain_name(expression: Expression) -> list[str]:
    if isinstance(expression, FilteredExpression) and isinstance(expression.left, Path):
        return [_name(expression.left) or ""]
    return []


def _checked_subject(subject: str, kind: str) -> list[Problem]:
    if not subject.strip():
        return [Problem("empty", "Write a subject.", "subject")]
    return _checked_text(subject, "plain", kind, MAX_SUBJECT, "subject")


def _checked_text(source: str, mode: str, kind: str, limit: int, where: str) -> list[Problem]:
    if len(source) > limit:
        return [Problem("too_long", f"The text is {len(source):,} characters long; {limit:,} fit.", where)]
    try:
        template = parse(source)
    except RenderError as wrong:
        return [Problem(p.code, p.message, where, p.line) for p in wrong.problems]
    found = [
        Problem("filter", f"The filter {name} is not allowed; use one of {', '.join(sorted(FILTERS))}.", where)
        for name in sorted(set(template.analyze().filters) - FILTERS)
    ]
    allowed = {field.name for field in merge_fields.fields_for(kind)}
    found += [Problem(code, text, where) for code, text in _walk(template.nodes, {}, allowed)]
    for href in _LINK.findall(source) if mode == "markdown" else ():
        if not href.startswith(("https://", "mailto:", "tel:", "{{")):
            found.append(Problem("link", f"Links begin with https://, not {href[:40]}.", where))
    return found


def _walk(nodes: Iterable[LiquidNode], scope: Scope, allowed: set[str]) -> Iterator[tuple[str, str]]:
    for node in nodes:
        for expression in node.expressions():
            if not isinstance(node, ForNode):
                yield from _names(expression, scope, allowed)
        if isinstance(node, ForNode):
            yield from _loop(node, scope, allowed)
        else:
            yield from _walk(_children(node), scope, allowed)


def _loop(node: ForNode, scope: Scope, allowed: set[str]) -> Iterator[tuple[str, str]]:
    iterable = node.expression.iterable
    name = _name(iterable) if isinstance(iterable, Path) else None
    field = merge_fields.BY_NAME.get(name or "")
    if field is None or not field.is_list or name not in allowed:
        yield "loop", f"A loop goes over a documented list, not over {iterable}."
        return
    inner = {**scope, node.expression.identifier: field.items}
    yield from _walk([node.block], inner, allowed)
    if node.default is not None:
        yield from _walk([node.default], scope, allowed)


def _children(node: LiquidNode) -> Iterable[LiquidNode]:
    return node.children(None, include_partials=False)  # type: ignore[arg-type]


def _names(expression: Expression, scope: Scope, allowed: set[str]) -> Iterator[tuple[str, str]]:
    if isinstance(expression, Path):
        yield from _checked_name(expression, scope, allowed)
    for child in expression.children():
        yield from _names(child, scope, allowed)


def _checked_name(path: Path, scope: Scope, allowed: set[str]) -> Iterator[tuple[str, str]]:
    name = _name(path)
    if name is None:
        yield "name", f"{path} is not a merge field."
        return
    head, _, rest = name.partition(".")
    if name in allowed or name in LOOP_NAMES or (head in scope and (rest in scope[head] or not rest)):
        return
    if name in merge_fields.BY_NAME:
        yield "kind", f"{name} is not available in this kind of text."
    else:
        yield "name", f"There is no merge field {name}."


def _name(path: Path) -> str | None:
    parts = path.path
    return ".".join(str(part) for part in parts) if all(isinstance(part, str) for part in parts) else None


def _missing_content(body: str, *, channel: str, kind: str) -> list[Problem]:
    if kind in ("validation_notice", "script", "stop_confirmation"):  # it may say nothing else
        return []
    carried = content_tokens(body, channel=channel)
    found = []
    if not carried & DISCLOSURES:
        text = "Add legal.subsequent_disclosure outside any condition: it says this is from a debt collector."
        found.append(Problem("content", f"{text} 12 CFR 1006.18(e)."))
    if channel in ("EMAIL", "SMS") and "opt_out_instructions" not in carried:
        text = "Add legal.opt_out_instructions outside any condition: how to stop these messages."
        found.append(Problem("content", f"{text} 12 CFR 1006.6(e)."))
    return found


def _trial(body: str, subject: str, *, channel: str, kind: str, lang: str) -> list[Problem]:
    context = legal.with_legal_texts(merge_fields.sample_context(lang), channel=channel, lang=lang)
    try:
        if channel == "SMS":
            return _checked_segments(fill(body, context))
        fill(subject, context, where="subject")
        if kind != "validation_notice":
            filled_tree(body, context)
    except RenderError as wrong:
        return list(wrong.problems)
    except LiquidError as wrong:
        return [as_problem(wrong)]
    return []


def _checked_segments(text: str) -> list[Problem]:
    if not text.strip():
        return [Problem("empty", "There is no text to send.")]
    count = sms.segments(text)
    if count <= MAX_SMS_SEGMENTS:
        return []
    return [Problem("too_long", f"With sample values this takes {count} texts; {MAX_SMS_SEGMENTS} are allowed.")]

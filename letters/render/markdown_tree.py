"""Markdown to a small tree, and the tree to e-mail HTML and plain text. Typst gets the same tree as JSON.

Nodes are `{"t": tag, "c": [children]}`, text nodes `{"t": "text", "v": …}`, links carry `href`, cells `align`.
What follows a rule (`---`) on its own line at the end is the foot: small print at the end of the letter.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from letters.render.liquid_env import MARK_END, MARK_START, fill
from letters.render.result import Problem, RenderError

Node = dict[str, Any]
NAMES = {
    "paragraph": "p",
    "bullet_list": "ul",
    "ordered_list": "ol",
    "list_item": "li",
    "table": "table",
    "thead": "thead",
    "tbody": "tbody",
    "tr": "tr",
    "th": "th",
    "td": "td",
    "strong": "strong",
    "em": "em",
    "link": "a",
    "heading": "h",
}
HTML_TAGS = {
    "p",
    "h1",
    "h2",
    "h3",
    "ul",
    "ol",
    "li",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "strong",
    "em",
    "a",
    "br",
    "mark",
    "footer",
}
_OFF = [
    "code",
    "fence",
    "backticks",
    "image",
    "html_block",
    "html_inline",
    "lheading",
    "reference",
    "autolink",
    "blockquote",
]
_VALUE = re.compile(f"{MARK_START}(.*?){MARK_END}", re.DOTALL)
_PLACE = re.compile(f"({MARK_START}[0-9]+{MARK_END})")
SCHEMES = ("https://", "mailto:", "tel:")
_ALIGN = re.compile(r"text-align:(left|right|center)")

_markdown = MarkdownIt("commonmark", {"html": False}).enable("table").disable(_OFF)
_markdown.validateLink = lambda url: url.startswith((*SCHEMES, MARK_START))  # type: ignore[method-assign]
_markdown.normalizeLink = lambda url: url  # type: ignore[method-assign]


@dataclass(frozen=True, slots=True)
class Tree:
    """The body and the foot of a message."""

    body: list[Node]
    foot: list[Node]


def filled_tree(source: str, context: Mapping[str, Any], *, marked: bool = False, where: str = "body") -> Tree:
    """The tree of a Liquid and Markdown template with the values of a context; `marked` shades them.

    Markdown sees only places, never values: it is read once for each course a template takes, and no value
    can become a mark. Raises RenderError when something is missing or nothing is left to send.
    """
    values: list[str] = []

    def place(match: re.Match[str]) -> str:
        values.append(match[1])
        return f"{MARK_START}{len(values) - 1}{MARK_END}"

    tree = parse_tree(_VALUE.sub(place, fill(source, context, marked=True, where=where)))
    return Tree(_put(tree.body, values, marked), _put(tree.foot, values, marked))


def _put(nodes: list[Node], values: list[str], marked: bool) -> list[Node]:
    return [new for node in nodes for new in _put_node(node, values, marked)]


def _put_node(node: Node, values: list[str], marked: bool) -> list[Node]:
    if node["t"] == "text":
        return _put_text(node, values, marked)
    new = node | {"c": _put(node["c"], values, marked)}
    if node["t"] == "a":
        new["href"] = _PLACE.sub(lambda match: values[int(match[1][1:-1])], node["href"])
        if not new["href"].startswith(SCHEMES):
            return list(new["c"])
    return [new]


def _put_text(node: Node, values: list[str], marked: bool) -> list[Node]:
    text = node["v"]
    if MARK_START not in text:
        return [node]
    if not marked:
        return [{"t": "text", "v": _PLACE.sub(lambda match: values[int(match[1][1:-1])], text)}]
    return [_piece(piece, values) for piece in _PLACE.split(text) if piece]


def _piece(piece: str, values: list[str]) -> Node:
    if piece[0] != MARK_START:
        return {"t": "text", "v": piece}
    return {"t": "mark", "c": [{"t": "text", "v": values[int(piece[1:-1])]}]}


@lru_cache(maxsize=512)
def parse_tree(markdown: str) -> Tree:
    """The tree of a Markdown text; shared, so never changed. Raises RenderError when it is empty."""
    root: Node = {"t": "root", "c": []}
    _grow(root, _markdown.parse(markdown))
    nodes: list[Node] = root["c"]
    cuts = [at for at, node in enumerate(nodes) if node["t"] == "hr"]
    end = cuts[-1] if cuts else len(nodes)
    body = [node for node in nodes[:end] if node["t"] != "hr"]
    if not body:
        raise RenderError(Problem("empty", "There is no text to send."))
    return Tree(body, nodes[end + 1 :])


def _grow(root: Node, tokens: list[Token]) -> None:
    stack = [root]
    for token in tokens:
        if token.type == "inline":
            _grow(stack[-1], token.children or [])
        elif token.nesting == 1:
            node = _opened(token)
            stack[-1]["c"].append(node)
            stack.append(node)
        elif token.nesting == -1:
            stack.pop()
        else:
            stack[-1]["c"].extend(_leaf(token))


def _opened(token: Token) -> Node:
    tag = NAMES[token.type.removesuffix("_open")]
    node: Node = {"t": tag, "c": []}
    if tag == "h":
        node["t"] = f"h{min(int(token.tag[1:]), 3)}"
    if tag == "a":
        node["href"] = str(token.attrGet("href") or "")
    if tag in ("th", "td"):
        match = _ALIGN.search(str(token.attrGet("style") or ""))
        node["align"] = match[1] if match else "left"
    return node


def _leaf(token: Token) -> list[Node]:
    if token.type == "softbreak":
        return [{"t": "text", "v": " "}]
    if token.type == "hardbreak":
        return [{"t": "br", "c": []}]
    if token.type == "hr":
        return [{"t": "hr", "c": []}]
    return [{"t": "text", "v": token.content}] if token.content else []


def to_html(tree: Tree) -> str:
    """Sanitised HTML of the body, then the foot in a footer element. No attributes but href, align and cellpadding."""
    foot = f"<footer>{_html(tree.foot)}</footer>" if tree.foot else ""
    return nh3.clean(
        _html(tree.body) + foot,
        tags=HTML_TAGS,
        attributes={"a": {"href"}, "th": {"align"}, "td": {"align"}, "table": {"cellpadding"}},
        url_schemes={"https", "mailto", "tel"},
        link_rel="noopener noreferrer",
    )


def _html(nodes: list[Node]) -> str:
    return "".join(_html_node(node) for node in nodes)


def _html_node(node: Node) -> str:
    tag = node["t"]
    if tag == "text":
        return html.escape(node["v"])
    if tag == "br":
        return "<br>"
    if tag == "a":
        return f'<a href="{html.escape(node["href"])}">{_html(node["c"])}</a>'
    extra = f' align="{node["align"]}"' if "align" in node else ' cellpadding="6"' if tag == "table" else ""
    return f"<{tag}{extra}>{_html(node['c'])}</{tag}>"


def to_text(tree: Tree) -> str:
    """The plain text of the same message: blank lines between blocks, links with their address."""
    blocks = [_text_block(node) for node in tree.body]
    if tree.foot:
        blocks += ["--"] + [_text_block(node) for node in tree.foot]
    return "\n\n".join(block for block in blocks if block)


def _text_block(node: Node) -> str:
    tag = node["t"]
    if tag == "ul":
        return "\n".join(f"- {_text_item(item)}" for item in node["c"])
    if tag == "ol":
        return "\n".join(f"{at}. {_text_item(item)}" for at, item in enumerate(node["c"], 1))
    if tag == "table":
        rows = [row for part in node["c"] for row in part["c"]]
        return "\n".join("  ".join(_text(cell["c"]) for cell in row["c"]) for row in rows)
    return _text(node["c"])


def _text_item(item: Node) -> str:
    return " ".join(_text_block(node) if "c" in node else str(node["v"]) for node in item["c"])


def _text(nodes: list[Node]) -> str:
    return "".join(_text_node(node) for node in nodes)


def _text_node(node: Node) -> str:
    if node["t"] == "text":
        return str(node["v"])
    if node["t"] == "br":
        return "\n"
    inside = _text(node["c"])
    if node["t"] == "a" and node["href"] not in (inside, f"mailto:{inside}"):
        return f"{inside} ({node['href']})"
    return inside

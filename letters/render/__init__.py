"""From a template and a context to what is sent: PDF for post, HTML for e-mail, text for SMS.

Nothing here reads the clock, the database or settings. Contexts are those of letters.merge_fields; names a
caller leaves out count as having no value. Everything raises RenderError (NoticeIncomplete for a notice).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from letters import merge_fields
from letters.render import legal, sms, typst_pdf
from letters.render.check import check_spoken, check_template, content_tokens
from letters.render.email_page import html_page, plain_page
from letters.render.letterhead import Letterhead
from letters.render.liquid_env import MARK_END, MARK_START, fill
from letters.render.markdown_tree import Tree, filled_tree, to_text
from letters.render.notice import CONTENT_TOKENS, NoticeData, check_notice, notice_item
from letters.render.result import NoticeIncomplete, Problem, Rendered, RenderError

__all__ = [
    "Letterhead",
    "NoticeData",
    "NoticeIncomplete",
    "PostLetter",
    "PrintFile",
    "PrintedLetter",
    "Problem",
    "RenderError",
    "Rendered",
    "Spoken",
    "check_notice",
    "check_spoken",
    "check_template",
    "content_tokens",
    "preview_png",
    "render",
    "render_batch",
    "render_notice",
    "spoken",
]
BATCH = 100
FACT_WORDS = {
    "en": (("today", "Date"), ("reference", "Reference"), ("creditor", "Creditor"), ("account", "Account")),
    "es": (("today", "Fecha"), ("reference", "Referencia"), ("creditor", "Acreedor"), ("account", "Cuenta")),
}
PAGE_WORD = {"en": "Page", "es": "Página"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PostLetter:
    """One letter of a batch. With `notice` it is the validation notice and `body` is its reverse side."""

    key: str
    subject: str
    body: str
    context: Mapping[str, Any]
    lang: str = "en"
    notice: NoticeData | None = None


@dataclass(frozen=True, slots=True)
class PrintedLetter:
    """Where one letter stands in the print file: pages counted from 1, both included."""

    key: str
    first_page: int
    last_page: int
    text: str


@dataclass(frozen=True, slots=True)
class PrintFile:
    """One PDF for the print house and what is in it. Letters that cannot be made are in `refused`."""

    pdf: bytes
    sha256: str
    letters: tuple[PrintedLetter, ...]
    refused: dict[str, RenderError] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Spoken:
    """A piece of what an officer says; `is_field` marks a value, shown bold."""

    text: str
    is_field: bool


def render(
    *,
    channel: str,
    subject: str,
    body: str,
    context: Mapping[str, Any],
    lang: str,
    letterhead: Letterhead,
    timestamp: datetime,
) -> Rendered:
    """One message. channel: post, email or sms in either case; lang: en or es; timestamp: aware, written into the PDF.

    The same arguments give the same bytes. Raises RenderError.
    """
    channel = channel.upper()
    whole = legal.with_legal_texts(merge_fields.complete(context), channel=channel, lang=lang)
    tokens = content_tokens(body, channel=channel)
    if channel == "SMS":
        text = fill(body, whole)
        text = "\n".join(line.rstrip() for line in text.strip().splitlines())
        return Rendered("", text, "", None, _digest(text.encode()), 0, sms.segments(text), tokens)
    title = _one_line(fill(subject, whole, where="subject"))
    tree = filled_tree(body, whole)
    if channel == "EMAIL":
        page = html_page(tree, title, lang, letterhead)
        return Rendered(title, plain_page(tree, letterhead), page, None, _digest(page.encode()), 0, 0, tokens)
    if channel != "POST":
        raise ValueError(f"There is no channel {channel}.")
    item = _letter_item(whole, title, tree, lang)
    return _printed(item, letterhead, timestamp, to_text(tree), tokens)


def render_notice(
    *,
    notice: NoticeData,
    reverse: str,
    context: Mapping[str, Any],
    lang: str,
    letterhead: Letterhead,
    timestamp: datetime,
) -> Rendered:
    """The validation notice of 12 CFR 1006.34 in the layout of Model Form B-1.

    `reverse` is Liquid and Markdown for the reverse side (state disclosures), or empty. Raises NoticeIncomplete
    naming the missing tokens, before anything is laid out; RenderError for a bad reverse.
    """
    item = _notice_item(notice, reverse, context, lang)
    return _printed(item, letterhead, timestamp, _notice_text(item), CONTENT_TOKENS)


def render_batch(*, letters: Sequence[PostLetter], letterhead: Letterhead, timestamp: datetime) -> PrintFile:
    """Many letters in one Typst compile: one PDF, and for each letter its pages. Use at most BATCH at once.

    A letter whose text fails is left out and named in `refused`; when the layout of the file fails (a character
    no font has), each letter is tried alone to name the one. Raises RenderError when nothing is left.
    """
    items, kept, refused = [], [], {}
    for letter in letters:
        try:
            items.append(_post_item(letter))
            kept.append(letter.key)
        except RenderError as wrong:
            refused[letter.key] = wrong
    if not items:
        raise next(iter(refused.values()), RenderError(Problem("empty", "There are no letters to print.")))
    try:
        pdf, ends = typst_pdf.compile_pdf(_document(items, letterhead), timestamp=timestamp)
    except RenderError:
        bad = _refused_alone(items, kept, letterhead, timestamp)
        if not bad:
            raise
        left = [letter for letter in letters if letter.key in kept and letter.key not in bad]
        if not left:
            raise
        again = render_batch(letters=left, letterhead=letterhead, timestamp=timestamp)
        return PrintFile(again.pdf, again.sha256, again.letters, refused | bad)
    starts = (0, *ends[:-1])
    printed = tuple(
        PrintedLetter(key, start + 1, end, item["text"])
        for key, start, end, item in zip(kept, starts, ends, items, strict=True)
    )
    return PrintFile(pdf, _digest(pdf), printed, refused)


def preview_png(
    *,
    subject: str,
    body: str,
    context: Mapping[str, Any],
    lang: str,
    letterhead: Letterhead,
    dpi: int = 96,
    marked: bool = True,
    notice: NoticeData | None = None,
) -> list[bytes]:
    """The letter as pictures, one PNG a page, values of merge fields shaded when `marked`.

    Fails where the PDF would fail, for the same reason. Raises RenderError.
    """
    if notice is not None:
        item = _notice_item(notice, body, context, lang)
    else:
        whole = legal.with_legal_texts(merge_fields.complete(context), channel="POST", lang=lang)
        title = _one_line(fill(subject, whole, where="subject"))
        item = _letter_item(whole, title, filled_tree(body, whole, marked=marked), lang)
    data = _document([item], letterhead)
    typst_pdf.compile_pdf(data, timestamp=datetime.fromisoformat("2000-01-01T00:00:00+00:00"))
    return typst_pdf.compile_png(data, dpi=dpi)


def spoken(*, say: str, context: Mapping[str, Any], lang: str = "en") -> tuple[Spoken, ...]:
    """What an officer says, in pieces. A field without value is shown as its name in brackets, never an error."""
    whole = merge_fields.complete(context)
    for name in merge_fields.BY_NAME:
        _show_gap(whole, name)
    whole = legal.with_legal_texts(whole, channel="CALL", lang=lang)
    text = fill(say, whole, marked=True, where="say")
    pieces = text.replace(MARK_END, MARK_START).split(MARK_START)
    return tuple(Spoken(piece, at % 2 == 1) for at, piece in enumerate(pieces) if piece)


def _show_gap(whole: dict[str, Any], name: str) -> None:
    *parents, last = name.split(".")
    place = whole
    for parent in parents:
        place = place[parent]
    if place[last] == "" and not name.startswith("legal."):
        place[last] = f"[{merge_fields.BY_NAME[name].label.lower()}]"


def _post_item(letter: PostLetter) -> dict[str, Any]:
    if letter.notice is not None:
        item = _notice_item(letter.notice, letter.body, letter.context, letter.lang)
        return item | {"text": _notice_text(item)}
    whole = legal.with_legal_texts(merge_fields.complete(letter.context), channel="POST", lang=letter.lang)
    title = _one_line(fill(letter.subject, whole, where="subject"))
    tree = filled_tree(letter.body, whole)
    return _letter_item(whole, title, tree, letter.lang) | {"text": to_text(tree)}


def _refused_alone(
    items: list[dict[str, Any]], keys: list[str], letterhead: Letterhead, timestamp: datetime
) -> dict[str, RenderError]:
    bad = {}
    for key, item in zip(keys, items, strict=True):
        try:
            typst_pdf.compile_pdf(_document([item], letterhead), timestamp=timestamp)
        except RenderError as wrong:
            bad[key] = wrong
    return bad


def _printed(
    item: dict[str, Any], letterhead: Letterhead, timestamp: datetime, text: str, tokens: frozenset[str]
) -> Rendered:
    pdf, ends = typst_pdf.compile_pdf(_document([item], letterhead), timestamp=timestamp)
    return Rendered(item["subject"], text, "", pdf, _digest(pdf), ends[-1], 0, tokens)


def _document(items: list[dict[str, Any]], letterhead: Letterhead) -> dict[str, Any]:
    title = items[0]["subject"] if len(items) == 1 else f"{len(items)} letters"
    return {
        "title": title,
        "author": letterhead.name,
        "lang": items[0]["lang"],
        "heads": [letterhead.as_data()],
        "items": [{key: value for key, value in item.items() if key != "text"} for item in items],
    }


def _letter_item(whole: dict[str, Any], subject: str, tree: Tree, lang: str) -> dict[str, Any]:
    person, debt = whole["person"], whole["debt"]
    if not person["name"].strip() or not person["address_lines"]:
        raise RenderError(Problem("missing_value", "There is no postal address to send this letter to."))
    values = {
        "today": whole["today"],
        "reference": debt["reference"],
        "creditor": debt["creditor"],
        "account": debt["reference_masked"],
    }
    return {
        "layout": "letter",
        "lang": lang,
        "head": 0,
        "subject": subject,
        "page-word": PAGE_WORD[lang],
        "to": [person["name"], *person["address_lines"]],
        "facts": [[word, values[key]] for key, word in FACT_WORDS[lang] if values[key]],
        "running": " · ".join(part for part in (person["name"], debt["reference"]) if part),
        "body": tree.body,
        "foot": tree.foot,
    }


def _notice_item(notice: NoticeData, reverse: str, context: Mapping[str, Any], lang: str) -> dict[str, Any]:
    nodes: list[dict[str, Any]] = []
    if reverse.strip():
        whole = legal.with_legal_texts(merge_fields.complete(context), channel="POST", lang=lang)
        if fill(reverse, whole, where="reverse").strip():
            nodes = filled_tree(reverse, whole, where="reverse").body
    return notice_item(notice, lang=lang, reverse=nodes, head=0)


def _notice_text(item: dict[str, Any]) -> str:
    rows = [f"{row['label']} {row['sign']}{row['currency']}{row['amount']}" for row in (*item["rows"],)]
    total = item["total"]
    bullets = ["".join(part["text"] for part in parts) for q in item["questions"] for parts in q["bullets"]]
    lines = [item["lead"], item["information"]["account"], *rows]
    lines += [f"{total['label']} {total['currency']}{total['amount']}", *bullets]
    return "\n\n".join(lines)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()

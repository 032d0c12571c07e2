"""What rendering gives back, and how it says no."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a template, for the editor. `code` is stable, `message` is a sentence, `line` from 1.

    Codes: syntax, tag, filter, name, kind, loop, link, too_long, empty, missing_value, content, glyph, limit.
    """

    code: str
    message: str
    where: str = "body"
    line: int = 0


class RenderError(Exception):
    """A message cannot be made. `problems` says why, the first one is the text of the error."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(problems[0].message)
        self.problems = problems


class NoticeIncomplete(RenderError):
    """A validation notice lacks something or does not add up. `fields` names what, by its token."""

    def __init__(self, fields: tuple[str, ...]) -> None:
        lacking = ", ".join(fields).replace("_", " ")
        super().__init__(Problem("content", f"The validation notice is not complete: {lacking}."))
        self.fields = fields


@dataclass(frozen=True, slots=True)
class Rendered:
    """One message as it will be sent.

    `sha256` is of the bytes sent: the PDF, the HTML, or the text in UTF-8. `pages` is 0 and `pdf` None for
    e-mail and SMS; `segments` is the number of SMS parts; `tokens` are the content tokens carried.
    """

    subject: str
    text: str
    html: str
    pdf: bytes | None
    sha256: str
    pages: int
    segments: int = 0
    tokens: frozenset[str] = frozenset()

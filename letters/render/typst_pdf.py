"""Typst: data in, PDF/UA-1 and PDF/A-2a bytes out. The same data and timestamp give the same bytes."""

from __future__ import annotations

import json
import re
import threading
from datetime import UTC, datetime
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import typst

from letters.render.result import Problem, RenderError

FOLDER = Path(__file__).resolve().parent
STANDARDS: list[typst.PDFStandard] = ["ua-1", "a-2a"]
_one_at_a_time = threading.Lock()
_GLYPH = re.compile(r"character|glyph", re.IGNORECASE)
_PAGE = re.compile(rb"/Type\s*/Page\b")


def compile_pdf(data: dict[str, Any], *, timestamp: datetime) -> tuple[bytes, tuple[int, ...]]:
    """The PDF of all items in `data`, and the last page of each item, counted from 1.

    `timestamp` is the aware creation time written into the file. When every letter has one page, as nearly all
    have, one plain pass is enough; otherwise a second one writes running heads and counts the pages of each.
    Raises RenderError, naming the character that the font lacks where that is why.
    """
    count = len(data["items"])
    with _one_at_a_time:
        try:
            pdf = _compile(data | {"counted": False}, timestamp)
            if _pages(pdf) == count:
                return pdf, tuple(range(1, count + 1))
            pdf = _compile(data | {"counted": True}, timestamp)
            return pdf, tuple(json.loads(_compiler().query("<end>", field="value")))
        except typst.TypstError as wrong:
            raise RenderError(_problem(wrong)) from wrong


def _compile(data: dict[str, Any], timestamp: datetime) -> bytes:
    pdf = _compiler().compile(
        format="pdf",
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        pdf_standards=STANDARDS,
        timestamp=timestamp.astimezone(UTC),
    )
    assert isinstance(pdf, bytes)
    return pdf


def _pages(pdf: bytes) -> int:
    return len(_PAGE.findall(pdf))


def compile_png(data: dict[str, Any], *, dpi: int) -> list[bytes]:
    """One picture a page. Raises RenderError."""
    with _one_at_a_time:
        try:
            made = _compiler().compile(
                format="png", ppi=dpi, sys_inputs={"data": json.dumps(data | {"counted": True}, ensure_ascii=False)}
            )
        except typst.TypstError as wrong:
            raise RenderError(_problem(wrong)) from wrong
    return [made] if isinstance(made, bytes) else list(made or [])


@lru_cache(maxsize=1)
def _compiler() -> typst.Compiler:
    spec = find_spec("fontpkg_source_sans_3")
    if spec is None or spec.origin is None:
        raise RuntimeError("The package fontpkg-source-sans-3 is missing.")
    files = Path(spec.origin).parent / "files"
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(files)])
    return typst.Compiler(str(FOLDER / "letter.typ"), root=str(FOLDER), font_paths=fonts, ignore_system_fonts=True)


def _problem(wrong: typst.TypstError) -> Problem:
    text = wrong.message or str(wrong)
    if _GLYPH.search(text):
        return Problem("glyph", f"The letter holds a character that the font cannot print: {text}.")
    return Problem("limit", f"The letter cannot be laid out: {text}.")

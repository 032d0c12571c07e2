"""The firm's letterhead as data for Typst: strings, and a logo as SVG text."""

from __future__ import annotations

import base64
import struct
from dataclasses import dataclass
from typing import Any

from letters.render.result import Problem, RenderError

MAX_LOGO = 512 * 1024
PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """Who writes. `logo` is the bytes of an SVG or PNG, or empty; licence lines stand at the foot."""

    name: str
    address: str
    phone: str = ""
    hours: str = ""
    website: str = ""
    licence_lines: tuple[str, ...] = ()
    logo: bytes = b""

    def as_data(self) -> dict[str, Any]:
        """For letter.typ. Raises RenderError when the logo is no picture we can print."""
        phone = ", ".join(part for part in (self.phone, self.hours) if part)
        return {
            "name": self.name,
            "address": self.address,
            "licences": list(self.licence_lines),
            "contact": [line for line in (phone, self.website) if line],
            "logo": logo_svg(self.logo),
        }


def logo_svg(logo: bytes) -> str:
    """The logo as SVG text; a PNG is wrapped. Raises RenderError for anything else or above 512 KB."""
    if not logo:
        return ""
    if len(logo) > MAX_LOGO:
        raise RenderError(Problem("limit", "The logo is larger than 512 KB."))
    if logo.startswith(PNG) and len(logo) >= 24:
        width, height = struct.unpack(">II", logo[16:24])
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
            f'height="{height}"><image width="{width}" height="{height}" '
            f'href="data:image/png;base64,{base64.b64encode(logo).decode()}"/></svg>'
        )
    try:
        text = logo.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    if "<svg" not in text[:2000]:
        raise RenderError(Problem("limit", "The logo is not an SVG or PNG picture."))
    return text

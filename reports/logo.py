"""A logo that came from outside: its size, its first bytes and its pixels are looked at before it is kept. Pure."""

from __future__ import annotations

import struct

MOST_BYTES = 512 * 1024
MOST_PIXELS = 2000
LEAST_PIXELS = 16
_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})


class LogoRefused(ValueError):
    """Not a picture we take; the text is a sentence."""


def check(content: bytes) -> str:
    """The content type of a PNG or JPEG of at most 512 KB and 2,000 × 2,000 pixels. Raises LogoRefused."""
    if len(content) > MOST_BYTES:
        raise LogoRefused("Use a picture of at most 512 KB.")
    if content.startswith(_PNG):
        kind, size = "image/png", _png(content)
    elif content.startswith(_JPEG):
        kind, size = "image/jpeg", _jpeg(content)
    else:
        raise LogoRefused("Use a PNG or JPEG picture.")
    if size is None or not all(LEAST_PIXELS <= side <= MOST_PIXELS for side in size):
        raise LogoRefused("Use a picture from 16 to 2,000 pixels wide and high.")
    return kind


def _png(content: bytes) -> tuple[int, int] | None:
    if len(content) < 33 or content[12:16] != b"IHDR" or not content.rstrip().endswith(b"IEND\xaeB`\x82"):
        return None
    width, height = struct.unpack(">II", content[16:24])
    return int(width), int(height)


def _jpeg(content: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 < len(content):
        if content[at] != 0xFF:
            return None
        marker = content[at + 1]
        if marker in _FRAMES:
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return int(width), int(height)
        at += 2 + int(struct.unpack(">H", content[at + 2 : at + 4])[0])
    return None

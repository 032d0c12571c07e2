"""What the bytes of an uploaded file are: text in which encoding, a workbook, or something else. Pure."""

from __future__ import annotations

import codecs
from typing import IO

from accounts import placement_sheets as sheets
from accounts.placement_errors import FileFault

CHUNK = 1 << 18
MAX_BYTES = 2 << 30
_FOREIGN = (
    (b"%PDF", "a PDF document"),
    (b"\xd0\xcf\x11\xe0", "an old Excel file, or one with a password"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x1f\x8b", "a compressed archive"),
    (b"7z\xbc\xaf", "a compressed archive"),
    (b"Rar!", "a compressed archive"),
    (b"BZh", "a compressed archive"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"SQLite format 3", "a database"),
    (b"PAR1", "a Parquet file"),
)
_MARKUP = (
    (b"<!doctype", "a web page"),
    (b"<html", "a web page"),
    (b"<?xml", "an XML file"),
    (b"{\\rtf", "a letter"),
)
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NOT_CP1252 = frozenset(b"\x81\x8d\x8f\x90\x9d")


def check_bytes(stream: IO[bytes]) -> str:
    """Text or xlsx. Raises FileFault for an empty file, one too large, and every other make."""
    size = stream.seek(0, 2)
    stream.seek(0)
    if size == 0:
        raise FileFault("The file is empty.")
    if size > MAX_BYTES:
        raise FileFault("The file is larger than 2 GB; split it.")
    head = stream.read(4096)
    stream.seek(0)
    if head.startswith(b"PK"):
        sheets.check(stream)
        return "xlsx"
    for start, what in _FOREIGN:
        if head.startswith(start):
            raise FileFault(f"This is {what}. Save the table as CSV or XLSX and upload that.")
    low = head.removeprefix(codecs.BOM_UTF8).lstrip()[:20].lower()
    for start, what in _MARKUP:
        if low.startswith(start):
            raise FileFault(f"This is {what}. Save the table as CSV or XLSX and upload that.")
    if low[:1] in (b"{", b"["):
        raise FileFault("This is a JSON file. Save the table as CSV or XLSX and upload that.")
    return "text"


def find_encoding(stream: IO[bytes]) -> str:
    """The encoding of a text: by its mark, else UTF-8 if all of it is, else Windows. Raises FileFault."""
    stream.seek(0)
    head = stream.read(4096)
    stream.seek(0)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    wide = _without_mark(head)
    if wide:
        return wide
    odd = sum(1 for byte in head if byte < 32 and byte not in b"\t\n\r\x0c\x1a\0")
    if odd * 50 > len(head) or head.count(b"\0") * 50 > len(head):
        raise FileFault("This is not a text file. Save the table as CSV or XLSX and upload that.")
    return _eight_bit(stream)


def _without_mark(head: bytes) -> str | None:
    """UTF-16 that lacks its mark: every second byte of plain text is zero."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = max(len(head) // 2, 1)
    if odd > 0.7 * half and even < 0.1 * half:
        return "utf-16-le"
    if even > 0.7 * half and odd < 0.1 * half:
        return "utf-16-be"
    return None


def _eight_bit(stream: IO[bytes]) -> str:
    decoder = codecs.getincrementaldecoder("utf-8")()
    accents = False
    utf8, windows = True, True
    while chunk := stream.read(CHUNK):
        if chunk.isascii():
            continue
        if utf8:
            try:
                accents = not decoder.decode(chunk).isascii() or accents
            except UnicodeDecodeError as wrong:
                if accents or any(byte > 127 for byte in chunk[: wrong.start]):
                    raise FileFault("The file mixes two encodings, or it is damaged.") from wrong
                utf8 = False
        windows = windows and _NOT_CP1252.isdisjoint(chunk)
    stream.seek(0)
    if utf8 and decoder.getstate()[0]:
        raise FileFault("The file breaks off in the middle of a character.")
    return "utf-8" if utf8 else "cp1252" if windows else "latin-1"

"""Text from outside: cleaned at the edge, made safe for spreadsheets, and folded for matching."""

from __future__ import annotations

import re
import unicodedata

BIDI_CONTROLS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
FORMULA_STARTS = frozenset("=+-@\t\r\n\0\uff1d\uff0b\uff0d\uff20")
MAX_EMAIL, MAX_LOCAL = 254, 64

_FORBIDDEN = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_BIDI = re.compile("[" + "".join(sorted(BIDI_CONTROLS)) + "]")
_SPACES = re.compile(r"\s+")
_EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
_NANP = re.compile(r"(?:\+?1)?([2-9][0-9]{2}[2-9][0-9]{6})")
_PHONE_FILL = re.compile(r"[\s().\-/\u00a0\u2010-\u2013]+")
_EXTENSION = re.compile(r"\s*(?:extension|ext|x|#)\.?:?\s*[0-9]{1,7}\Z", re.IGNORECASE)
_STROKED = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}
_FOLD_LETTERS = str.maketrans(_STROKED)
_APOSTROPHES = re.compile("['\u2018\u2019\u02bc\u02b9`\u00b4]")
_NOT_WORD = re.compile(r"[\W_]+")


class TextError(ValueError):
    """Text we do not take; the message is a sentence for the person who typed it."""


def clean(text: str, max_length: int, *, multiline: bool = False) -> str:
    """Trim and NFC-normalise text from outside; spaces and line breaks become one space unless multiline.

    Refuses more than max_length characters, NUL and other control characters, lone surrogates and the
    characters that turn the reading direction around (RELIABILITY 32). Raises TextError.
    """
    if len(text) <= max_length and text.isascii() and text.isprintable():
        return text.strip() if multiline else " ".join(text.split())
    if len(text) > 4 * max_length + 64:
        raise TextError(f"This text is too long; at most {max_length} characters fit.")
    if _FORBIDDEN.search(text):
        raise TextError("This text holds a character that cannot be stored.")
    if _BIDI.search(text):
        raise TextError("This text holds a hidden character that changes the reading direction.")
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    text = _lines(text) if multiline else _SPACES.sub(" ", text).strip()
    if len(text) > max_length:
        raise TextError(f"This text is too long; at most {max_length} characters fit.")
    return text


def storable(text: str, max_length: int) -> str:
    """What can be kept of a text that is not worth a refusal: one line, no forbidden characters, cut to max_length."""
    return _SPACES.sub(" ", _BIDI.sub("", _FORBIDDEN.sub("", text[: 4 * max_length]))).strip()[:max_length]


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def csv_safe(cell: object) -> object:
    """A cell that no spreadsheet takes for a formula: text with such a beginning gets a leading apostrophe.

    Numbers and dates pass unchanged, so that they stay numbers (RELIABILITY 35).
    """
    if isinstance(cell, str) and cell and (cell[0] in FORMULA_STARTS or cell.lstrip()[:1] in FORMULA_STARTS):
        return "'" + cell
    return cell


def normalise_phone(raw: str, region: str = "US") -> str | None:
    """A phone number in E.164 form (+17065550110), or None when it cannot be one. Extensions are dropped."""
    if len(raw) > 40:
        return None
    bare = _EXTENSION.sub("", raw.strip())
    digits = _PHONE_FILL.sub("", bare)
    if region in ("US", "CA") or digits.startswith("+1"):
        match = _NANP.fullmatch(digits)
        if match is not None:
            return "+1" + match[1]
        if not digits.startswith(("+", "011")) or digits.startswith("+1"):
            return None
        digits = "+" + digits[3:] if digits.startswith("011") else digits
    return _foreign_phone(digits, region)


def _foreign_phone(digits: str, region: str) -> str | None:
    import phonenumbers

    try:
        number = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def normalise_email(raw: str) -> str | None:
    """An e-mail address in lower case, or None when it cannot be one."""
    address = raw.strip()
    if not 3 <= len(address) <= MAX_EMAIL or _EMAIL.fullmatch(address) is None:
        return None
    return address.lower() if address.index("@") <= MAX_LOCAL else None


def fold(name: str) -> str:
    """A name for matching: no accents, case, apostrophes or punctuation; one space between words.

    "  O’BRIEN-Muñoz" and "O'Brien Munoz" fold to the same "obrien munoz".
    """
    text = name.casefold()
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text).translate(_FOLD_LETTERS)
        text = "".join(letter for letter in text if not unicodedata.combining(letter))
    return _NOT_WORD.sub(" ", _APOSTROPHES.sub("", text)).strip()

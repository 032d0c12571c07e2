"""How many parts a text takes: GSM 03.38 septets, or UCS-2 when a character is outside that alphabet."""

from __future__ import annotations

from math import ceil

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")


def is_gsm(text: str) -> bool:
    """Whether the text fits the GSM alphabet (7 bits a character)."""
    return all(letter in _BASIC or letter in _EXTENDED for letter in text)


def segments(text: str) -> int:
    """Parts on the phone bill: 160 septets alone or 153 each; otherwise 70 or 67 UTF-16 units each."""
    if is_gsm(text):
        units, alone, each = sum(2 if letter in _EXTENDED else 1 for letter in text), 160, 153
    else:
        units, alone, each = len(text.encode("utf-16-be")) // 2, 70, 67
    return 1 if units <= alone else ceil(units / each)

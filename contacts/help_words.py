"""What we say to a person in distress or danger, and who can help: the firm's words, or sensible ones for the US.

The numbers are public: 988 (Suicide & Crisis Lifeline; 47 USC 251(e)(4)), 911, 211, the National Domestic Violence
Hotline. Pure.
"""

from dataclasses import dataclass

MOST_LINES = 8
SPLIT = "|"


class HelpWordsError(ValueError):
    """Lines that nobody could read out; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class Line:
    """Somebody who can help: the number to dial, who answers, and when or how."""

    number: str
    who: str
    when: str = ""


@dataclass(frozen=True, slots=True)
class Help:
    """The approved words and the lines in one language. `approved` says since when and by whom; empty: built in."""

    language: str
    say: str
    lines: tuple[Line, ...]
    approved: str = ""


BUILT_IN = {
    "en": (
        "I am sorry this is so hard. Your safety matters more than any bill. I will not talk about money today. "
        "Are you safe right now? There are people you can talk to at any hour, free of charge.",
        "911 | Emergency | if you or somebody else is in danger now\n"
        "988 | Suicide & Crisis Lifeline | call or text, any hour; veterans press 1\n"
        "1-800-799-7233 | National Domestic Violence Hotline | any hour, in private\n"
        "211 | Food, rent, health: help near you | any hour in most places",
    ),
    "es": (
        "Siento que esté pasando por esto. Su seguridad importa más que cualquier cuenta. Hoy no hablaré de dinero. "
        "¿Está a salvo en este momento? Hay personas con quienes puede hablar a cualquier hora, sin costo.",
        "911 | Emergencia | si usted u otra persona está en peligro ahora\n"
        "988 | Línea de Prevención del Suicidio y Crisis | llame y oprima 2, o envíe AYUDA, a cualquier hora\n"
        "1-800-799-7233 | Línea Nacional contra la Violencia Doméstica | a cualquier hora, en privado\n"
        "211 | Comida, renta, salud: ayuda cerca de usted | a cualquier hora en casi todo el país",
    ),
}


def parse(text: str) -> tuple[Line, ...]:
    """`number | who | when`, one a line; empty lines are passed over. Raises HelpWordsError."""
    found = []
    for row in text.splitlines():
        if not row.strip():
            continue
        parts = [part.strip() for part in row.split(SPLIT)]
        if len(parts) not in (2, 3) or not parts[0] or not parts[1]:
            raise HelpWordsError(f"Write “number | who | when” on each line; “{row.strip()[:60]}” is not like that.")
        if not any(mark.isdigit() for mark in parts[0]):
            raise HelpWordsError(f"“{parts[0][:40]}” is no number that somebody could dial.")
        found.append(Line(*parts))
    if not 1 <= len(found) <= MOST_LINES:
        raise HelpWordsError(f"Name 1 to {MOST_LINES} who can help.")
    return tuple(found)


def built_in(language: str) -> Help:
    """The words of this installation until somebody approves others; English for a language we have none for."""
    code = language[:2] if language[:2] in BUILT_IN else "en"
    say, lines = BUILT_IN[code]
    return Help(code, say, parse(lines))

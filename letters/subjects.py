"""What a message is about (a promise, an installment, a payment), read by whoever owns it.

Letters may not import payments. The app that knows both registers a reader for the model's label; it is
asked for a whole chunk at once, in the moment of sending, and says what the reminder must say now or why
there is nothing to say any more (PRODUCT D6).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Money:
    """Written out in the reader's language."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Day:
    """Written out in the reader's language, with its weekday on request."""

    day: date
    weekday: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """The same in each language of the letters."""

    en: str
    es: str


@dataclass(frozen=True, slots=True)
class Subject:
    """`gone`: a sentence saying why the message has no reason any more; empty while it has one.

    `values`: merge fields by group, such as {"promise": {"amount": Money(…)}}, leaves being str, Money, Day,
    Words, or lists of dicts of those.
    """

    gone: str = ""
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


Reader = Callable[[Sequence[int], datetime], Mapping[int, Subject]]
MISSING = Subject(gone="What it was about is no longer there.")
_readers: dict[str, Reader] = {}


class NoReader(Exception):
    """Nobody can say whether this message is still true, so it may not go."""


def register(subject_type: str, reader: Reader) -> None:
    """Say who reads subjects of this model label (such as payments.promise). The last one wins."""
    _readers[subject_type] = reader


def read(keys: Iterable[tuple[str, int]], at: datetime) -> dict[tuple[str, int], Subject]:
    """The subjects of a chunk, a few queries per type. Raises NoReader for a type nobody registered."""
    wanted: dict[str, list[int]] = {}
    for kind, pk in dict.fromkeys(keys):
        wanted.setdefault(kind, []).append(pk)
    found: dict[tuple[str, int], Subject] = {}
    for kind, ids in wanted.items():
        if kind not in _readers:
            raise NoReader(f"Nobody reads {kind}.")
        answers = _readers[kind](ids, at)
        found.update({(kind, pk): answers.get(pk, MISSING) for pk in ids})
    return found

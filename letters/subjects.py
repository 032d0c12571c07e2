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
Key = tuple[str, str, int]  # the message's kind, the model label, the id
MISSING = Subject(gone="What it was about is no longer there.")
Finder = Callable[[Sequence[int], datetime], Mapping[int, tuple[str, int]]]
_readers: dict[tuple[str, str], Reader] = {}
_finders: dict[str, Finder] = {}


class NoReader(Exception):
    """Nobody can say whether this message is still true, so it may not go."""


def register(subject_type: str, reader: Reader, *, kinds: Iterable[str] = ("",)) -> None:
    """Say who reads subjects of this model label (such as payments.promise), for some kinds of message or for all.

    A missed promise is a reason for one letter and the end of the reason for another. The last one wins.
    """
    for kind in kinds:
        _readers[kind, subject_type] = reader


def register_finder(kind: str, finder: Finder) -> None:
    """Say what a letter of this kind would be about now, by account, of many accounts at once."""
    _finders[kind] = finder


def find(kind: str, account_id: int, at: datetime) -> tuple[str, int] | None:
    """The present subject of a kind for an account; None when there is nothing to write about."""
    return find_many(kind, [account_id], at).get(account_id)


def find_many(kind: str, account_ids: Sequence[int], at: datetime) -> Mapping[int, tuple[str, int]]:
    """The same for many accounts, by account, with the finder's one query."""
    finder = _finders.get(kind)
    return finder(account_ids, at) if finder else {}


def read(keys: Iterable[Key], at: datetime) -> dict[Key, Subject]:
    """The subjects of a chunk, a few queries per reader. A key that nobody reads is left out."""
    wanted: dict[tuple[str, str], list[int]] = {}
    for kind, label, pk in dict.fromkeys(keys):
        wanted.setdefault((kind, label), []).append(pk)
    found: dict[Key, Subject] = {}
    for (kind, label), ids in wanted.items():
        reader = _readers.get((kind, label)) or _readers.get(("", label))
        if reader is not None:
            answers = reader(ids, at)
            found.update({(kind, label, pk): answers.get(pk, MISSING) for pk in ids})
    return found


def of(found: Mapping[Key, Subject], kind: str, label: str, pk: int | None) -> Subject:
    """The subject of one message; an empty one when it has none. Raises NoReader."""
    if pk is None:
        return Subject()
    if (kind, label, pk) not in found:
        raise NoReader(f"Nobody can say whether this is still true: {label}.")
    return found[kind, label, pk]

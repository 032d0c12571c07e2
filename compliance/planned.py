"""What other apps plan to do to whom: sources of planned contacts, registered when the apps are loaded.

Compliance lies below the work and the letters and cannot ask them; they say here where to look.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .services import Request


@dataclass(frozen=True, slots=True)
class Planned:
    """One contact somebody plans: the question it will ask, what it is in words, and at which moments it may happen."""

    request: Request
    what: str
    moments: tuple[datetime, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """For whom and for when: contacts that `user` may see, from `since` to before `until`; of these creditors only.

    `creditors` are short names; None means all. `most` bounds the list.
    """

    user: Any
    since: datetime
    until: datetime
    creditors: frozenset[str] | None = None
    most: int = 20_000


Source = Callable[[Span], Iterable[Planned]]
_sources: dict[str, Source] = {}


def register(name: str, source: Source) -> None:
    """Ask this source too. A fixed number of queries each, accounts with their portfolio and creditor loaded."""
    _sources[name] = source


def contacts(span: Span) -> list[Planned]:
    """Everything that is planned in that span."""
    return [one for source in _sources.values() for one in source(span)]

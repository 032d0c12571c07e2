"""What the histories happen in: portfolios, officers, templates, the present moment."""

from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random
from typing import Any

from accounts.models import Portfolio
from users.models import User

from .hours import Diary
from .organizations import Book
from .places import Atlas
from .tables import Desk


@dataclass(slots=True)
class Shelf:
    """A portfolio with what its debts look like, who works it and its placements (id, day)."""

    portfolio: Portfolio
    book: Book
    officers: list[User]
    placements: list[tuple[int, date]] = field(default_factory=list)
    weights: list[int] = field(default_factory=list)

    @property
    def id(self) -> int:
        return self.portfolio.pk


@dataclass(slots=True)
class World:
    """One load: its moment, its places, its sheets. Shared by all persons."""

    now: datetime
    today: date
    shelves: list[Shelf]
    templates: dict[tuple[str, str], tuple[int, int | None]]
    desk: Desk
    atlas: Atlas
    diary: Diary
    seal: bool = True
    callbacks: list[tuple[int, int, datetime]] = field(default_factory=list)
    number: int = 0

    def shelf_for(self, rng: Random, *, firm: bool, state: str) -> Shelf:
        """A portfolio to owe to. Firms owe trade credit; nobody in Nevada owes a hospital (NRS 649.366)."""
        fitting = [
            s for s in self.shelves if s.book.firms == firm and not (s.book.medical and state == "NV") and s.placements
        ]
        return rng.choices(fitting, weights=[s.book.weight for s in fitting])[0]


@dataclass(slots=True)
class Point:
    """A phone, e-mail or postal address of a person."""

    id: int
    kind: str
    value: str
    use: str = "OTHER"
    line: str = ""
    zone: str = ""
    status: str = "ACTIVE"
    status_at: datetime | None = None
    status_reason: str = ""
    source: str = "CREDITOR"
    last_result: str = ""
    last_result_at: datetime | None = None
    place: Any = None

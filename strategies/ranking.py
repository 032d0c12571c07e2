"""The first fifty with the weights in force beside the first fifty with new ones (F17). Writes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.db import connection

from . import refresh_sql
from .models import Queue

FIRST = 50


class Ranked(NamedTuple):
    """One person in an order; amount in `currency`."""

    id: int
    debtor_id: int
    name: str
    queue: str
    amount: Decimal
    currency: str
    points: int

    @property
    def ref(self) -> str:
        return f"P-{self.debtor_id}"

    @property
    def queue_label(self) -> str:
        return str(Queue(self.queue).label)


@dataclass(frozen=True, slots=True)
class Place:
    """One place in both orders. `was` is where the newcomer stands now; None when not among the first."""

    number: int
    before: Ranked
    after: Ranked
    was: int | None


def first(*, books: Sequence[int], weights: Mapping[str, int], at: datetime, limit: int = FIRST) -> list[Ranked]:
    """The most urgent people of these portfolios with these weights, best first."""
    with connection.cursor() as cursor:
        cursor.execute(refresh_sql.ranking(weights=weights), {"books": list(books), "at": at, "limit": limit})
        return [Ranked(*row) for row in cursor.fetchall()]


def compare(*, books: Sequence[int], old: Mapping[str, int], new: Mapping[str, int], at: datetime) -> list[Place]:
    """Both orders side by side, as of the same moment and facts."""
    before, after = first(books=books, weights=old, at=at), first(books=books, weights=new, at=at)
    place = {row.id: number for number, row in enumerate(before, 1)}
    return [
        Place(number, left, right, place.get(right.id))
        for number, (left, right) in enumerate(zip(before, after, strict=True), 1)
    ]

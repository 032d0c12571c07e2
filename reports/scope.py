"""What a figure is about: whose portfolios, which client or team, which officer. Always starts at visible_to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from accounts.access import team_ids
from accounts.buckets import SCHEMES
from accounts.models import Organization, Portfolio
from core import clock
from users.models import Team, User

from .periods import Period, parse


@dataclass(frozen=True, slots=True)
class Scope:
    """The portfolios of a question and the period it is about, with what the filters offer."""

    portfolios: tuple[Portfolio, ...]
    teams: tuple[Team, ...]
    clients: tuple[Organization, ...]
    period: Period
    today: date
    at: datetime
    client: str = ""
    team: str = ""
    shown_teams: tuple[Team, ...] = field(default=())
    book: str = ""
    product: str = ""
    bucket: str = ""
    books: tuple[Portfolio, ...] = field(default=())
    products: tuple[str, ...] = field(default=())

    @property
    def ids(self) -> list[int]:
        return [book.pk for book in self.portfolios]

    @property
    def zone(self) -> str:
        return _most([book.time_zone for book in self.portfolios], "America/Chicago")

    @property
    def currency(self) -> str:
        """Money is added up in the currency of most portfolios; others are left out and named."""
        return _most([book.currency for book in self.portfolios], "USD")

    @property
    def other_currencies(self) -> list[str]:
        return sorted({book.currency for book in self.portfolios} - {self.currency})

    @property
    def buckets(self) -> list[tuple[str, str]]:
        """The buckets of these portfolios' schemes, code and words, from not late to worst."""
        found = {one.code: one for book in self.books for one in SCHEMES.get(book.bucket_scheme, ())}
        return [(one.code, one.label) for one in sorted(found.values(), key=lambda one: (one.first, one.last or 9999))]

    @property
    def bucket_words(self) -> str:
        """`30–59 days late`, `not past due`; empty without a bucket."""
        label = dict(self.buckets).get(self.bucket, "")
        return label.lower() if self.bucket in ("", "0") else f"{label} late"

    @property
    def name(self) -> str:
        if len(self.shown_teams) == 1:
            return f"{self.shown_teams[0].name} team"
        return "All teams" if self.shown_teams else "Team"

    def query(self, **changes: str) -> str:
        """The query string of a link that keeps the filters."""
        facts = {
            "period": self.period.code,
            "client": self.client,
            "team": self.team,
            "product": self.product,
            "book": self.book,
            "bucket": self.bucket,
            **changes,
        }
        return urlencode({name: value for name, value in facts.items() if value})

    @property
    def key(self) -> tuple[object, ...]:
        """What a figure of this scope depends on, but for the facts: equal keys show equal pages."""
        return (sorted(self.ids), sorted(team.pk for team in self.shown_teams), self.query(), self.today)


def read_scope(*, user: User, asked: Any, at: datetime, default: str = "month") -> Scope:
    """The scope a request asks for (`period`, `client`, `team`, `product`, `book`, `bucket`).

    `asked` is a mapping such as request.GET; what is not theirs is not offered. Four queries.
    """
    books = list(Portfolio.objects.visible_to(user).select_related("creditor").prefetch_related("teams"))
    mine = set(team_ids(user))
    teams = {team.pk: team for book in books for team in book.teams.all() if team.pk in mine}
    clients = {book.creditor_id: book.creditor for book in books}
    client = next((c.slug for c in clients.values() if c.slug == asked.get("client")), "")
    team = next((t.slug for t in teams.values() if t.slug == asked.get("team")), "")
    product = next((b.product for b in books if b.product == asked.get("product")), "")
    codes = {one.code for b in books for one in SCHEMES.get(b.bucket_scheme, ())}
    bucket = next((code for code in codes if code == asked.get("bucket")), "")
    chosen = next((b.slug for b in books if b.slug == asked.get("book")), "")
    kept = [
        book
        for book in books
        if (not client or book.creditor.slug == client)
        and (not team or team in {t.slug for t in book.teams.all()})
        and (not product or book.product == product)
        and (not chosen or book.slug == chosen)
    ]
    today = clock.today(_most([book.time_zone for book in kept], "America/Chicago"), at)
    ordered = tuple(sorted(teams.values(), key=lambda one: one.name))
    return Scope(
        portfolios=tuple(kept),
        teams=ordered,
        clients=tuple(sorted(clients.values(), key=lambda one: one.name)),
        period=parse(str(asked.get("period") or default), today),
        today=today,
        at=at,
        client=client,
        team=team,
        shown_teams=tuple(one for one in ordered if not team or one.slug == team),
        book=chosen,
        product=product,
        bucket=bucket,
        books=tuple(sorted(books, key=lambda one: one.name)),
        products=tuple(sorted({book.product for book in books})),
    )


def _most(values: list[str], otherwise: str) -> str:
    return Counter(values).most_common(1)[0][0] if values else otherwise

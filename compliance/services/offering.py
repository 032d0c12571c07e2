"""Who may be offered to an officer: several people judged from one reading, for now and for a little later."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from accounts.models import Debtor
from core import copying

from . import asking, overrides
from .asking import Answer, Request


@dataclass(frozen=True, slots=True)
class Offer:
    """The stored answer about a call. `lasts`: only a new fact about this person can change it in the given time."""

    answer: Answer
    lasts: bool


def offers(people: Sequence[Debtor], at: datetime, *, until: datetime, by: Any) -> list[Offer]:
    """May each of these people be called now, and still at `until`? Stored as claims, in the order given.

    As `may_contact` with the occasion "claim", with the statements of one. Call it in the transaction of the claims.
    An answer that rests on another person's facts or on leave given once doesn't last.
    """
    requests = [Request(person, "call") for person in people]
    found = asking._open_accounts(sorted({person.pk for person in people}))
    book = asking.read_for(people, found, at)
    shelves, rules = asking._shelve(found, book), book.library.at(at)
    kept: dict[tuple[int, ...], Any] = {}
    made: list[Offer] = []
    for request in requests:
        accounts = asking._workable(shelves.get(request.debtor.pk, []), book)
        now = asking.answer_from(book, request, accounts, at, kept, rules)
        lasts = not now.verdict.is_blocked and all(row.debtor_id == request.debtor.pk for row in accounts)
        if lasts:
            lasts = not asking.answer_from(book, request, accounts, until, kept, rules).verdict.is_blocked
        verdict = overrides.apply(now.verdict, request=request, at=at, occasion="claim")
        made.append(Offer(replace(now, verdict=verdict), lasts))
    rows = [
        asking._record(request, offer.answer, at=at, occasion="claim", by=by)
        for request, offer in zip(requests, made, strict=True)
    ]
    copying.copy_models(rows)
    return [replace(one, answer=replace(one.answer, record_id=row.pk)) for one, row in zip(made, rows, strict=True)]

"""Where we may collect, state by state, and who is held back for want of a license (DECISIONS 16)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse

from accounts.models import Account, ContactPoint, Debtor, Licence
from accounts.states import OPEN
from core import formats
from core.statemap import NAMES, StateMap, Tile

SOON = 60  # days
KEPT = 60  # seconds that a count may be old
USABLE = (ContactPoint.Status.ACTIVE, ContactPoint.Status.UNVERIFIED)

_BLOCKED = """
SELECT p.state, count(DISTINCT p.debtor_id) FROM accounts_contactpoint p
WHERE p.kind = 'ADDRESS' AND p.status = ANY(%s) AND p.use <> 'WORK' AND p.state = ANY(%s)
  AND EXISTS (SELECT 1 FROM accounts_account a WHERE a.debtor_id = p.debtor_id AND a.status = ANY(%s))
GROUP BY 1
"""


def statemap(rows: Iterable[Licence], today: date, current: str = "") -> StateMap:
    """One tile a state: valid, ending within 60 days, or none; without any license on file none is judged."""
    by_state: dict[str, list[Licence]] = defaultdict(list)
    for row in rows:
        by_state[row.state].append(row)
    looks = {code: _look(by_state.get(code, ()), today) for code in NAMES}
    people = blocked([code for code, (kind, *_) in looks.items() if kind == "stop"]) if by_state else {}
    tiles = {code: _tile(code, *look, people.get(code, 0), current) for code, look in looks.items()}
    return StateMap(tiles, "Licenses by state")


def _tile(code: str, kind: str, short: str, words: str, people: int, current: str) -> Tile:
    if people:
        short = f"{formats.number(people)} held"
        words = f"{words}; {formats.number(people)} {'person' if people == 1 else 'people'} held back"
    return Tile(kind, short, words, f"{reverse('compliance:licences')}?state={code}", code == current)


def _look(rows: Sequence[Licence], today: date) -> tuple[str, str, str]:
    """Kind, short words and a sentence for one state."""
    valid = [r for r in rows if r.valid_from <= today and (r.valid_until is None or r.valid_until >= today)]
    if not valid:
        ended = max((r.valid_until for r in rows if r.valid_until and r.valid_until < today), default=None)
        coming = min((r.valid_from for r in rows if r.valid_from > today), default=None)
        if coming is not None:
            return "stop", formats.short_day(coming, today), f"not before {formats.letter_day(coming)}"
        return ("stop", "ended", f"ended {formats.letter_day(ended)}") if ended else ("stop", "none", "no license")
    if any(r.valid_until is None for r in valid):
        return "ok", "valid", "valid, no end"
    last = max(r.valid_until for r in valid if r.valid_until)
    kind = "hold" if (last - today).days <= SOON else "ok"
    return kind, f"to {formats.short_day(last, today)}", f"valid to {formats.letter_day(last)}"


def blocked(states: Sequence[str]) -> dict[str, int]:
    """People with open debts and an address in use there, by state; at most a minute old."""
    if not states:
        return {}
    return dict(cache.get_or_set(f"licence-map:{','.join(sorted(states))}", lambda: _count(states), KEPT) or {})


def _count(states: Sequence[str]) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(_BLOCKED, [[str(s) for s in USABLE], list(states), [str(s) for s in OPEN]])
        return dict(cursor.fetchall())


def people_in(user: Any, state: str) -> QuerySet[Debtor]:
    """People whom this user may see, with open debts and an address in use in that state."""
    there = ContactPoint.objects.filter(
        debtor=OuterRef("pk"), kind=ContactPoint.Kind.ADDRESS, status__in=USABLE, state=state
    ).exclude(use=ContactPoint.Use.WORK)
    owing = Account.objects.filter(debtor=OuterRef("pk"), status__in=OPEN)
    return Debtor.objects.visible_to(user).filter(Exists(there), Exists(owing)).order_by("pk")

"""How the work asks compliance: whose hours are open (prefilter), and may she be offered (verdict)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from accounts.models import Debtor
from compliance import services as compliance


@dataclass(frozen=True, slots=True)
class Answer:
    """May somebody call this person now; if not, from when (None: nobody knows), and which record says so."""

    allowed: bool
    sentence: str = ""
    next_allowed: datetime | None = None
    rule_id: str = ""
    record_id: Any = None


def open_zone_keys(at: datetime) -> frozenset[str]:
    """The zone keys of people whose clock allows a call at this moment, as compliance reads the hours."""
    return compliance.open_keys(known_zone_keys(), at)


def known_zone_keys() -> list[str]:
    """Every zone key that some person has, by walking the index (no scan)."""
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH RECURSIVE k AS (
                (SELECT zone_key FROM accounts_debtor ORDER BY zone_key LIMIT 1)
                UNION ALL
                SELECT (SELECT d.zone_key FROM accounts_debtor d WHERE d.zone_key > k.zone_key
                    ORDER BY d.zone_key LIMIT 1)
                FROM k WHERE k.zone_key IS NOT NULL
            ) SELECT zone_key FROM k WHERE zone_key IS NOT NULL"""
        )
        return [row[0] for row in cursor.fetchall()]


def may_be_offered_together(
    *, people: Sequence[Debtor], at: datetime, until: datetime, by: Any
) -> list[tuple[Answer, bool]]:
    """The same for several people with one reading; with each, whether a yes still holds at `until`."""
    said = compliance.offers(people, at, until=until, by=by)
    return [(_answer(offer.answer), offer.lasts) for offer in said]


def may_be_offered(*, debtor: Debtor, at: datetime, by: Any) -> Answer:
    """The verdict at the claim, stored by compliance with the facts it used.

    Words that must be said on the call ("require") do not stop an offer; the call itself asks for them.
    """
    said = compliance.may_contact(debtor=debtor, channel="call", at=at, occasion="claim", by=by)
    return _answer(said)


def _answer(said: compliance.Answer) -> Answer:
    return Answer(not said.verdict.is_blocked, said.sentence, said.next_allowed, said.rule_id, said.record_id)

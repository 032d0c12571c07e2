"""How the work asks compliance. Until a function of compliance.services exists, the local hours stand in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.db import connection

from accounts.models import Debtor

from . import hours


@dataclass(frozen=True, slots=True)
class Answer:
    """May somebody call this person now; if not, from when (None: nobody knows), and which record says so."""

    allowed: bool
    sentence: str = ""
    next_allowed: datetime | None = None
    rule_id: str = ""
    record_id: Any = None


def service(name: str) -> Any:
    """A function of compliance.services, or None while it is not there."""
    if find_spec("compliance.services") is None:
        return None
    return getattr(import_module("compliance.services"), name, None)


def open_zone_keys(at: datetime) -> frozenset[str]:
    """The zone keys of people whose clock allows a call at this moment."""
    asked = service("open_zone_keys")
    if asked is not None:
        return frozenset(asked(at))
    return hours.open_keys(known_zone_keys(), at)


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


def may_be_offered(*, debtor: Debtor, at: datetime, by: Any) -> Answer:
    """The verdict at the claim, stored by compliance with the facts it used."""
    asked = service("may_contact")
    if asked is not None:
        said = asked(debtor=debtor, channel="call", at=at, occasion="claim", by=by)
        return Answer(said.allowed, said.sentence, said.next_allowed, said.rule_id, said.record_id)
    if hours.is_open(debtor.zone_key, at):
        return Answer(True, "Allowed now")
    return Answer(False, "Outside call hours", hours.opens_at(debtor.zone_key, at) or at + timedelta(days=1))

"""Raw rows for the auditor: a day's acts, and all that lies around the people they were about. Plain dictionaries."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from accounts.models import Account, AccountParty, ContactPoint, Licence
from compliance.models import ContactEvent, Hold, Override, Preference, VerdictRecord
from core.models import StatusChange

ACTS = ("call", "attempt", "ringless_voicemail", "sms", "email", "letter", "in_person", "validation_notice")
CHUNK = 500
Row = dict[str, Any]


@dataclass(slots=True)
class Shelf:
    """Rows by person (and roles by debt) of one chunk of people."""

    events: dict[int, list[Row]] = field(default_factory=lambda: defaultdict(list))
    holds: dict[int, list[Row]] = field(default_factory=lambda: defaultdict(list))
    wishes: dict[int, list[Row]] = field(default_factory=lambda: defaultdict(list))
    points: dict[int, list[Row]] = field(default_factory=lambda: defaultdict(list))
    debts: dict[int, Row] = field(default_factory=dict)
    roles: dict[tuple[int, int], str] = field(default_factory=dict)
    licences: list[Row] = field(default_factory=list)
    moves: dict[tuple[str, int], list[Row]] = field(default_factory=lambda: defaultdict(list))


def people(since: datetime, until: datetime) -> Iterator[list[int]]:
    """The people who were contacted in the period, in bunches."""
    rows = ContactEvent.objects.filter(at__gte=since, at__lt=until, direction="out", kind__in=ACTS)
    ids = sorted(set(rows.values_list("debtor_id", flat=True).iterator()))
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]


def acts(people: Sequence[int], since: datetime, until: datetime) -> list[Row]:
    """Outbound contacts with these people in the period, each once: the last row of a source stands for it."""
    rows = ContactEvent.objects.filter(debtor__in=people, at__gte=since, at__lt=until, direction="out", kind__in=ACTS)
    return once(_plain(rows.order_by("at", "recorded_at", "id").values()))


def once(rows: Iterable[Row]) -> list[Row]:
    """An attempt and its outcome are one act."""
    kept: dict[Any, Row] = {}
    for row in rows:
        kind = "call" if row["kind"] == "attempt" else row["kind"]
        source = (kind, row["source_type"], row["source_id"])
        key = source if row["source_id"] and row["direction"] == "out" else row["id"]
        first = kept.get(key)
        kept[key] = {**row, "kind": kind, "first_recorded": first["first_recorded"] if first else row["recorded_at"]}
    return list(kept.values())


def shelf_for(rows: Sequence[Row], until: datetime) -> Shelf:
    """Everything about these acts' people and debts that happened before the end of the period: nine queries."""
    shelf = Shelf()
    wanted = {pk for row in rows for pk in row["account_ids"]}
    debts = Account.objects.filter(pk__in=wanted)
    fields = ("id", "debtor_id", "status", "balance", "currency", "limitation_date", "delinquency_date", "opened_on")
    more = ("portfolio__debt_class", "portfolio__collector_type", "portfolio__presumptions", "portfolio__product")
    shelf.debts = {row["id"]: row for row in _plain(debts.values(*fields, *more, "portfolio__creditor__name"))}
    people = {row["debtor_id"] for row in rows} | {debt["debtor_id"] for debt in shelf.debts.values()}
    events = ContactEvent.objects.filter(debtor__in=people, at__lt=until)
    _sort_in(shelf.events, events.order_by("at", "recorded_at", "id").values())
    _sort_in(shelf.holds, Hold.objects.filter(debtor__in=people, since__lt=until).order_by("pk").values())
    _sort_in(shelf.wishes, Preference.objects.filter(debtor__in=people, since__lt=until).order_by("pk").values())
    _sort_in(shelf.points, ContactPoint.objects.filter(debtor__in=people).order_by("pk").values())
    for row in _plain(AccountParty.objects.filter(account__in=wanted).values("account_id", "debtor_id", "role")):
        shelf.roles[row["account_id"], row["debtor_id"]] = row["role"]
    numbers = [p["id"] for rows in shelf.points.values() for p in rows]
    for what, ids in (("accounts.contactpoint", numbers), ("accounts.account", list(shelf.debts))):
        _add_moves(shelf, what, ids)
    shelf.licences = _plain(Licence.objects.values("state", "valid_from", "valid_until"))
    return shelf


def _add_moves(shelf: Shelf, what: str, ids: Sequence[int]) -> None:
    """How the status of these went, oldest first."""
    rows = StatusChange.objects.filter(subject_type=what, subject_id__in=ids, field="status").order_by("at", "pk")
    for row in _plain(rows.values("subject_id", "from_status", "to_status", "at", "recorded_at")):
        shelf.moves[what, row["subject_id"]].append(row)


def _plain(rows: Iterable[Any]) -> list[Row]:
    return list(rows)


def _sort_in(shelf: dict[int, list[Row]], rows: Iterable[Any]) -> None:
    for row in rows:
        shelf[row["debtor_id"]].append(row)


def stored_decisions(rows: Sequence[Row]) -> dict[Any, str]:
    """What the live path had said about these acts (block, require, warn, allow), by the decision's id."""
    ids = {row["verdict_id"] for row in rows if row["verdict_id"]}
    return dict(VerdictRecord.objects.filter(pk__in=ids).values_list("id", "decision")) if ids else {}


def used_overrides(people: Iterable[int], since: datetime, until: datetime) -> dict[tuple[int, str], list[Row]]:
    """Leave that was used in the period, by person and channel."""
    found: dict[tuple[int, str], list[Row]] = defaultdict(list)
    rows = Override.objects.filter(debtor__in=list(people), used_at__gte=since, used_at__lt=until)
    for row in _plain(rows.values("debtor_id", "channel", "rule_ids", "used_at")):
        found[row["debtor_id"], row["channel"]].append(row)
    return found

"""The main navigation: which pages each role sees, in which order (DESIGN.md section 2).

Pages that do not exist yet are left out, so an entry may be written before its view.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from time import monotonic
from typing import Any

from django.urls import NoReverseMatch, get_urlconf, reverse

OFFICER = frozenset({"officer"})
LEADS = frozenset({"lead", "manager"})
ADMIN = frozenset({"admin"})
COMPLIANCE = frozenset({"compliance"})
CLIENT = frozenset({"client"})

COUNT_SECONDS = 60
PLACES = 8  # that many fit beside search and name at 1366 pixels; what is over goes under "More"


@dataclass(frozen=True)
class Entry:
    """One page of the navigation: its URL name, its words, who sees it, and its letter after G."""

    name: str
    label: str
    roles: frozenset[str]
    letter: str = ""


@dataclass(frozen=True)
class Item:
    """An entry that exists, as the template shows it. `count` is work waiting for this user."""

    name: str
    label: str
    url: str
    letter: str
    current: bool
    count: str


ENTRIES: tuple[Entry, ...] = (
    Entry("desk:my_day", "Work", OFFICER, "W"),
    Entry("reports:team", "Team", LEADS, "T"),
    Entry("desk:queues", "Queues", LEADS, "Q"),
    Entry("accounts:imports", "Imports", ADMIN, "I"),
    Entry("compliance:audit", "Audit", COMPLIANCE, "U"),
    Entry("desk:people", "People", OFFICER | LEADS | COMPLIANCE, "P"),
    Entry("payments:arrangements", "Arrangements", OFFICER, "A"),
    Entry("payments:approvals", "Approvals", LEADS, "V"),
    Entry("contacts:disputes", "Disputes", OFFICER | LEADS | COMPLIANCE, "D"),
    Entry("letters:outbox", "Letters", OFFICER | LEADS, "L"),
    Entry("reports:my_results", "My results", OFFICER, "R"),
    Entry("reports:index", "Reports", LEADS, "E"),
    Entry("accounts:imports", "Imports", LEADS, "I"),
    Entry("contacts:scripts", "Scripts", ADMIN, "S"),
    Entry("letters:templates", "Templates", ADMIN, "M"),
    Entry("users:staff", "Staff", ADMIN, "F"),
    Entry("accounts:clients", "Clients", ADMIN, "C"),
    Entry("reports:codes", "Codes", ADMIN, "O"),
    Entry("reports:jobs", "Jobs", ADMIN, "J"),
    Entry("reports:firm", "Firm", ADMIN, "Z"),
    Entry("compliance:audit", "Audit", ADMIN, "U"),
    Entry("compliance:decisions", "Decisions", COMPLIANCE, "N"),
    Entry("compliance:could_we", "Could we have?", COMPLIANCE, "H"),
    Entry("compliance:overrides", "Overrides", LEADS, "O"),
    Entry("compliance:licences", "Licenses", ADMIN, "Y"),
    Entry("compliance:samples", "Evidence", COMPLIANCE, "V"),
    Entry("compliance:packs", "Rules", COMPLIANCE | ADMIN, "K"),
    Entry("reports:client_home", "Results", CLIENT, "R"),
    Entry("reports:client_debts", "Debts", CLIENT, "D"),
    Entry("contacts:requests", "Calls", LEADS | COMPLIANCE, "C"),
    Entry("contacts:help_words", "Distress", ADMIN | COMPLIANCE, "B"),
    Entry("contacts:party_rules", "Who may hear", ADMIN | COMPLIANCE, "W"),
    Entry("users:preferences", "My settings", CLIENT, "S"),
)

_counters: dict[str, Callable[[Any], int | None]] = {}
_counts: dict[tuple[object, str], tuple[float, int | None]] = {}


def register_count(*, name: str, count: Callable[[Any], int | None]) -> None:
    """Show `count(user)`, the work waiting for that user, beside the page called `name`.

    The answer is kept for a minute in this process; None or 0 shows nothing.
    """
    _counters[name] = count


def items_for(*, user: Any, path: str, current: str = "") -> list[Item]:
    """The pages this user may open. `current` names the page we are on; else the longest matching path wins."""
    found = list(_visible(getattr(user, "roles", frozenset())))
    here = current or _longest_match(found, path)
    return [
        Item(
            name=entry.name,
            label=entry.label,
            url=url,
            letter=entry.letter,
            current=entry.name == here,
            count=_count_words(user, entry.name),
        )
        for entry, url in found
    ]


def split(items: list[Item]) -> tuple[list[Item], list[Item]]:
    """What stands in the bar, and what "More" opens: its button takes one of the places."""
    if len(items) <= PLACES:
        return items, []
    return items[: PLACES - 1], items[PLACES - 1 :]


def _visible(roles: Iterable[str]) -> Iterable[tuple[Entry, str]]:
    mine = frozenset(roles)
    seen: set[str] = set()
    for entry in ENTRIES:
        if entry.name in seen or not (entry.roles & mine):
            continue
        url = safe_reverse(entry.name)
        if url:
            seen.add(entry.name)
            yield entry, url


def _longest_match(found: list[tuple[Entry, str]], path: str) -> str:
    hits = [(len(url), entry.name) for entry, url in found if path.startswith(url)]
    return max(hits)[1] if hits else ""


def safe_reverse(name: str) -> str:
    """The path of a URL name, or "" when no such page exists."""
    return _reverse(name, get_urlconf())


@lru_cache(maxsize=256)
def _reverse(name: str, urlconf: str | None) -> str:
    try:
        return reverse(name, urlconf=urlconf)
    except NoReverseMatch:
        return ""


def _count_words(user: Any, name: str) -> str:
    counter = _counters.get(name)
    if counter is None:
        return ""
    key = (getattr(user, "pk", None), name)
    kept = _counts.get(key)
    if kept is None or kept[0] < monotonic():
        kept = (monotonic() + COUNT_SECONDS, counter(user))
        _counts[key] = kept
    number = kept[1]
    if not number:
        return ""
    return "999+" if number > 999 else f"{number:,}"

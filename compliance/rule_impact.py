"""What would change tomorrow: planned contacts whose verdict another version of a pack would alter.

Facts are read for a thousand people at a time, with the queries of one. Nothing is stored.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from compliance import rulebooks
from compliance.models import RulePackVersion
from compliance.planned import Planned, Span, contacts
from compliance.rules.compare import Comparison, Difference
from compliance.rules.packs import Rulebook
from compliance.rules.verdict import RANK
from compliance.services import asking

CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Altered:
    """One planned contact, and how it would be answered otherwise."""

    planned: Planned
    difference: Difference

    @property
    def is_stricter(self) -> bool:
        return RANK[self.difference.now] > RANK[self.difference.was]


@dataclass(slots=True)
class Impact:
    """How many contacts were looked at, and those that would be answered otherwise, by time."""

    contacts: int = 0
    people: int = 0
    altered: list[Altered] = field(default_factory=list)

    @property
    def stricter(self) -> int:
        return sum(one.is_stricter for one in self.altered)

    @property
    def looser(self) -> int:
        return len(self.altered) - self.stricter

    @property
    def people_altered(self) -> int:
        return len({one.planned.request.debtor.pk for one in self.altered})


def impact(*, version: RulePackVersion, span: Span, at: datetime) -> Impact:
    """Judge what is planned in that span by the rules to come with and without this version, by facts known at `at`.

    Raises PackRefused when the version cannot stand beside the other packs.
    """
    library = rulebooks.stored()
    old = library.at(span.since)
    new = library.with_text(rulebooks.text_of(version, span.since)).at(span.since)
    planned = contacts(replace(span, creditors=_bound_to(version.pack.slug, old, new)))
    found = Impact(len(planned), len({one.request.debtor.pk for one in planned}))
    if _asked(version.pack.slug, old) == _asked(version.pack.slug, new):
        return found  # other examples or comments: nothing can be answered otherwise
    comparison = Comparison(old, new)
    for bunch in _bunches(planned):
        found.altered += _altered(bunch, comparison, at)
    found.altered.sort(key=lambda one: (one.difference.at, one.planned.request.debtor.pk))
    return found


def _altered(bunch: Sequence[Planned], comparison: Comparison, at: datetime) -> Iterator[Altered]:
    accounts = list({a.pk: a for one in bunch for a in one.request.accounts or ()}.values())
    book = asking.read_for([one.request.debtor for one in bunch], accounts, at)
    for one in bunch:
        request = one.request
        facts = asking.facts_from(book, request.debtor, list(request.accounts or ()))
        action = asking.action_for(request, person_id=str(request.debtor.pk))
        difference = comparison.first_difference(facts, action, one.moments)
        if difference is not None:
            yield Altered(one, difference)


def _bunches(planned: Sequence[Planned]) -> Iterator[Sequence[Planned]]:
    for start in range(0, len(planned), CHUNK):
        yield planned[start : start + CHUNK]


def _asked(slug: str, book: Rulebook) -> list[tuple[object, ...]]:
    """What of this pack the engine reads: its rules, and for which debts they are."""
    return [
        (pack.rules, pack.jurisdictions, pack.collector_types, pack.creditors) for pack in book.packs if pack.id == slug
    ]


def _bound_to(slug: str, *books: Rulebook) -> frozenset[str] | None:
    """Whose contacts this pack can alter at all; None for everybody's."""
    names: set[str] = set()
    for pack in (pack for book in books for pack in book.packs if pack.id == slug):
        if not pack.creditors:
            return None
        names.update(pack.creditors)
    return frozenset(names)

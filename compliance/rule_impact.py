"""What would change tomorrow: planned contacts whose verdict another version of a pack would alter.

Facts are read for a thousand people at a time (three queries). Only the rules that differ are asked first; the whole
book is asked where they disagree, for its verdict is the strictest finding and nothing else has moved.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from compliance import rulebooks
from compliance.gather import Book
from compliance.models import RulePackVersion
from compliance.planned import Planned, Span, contacts
from compliance.rules.facts import Facts
from compliance.rules.packs import Pack, Rulebook, compile_packs
from compliance.rules.verdict import RANK
from compliance.services import Answer, asking

CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Altered:
    """One planned contact with its answer by the rules as they will be, and by the proposed ones."""

    planned: Planned
    at: datetime
    was: Answer
    now: Answer

    @property
    def is_stricter(self) -> bool:
        return RANK[self.now.decision] > RANK[self.was.decision]


@dataclass(slots=True)
class Impact:
    """How many contacts were looked at, and those that would be answered otherwise."""

    since: datetime
    until: datetime
    contacts: int = 0
    people: int = 0
    altered: list[Altered] = field(default_factory=list)

    @property
    def stricter(self) -> list[Altered]:
        return [one for one in self.altered if one.is_stricter]

    @property
    def looser(self) -> list[Altered]:
        return [one for one in self.altered if not one.is_stricter]

    @property
    def people_altered(self) -> int:
        return len({one.planned.request.debtor.pk for one in self.altered})


def impact(*, version: RulePackVersion, span: Span, at: datetime) -> Impact:
    """Judge what is planned in that span with and without this version, by facts known at `at`. Nothing is stored."""
    before = rulebooks.stored()
    after = before.with_text(rulebooks.text_of(version, span.since))
    old, new = before.at(span.since), after.at(span.since)
    planned = contacts(replace(span, creditors=_bound_to(_pack(old, version), _pack(new, version))))
    found = Impact(span.since, span.until, len(planned), len({one.request.debtor.pk for one in planned}))
    few = _differing(_pack(old, version), _pack(new, version))
    for bunch in _bunches(planned):
        requests = [one.request for one in bunch]
        book = asking.read_for(
            [r.debtor for r in requests], list({a.pk: a for r in requests for a in r.accounts or ()}.values()), at
        )
        kept: dict[tuple[int, ...], Facts] = {}
        for one in bunch:
            altered = _first_altered(one, book, kept, few, (old, new))
            if altered is not None:
                found.altered.append(altered)
    found.altered.sort(key=lambda one: (one.at, one.planned.request.debtor.pk))
    return found


def _first_altered(
    one: Planned, book: Book, kept: dict[tuple[int, ...], Facts], few: tuple[Rulebook, Rulebook],
    whole: tuple[Rulebook, Rulebook],
) -> Altered | None:  # fmt: skip
    for moment in one.moments:
        accounts = list(one.request.accounts or ())
        first, second = (asking.answer_from(book, one.request, accounts, moment, kept, rules) for rules in few)
        if _spoken(first) == _spoken(second):
            continue
        was, now = (asking.answer_from(book, one.request, accounts, moment, kept, rules) for rules in whole)
        if was.decision != now.decision or was.verdict.required_content != now.verdict.required_content:
            return Altered(one, moment, was, now)
    return None


def _spoken(answer: Answer) -> set[tuple[str, str, tuple[str, ...]]]:
    return {(f.rule_id, f.decision, f.required_content) for f in answer.verdict.findings}


def _bunches(planned: Sequence[Planned]) -> Iterator[Sequence[Planned]]:
    for start in range(0, len(planned), CHUNK):
        yield planned[start : start + CHUNK]


def _pack(book: Rulebook, version: RulePackVersion) -> Pack | None:
    return next((pack for pack in book.packs if pack.id == version.pack.slug), None)


def _bound_to(old: Pack | None, new: Pack | None) -> frozenset[str] | None:
    """Whose contacts can be altered at all; None for everybody's."""
    names: set[str] = set()
    for pack in (old, new):
        if pack is not None and not pack.creditors:
            return None
        names.update(pack.creditors if pack is not None else ())
    return frozenset(names)


def _differing(old: Pack | None, new: Pack | None) -> tuple[Rulebook, Rulebook]:
    """Both versions with only the rules that differ; all of them when the pack is for other debts than before."""
    same: set[str] = set()
    if old is not None and new is not None and _head(old) == _head(new):
        mine = {rule.id: rule for rule in old.rules}
        same = {rule.id for rule in new.rules if mine.get(rule.id) == rule}
    return _without(old, same), _without(new, same)


def _head(pack: Pack) -> tuple[tuple[str, ...], ...]:
    return pack.jurisdictions, pack.collector_types, pack.creditors


def _without(pack: Pack | None, same: set[str]) -> Rulebook:
    if pack is None:
        return compile_packs([])
    return compile_packs([replace(pack, rules=tuple(rule for rule in pack.rules if rule.id not in same))])

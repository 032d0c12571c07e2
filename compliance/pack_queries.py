"""What the pages about rules show: packs with their versions, differences, the rulebook with a draft in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch

from compliance import rulebooks
from compliance.models import RulePack, RulePackVersion
from compliance.rules import packs
from compliance.rules.examples import ExampleResult, check_examples
from compliance.rules.pack_difference import Change, difference
from compliance.rules.packs import Pack, PackRefused, Rulebook

State = RulePackVersion.State


@dataclass(frozen=True, slots=True)
class Shelf:
    """One pack: the version in force, the approved one that follows, what is drafted or waits."""

    row: RulePack
    in_force: RulePackVersion | None
    following: RulePackVersion | None
    waiting: list[RulePackVersion]
    drafts: list[RulePackVersion]
    versions: list[RulePackVersion]


def shelf(row: RulePack, versions: list[RulePackVersion], at: datetime) -> Shelf:
    """A pack and its versions, newest first."""
    approved = sorted((v for v in versions if v.state == State.APPROVED), key=lambda v: (v.effective_from, v.number))
    past = [v for v in approved if v.effective_from <= at]  # type: ignore[operator]
    future = [v for v in approved if v.effective_from > at]  # type: ignore[operator]
    return Shelf(
        row, past[-1] if past else None, future[0] if future else None,
        [v for v in versions if v.state == State.PROPOSED], [v for v in versions if v.state == State.DRAFT], versions,
    )  # fmt: skip


def overtaking(row: RulePackVersion, versions: list[RulePackVersion], at: datetime) -> RulePackVersion | None:
    """The approved version that takes this one's place although it was there before it; None when none does."""
    if row.state not in (State.PROPOSED, State.APPROVED):
        return None
    begins = row.effective_from or at
    later = [
        v for v in versions
        if v.state == State.APPROVED and v.effective_from and v.effective_from > begins and v.number < row.number
    ]  # fmt: skip
    return min(later, key=lambda v: v.effective_from or begins, default=None)


def shelves(at: datetime) -> list[Shelf]:
    """Every pack without its texts, those that came with the product first: two queries."""
    order = {name: place for place, name in enumerate(packs.DEFAULT)}
    versions = RulePackVersion.objects.select_related("pack", "author", "approver").defer("text")
    rows = RulePack.objects.prefetch_related(Prefetch("versions", queryset=versions.order_by("-number")))
    found = [shelf(row, list(row.versions.all()), at) for row in rows]
    return sorted(found, key=lambda s: (order.get(s.row.slug, len(order)), s.row.slug))


def versions_of(slug: str) -> list[RulePackVersion]:
    """The versions of a pack, newest first, with their people."""
    rows = RulePackVersion.objects.filter(pack__slug=slug).order_by("-number").defer("text", "source__text")
    return list(rows.select_related("pack", "author", "approver", "withdrawn_by", "source"))


def version(slug: str, number: int) -> RulePackVersion | None:
    """One version with its text and its people."""
    rows = RulePackVersion.objects.filter(pack__slug=slug, number=number)
    return rows.select_related("pack", "author", "approver", "withdrawn_by", "source").first()


def pack_of(version: RulePackVersion) -> Pack | None:
    """The compiled text with the names as written; None when this release cannot read it."""
    try:
        return rulebooks.pack_of(version.text, (), version.label)
    except (PackRefused, ValueError):
        return None


def examples_of(pack: Pack) -> dict[str, list[ExampleResult]]:
    """The pack's examples, run now, by rule."""
    found: dict[str, list[ExampleResult]] = {}
    for result in check_examples(pack):
        found.setdefault(result.rule_id, []).append(result)
    return found


def changes(old: RulePackVersion | None, new: RulePackVersion) -> list[Change]:
    """What the new version changes, by rule and field; against nothing every rule is new."""
    before, after = pack_of(old) if old else None, pack_of(new)
    return difference(before, after) if after else []


def open_versions() -> Sequence[RulePackVersion]:
    """Drafts and proposals, to try a case by."""
    rows = RulePackVersion.objects.filter(state__in=[State.DRAFT, State.PROPOSED])
    return list(rows.select_related("pack").defer("text").order_by("pack__slug", "-number"))


def waiting(user_id: int) -> int:
    """How many proposals wait for somebody like this person: those of others."""
    return RulePackVersion.objects.filter(state=State.PROPOSED).exclude(author=user_id).count()


def book_with(version: RulePackVersion, at: datetime) -> Rulebook:
    """The rules of a moment with this version in the place of its pack's. Raises PackRefused."""
    return rulebooks.stored().with_text(rulebooks.text_of(version, at)).at(at)


def named(label: str) -> RulePackVersion | None:
    """A version by its name as verdicts store it, or by pack and number (`us_federal@2`)."""
    slug, _, rest = label.partition("@")
    number, _, digest = rest.partition(".")
    if not (number.isascii() and number.isdigit() and len(number) < 9):
        return None
    rows = RulePackVersion.objects.select_related("pack").filter(pack__slug=slug, number=int(number))
    return rows.filter(digest__startswith=digest).first()

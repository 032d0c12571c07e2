"""The life of a rule pack: drafted by compliance, approved by a second person, in force from a moment, gone back.

Every step writes an audit row in its transaction. What is in force never changes: going back is a new version with
an old text, and it takes two people too (decision 0009).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from accounts.models import Organization, OrganizationRole
from compliance import rulebooks
from compliance.models import RulePack, RulePackVersion
from compliance.rules.examples import ExampleResult, check_examples
from compliance.rules.pack_check import Checked, check
from compliance.rules.packs import Pack
from core import audit

from . import hours

State = RulePackVersion.State
AUTHORS = frozenset({"compliance"})
APPROVERS = frozenset({"compliance", "manager"})
MARGIN = timedelta(seconds=30)  # every open transaction is over before a version takes effect


class PackRefusal(Exception):
    """The step cannot be done: a sentence, the `field` it is about, and every problem of a text with its line."""

    def __init__(self, text: str, field: str | None = None, problems: Sequence[str] = ()) -> None:
        super().__init__(text)
        self.field = field
        self.problems = list(problems)


def check_text(text: str, *, slug: str = "", at: datetime) -> Checked:
    """Read a text as version of that pack beside the other packs in force. Two queries."""
    others = [
        rulebooks.pack_of(t.text, t.creditors, t.label)
        for name, t in rulebooks.stored().in_force(at).items()
        if name != slug
    ]
    return check(text, slug=slug, creditors=_creditors(), others=others)


def run_examples(text: str) -> list[ExampleResult]:
    """The pack's own examples, run now. Raises PackRefused."""
    return check_examples(rulebooks.pack_of(text))


@transaction.atomic
def new_pack(*, text: str, note: str, by: Any, at: datetime) -> RulePackVersion:
    """A pack that is not there yet, as a first draft. Raises PackRefusal."""
    _only(AUTHORS, by)
    pack = _checked(text, "", at)
    if RulePack.objects.filter(slug=pack.id).exists():
        raise PackRefusal(f"There is a pack called {pack.id} already. Draft a new version of it.", "text")
    row = RulePack.objects.create(slug=pack.id, created_by=by, created_at=at)
    return _add(row, text, pack, note=note, by=by, at=at, source=None)


@transaction.atomic
def start_draft(*, source: RulePackVersion, by: Any, at: datetime, note: str = "") -> RulePackVersion:
    """A new draft with the text of a version of the same pack; of an old one, to go back to it. Raises PackRefusal."""
    _only(AUTHORS, by)
    pack = RulePack.objects.select_for_update().get(pk=source.pack_id)
    mine = pack.versions.filter(author=by, state=State.DRAFT).first()
    if mine is not None:
        raise PackRefusal(f"You have a draft of this pack: version {mine.number}. Finish or withdraw it first.")
    return _add(pack, source.text, _checked(source.text, pack.slug, at), note=note, by=by, at=at, source=source)


@transaction.atomic
def save_draft(*, version: RulePackVersion, text: str, note: str, by: Any, at: datetime) -> RulePackVersion:
    """Put the author's text into the draft. Nothing is kept of a text with problems. Raises PackRefusal."""
    row = _own_draft(version, by)
    text = text.replace("\r\n", "\n")
    pack = _checked(text, row.pack.slug, at)
    row.text, row.digest, row.title = text, rulebooks.digest_of(text), pack.title[:120]
    row.creditors, row.note, row.saved_at = _short_names(pack.creditors), note.strip()[:500], at
    row.save(update_fields=["text", "digest", "title", "creditors", "note", "saved_at"])
    _tell("rules.drafted", row, by, at, digest=row.digest)
    return row


@transaction.atomic
def propose(*, version: RulePackVersion, effective_from: datetime | None, by: Any, at: datetime) -> RulePackVersion:
    """Ask a second person; from a moment on, or (None) as soon as approved. Its text stands still. PackRefusal."""
    row = _own_draft(version, by)
    _checked(row.text, row.pack.slug, at)
    wrong = sorted({r.rule_id for r in run_examples(row.text) if not r.passed})
    if wrong:
        raise PackRefusal(f"Examples do not hold: {', '.join(wrong)}. Mend the rule or the example first.")
    current = rulebooks.stored().in_force(at).get(row.pack.slug)
    if current is not None and current.digest == row.digest:
        raise PackRefusal("This is word for word what is in force. There is nothing to approve.")
    if effective_from is not None:
        _in_time(effective_from, at)
    if not row.note:
        raise PackRefusal("Say why the rules change, for the person who approves.", "note")
    row.state, row.proposed_at, row.effective_from = State.PROPOSED, at, effective_from
    row.save(update_fields=["state", "proposed_at", "effective_from"])
    _tell("rules.proposed", row, by, at, effective_from=effective_from)
    return row


@transaction.atomic
def approve(*, version: RulePackVersion, by: Any, at: datetime) -> RulePackVersion:
    """Somebody other than the author says yes; it takes effect at its moment, never in the past. PackRefusal."""
    _only(APPROVERS, by)
    pack = RulePack.objects.select_for_update().get(pk=version.pack_id)
    row = pack.versions.select_for_update().get(pk=version.pk)
    if row.state != State.PROPOSED:
        raise PackRefusal("This version does not wait for an approval.")
    if row.author_id == by.pk:
        raise PackRefusal("Somebody else has to approve what you wrote.")
    moment = row.effective_from or next_minute(at)
    _in_time(moment, at)
    if pack.versions.filter(state=State.APPROVED, effective_from=moment).exists():
        raise PackRefusal("Another version of this pack takes effect at that minute.")
    _checked(row.text, pack.slug, at)  # other packs may have changed since it was proposed
    row.state, row.approver, row.approved_at, row.effective_from = State.APPROVED, by, at, moment
    row.save(update_fields=["state", "approver", "approved_at", "effective_from"])
    _mark(pack)
    _tell("rules.approved", row, by, at, effective_from=moment, digest=row.digest)
    return row


@transaction.atomic
def withdraw(*, version: RulePackVersion, why: str, by: Any, at: datetime) -> RulePackVersion:
    """Take back a draft (its author), a proposal, or an approved version that is not in force yet. PackRefusal."""
    _only(APPROVERS, by)
    pack = RulePack.objects.select_for_update().get(pk=version.pack_id)
    row = pack.versions.select_for_update().get(pk=version.pk)
    if row.state == State.WITHDRAWN:
        raise PackRefusal("This version is withdrawn already.")
    if row.state == State.DRAFT and row.author_id != by.pk:
        raise PackRefusal("A draft is withdrawn by whoever wrote it.")
    if row.state == State.APPROVED and (row.effective_from is None or row.effective_from < at + MARGIN):
        raise PackRefusal("This version is in force. Go back to an older one instead: that takes two people.")
    if len(why.strip()) < 5:
        raise PackRefusal("Say why, in a few words.", "why")
    row.state, row.withdrawn_by, row.withdrawn_at, row.withdrawn_why = State.WITHDRAWN, by, at, why.strip()[:500]
    row.save(update_fields=["state", "withdrawn_by", "withdrawn_at", "withdrawn_why"])
    _mark(pack)
    _tell("rules.withdrawn", row, by, at, reason=row.withdrawn_why)
    return row


@transaction.atomic
def load_shipped(texts: Sequence[rulebooks.Text], *, at: datetime) -> list[RulePackVersion]:
    """What a release brings: a new pack becomes version 1; a changed text waits for one person's approval."""
    made = []
    for text in texts:
        pack, is_new = RulePack.objects.get_or_create(slug=text.slug, defaults={"created_at": at})
        if pack.versions.filter(digest=text.digest).exists():
            continue
        parsed = rulebooks.pack_of(text.text)
        row = _add(pack, text.text, parsed, note="Came with the product.", by=None, at=at, source=None)
        row.state, row.proposed_at = State.PROPOSED, at
        if is_new:
            row.state, row.approved_at, row.effective_from = State.APPROVED, rulebooks.ALWAYS, rulebooks.ALWAYS
        row.save()
        _mark(pack)
        made.append(row)
    return made


def next_minute(at: datetime) -> datetime:
    """The first full minute that is far enough away."""
    later = at + MARGIN
    whole = later.replace(second=0, microsecond=0)
    return whole if whole == later else whole + timedelta(minutes=1)


def _in_time(moment: datetime, at: datetime) -> None:
    if moment < at + MARGIN:
        raise PackRefusal("Rules never take effect in the past. Choose a later minute.", "day")


def _only(roles: frozenset[str], by: Any) -> None:
    if not roles & set(by.roles):
        who = "Compliance writes rules." if roles == AUTHORS else "Compliance or a manager decides this."
        raise PackRefusal(who)


def _own_draft(version: RulePackVersion, by: Any) -> RulePackVersion:
    _only(AUTHORS, by)
    row = RulePackVersion.objects.select_for_update(of=("self",)).select_related("pack").get(pk=version.pk)
    if row.state != State.DRAFT:
        raise PackRefusal("Its text stands still. Start a new draft from it.")
    if row.author_id != by.pk:
        raise PackRefusal("A draft is changed by whoever wrote it. Start your own from the version in force.")
    return row


def _checked(text: str, slug: str, at: datetime) -> Pack:
    found = check_text(text, slug=slug, at=at)
    if found.pack is None:
        words = [str(problem) for problem in found.problems]
        raise PackRefusal(words[0], "text", words)
    return found.pack


def _add(
    pack: RulePack, text: str, parsed: Pack, *, note: str, by: Any, at: datetime, source: RulePackVersion | None
) -> RulePackVersion:
    text = text.replace("\r\n", "\n")
    last = pack.versions.order_by("-number").values_list("number", flat=True).first() or 0
    row = RulePackVersion.objects.create(
        pack=pack, number=last + 1, title=parsed.title[:120], text=text, digest=rulebooks.digest_of(text),
        creditors=_short_names(parsed.creditors), note=note.strip()[:500], source=source, author=by, created_at=at,
        saved_at=at,
    )  # fmt: skip
    _tell("rules.started", row, by, at, source=source.number if source else None)
    return row


def _creditors() -> list[str]:
    roles = OrganizationRole.objects.filter(kind=OrganizationRole.Kind.CREDITOR)
    return list(roles.order_by("organization__name").values_list("organization__name", flat=True))


def _short_names(names: Sequence[str]) -> list[str]:
    if not names:
        return []
    return sorted(Organization.objects.filter(name__in=names).values_list("slug", flat=True))


def _mark(pack: RulePack) -> None:
    rows = pack.versions.filter(state=State.APPROVED).select_related("pack")
    pack.mark = rulebooks.mark_of(rulebooks.text_of(row) for row in rows)
    pack.save(update_fields=["mark"])
    transaction.on_commit(hours.forget)


def _tell(action: str, row: RulePackVersion, by: Any, at: datetime, *, reason: str = "", **data: Any) -> None:
    facts = {"pack": row.pack.slug, "number": row.number, **data}
    audit.record(action, actor=by, subject=row, data=facts, reason=reason or row.note, at=at)

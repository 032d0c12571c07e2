"""Which rules were, are or will be in force at a moment: the approved versions, compiled once per process.

Every read of facts brings the marks of the packs along (`gather`). The marks name the approved versions and the
moment each takes effect, so a process that keeps a library by its marks never judges by an old one, and a version
takes effect at its minute without anybody being told.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache

from django.db.models import F

from compliance.rules import packs
from compliance.rules.packs import Pack, Rulebook

from .models import RulePack, RulePackVersion

ALWAYS = datetime(2000, 1, 1, tzinfo=UTC)  # since when the versions that came with the product are in force
_KEPT = 16


@dataclass(frozen=True, slots=True)
class Text:
    """One approved version as it is compiled. `creditors` are the short names of those it is bound to."""

    slug: str
    number: int
    digest: str
    effective_from: datetime
    creditors: tuple[str, ...]
    text: str

    @property
    def label(self) -> str:
        """The name under which verdicts store it."""
        return label(self.slug, self.number, self.digest)


class Library:
    """The approved versions of every pack, and the rulebook of any moment."""

    def __init__(self, texts: Iterable[Text]) -> None:
        self.texts = tuple(sorted(texts, key=lambda t: (t.effective_from, t.number)))
        self.key = key_of(self.texts)
        self._moments = sorted({t.effective_from for t in self.texts})
        self._books: dict[int, Rulebook] = {}

    def at(self, moment: datetime) -> Rulebook:
        """The rules in force at that moment; before the first version of all, the first.

        Raises PackRefused when a version of that moment cannot be read by this release: nobody acts without rules.
        """
        segment = max(bisect_right(self._moments, moment) - 1, 0)
        book = self._books.get(segment)
        if book is None:
            book = self._books[segment] = _compile(tuple(self.in_force(self._moments[segment]).values()))
        return book

    def in_force(self, moment: datetime) -> dict[str, Text]:
        """The version of each pack in force at that moment, by the pack's name."""
        return {t.slug: t for t in self.texts if t.effective_from <= moment}

    def with_text(self, text: Text) -> "Library":
        """A library in which this version was approved too: what would be if."""
        return Library([*self.texts, text])


def label(slug: str, number: int, digest: str) -> str:
    """A version's name: pack, number, the first letters of the digest of its text."""
    return f"{slug}@{number}.{digest[:8]}"


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def mark_of(texts: Iterable[Text]) -> str:
    """The approved versions of one pack in a few letters; the migration that loads the files knows it too."""
    lines = [
        f"{t.number} {t.digest} {t.effective_from.astimezone(UTC).isoformat()} {','.join(t.creditors)}"
        for t in sorted(texts, key=lambda t: t.number)
    ]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:32] if lines else ""


def key_of(texts: Iterable[Text]) -> str:
    """The marks of all packs in one line, as `gather` reads them."""
    shelves: dict[str, list[Text]] = {}
    for text in texts:
        shelves.setdefault(text.slug, []).append(text)
    return " ".join(f"{slug}={mark_of(shelves[slug])}" for slug in sorted(shelves))


def text_of(version: RulePackVersion, effective_from: datetime | None = None) -> Text:
    """A row as the library holds it; for one that is not approved yet with the moment it would take effect."""
    moment = effective_from or version.effective_from or ALWAYS
    return Text(
        version.pack.slug, version.number, version.digest, moment, tuple(version.creditors), version.text
    )  # fmt: skip


@lru_cache(maxsize=128)
def pack_of(text: str, creditors: tuple[str, ...] = (), name: str = "") -> Pack:
    """The text compiled; names of creditors as written and their short ones both bind. Raises PackRefused."""
    pack = packs.parse(text)
    return replace(pack, creditors=tuple(dict.fromkeys([*pack.creditors, *creditors])), label=name)


@lru_cache(maxsize=_KEPT)
def _compile(texts: tuple[Text, ...]) -> Rulebook:
    order = {name: place for place, name in enumerate(packs.DEFAULT)}
    chosen = sorted(texts, key=lambda t: (order.get(t.slug, len(order)), t.slug))
    return packs.compile_packs(pack_of(t.text, t.creditors, t.label) for t in chosen)


@lru_cache(maxsize=1)
def shipped() -> Library:
    """What came with the product, from the files: version 1 of each pack, in force since always."""
    texts = []
    for name in packs.DEFAULT:
        text = (packs.FOLDER / f"{name}.toml").read_text(encoding="utf-8")
        texts.append(Text(name, 1, digest_of(text), ALWAYS, (), text))
    return Library(texts)


def stored() -> Library:
    """All approved versions, read now: one query."""
    rows = RulePackVersion.objects.filter(state=RulePackVersion.State.APPROVED).select_related("pack")
    found = [text_of(row) for row in rows.order_by(F("effective_from"), "number")]
    return _keep(Library(found)) if found else shipped()


def current() -> Library:
    """The library of the marks as they stand: one query, and one more when a version was approved since."""
    marks = RulePack.objects.exclude(mark="").values_list("slug", "mark")
    return library(" ".join(sorted(f"{slug}={mark}" for slug, mark in marks)))


_libraries: dict[str, Library] = {}


def library(key: str) -> Library:
    """The library of these marks, from this process's memory; read anew when the marks are new. At most one query."""
    if not key or key == shipped().key:
        return shipped()
    return _libraries.get(key) or stored()


def _keep(made: Library) -> Library:
    if made.key == shipped().key:
        return shipped()
    if len(_libraries) >= _KEPT:
        _libraries.clear()
    return _libraries.setdefault(made.key, made)

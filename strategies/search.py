"""Find a person by anything an officer hears or reads (F24, J2). No balance and no clear number is shown.

What was typed decides where we look, each by its own index: a reference, a phone in any format (bad numbers
included), an e-mail, a full Social Security number by its blind index, a creditor's reference, an address,
and a name by its parts without accents.
"""

import re
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from django.db.models import Model, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import Account, AccountParty, ContactPoint, Debtor, Identifier, Organization
from core import crypto, formats
from core.text import TextError, clean, fold, normalise_email, normalise_phone

M = TypeVar("M", bound=Model)

LONGEST = 100
MOST = 20
CANDIDATES = 400  # people this user may see that are put in order, the closest first

_REF = re.compile(r"([PLAD])-?([1-9][0-9]{0,17})", re.IGNORECASE)
_SSN = re.compile(r"[0-9]{3}[- ]?[0-9]{2}[- ]?[0-9]{4}")


@dataclass(frozen=True, slots=True)
class Hit:
    """One person found, and by what. `note` may say that a number was marked bad."""

    debtor_id: int
    name: str
    sub: str
    note: str = ""

    @property
    def ref(self) -> str:
        return f"P-{self.debtor_id}"

    @property
    def url(self) -> str:
        return f"/people/{self.ref}/"


def find(*, user: Any, text: str) -> list[Hit]:
    """At most 20 people this user may see, the closest first. Text nobody can mean finds nobody."""
    try:
        wanted = clean(text[: LONGEST + 1], LONGEST)
    except TextError:
        return []
    if len(wanted) < 2:
        return []
    seen: dict[int, str] = {}
    for look in (_by_reference, _by_phone, _by_email, _by_ssn, _by_creditor_reference, _by_address, _by_name):
        for debtor_id, note in look(wanted, user):
            seen.setdefault(debtor_id, note)
        if len(seen) >= MOST:
            break
    return _hits(Debtor.objects.filter(pk__in=list(seen)), seen)


def _mine(user: Any, rows: QuerySet[M], person: str = "debtor") -> QuerySet[M]:
    """Those rows whose person (lookup `person`) owes or is a party of a debt that this user may see.

    Part of each query, before it is cut off: asked afterwards, many namesakes elsewhere would push out one's own.
    Two probes by index for each candidate; as EXISTS, the planner would read all debts into a hash instead.
    """
    debts = Account.objects.visible_to(user).order_by()
    owing = debts.filter(debtor=OuterRef(person)).values("pk")[:1]
    parties = AccountParty.objects.filter(debtor=OuterRef(person), account__in=debts).order_by().values("pk")[:1]
    found = rows.alias(seen_by=Coalesce(Subquery(owing), Subquery(parties))).filter(seen_by__isnull=False)
    return cast("QuerySet[M]", found)


Found = list[tuple[int, str]]


def _by_reference(text: str, user: Any) -> Found:
    """P-204817, L-12, A-3, D-4: ours."""
    from contacts.models import Dispute
    from payments.models import Plan

    match = _REF.fullmatch(text)
    if not match:
        return []
    kind, number = match[1].upper(), int(match[2])
    if kind == "P":
        return [(person.pk, "") for person in _mine(user, Debtor.objects.filter(pk=number), "pk")]
    model: Any = {"L": Account, "A": Plan, "D": Dispute}[kind]
    found = _mine(user, model.objects.filter(pk=number)).values_list("debtor_id", flat=True)
    return [(pk, f"{kind}-{number}") for pk in found]


def _points(kind: str, values: list[str]) -> QuerySet[ContactPoint]:
    return ContactPoint.objects.filter(kind=kind, value__in=values).order_by("-preferred", "pk")


def _noted(points: QuerySet[ContactPoint], user: Any) -> Found:
    found = []
    for point in _mine(user, points)[:CANDIDATES]:
        shown = formats.phone(point.value) if point.kind == ContactPoint.Kind.PHONE else point.value
        note = shown
        if not point.usable:
            words = point.Status(point.status).label.lower()
            note = f"{shown}, marked {words} on {formats.letter_day(point.status_at)}"
        found.append((point.debtor_id, note))
    return found


def _by_phone(text: str, user: Any) -> Found:
    if sum(letter.isdigit() for letter in text) < 10 or any(letter.isalpha() for letter in text.split("x")[0]):
        return []
    number = normalise_phone(text)
    return _noted(_points("PHONE", [number]), user) if number else []


def _by_email(text: str, user: Any) -> Found:
    address = normalise_email(text)
    return _noted(_points("EMAIL", [address]), user) if address else []


def _by_ssn(text: str, user: Any) -> Found:
    """Only the whole number finds; its last four alone would be a list of strangers."""
    if not _SSN.fullmatch(text):
        return []
    digits = "".join(letter for letter in text if letter.isdigit())
    spellings = {digits, f"{digits[:3]}-{digits[3:5]}-{digits[5:]}", text}
    keys = {crypto.blind_index(spelling) for spelling in spellings}
    rows = _mine(user, Identifier.objects.filter(kind=Identifier.Kind.SSN, index__in=keys))
    return [(row.debtor_id, formats.mask_ssn(row.last4)) for row in rows]


def _by_creditor_reference(text: str, user: Any) -> Found:
    if len(text) < 4 or not any(letter.isdigit() for letter in text):
        return []
    if len(text) > 4:
        fitting = Account.objects.filter(reference__icontains=text)  # by the trigrams of the capitals
    else:
        fitting = Account.objects.filter(creditor__in=Organization.objects.all(), reference__in={text, text.upper()})
    rows = _mine(user, fitting).values_list("debtor_id", "reference")[:CANDIDATES]
    return [(debtor_id, f"Reference ending {formats.number_end(reference)}") for debtor_id, reference in rows]


def _by_address(text: str, user: Any) -> Found:
    """The beginning of a street line, as stored or with capitals (index on kind and value)."""
    if not text[0].isdigit() or not any(letter.isalpha() for letter in text) or len(text) < 5:
        return []
    lines = Q()
    for spelling in {text, text.title(), text.upper()}:
        lines |= Q(value__gte=spelling, value__lt=spelling + "\U0010ffff")
    return _noted(ContactPoint.objects.filter(lines, kind=ContactPoint.Kind.ADDRESS).order_by("pk"), user)


def _by_name(text: str, user: Any) -> Found:
    words = [word for word in fold(text).split() if word]
    if not words or not any(letter.isalpha() for letter in text):
        return []
    rows = Debtor.objects.all()
    for word in words[:6]:
        rows = rows.filter(folded_name__contains=word)
    if max(map(len, words)) < 3:
        return []  # two letters are no trigram: the index can't help
    found = list(_mine(user, rows, "pk").values_list("pk", "folded_name")[:CANDIDATES])
    whole = " ".join(words)
    found.sort(key=lambda row: (row[1] != whole, not row[1].startswith(words[0]), words[-1] not in row[1].split(), row))
    return [(pk, "") for pk, _ in found]


def _hits(visible: QuerySet[Debtor], seen: dict[int, str]) -> list[Hit]:
    rank = {debtor_id: place for place, debtor_id in enumerate(seen)}
    people = sorted(visible.values_list("pk", "name", "state", "kind"), key=lambda row: rank[row[0]])[:MOST]
    hits = []
    for pk, name, state, kind in people:
        parts = [f"P-{pk}", *([state] if state else []), *(["Firm"] if kind == "FIRM" else [])]
        hits.append(Hit(pk, name, " · ".join(parts), seen[pk]))
    return hits

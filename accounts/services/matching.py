"""Who in a file is somebody we know: by Social Security number, by name and birth date, by name and ZIP (F2)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import connection

from accounts.models import Account, ContactPoint, Debtor, Identifier
from accounts.placement_file import PlacementRow
from core.text import fold


@dataclass(slots=True)
class Known:
    """What is on file about one person, as far as matching asks."""

    id: int
    kind: str
    born: date | None
    zips: set[str] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)
    customers: set[str] = field(default_factory=set)


class People:
    """The people on file who could be those of a batch of rows; at most five queries for a batch."""

    def __init__(self, rows: Sequence[tuple[PlacementRow, str]], *, creditor_id: int) -> None:
        """`rows` are parsed rows, each with the blind index of its Social Security number ("" for none)."""
        names = {name_of(row) for row, _ in rows}
        numbers = {index for _, index in rows if index}
        self._by_number = dict(
            Identifier.objects.filter(kind="SSN", index__in=numbers)
            .order_by("-debtor_id")
            .values_list("index", "debtor_id")
            if numbers
            else ()
        )
        self._by_name: dict[str, list[Known]] = defaultdict(list)
        self._known: dict[int, Known] = {}
        people = Debtor.objects.filter(folded_name__in=names).order_by("pk")
        for pk, kind, name, born in people.values_list("pk", "kind", "folded_name", "birth_date"):
            self._add(name, Known(pk, kind, born))
        self._facts(creditor_id)

    def _add(self, name: str, known: Known) -> None:
        self._known[known.id] = known
        self._by_name[name].append(known)

    def _facts(self, creditor_id: int) -> None:
        ids = list(self._known)
        if not ids:
            return
        addresses = ContactPoint.objects.filter(debtor__in=ids, kind=ContactPoint.Kind.ADDRESS)
        for pk, code in addresses.values_list("debtor_id", "postal_code"):
            self._known[pk].zips.add(code[:5])
        for pk, index in Identifier.objects.filter(debtor__in=ids, kind="SSN").values_list("debtor_id", "index"):
            self._known[pk].numbers.add(index)
        firms = [pk for pk, known in self._known.items() if known.kind == Debtor.Kind.FIRM]
        if firms:
            rows = Account.objects.filter(debtor__in=firms, creditor=creditor_id)
            for pk, customer in rows.values_list("debtor_id", "extra__customer_ref"):
                self._known[pk].customers.add(str(customer or ""))

    def find(self, row: PlacementRow, ssn_index: str) -> int | None:
        """The id of the person on file whom the row means, or None."""
        if ssn_index in self._by_number:
            return self._by_number[ssn_index]
        for known in self._by_name.get(name_of(row), ()):
            if _same(known, row, ssn_index):
                return known.id
        return None

    def learn(self, debtor_id: int, row: PlacementRow, ssn_index: str) -> None:
        """Remember a person just made, for the rows that follow in the batch."""
        born = row.values.get("birth_date")
        known = Known(debtor_id, kind_of(row), born if isinstance(born, date) else None)
        self._add(name_of(row), known)
        self.add_facts(debtor_id, row, ssn_index)

    def add_facts(self, debtor_id: int, row: PlacementRow, ssn_index: str) -> None:
        """Remember what a row adds to a person on file."""
        if ssn_index:
            self._by_number[ssn_index] = debtor_id
        known = self._known.get(debtor_id)
        if known is None:
            return
        known.numbers |= {ssn_index} - {""}
        known.zips |= {str(row.values.get("zip") or "")[:5]} - {""}
        known.customers |= {str(row.values.get("customer_ref") or "")} - {""}


def _same(known: Known, row: PlacementRow, ssn_index: str) -> bool:
    if known.kind != kind_of(row) or (ssn_index and known.numbers and ssn_index not in known.numbers):
        return False
    values = row.values
    code = str(values.get("zip") or "")[:5]
    if known.kind == Debtor.Kind.FIRM:
        return str(values.get("customer_ref") or "") in known.customers - {""} or code in known.zips
    born = values.get("birth_date")
    if known.born and born:
        return known.born == born
    return bool(code) and code in known.zips


def people_in(import_id: int) -> dict[str, int]:
    """Of a staged file: rows of people on file, people with several rows, and how many rows those are (F2)."""
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE, [import_id])
        known, people, rows = cursor.fetchone()
    return {"known": int(known), "people": int(people), "rows": int(rows)}


_PEOPLE = """
SELECT coalesce(sum(known), 0), count(*) FILTER (WHERE n > 1), coalesce(sum(n) FILTER (WHERE n > 1), 0)
FROM (
    SELECT count(*) AS n, count(person_match) AS known FROM accounts_importrow
    WHERE import_file_id = %s AND outcome IN ('ACCEPTED', 'HELD') GROUP BY "values" ->> 'person'
) AS person
"""


def kind_of(row: PlacementRow) -> str:
    """PERSON or FIRM."""
    return Debtor.Kind.FIRM if row.values.get("debtor_kind") == "company" else Debtor.Kind.PERSON


def full_name(row: PlacementRow) -> str:
    """The name to show: the firm's, else first and last."""
    values = row.values
    if kind_of(row) == Debtor.Kind.FIRM:
        return str(values.get("company") or values.get("customer_ref") or row.reference)[:200]
    return f"{values.get('first_name') or ''} {values.get('last_name') or ''}".strip()[:200]


def name_of(row: PlacementRow) -> str:
    """The name as it is compared."""
    return fold(full_name(row))[:200]


def on_file(references: Iterable[str], *, creditor_id: int) -> dict[str, int]:
    """Ids of the creditor's accounts that have one of these numbers."""
    rows = Account.objects.filter(creditor=creditor_id, reference__in=list(references))
    return dict(rows.values_list("reference", "pk"))

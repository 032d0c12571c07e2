"""What a chunk of placed rows becomes: people, their contact points and numbers, accounts, journals, history."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from accounts import buckets, copying, places, states
from accounts.models import (
    Account,
    AccountParty,
    AccountSnapshot,
    ContactPoint,
    Debtor,
    Identifier,
    ImportFile,
    ImportRow,
)
from accounts.placement_file import PlacementRow
from accounts.services import columns, contact_points
from accounts.services.checking import day_of
from accounts.services.debts import placement_lines
from accounts.services.matching import People, full_name, kind_of
from core import audit, clock
from core.ids import uuid7
from core.models import AuditEvent, StatusChange
from core.text import fold
from ledger import services as ledger
from ledger.models import Journal

PHONE_USE = {
    "cell": (ContactPoint.Use.MOBILE, ContactPoint.Line.MOBILE),
    "home": (ContactPoint.Use.HOME, ContactPoint.Line.UNKNOWN),
    "work": (ContactPoint.Use.WORK, ContactPoint.Line.UNKNOWN),
    "unknown": (ContactPoint.Use.OTHER, ContactPoint.Line.UNKNOWN),
}
KEPT_APART = ("customer_ref", "credit_limit", "original_amount", "dpd", "as_of", "country")


@dataclass(slots=True)
class Item:
    """One row on its way into the live tables."""

    staged: ImportRow
    row: PlacementRow
    account_id: int = 0
    debtor_id: int = 0
    co_debtor_id: int = 0


@dataclass
class Chunk:
    """Rows written together, in the transaction of the caller."""

    import_file: ImportFile
    items: list[Item]
    at: datetime
    made: dict[int, Item] = field(default_factory=dict)
    co_names: dict[int, str] = field(default_factory=dict)
    grown: set[int] = field(default_factory=set)

    def write(self) -> None:
        """Everything but the checkpoint."""
        if not self.items:
            return
        self._people()
        self._contact_points()
        self._accounts()
        self._parties()
        self._money()
        self._history()
        for person in Debtor.objects.filter(pk__in=self.grown).order_by("pk"):
            contact_points.refresh_places(person)

    @property
    def book(self) -> Any:
        return self.import_file.portfolio

    @property
    def today(self) -> date:
        return clock.today(self.book.time_zone, self.at)

    def _people(self) -> None:
        """Find each row's person or make her; co-borrowers too."""
        pairs = [(item.row, item.staged.values.get("ssn_index", "")) for item in self.items]
        people = People(pairs, creditor_id=self.import_file.creditor_id)
        most = len(self.items) + sum(1 for item in self.items if _co_name(item.row))
        spare = iter(copying.next_ids(Debtor, most))
        for item, (row, index) in zip(self.items, pairs, strict=True):
            found = people.find(row, index)
            if found is None:
                item.debtor_id = next(spare)
                self.made[item.debtor_id] = item
                people.learn(item.debtor_id, row, index)
            else:
                item.debtor_id = found
                people.add_facts(found, row, index)
        known = {item.debtor_id for item in self.items} - set(self.made)
        list(Debtor.objects.filter(pk__in=known).order_by("pk").select_for_update().values_list("pk"))
        self._co_borrowers(spare)
        copying.copy(Debtor, columns.DEBTOR, self._debtor_rows(), same=columns.DEBTOR_SAME)
        self._identifiers()

    def _co_borrowers(self, spare: Iterator[int]) -> None:
        wanted = {(item.debtor_id, _co_name(item.row)) for item in self.items if _co_name(item.row)}
        if not wanted:
            return
        roles = AccountParty.objects.filter(
            account__debtor__in={pk for pk, _ in wanted}, role=AccountParty.Role.CO_OBLIGOR
        )
        known = {
            (primary, name): pk
            for primary, name, pk in roles.values_list("account__debtor", "debtor__folded_name", "debtor")
        }
        for item in self.items:
            name = _co_name(item.row)
            if not name:
                continue
            key = (item.debtor_id, fold(name))
            if key not in known:
                known[key] = next(spare)
                self.co_names[known[key]] = name
            item.co_debtor_id = known[key]

    def _debtor_rows(self) -> Iterator[tuple[Any, ...]]:
        for pk, item in self.made.items():
            values = item.row.values
            zones = _zones(item.row)
            name = full_name(item.row)
            yield (
                pk,
                kind_of(item.row),
                name,
                str(values.get("first_name") or "")[:100],
                str(values.get("last_name") or "")[:100],
                fold(name)[:200],
                values.get("birth_date"),
                str(values.get("language") or "en")[:10],
                tuple(zones),
                contact_points.zone_key(zones),
                zones[0] if zones else "",
                str(values.get("state") or "")[:3],
                self.at,
            )
        for pk, name in self.co_names.items():
            first, _, last = name.partition(" ")
            yield (
                pk,
                "PERSON",
                name[:200],
                first[:100],
                last[:100],
                fold(name)[:200],
                None,
                "en",
                (),
                "",
                "",
                "",
                self.at,
            )

    def _identifiers(self) -> None:
        numbers = {(i.debtor_id, i.staged.values["ssn_index"]): i for i in self.items if i.row.values.get("ssn")}
        if not numbers:
            return
        there = set(
            Identifier.objects.filter(debtor__in={pk for pk, _ in numbers}, kind="SSN").values_list(
                "debtor_id", "index"
            )
        )
        made = []
        for (debtor_id, index), item in numbers.items():
            if (debtor_id, index) not in there:
                one = Identifier(debtor_id=debtor_id, kind=Identifier.Kind.SSN, created_at=self.at)
                one.seal(str(item.row.values["ssn"]))
                made.append(one)
        Identifier.objects.bulk_create(made)

    def _contact_points(self) -> None:
        known = {item.debtor_id for item in self.items} - set(self.made)
        key_columns = ("debtor_id", "kind", "value", "address_line2", "postal_code")
        there = set(ContactPoint.objects.filter(debtor__in=known).values_list(*key_columns)) if known else set()
        rows = []
        for item in self.items:
            for point in _points(item.row):
                key = (item.debtor_id, point[0], point[3], point[4], point[7])
                if key in there:
                    continue
                there.add(key)
                rows.append((item.debtor_id, *point, self.at, self.at))
                if item.debtor_id not in self.made or self.made[item.debtor_id] is not item:
                    self.grown.add(item.debtor_id)
        copying.copy(ContactPoint, columns.POINT, rows, same=columns.POINT_SAME)

    def _accounts(self) -> None:
        for item, pk in zip(self.items, copying.next_ids(Account, len(self.items)), strict=True):
            item.account_id = pk
        copying.copy(Account, columns.ACCOUNT, map(self._account, self.items))

    def _account(self, item: Item) -> tuple[Any, ...]:
        values, placed = item.row.values, day_of(item.row, self.import_file)
        extra = {name: str(values[name]) for name in KEPT_APART if values.get(name)}
        extra |= item.staged.values["extra"]
        return (
            item.account_id,
            self.book.pk,
            self.import_file.placement_id or self.import_file.placement.pk,  # type: ignore[union-attr]
            self.import_file.creditor_id,
            item.debtor_id,
            item.row.reference,
            str(values.get("product") or self.book.product)[:60],
            str(values.get("original_creditor") or "")[:120],
            _status(item),
            self.book.currency,
            item.row.balance,
            item.row.balance,
            placed,
            values.get("open_date"),
            values.get("delinquency_date"),
            values.get("charge_off_date"),
            values.get("last_payment_date"),
            values.get("last_payment_amount"),
            values.get("rate"),
            values.get("itemization_date"),
            str(values.get("itemization_kind") or ""),
            values.get("itemization_amount"),
            values.get("interest_since"),
            values.get("fees_since"),
            values.get("payments_since"),
            values.get("credits_since"),
            self._bucket(item),
            placed,
            Decimal(secrets.randbelow(10**8)).scaleb(-8),
            (item.staged.reason or "Held when it was placed")[:200] if _held(item) else "",
            extra,
            self.at,
            0,
        )

    def _bucket(self, item: Item) -> str:
        """Judged at the row's placement date; the night moves it on."""
        since = item.row.values.get("delinquency_date")
        scheme: buckets.Scheme = "trade" if self.book.bucket_scheme == "trade" else "bank"
        days = buckets.dpd(since if isinstance(since, date) else None, day_of(item.row, self.import_file))
        return buckets.bucket_for(days, scheme).code

    def _parties(self) -> None:
        rows = [(i.account_id, i.debtor_id, "PRIMARY", True, "", self.at) for i in self.items]
        rows += [(i.account_id, i.co_debtor_id, "CO_OBLIGOR", True, "", self.at) for i in self.items if i.co_debtor_id]
        copying.copy(AccountParty, columns.PARTY, rows)

    def _money(self) -> None:
        actor = self.import_file.released_by_id
        postings = [self._posting(item) for item in self.items if item.row.balance]
        ledger.post_many(postings, at=self.at, actor_id=actor)

    def _posting(self, item: Item) -> ledger.Posting:
        parts = item.row.components()
        if sum(parts.values(), Decimal(0)) != item.row.balance:
            parts = {"principal": item.row.balance}
        return ledger.Posting(
            key=f"placement:{self.import_file.pk}:{item.row.line}",
            code=Journal.Code.PLACEMENT,
            subject_id=item.account_id,
            currency=self.book.currency,
            effective_date=day_of(item.row, self.import_file),
            lines=placement_lines(parts, party_id=self.import_file.creditor_id),
        )

    def _history(self) -> None:
        by, today = self.import_file.released_by_id, self.today
        statuses = [
            (
                "accounts.account",
                i.account_id,
                "status",
                "",
                _status(i),
                self.at,
                self.at,
                by,
                "Placed",
            )
            for i in self.items
        ]
        copying.copy(StatusChange, columns.STATUS, statuses)
        snapshots = [
            (
                uuid7(),
                i.account_id,
                self.book.pk,
                today,
                False,
                _status(i),
                i.row.balance,
                i.row.values.get("delinquency_date"),
                self._bucket(i),
                self.at,
            )
            for i in self.items
        ]
        copying.copy(AccountSnapshot, columns.SNAPSHOT, snapshots)
        copying.copy(AuditEvent, columns.AUDIT, self._events())

    def _events(self) -> Iterator[tuple[Any, ...]]:
        """One audit row a debt: the same but for its id, its debt, its person and its data."""
        first = audit.event("account.placed", actor=self.import_file.released_by, portfolio_id=self.book.pk, at=self.at)
        first.subject_type = "accounts.account"
        same = [getattr(first, name) for name in columns.AUDIT]
        own = [columns.AUDIT.index(name) for name in ("id", "subject_id", "person_id", "data")]
        for item in self.items:
            data = {"import": self.import_file.pk, "line": item.row.line, "amount": str(item.row.balance)}
            if item.row.flags:
                data["flags"] = ",".join(item.row.flags)
            row = same.copy()
            for at, value in zip(own, (uuid7(), item.account_id, item.debtor_id, data), strict=True):
                row[at] = value
            yield tuple(row)


def _held(item: Item) -> bool:
    return item.staged.outcome == ImportRow.Outcome.HELD


def _status(item: Item) -> str:
    if _held(item):
        return states.Status.HELD
    return states.Status.DISPUTED if "disputed" in item.row.flags else states.Status.NEW


def _co_name(row: PlacementRow) -> str:
    return f"{row.values.get('co_first_name') or ''} {row.values.get('co_last_name') or ''}".strip()


def _zones(row: PlacementRow) -> list[str]:
    """Every zone the person may be in: by ZIP, by state when the two disagree, by each number."""
    values = row.values
    zones = contact_points.address_zones(str(values.get("zip") or ""), str(values.get("state") or ""))
    return list(dict.fromkeys([*zones, *places.zones_for("", "", [phone.number for phone in row.phones])]))


def _points(row: PlacementRow) -> Iterator[tuple[Any, ...]]:
    """Kind, use, line, value, line 2, city, state, ZIP, country, zone, status, source of each contact point."""
    for phone in row.phones:
        use, line = PHONE_USE[phone.kind]
        zone = next(iter(places.phone_zones(phone.number)), "")
        yield ("PHONE", use, line, phone.number, "", "", "", "", "US", zone, "UNVERIFIED", "CREDITOR")
    for email in row.emails:
        yield ("EMAIL", "OTHER", "unknown", email, "", "", "", "", "US", "", "UNVERIFIED", "CREDITOR")
    values = row.values
    if values.get("address1") and (values.get("zip") or values.get("city")):
        state, code = str(values.get("state") or "")[:3], str(values.get("zip") or "")[:12]
        zone = next(iter(contact_points.address_zones(code, state)), "")
        yield (
            "ADDRESS",
            "HOME",
            "unknown",
            str(values["address1"]),
            str(values.get("address2") or "")[:120],
            str(values.get("city") or "")[:80],
            state,
            code,
            str(values.get("country") or "US")[:2].upper(),
            zone,
            "ACTIVE",
            "CREDITOR",
        )

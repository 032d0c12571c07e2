"""One invented person or firm: name, place, numbers, debts. Nothing here touches the database."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from accounts import places

from . import words
from .places import Place
from .world import Point, Shelf, World

ZERO = Decimal("0.00")
PARTS = ("principal", "interest", "fees", "costs")


@dataclass(slots=True)
class Debt:
    """A debt and what became of it so far. `marks`: (day, balance, status) after each change, in order."""

    id: int
    shelf: Shelf
    placement: int
    placed_on: date
    reference: str
    parts: dict[str, Decimal]
    late_since: date
    status: str = "NEW"
    noticed_at: datetime | None = None
    closed_at: datetime | None = None
    last_paid: tuple[date, Decimal] | None = None
    placed: dict[str, Decimal] = field(default_factory=dict)
    marks: list[tuple[date, Decimal, str]] = field(default_factory=list)
    paid: list[Any] = field(default_factory=list)
    needs_decision: str = ""
    version: int = 0

    @property
    def balance(self) -> Decimal:
        return sum(self.parts.values(), ZERO)

    @property
    def open(self) -> bool:
        return self.status in ("NEW", "ACTIVE", "ARRANGED")


@dataclass(slots=True)
class Person:
    id: int
    name: str
    first: str
    last: str
    firm: bool
    language: str
    born: date | None
    place: Place
    zones: tuple[str, ...]
    points: list[Point]
    debts: list[Debt]
    created_at: datetime
    keep_in_mind: str = ""
    vulnerability: str = ""
    guarantor: str = ""

    def point(self, kind: str, *, mobile: bool = False) -> Point | None:
        """The first usable point of a kind."""
        for point in self.points:
            if point.kind == kind and point.status == "ACTIVE" and (not mobile or point.line == "mobile"):
                return point
        return None


def cents(rng: Random, span: tuple[int, int]) -> Decimal:
    """A random amount between whole dollars."""
    low, high = span
    return Decimal(rng.randint(low * 100, high * 100)).scaleb(-2) if high else ZERO


@dataclass(frozen=True, slots=True)
class Story:
    """Somebody of the tour, by name: where she lives and whom she owes."""

    first: str
    last: str
    language: str
    zip_code: str
    books: tuple[str, ...]
    guarantor: str = ""


STORIES = (
    Story("Dana", "Reyes", "en", "79901", ("northwind-electric",), "Gus Okafor"),
    Story(
        "Marisol", "Vega-Ortiz", "es", "79902", ("tallgrass-cards", "brightwater-utilities", "cedar-valley-hospital")
    ),
)


def tell(world: World, rng: Random, story: Story) -> Person:
    """The person of a story, with an address, a mobile and an e-mail."""
    world.number += 1
    place = world.atlas.at(story.zip_code)
    debts = [_debt(world, rng, shelf) for shelf in world.shelves if shelf.book.slug in story.books]
    created = datetime.combine(min(d.placed_on for d in debts), datetime.min.time(), ZoneInfo("UTC"))
    new, name = world.desk.points.new_id, f"{story.first} {story.last}"
    box = f"{story.first}.{story.last}@example.com".lower()
    points = [
        Point(new(), "ADDRESS", "2210 Magoffin Ave", "HOME", zone=place.zone, status_at=created, place=place),
        _phone(world, rng, place, "MOBILE", "mobile", created),
        Point(new(), "EMAIL", box, "OTHER", status_at=created),
    ]
    return Person(
        world.desk.debtors.new_id(), name, story.first, story.last, False, story.language, date(1987, 4, 9), place,
        zones(place, points), points, debts, created, guarantor=story.guarantor,
    )  # fmt: skip


def make(world: World, rng: Random) -> Person:
    """A person with one to three debts, placed somewhere in the months of the demo."""
    world.number += 1
    firm = rng.random() < 0.04
    place = world.atlas.place(rng)
    name, first, last, language = _name(rng, firm)
    born = None if firm else date(rng.randint(1946, 2004), rng.randint(1, 12), rng.randint(1, 28))
    debts = _debts(world, rng, firm, place.state)
    created = datetime.combine(min(d.placed_on for d in debts), datetime.min.time(), ZoneInfo("UTC"))
    points = _points(world, rng, place, first or name.split()[0], last, firm, created)
    person = Person(
        world.desk.debtors.new_id(), name, first, last, firm, language, born, place, zones(place, points), points,
        debts, created,
    )  # fmt: skip
    if rng.random() < 0.03:
        person.keep_in_mind = rng.choice(words.KEEP_IN_MIND)
    if rng.random() < 0.015:
        person.vulnerability = rng.choice(["Serious illness", "Recently bereaved", "Hard of hearing"])
    return person


def zones(place: Place, points: list[Point]) -> tuple[str, ...]:
    """Every zone where the person may be, by the ZIP and the area codes of the numbers in use."""
    numbers = [p.value for p in points if p.kind == "PHONE" and p.status in ("ACTIVE", "UNVERIFIED")]
    addressed = any(p.kind == "ADDRESS" and p.status == "ACTIVE" for p in points)
    return places.zones_for(place.zip_code if addressed else "", place.state, numbers)


def _name(rng: Random, firm: bool) -> tuple[str, str, str, str]:
    if firm:
        name = f"{rng.choice(words.FIRMS)} {rng.choice(words.FIRM_KINDS)} {rng.choice(words.FIRM_ENDS)}"
        return name, "", "", "en"
    spanish = rng.random() < 0.14
    first = rng.choice(words.FIRST_ES if spanish else words.FIRST)
    last = rng.choice(words.LAST_ES if spanish else words.LAST)
    if spanish and rng.random() < 0.3:
        last = f"{last} {rng.choice(words.LAST_ES)}"
    language = "es" if spanish and rng.random() < 0.65 else "en"
    return f"{first} {last}", first, last, language


def _points(world: World, rng: Random, place: Place, first: str, last: str, firm: bool, at: datetime) -> list[Point]:
    new, found = world.desk.points.new_id, []
    if rng.random() < 0.985:
        street = f"{rng.randint(12, 9899)} {rng.choice(words.STREETS)} {rng.choice(words.STREET_KINDS)}"
        use = "OTHER" if firm else "HOME"
        found.append(Point(new(), "ADDRESS", street, use, zone=place.zone, status_at=at, place=place))
    if rng.random() < 0.93:
        away = world.atlas.place(rng) if rng.random() < 0.05 else place
        use, line = ("OTHER", "landline") if firm else ("MOBILE", "mobile")
        found.append(_phone(world, rng, away, use, line, at))
    if rng.random() < 0.3:
        found.append(_phone(world, rng, place, "OTHER" if firm else "HOME", "landline", at))
    if rng.random() < 0.62:
        box = f"{first}.{last or 'office'}".lower().replace(" ", "")
        domain = rng.choice(["example.com", "example.com", "example.org", "example.net"])
        found.append(Point(new(), "EMAIL", f"{box}{world.number}@{domain}", "OTHER", status_at=at))
    return found


def _phone(world: World, rng: Random, place: Place, use: str, line: str, at: datetime) -> Point:
    number = world.atlas.phone(rng, place)
    source = "CREDITOR" if rng.random() < 0.85 else "SKIP"
    return Point(world.desk.points.new_id(), "PHONE", number, use, line, place.zone, status_at=at, source=source)


def _debts(world: World, rng: Random, firm: bool, state: str) -> list[Debt]:
    count = rng.choices((1, 2, 3), weights=(85, 11, 4))[0]
    return [_debt(world, rng, world.shelf_for(rng, firm=firm, state=state)) for _ in range(count)]


def _debt(world: World, rng: Random, shelf: Shelf) -> Debt:
    book = shelf.book
    placement, placed_on = rng.choices(shelf.placements, weights=shelf.weights)[0]
    parts = {
        "principal": cents(rng, book.principal),
        "interest": cents(rng, book.interest),
        "fees": cents(rng, book.fees) if rng.random() < 0.6 else ZERO,
        "costs": cents(rng, book.costs) if rng.random() < 0.2 else ZERO,
    }
    parts = {name: amount for name, amount in parts.items() if amount > 0}
    number = world.desk.accounts.new_id()
    return Debt(
        id=number,
        shelf=shelf,
        placement=placement,
        placed_on=placed_on,
        reference=f"{book.prefix}-{10_000_000 + number * 7 % 90_000_000:08d}-{number % 97:02d}",
        parts=parts,
        placed=dict(parts),
        late_since=placed_on - timedelta(days=rng.randint(*book.age)),
    )

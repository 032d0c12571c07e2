"""The rows of a person as she stands now: herself, her points, her debts with their snapshots, others around her."""

from bisect import bisect_right
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

from django.core.exceptions import ImproperlyConfigured

from accounts import buckets
from accounts.models import Identifier
from core.dates import add_months, month_end
from core.ids import uuid7
from core.text import fold

from . import holds, messages, money, promises, words
from .hours import DAY, OFFICE, local
from .life import Life
from .persons import Debt, Person, zones
from .sheets import array
from .world import Point, World


def write(life: Life) -> None:
    """Everything that is known only at the end."""
    person, world = life.person, life.world
    write_person(world, person)
    if world.seal and not person.firm and life.rng.random() < 0.6:
        _identifier(world, person, life)
    if life.callback is not None and life.callable(life.callback[1]):
        world.callbacks.append((person.id, life.callback[1].pk, life.callback[0]))
    for debt in person.debts:
        _account(world, debt, person, life)
        world.desk.parties.add(debt.id, person.id, "PRIMARY", None, debt.placed_on, True, "", None, person.created_at)
        _snapshots(world, debt)
    _others(life)
    money.write_payments(life)
    promises.write(life)
    holds.write(life)
    messages.write_waiting(life)


def write_person(world: World, person: Person) -> None:
    """The debtor row and the rows of the contact points."""
    desk = world.desk
    now_in = zones(person.place, person.points)
    home = person.place.zone
    review = world.today + timedelta(days=30) if person.vulnerability else None
    desk.debtors.add(
        person.id, "FIRM" if person.firm else "PERSON", person.name, person.first, person.last, fold(person.name)[:200],
        person.born, person.language, person.vulnerability, review, person.keep_in_mind, array(now_in),
        "|".join(sorted(now_in))[:160], home, person.place.state, person.created_at,
    )  # fmt: skip
    for point in person.points:
        _point(world, person, point)


def _point(world: World, person: Person, point: Point) -> None:
    place = point.place
    city, state, zip_code = (place.city, place.state, place.zip_code) if place is not None else ("", "", "")
    world.desk.points.add(
        point.id, person.id, point.kind, point.use, point.line, point.value, "", city, state, zip_code, point.zone,
        point.status, point.status_at, point.status_reason, point.source, person.created_at, False, point.last_result,
        point.last_result_at,
    )  # fmt: skip


def _identifier(world: World, person: Person, life: Life) -> None:
    """A Social Security number from 900 up, which is never given to anybody."""
    rng = life.rng
    row = Identifier(id=uuid4(), debtor_id=person.id, kind="SSN")
    try:
        row.seal(f"900-{rng.randint(10, 99):02d}-{rng.randint(1, 9999):04d}")
    except ImproperlyConfigured:
        world.seal = False
        return
    world.desk.identifiers.add(row.pk, person.id, "SSN", row.sealed, row.index, row.last4, person.created_at)


def _account(world: World, debt: Debt, person: Person, life: Life) -> None:
    book, shelf = debt.shelf.book, debt.shelf
    total = sum(debt.placed.values(), Decimal(0))
    fees = debt.placed.get("fees", Decimal(0)) + debt.placed.get("costs", Decimal(0))
    interest = debt.placed.get("interest", Decimal(0))
    charged_off = debt.late_since + timedelta(days=180) if book.charged_off else None
    code, since = _bucket(debt, debt.closed_at.astimezone(OFFICE).date() if debt.closed_at else world.today)
    itemized = charged_off or debt.late_since - timedelta(days=20)
    rate = "0.2499" if book.slug == "tallgrass-cards" else None
    world.desk.accounts.add(
        debt.id, shelf.id, debt.placement, shelf.portfolio.creditor_id, person.id, debt.reference,
        shelf.portfolio.product, shelf.portfolio.creditor.name, debt.status, shelf.portfolio.currency, total,
        debt.balance, debt.placed_on, debt.late_since - timedelta(days=400 + debt.id % 900), debt.late_since,
        charged_off, debt.last_paid[0] if debt.last_paid else None, debt.last_paid[1] if debt.last_paid else None,
        add_months(debt.late_since, 36), rate, itemized, book.itemization, total - fees - interest, interest, fees,
        Decimal(0), Decimal(0), code, since, f"{life.rng.randrange(10**8) / 10**8:.8f}", debt.needs_decision,
        local(debt.placed_on, 7), debt.closed_at, debt.version,
    )  # fmt: skip


def _scheme(debt: Debt) -> buckets.Scheme:
    return "trade" if debt.shelf.portfolio.bucket_scheme == "trade" else "bank"


def _bucket(debt: Debt, on: date) -> tuple[str, date]:
    """The bucket on a day and the day it was entered (not before placement)."""
    found = buckets.bucket_for(buckets.dpd(debt.late_since, on), _scheme(debt))
    return found.code, max(buckets.bucket_starts_on(found, debt.late_since), debt.placed_on)


def _snapshots(world: World, debt: Debt) -> None:
    """A row on each day something changed, and one at each month end, ended debts included (DECISIONS 21)."""
    marks = sorted(debt.marks, key=lambda mark: mark[0])
    days = [mark[0] for mark in marks]
    ended = days[-1] if debt.closed_at is not None else world.today
    wanted = set(days)
    ends = set()
    month = month_end(debt.placed_on)
    while month < world.today:
        ends.add(month)
        month = month_end(month + DAY)
    for bucket in buckets.SCHEMES[_scheme(debt)]:
        starts = buckets.bucket_starts_on(bucket, debt.late_since)
        if debt.placed_on < starts <= min(ended, world.today):
            wanted.add(starts)
    for day in sorted(wanted | ends):
        _, balance, status = marks[bisect_right(days, day) - 1]
        code, _ = _bucket(debt, min(day, ended))
        world.desk.snapshots.add(
            uuid7(),
            debt.id,
            debt.shelf.id,
            day,
            day in ends,
            status,
            balance,
            debt.late_since,
            code,
            min(local(day, 23), world.now),
        )


def _others(life: Life) -> None:
    """Co-obligors, guarantors, spouses and attorneys: people of their own, with their own numbers."""
    person, rng = life.person, life.rng
    debt = person.debts[0]
    for hold in life.holds:
        if hold[3] == "ATTORNEY":
            name = hold[8].removeprefix("Represented by ").removesuffix(", Attorney at Law")
            _party(life, debt, "ATTORNEY", name, near=False, hears=True)
    if person.guarantor:
        _party(life, debt, "GUARANTOR", person.guarantor, near=False, hears=True)
        return
    guaranteed = 0.35 if person.firm else 0.02
    if rng.random() < guaranteed:
        _party(life, debt, "GUARANTOR", _someone(life), near=False, hears=True)
    if not person.firm and rng.random() < 0.06:
        _party(life, debt, "CO_OBLIGOR", f"{rng.choice(words.FIRST)} {person.last}", near=True, hears=True)
    elif not person.firm and rng.random() < 0.05:
        _party(life, debt, "SPOUSE", f"{rng.choice(words.FIRST)} {person.last}", near=True, hears=True)


def _someone(life: Life) -> str:
    return f"{life.rng.choice(words.FIRST)} {life.rng.choice(words.LAST)}"


def _party(life: Life, debt: Debt, role: str, name: str, *, near: bool, hears: bool) -> None:
    world, rng, owner = life.world, life.rng, life.person
    place = owner.place if near else world.atlas.place(rng)
    first, _, last = name.partition(" ")
    at = owner.created_at
    points = [
        Point(world.desk.points.new_id(), "PHONE", world.atlas.phone(rng, place), "MOBILE", "mobile", place.zone,
              status_at=at),
    ]  # fmt: skip
    home = owner.point("ADDRESS") if near else None
    street = (
        home.value if home else f"{rng.randint(12, 9899)} {rng.choice(words.STREETS)} {rng.choice(words.STREET_KINDS)}"
    )
    points.append(
        Point(world.desk.points.new_id(), "ADDRESS", street, "HOME", zone=place.zone, status_at=at, place=place)
    )
    other = Person(
        world.desk.debtors.new_id(), name, first, last, False, "en", None, place, zones(place, points), points, [], at
    )
    write_person(world, other)
    liability = debt.balance if role == "GUARANTOR" and debt.balance > 0 else None
    evidence = "Consent on file" if role == "SPOUSE" else ""
    world.desk.parties.add(debt.id, other.id, role, liability, debt.placed_on, hears, evidence, None, at)

"""The whole load: organizations and staff, then persons in chunks, each chunk one transaction."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random

from django.db import DatabaseError, connection, transaction

from accounts.models import Account, Placement
from core import partitions
from core.dates import add_months, previous_business_day
from core.models import JobRun
from letters.models import Template, TemplateVersion

from . import calls, closing, holds, messages, money, persons, promises, resume, staff
from .hours import OFFICE, Diary, local, next_workday
from .life import Life
from .organizations import BOOKS, firm, portfolios
from .places import Atlas
from .tables import Desk
from .world import Shelf, World

CHUNK = 2000  # accounts a transaction
JOB, PERIOD = "load_demo", datetime(2000, 1, 1, tzinfo=UTC)
Say = Callable[[str], None]


class DemoRefused(Exception):
    """The demo can't be loaded here; the text is a sentence."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much: accounts, months of history, and the seed that makes it repeatable."""

    accounts: int = 20_000
    months: int = 12
    seed: int = 1


def load(size: Size, *, now: datetime, say: Say) -> tuple[World, Counter[str]]:
    """Load the demo, or go on with a load that was stopped; the world and rows by table. Raises DemoRefused."""
    run = _run(size)
    made = staff.make()
    _partitions(now, size.months, say)
    firm()
    shelves = _shelves(made, now, size)
    world = World(
        now=now,
        today=now.astimezone(OFFICE).date(),
        shelves=shelves,
        templates=_templates(),
        desk=Desk(),
        atlas=Atlas(),
        diary=Diary(),
    )
    counts: Counter[str] = Counter()
    done = int(run.counts.get("accounts", 0))
    if done:
        resume.recall(world, int(run.counts.get("persons", 0)))
    while done < size.accounts:
        before = done
        done = _chunk(world, size, done, run, counts)
        say(f"{done:,} of {size.accounts:,} accounts")
        if done == before:
            break
    _placements()
    return world, counts


def finish(now: datetime) -> None:
    """Say that the load is complete, and let the database look at its tables: plans rested on empty ones."""
    JobRun.objects.filter(job=JOB, period=PERIOD).update(state="DONE", finished_at=now)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE strategies_workitem, accounts_account, accounts_debtor, compliance_contactevent")


def _run(size: Size) -> JobRun:
    wanted = {"size": size.accounts, "months": size.months, "seed": size.seed}
    run = JobRun.objects.filter(job=JOB, period=PERIOD).first()
    if run is None:
        if Account.objects.exists():
            raise DemoRefused("There are accounts already. The demo goes into an empty database.")
        return JobRun.objects.create(job=JOB, period=PERIOD, counts=wanted)
    if run.state == "DONE":
        raise DemoRefused("The demo is loaded already.")
    if any(run.counts.get(name) != value for name, value in wanted.items()):
        raise DemoRefused("A demo of another size was begun here. Use the same --accounts, --months and --seed.")
    return run


def _partitions(now: datetime, months: int, say: Say) -> None:
    """Monthly partitions for the whole history; without the owner's right rows go to the rest partition."""
    try:
        with transaction.atomic():
            partitions.ensure(add_months(now.date(), -months - 1), add_months(now.date(), 2))
    except DatabaseError:
        say("The monthly partitions can't be made with this database role; going on without them.")


def _templates() -> dict[tuple[str, str], tuple[int, int | None]]:
    live = dict(TemplateVersion.objects.filter(state="LIVE", lang="en").values_list("template_id", "pk"))
    rows = Template.objects.order_by("-pk").values_list("kind", "channel", "pk")
    return messages.kinds([(kind, channel, pk, live.get(pk)) for kind, channel, pk in rows])


def _shelves(made: staff.Staff, now: datetime, size: Size) -> list[Shelf]:
    found = []
    for slug, portfolio in portfolios(made.teams).items():
        book = next(b for b in BOOKS if b.slug == slug)
        team = next(t for t in made.teams if made.teams[t] in portfolio.teams.all())
        shelf = Shelf(portfolio, book, made.officers[team])
        _place_batches(shelf, now.astimezone(OFFICE).date(), size)
        found.append(shelf)
    return found


def _place_batches(shelf: Shelf, today: date, size: Size) -> None:
    """One placement a month, one of this week and a small one of yesterday, whose first notices go out today."""
    days = []
    for back in range(size.months, 0, -1):
        first = add_months(today.replace(day=1), -back)
        days.append(next_workday(first + timedelta(days=3 + shelf.id % 9)))
    days += [next_workday(today - timedelta(days=24)), next_workday(today - timedelta(days=6))]
    days.append(previous_business_day(today - timedelta(days=1)))
    for day in sorted({d for d in days if d < today}):
        batch, _ = Placement.objects.get_or_create(
            portfolio=shelf.portfolio,
            name=f"{shelf.portfolio.name} {day:%Y-%m-%d}",
            defaults={"placed_on": day, "received_at": local(day, 6)},
        )
        shelf.placements.append((batch.pk, day))
        shelf.weights.append(2 if (today - day).days < 4 else 5 if (today - day).days < 20 else 10)


def _chunk(world: World, size: Size, done: int, run: JobRun, counts: Counter[str]) -> int:
    """Persons until the chunk is full; written with the place to go on from in one transaction."""
    rng = Random(f"{size.seed}:{done}")  # noqa: S311
    goal = min(done + CHUNK, size.accounts)
    busy = min(0.05, 160 / max(size.accounts, 1))
    if done == 0:
        for story in persons.STORIES:
            person = persons.tell(world, rng, story)
            done += len(person.debts)
            _live(world, person, rng, busy, story=True)
    while done < goal:
        person = persons.make(world, rng)
        del person.debts[size.accounts - done :]
        done += len(person.debts)
        _live(world, person, rng, busy)
    with transaction.atomic():
        counts.update(world.desk.flush())
        run.counts = {**run.counts, "accounts": done, "persons": world.number}
        run.save(update_fields=["counts"])
    return done


def _live(world: World, person: persons.Person, rng: Random, busy: float, *, story: bool = False) -> None:
    life = Life(world, person, rng)
    life.story = story
    life.on_return.append(promises.fallen)
    for debt in person.debts:
        money.place(life, debt)
        messages.first_notice(life, debt)
        if rng.random() < 0.012 and not story:
            life.at(local(debt.placed_on + timedelta(days=rng.randint(40, 200)), 9), holds.recall, debt)
    begun = min(d.placed_on for d in person.debts)
    if person.point("ADDRESS") is None:
        reason = "No address in the placement"
        life.silent = True
        for debt in person.debts:
            at = local(debt.placed_on, 7, 1)
            holds.place(life, at, "NO_ADDRESS", debt=debt, reason=reason, source="placement")
    for share, act in ((0.008, holds.bankruptcy), (0.004, holds.deceased)):
        if rng.random() < share and not story:
            life.at(local(begun + timedelta(days=rng.randint(15, 300)), 9, rng.randrange(60)), act)
    if rng.random() < busy:
        calls.today(life)
    life.run()
    closing.write(life)


def _placements() -> None:
    """Count and sum of each placement, as the creditor is told."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_placement p SET accounts_count = s.n, placed_amount = s.total "
            "FROM (SELECT placement_id, count(*) AS n, sum(placed_amount) AS total FROM accounts_account "
            "WHERE placement_id IS NOT NULL GROUP BY 1) s WHERE s.placement_id = p.id"
        )


def unfinished() -> bool:
    """Was a load begun here and not finished?"""
    return JobRun.objects.filter(job=JOB, period=PERIOD).exclude(state="DONE").exists()

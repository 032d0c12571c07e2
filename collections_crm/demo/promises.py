"""Promises and plans: made on a call, met or not by money, judged by the same pure rules as in the product."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from core.dates import add_months, next_bank_day
from core.money import split_evenly
from payments import appropriation, policy
from users.models import User

from . import messages
from .hours import OFFICE, local, next_workday
from .life import Life
from .money import Paid, pay
from .persons import ZERO, Debt

METHODS = ("LINK", "ACH", "CARD", "CHECK")


@dataclass(slots=True)
class Promised:
    id: int
    debt: Debt
    amount: Decimal
    due: date
    grace: date
    method: str
    made_at: datetime
    by: User
    interaction: int
    minimum: Decimal
    state: str = "OPEN"
    paid: Decimal = ZERO
    judged_at: datetime | None = None


@dataclass(slots=True)
class Arranged:
    id: int
    debt: Debt
    lines: list[int]
    amounts: list[Decimal]
    dues: list[date]
    every: str
    method: str
    made_at: datetime
    by: User
    interaction: int
    state: str = "ACTIVE"
    ended_at: datetime | None = None
    settled: dict[int, datetime] = field(default_factory=dict)

    @property
    def total(self) -> Decimal:
        return sum(self.amounts, ZERO)


def promise(life: Life, when: datetime, debt: Debt, by: User, interaction: int) -> date:
    """A promise of all or a part; returns the day after its grace."""
    rng, book = life.rng, debt.shelf.portfolio
    least = policy.smallest(balance=debt.balance, limits=book)
    share = Decimal(15 if life.story else rng.choice((100, 100, 50, 40, 30, 25, 20))) / 100
    amount = min(max((debt.balance * share).quantize(Decimal("0.01")), least), debt.balance)
    today = when.astimezone(OFFICE).date()
    due = today + timedelta(days=rng.randint(3, min(book.promise_max_days, 20)))
    method = rng.choices(METHODS, weights=(40, 25, 25, 10))[0]
    grace = policy.grace_until(due=due, method=method, limits=book)
    _replace(life, when, debt, by, "A new promise was made.")
    made = Promised(life.desk.promises.new_id(), debt, amount, due, grace, method, when, by, interaction, least)
    life.promises.append(made)
    data = {"amount": str(amount), "due_date": str(due)}
    life.audit(when, "promise.made", "payments.promise", made.id, debt, by, data)
    fate = rng.random()
    if fate < 0.80:
        part = amount if fate < 0.70 else (amount * rng.randint(30, 80) / 100).quantize(Decimal("0.01"))
        day = due - timedelta(days=rng.choice((0, 0, 0, 1, 2)))
        life.at(local(max(day, today + timedelta(days=1)), rng.randint(7, 16), rng.randrange(60)), _pay, made, part)
    if due - timedelta(days=2) > today:
        life.at(local(due - timedelta(days=2), 6), _remind, made)
    life.at(local(grace + timedelta(days=1), 1, 30), judge, made)
    return grace + timedelta(days=1)


def _replace(life: Life, when: datetime, debt: Debt, by: User, reason: str) -> None:
    """An open promise gives way to what was agreed now; after its day it is missed or partly kept."""
    for other in life.promises:
        if other.debt is debt and other.state == "OPEN":
            late = when.astimezone(OFFICE).date() > other.due
            state = ("PART_KEPT" if other.paid > ZERO else "BROKEN") if late else "REPLACED"
            other.state, other.judged_at = state, when if late else None
            life.desk.statuses.add("payments.promise", other.id, "state", "OPEN", state, when, when, by.pk, reason)


def _pay(life: Life, when: datetime, made: Promised, amount: Decimal) -> None:
    if pay(life, when, made.debt, amount, made.method) is not None:
        weigh(life, when, made, over=False)


def _remind(life: Life, when: datetime, made: Promised) -> None:
    due = messages.due_moment(life, when.astimezone(OFFICE).date())
    if due is not None and made.state == "OPEN":
        subject = ("payments.promise", made.id)
        messages.queue(life, when, made.debt, "promise_reminder", ("sms", "email"), due, subject, local(made.due, 18))


def judge(life: Life, when: datetime, made: Promised) -> None:
    """Grace is over. A missed one brings a letter, and the work is open again."""
    from .calls import again

    if made.state == "OPEN":
        weigh(life, when, made, over=True)
        if made.state in ("BROKEN", "PART_KEPT") and made.debt.open:
            day = next_workday(when.astimezone(OFFICE).date())
            subject = ("payments.promise", made.id)
            messages.queue(life, when, made.debt, "broken_promise", ("email", "post"), local(day, 16, 10), subject)
    if made.debt.open:
        again(life, when.astimezone(OFFICE).date())


def weigh(life: Life, when: datetime, made: Promised, *, over: bool) -> None:
    """What the promise got by now, by the rules of payments.appropriation."""
    mine = [p for p in life.promises if p.debt is made.debt and p.state != "CANCELLED"]
    claims = [appropriation.Claim(p.id, p.amount, p.made_at, p.due, p.grace) for p in mine]
    got = appropriation.appropriate(claims=claims, receipts=receipts(made.debt.paid))
    tolerance = made.debt.shelf.portfolio.promise_tolerance_percent
    made.paid = got.get(made.id, ZERO)
    state = appropriation.verdict(amount=made.amount, paid=made.paid, tolerance_percent=tolerance, over=over)
    if state != made.state:
        life.desk.statuses.add("payments.promise", made.id, "state", made.state, state, when, when, None, "")
        made.state, made.judged_at = state, when


def fallen(life: Life, when: datetime, debt: Debt) -> None:
    """Money went back: a kept promise that is no longer met is missed or partly kept at once (F61)."""
    for made in life.promises:
        if made.debt is debt and made.state in ("KEPT", "PART_KEPT"):
            weigh(life, when, made, over=True)


def receipts(paid: list[Paid]) -> list[appropriation.Receipt]:
    """Payments that stayed, as the rules count them."""
    return [appropriation.Receipt(p.amount, p.at, p.on) for p in paid if p.state == "POSTED"]


def plan(life: Life, when: datetime, debt: Debt, by: User, interaction: int) -> bool:
    """An arrangement over the whole debt; False when the person has one or the debt is too small for it."""
    rng, book = life.rng, debt.shelf.portfolio
    if any(p.state in ("ACTIVE", "SLIPPING") for p in life.plans):
        return False
    most = min(int(debt.balance // book.minimum_payment), book.plan_max_months, 24)
    if most < 2:
        return False
    every = rng.choice(("monthly", "monthly", "biweekly"))
    count = rng.randint(2, most)
    first = next_bank_day(when.astimezone(OFFICE).date() + timedelta(days=rng.randint(5, 14)))
    dues = [
        next_bank_day(add_months(first, n, anchor=first.day) if every == "monthly" else first + timedelta(days=14 * n))
        for n in range(count)
    ]
    amounts = split_evenly(debt.balance, count)
    made = Arranged(
        life.desk.plans.new_id(), debt, [life.desk.installments.new_id() for _ in dues], amounts, dues, every,
        rng.choice(METHODS[:3]), when, by, interaction,
    )  # fmt: skip
    life.plans.append(made)
    _replace(life, when, debt, by, f"A-{made.id}")
    life.status(when, debt, "ARRANGED", by, f"A-{made.id}")
    data = {"total": str(made.total), "count": count, "every": every}
    life.audit(when, "plan.opened", "payments.plan", made.id, debt, by, data)
    subject = ("payments.plan", made.id)
    messages.queue(life, when, debt, "plan_confirmation", ("email", "post"), _evening(when), subject)
    _schedule(life, made)
    return True


def _evening(when: datetime) -> datetime:
    day = next_workday(when.astimezone(OFFICE).date())
    due = local(day, 16, 20)
    return due if due > when else local(next_workday(day + timedelta(days=1)), 16, 20)


def _schedule(life: Life, made: Arranged) -> None:
    reliable = 0.97 if life.rng.random() < 0.72 else 0.55
    for amount, due in zip(made.amounts, made.dues, strict=True):
        if due > life.world.today + timedelta(days=40):
            break
        if life.rng.random() < reliable:
            late = life.rng.choice((0, 0, 0, 0, 1, 2, 7))
            day = due + timedelta(days=late)
            life.at(local(day, life.rng.randint(7, 16), life.rng.randrange(60)), _pay_installment, made, amount)
        life.at(local(due - timedelta(days=3), 6), _remind_installment, made, due)
        life.at(local(due + timedelta(days=6), 1, 40), standing, made)


def _pay_installment(life: Life, when: datetime, made: Arranged, amount: Decimal) -> None:
    if made.state in ("ACTIVE", "SLIPPING") and pay(life, when, made.debt, amount, made.method) is not None:
        standing(life, when, made)


def _remind_installment(life: Life, when: datetime, made: Arranged, due: date) -> None:
    moment = messages.due_moment(life, when.astimezone(OFFICE).date())
    if moment is None or made.state not in ("ACTIVE", "SLIPPING") or when <= made.made_at:
        return
    subject = ("payments.installment", made.lines[made.dues.index(due)])
    messages.queue(life, when, made.debt, "installment_reminder", ("sms", "email"), moment, subject, local(due, 18))


def standing(life: Life, when: datetime, made: Arranged) -> None:
    """Where the plan stands: installments paid, late or missed; one missed breaks it."""
    from .calls import again

    if made.state not in ("ACTIVE", "SLIPPING"):
        return
    found = standings(made, when.astimezone(OFFICE).date())
    for number, one in enumerate(found):
        if one == "PAID":
            made.settled.setdefault(number, when)
    state = appropriation.plan_standing(found)
    if state == made.state:
        return
    life.desk.statuses.add("payments.plan", made.id, "state", made.state, state, when, when, None, "")
    made.state = state
    if state in ("DONE", "BROKEN"):
        made.ended_at = when
        if made.debt.status == "ARRANGED":
            life.status(when, made.debt, "ACTIVE", None, f"A-{made.id}")
            again(life, when.astimezone(OFFICE).date())


def standings(made: Arranged, on: date) -> list[appropriation.Standing]:
    """Each installment's standing on a day."""
    got = sum((p.amount for p in made.debt.paid if p.state == "POSTED" and p.at >= made.made_at), ZERO)
    parts = appropriation.fill(amounts=made.amounts, paid=got)
    return appropriation.standings(dues=made.dues, amounts=made.amounts, parts=parts, grace_days=5, on=on)


def write(life: Life) -> None:
    """Promises, plans and installments as they stand."""
    desk, person = life.desk, life.person
    for p in life.promises:
        currency = p.debt.shelf.portfolio.currency
        desk.promises.add(
            p.id, p.debt.id, person.id, p.amount, currency, p.due, p.grace, p.method, p.state, p.minimum, p.paid,
            p.made_at, p.made_at, p.by.pk, p.interaction, p.judged_at,
        )  # fmt: skip
    for made in life.plans:
        _paid_after_all(life, made)
        _write_plan(life, made)


def _paid_after_all(life: Life, made: Arranged) -> None:
    """A broken plan whose money came later is finished, as the product judges it."""
    if made.state != "BROKEN" or any(one != "PAID" for one in standings(made, life.world.today)):
        return
    when = max(p.at for p in made.debt.paid if p.state == "POSTED")
    life.desk.statuses.add("payments.plan", made.id, "state", made.state, "DONE", when, when, None, "")
    made.state, made.ended_at = "DONE", when


def _write_plan(life: Life, made: Arranged) -> None:
    desk = life.desk
    desk.plans.add(
        made.id, life.person.id, made.debt.id, made.state, made.total, made.amounts[0],
        made.debt.shelf.portfolio.currency, made.every, made.dues[0], made.dues[-1], len(made.dues), made.method, 5,
        made.made_at, made.made_at, made.by.pk, made.interaction, made.made_at, "EMAIL", made.ended_at, "",
    )  # fmt: skip
    desk.plan_debts.add(made.id, made.debt.id, made.total)
    on = life.world.today if made.ended_at is None else made.ended_at.astimezone(OFFICE).date()
    got = sum((p.amount for p in made.debt.paid if p.state == "POSTED" and p.at >= made.made_at), ZERO)
    parts = appropriation.fill(amounts=made.amounts, paid=got)
    for number, (due, amount, part, state) in enumerate(
        zip(made.dues, made.amounts, parts, standings(made, on), strict=True)
    ):
        settled = made.settled.get(number) if state == "PAID" else None
        desk.installments.add(
            made.lines[number], made.id, number + 1, due, amount, part, state,
            (settled or made.made_at) if state == "PAID" else None,
        )  # fmt: skip

"""Calls: planned for a day, placed in a free minute of an officer within the person's hours, ended with an outcome."""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

from users.models import User

from . import holds, money, promises, words
from .hours import OFFICE, local, next_workday
from .life import Life
from .persons import Debt, zones
from .sheets import array
from .world import Point

# code: (weight of 1,000, call outcome, days until the next call)
NOBODY: dict[str, tuple[int, str, tuple[int, int]]] = {
    "no-answer": (360, "no_answer", (3, 16)),
    "message-left": (190, "limited_content_message", (4, 18)),
    "busy": (45, "busy", (1, 4)),
    "not-in-service": (14, "not_in_service", (3, 10)),
    "wrong-number": (9, "conversation_third_party", (5, 20)),
    "someone-else": (40, "conversation_third_party", (5, 20)),
    "hung-up": (45, "dropped_after_answer", (5, 20)),
}
ANSWERED: dict[str, int] = {
    "promise": 125, "plan": 40, "paid-now": 28, "cannot-pay": 34, "callback": 30, "dispute": 9, "stop-contact": 4,
    "attorney": 2, "refuses": 21,
}  # fmt: skip
LOCK = 7  # days, the day of the conversation is the first (12 CFR 1006.14(b)(2)(i)(B))


def begin(life: Life, when: datetime, debt: Debt) -> None:
    """The first calls follow the first notice after a week."""
    day = when.astimezone(OFFICE).date()
    if life.person.point("PHONE") is None:
        life.no_calls = True
    if life.rng.random() < 0.06 and not life.story:
        later = day + timedelta(days=life.rng.randint(5, 40))
        life.at(local(later, life.rng.randint(7, 17), life.rng.randrange(60)), _pays_alone, debt)
    if life.rng.random() < 0.06 and not life.story:
        later = next_workday(day + timedelta(days=life.rng.randint(6, 60)))
        life.at(local(later, life.rng.randint(8, 15)), inbound, debt)
    again(life, day + timedelta(days=life.rng.randint(6, 12)))


def _pays_alone(life: Life, when: datetime, debt: Debt) -> None:
    """Paid after the letter, without a call."""
    if not any(p.state == "OPEN" and p.debt is debt for p in life.promises):
        money.pay(life, when, debt, debt.balance, life.rng.choice(("LINK", "CHECK", "DIRECT")))


def again(life: Life, day: date) -> None:
    """Plan the next call for a day."""
    life.at(local(next_workday(max(day, life.free_from)), 6), plan, False)


def today(life: Life) -> None:
    """Plan one call for today, on whatever day of the week that is."""
    life.at(local(life.world.today, 6), plan, True)


def plan(life: Life, when: datetime, extra: bool) -> None:
    """Find an officer and a minute; a day that does not fit is tried again the next workday."""
    day = when.astimezone(OFFICE).date()
    debts = life.callable()
    waits = any(p.state == "OPEN" for p in life.promises) or any(d.status == "ARRANGED" for d in debts)
    if not debts or waits or life.silent or life.no_calls or life.attempts > 40 or (extra and life.callback):
        return
    if not life.may_call(day):
        if not extra:
            again(life, day + timedelta(days=1))
        return
    officer = life.rng.choice(debts[0].shelf.officers)
    start, end = life.window(day)
    if day == life.world.today:
        end = min(end, life.world.now - timedelta(minutes=4))
    slot = life.world.diary.slot(life.rng, officer.pk, day, start, end)
    if slot is not None:
        life.at(slot, dial, officer, False)
    elif not extra:
        again(life, day + timedelta(days=1))


def dial(life: Life, when: datetime, officer: User, agreed: bool) -> None:
    """One call. agreed: a call-back the person asked for, within its consent (12 CFR 1006.14(b)(3)(i))."""
    day = when.astimezone(OFFICE).date()
    debts, point = life.callable(officer), life.person.point("PHONE")
    if agreed:
        if life.callback != (when, officer):  # they spoke with us meanwhile, which used the consent up
            return
        life.callback = None
    allowed = not (life.silent or life.no_calls or life.called_on >= day) and life.within_cap(day)
    if not debts or point is None or not allowed or (day < life.free_from and not agreed):
        return
    code = _outcome(life, day, agreed)
    if code == "callback" and life.person.place.state in ("MA", "WA", "NY", "DC"):
        code = "cannot-pay"
    number = _write(life, when, officer, debts, point, code)
    life.called_on = day
    life.contacts.append(day)
    life.attempts += 1
    if code in NOBODY:
        _nobody(life, when, code, point, debts)
    else:
        _answered(life, when, officer, debts, point, code, number)


def _outcome(life: Life, day: date, agreed: bool) -> str:
    if life.story:
        return life.rng.choice(("no-answer", "message-left", "promise", "cannot-pay"))
    codes = [*NOBODY, *ANSWERED]
    weights = [NOBODY[c][0] for c in NOBODY] + [ANSWERED[c] * (3 if agreed else 1) for c in ANSWERED]
    if (life.world.today - day).days < 6:
        weights[codes.index("callback")] *= 3
    return life.rng.choices(codes, weights=weights)[0]


def inbound(life: Life, when: datetime, debt: Debt) -> None:
    """The person calls us: never forbidden, and a conversation like any other for the days after."""
    point = life.person.point("PHONE")
    day = when.astimezone(OFFICE).date()
    if point is None or debt not in life.callable() or life.called_on >= day:
        return
    officer = life.rng.choice(debt.shelf.officers)
    slot = life.world.diary.slot(life.rng, officer.pk, day, when, when + timedelta(hours=2))
    if slot is None or slot > life.world.now - timedelta(minutes=8):
        return
    code = life.rng.choice(("paid-now", "promise", "cannot-pay"))
    number = _write(life, slot, officer, life.callable(officer), point, code, "in")
    life.called_on, life.callback = day, None
    _answered(life, slot, officer, life.callable(officer), point, code, number)


def _write(
    life: Life, when: datetime, officer: User, debts: list[Debt], point: Point, code: str, direction: str = "out"
) -> int:
    """The interaction and what the rules count of it."""
    rng, desk = life.rng, life.desk
    right = code in ANSWERED
    outcome = "conversation" if right else NOBODY[code][1]
    end = when + timedelta(seconds=rng.randint(110, 380) if right else rng.randint(25, 75))
    number = desk.interactions.new_id()
    note = rng.choice(words.NOTES[code])
    desk.interactions.add(
        number, life.person.id, debts[0].id, array(d.id for d in debts), "CALL", "CLOSED", direction, point.id,
        point.value, officer.pk, when, end, end, code, right, when + timedelta(seconds=30) if right else None,
        json.dumps(["full_name", "birth_date"] if right else []), note,
    )  # fmt: skip
    source = ("contacts.interaction", number)
    life.event(when, "call", debts, direction=direction, outcome=outcome, point=point, source=source, by=officer)
    point.last_result, point.last_result_at = code.replace("-", " "), when
    for debt in debts:
        if debt.status == "NEW":
            life.status(when, debt, "ACTIVE", officer, "First call")
    return number


def _nobody(life: Life, when: datetime, code: str, point: Point, debts: list[Debt]) -> None:
    day = when.astimezone(OFFICE).date()
    if code in ("not-in-service", "wrong-number"):
        point.status = "BAD" if code == "not-in-service" else "WRONG_PARTY"
        point.status_at, point.status_reason = when, "On a call"
        life.person.zones = zones(life.person.place, life.person.points)
        if life.person.point("PHONE") is None:
            life.no_calls = True
            return
    first, last = NOBODY[code][2]
    stretch = 1 + life.attempts // 4
    again(life, day + timedelta(days=life.rng.randint(first, last) * stretch))


def _answered(
    life: Life, when: datetime, officer: User, debts: list[Debt], point: Point, code: str, number: int
) -> None:
    day = when.astimezone(OFFICE).date()
    life.free_from = day + timedelta(days=LOCK)
    after = when + timedelta(seconds=200)
    _consents(life, after, officer, debts, point)
    FOLLOW[code](life, after, officer, debts[0], number)
    if code in ("cannot-pay", "refuses"):
        again(life, day + timedelta(days=life.rng.randint(20, 60)))


def _consents(life: Life, when: datetime, officer: User, debts: list[Debt], point: Point) -> None:
    """What people allow us in a conversation: texts to the mobile, e-mail in writing, no mornings."""
    mobile, email = life.person.point("PHONE", mobile=True), life.person.point("EMAIL")
    if mobile is not None and not life.no_texts and life.rng.random() < 0.5:
        for scope in ("sms", "tcpa"):  # in writing, as New York City asks
            facts = {"scope": scope, "written": True}
            life.event(when, "consent", debts, direction="in", point=mobile, facts=facts, by=officer)
        life.consents["sms"] = when
    if email is not None and life.rng.random() < 0.45:
        facts = {"scope": "email", "written": True}
        life.event(when, "consent", debts, direction="in", point=email, facts=facts, by=officer)
        life.consents["email"] = when
    if not life.after_noon and life.rng.random() < 0.015:
        life.after_noon = True
        hours = {"days": list(range(7)), "start": 0, "end": 12 * 60}
        life.desk.preferences.add(
            life.person.id, "INCONVENIENT_TIME", json.dumps(hours), when,
            "Works nights, not before noon.", "call", officer.pk, when,
        )  # fmt: skip


def _promise(life: Life, when: datetime, officer: User, debt: Debt, number: int) -> None:
    promises.promise(life, when, debt, officer, number)


def _plan(life: Life, when: datetime, officer: User, debt: Debt, number: int) -> None:
    if not promises.plan(life, when, debt, officer, number):
        promises.promise(life, when, debt, officer, number)


def _paid(life: Life, when: datetime, officer: User, debt: Debt, number: int) -> None:
    if life.rng.random() < 0.2 and debt.balance > 200:
        money.settle(life, when, debt, officer)
        return
    share = life.rng.choice((100, 100, 50, 25))
    amount = max((debt.balance * share / 100).quantize(debt.balance), min(debt.balance, Decimal(20)))
    money.pay(life, when, debt, amount, life.rng.choice(("CARD", "ACH")), officer)
    again(life, when.astimezone(OFFICE).date() + timedelta(days=25))


def _callback(life: Life, when: datetime, officer: User, debt: Debt, number: int) -> None:
    """A call-back the person asks for: consent for that one day, inside the seven."""
    today_ = when.astimezone(OFFICE).date()
    day = next_workday(today_ + timedelta(days=life.rng.randint(1, 3)))
    if today_ < life.world.today <= today_ + timedelta(days=5):
        day = life.world.today
    start, end = life.window(day)
    if (day - today_).days > 6 or end - start < timedelta(hours=1):
        return
    slot = life.world.diary.slot(life.rng, officer.pk, day, start, end)
    if slot is None:
        return
    facts = {
        "scope": "call",
        "valid_from": local(day, 0).isoformat(),
        "until": local(day + timedelta(days=1), 0).isoformat(),
        "agreed_for": slot.isoformat(),
    }
    life.event(when, "consent", life.callable(officer), direction="in", facts=facts, by=officer)
    life.callback = (slot, officer)
    life.at(slot, dial, officer, True)
    again(life, today_ + timedelta(days=LOCK + 3))


FOLLOW: dict[str, Callable[[Life, datetime, User, Debt, int], None]] = {
    "promise": _promise,
    "plan": _plan,
    "paid-now": _paid,
    "callback": _callback,
    "cannot-pay": lambda life, when, officer, debt, number: None,
    "refuses": lambda life, when, officer, debt, number: None,
    "dispute": holds.dispute,
    "stop-contact": holds.stop,
    "attorney": holds.attorney,
}

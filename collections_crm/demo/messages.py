"""Letters, e-mails and texts of the demo: planned, checked again in the moment of sending, then recorded."""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from .hours import OFFICE, local, next_workday
from .life import Life
from .persons import Debt
from .sheets import array
from .world import Point

KEEP = timedelta(days=14)


@dataclass(slots=True)
class Draft:
    """A message that waits. `subject`: what it is about, by model label and id."""

    id: int
    debt: Debt
    kind: str
    channel: str
    point: Point
    planned_at: datetime
    due_at: datetime
    subject: tuple[str, int]
    expires_at: datetime | None = None


def queue(
    life: Life, when: datetime, debt: Debt, kind: str, channels: tuple[str, ...], due: datetime,
    subject: tuple[str, int], expires: datetime | None = None,
) -> None:  # fmt: skip
    """Plan a message by the first channel that may be used; nothing is planned when there is none."""
    channels = tuple(c for c in channels if (kind, c) in life.world.templates)
    found = life.channel(due, *channels)
    if found is None:
        return
    channel, point = found
    draft = Draft(life.desk.messages.new_id(), debt, kind, channel, point, when, due, subject, expires)
    life.waiting[draft.id] = (draft,)
    life.at(due, send, draft)


def send(life: Life, when: datetime, draft: Draft) -> None:
    """Send it, unless something has changed since it was planned."""
    del life.waiting[draft.id]
    open_promise = (
        draft.subject[0] != "payments.promise"
        or draft.kind == "broken_promise"
        or any(p.id == draft.subject[1] and p.state == "OPEN" for p in life.promises)
    )
    if not draft.debt.open or not open_promise:
        write(life, draft, "CANCELLED", when, "The reason for it has gone.")
    elif life.channel(when, draft.channel) is None:
        write(life, draft, "WITHHELD", when, "Contact was not allowed at that moment.")
    else:
        delivered = draft.channel != "post" and life.rng.random() < 0.97
        write(life, draft, "DELIVERED" if delivered else "SENT", when)
        record(life, when, draft)


def record(life: Life, when: datetime, draft: Draft) -> None:
    """The contact event of a message that went out."""
    kind = "validation_notice" if draft.kind == "validation_notice" else draft.channel
    facts = {"id": str(draft.id), "purpose": "collect"}
    if kind == "validation_notice":
        facts = {"id": str(draft.id), "via": "letter"}
    kind = "letter" if kind == "post" else kind
    source = ("letters.message", draft.id)
    life.event(when, kind, [draft.debt], outcome="sent", point=draft.point, facts=facts, source=source)
    life.contacts.append(when.astimezone(OFFICE).date())
    if draft.channel == "sms" and life.rng.random() < 0.02:
        life.at(when + timedelta(minutes=life.rng.randint(1, 90)), stop_text, draft.point)


def stop_text(life: Life, when: datetime, point: Point) -> None:
    """The person answers STOP: no more texts to that number, at once."""
    facts = {"medium": "sms", "text": "STOP"}
    life.event(when, "opt_out", [], direction="in", point=point, facts=facts)
    life.consents.pop("sms", None)
    life.no_texts = True


def write(life: Life, draft: Draft, state: str, when: datetime, reason: str = "") -> None:
    """The message row in its final state, with the receipt of a delivery."""
    template, version = life.world.templates[draft.kind, draft.channel]
    about = ("", None) if draft.subject[0] == "accounts.account" else draft.subject
    expires = draft.expires_at or draft.due_at + KEEP
    sent = state in ("SENT", "DELIVERED", "RETURNED")
    place = draft.point.place
    to = draft.point.value if place is None else f"{draft.point.value}, {place.city}, {place.state} {place.zip_code}"
    life.desk.messages.add(
        draft.id, life.person.id, draft.debt.id, array([draft.debt.id]), draft.channel, draft.kind, template,
        version if sent else None, draft.point.id, to if sent else "",
        f"{draft.kind.replace('_', '-')}:{draft.subject[1]}:{draft.channel}", state, draft.due_at, 1 if sent else 0,
        *about, json.dumps({}), draft.planned_at, reason, when if sent else None,
        None if state == "QUEUED" else when, f"demo-{draft.id}" if sent else "", expires,
    )  # fmt: skip
    if state == "DELIVERED":
        later = when + timedelta(seconds=20)
        life.desk.receipts.add(draft.id, "delivered", later, later, "", f"demo-{draft.id}")


def write_waiting(life: Life) -> None:
    """Messages that are planned and not yet due."""
    for (draft,) in life.waiting.values():
        write(life, draft, "QUEUED", draft.planned_at)


def first_notice(life: Life, debt: Debt) -> None:
    """Plan the validation notice: one to three workdays after placement, within the five days (1006.34(a))."""
    day = next_workday(debt.placed_on + timedelta(days=1))
    if (day - debt.placed_on).days < 3 and life.rng.random() < 0.5:
        later = next_workday(day + timedelta(days=1))
        day = later if (later - debt.placed_on).days <= 4 else day
    life.at(local(day, 6), _notice, debt, local(day, 16, life.rng.randrange(30)))


def _notice(life: Life, when: datetime, debt: Debt, due: datetime) -> None:
    point = life.person.point("ADDRESS")
    if point is None or life.silent or not debt.open:
        return
    draft = Draft(
        life.desk.messages.new_id(), debt, "validation_notice", "post", point, when, due, ("accounts.account", debt.id)
    )
    life.waiting[draft.id] = (draft,)
    life.at(due, _post_notice, draft)


def _post_notice(life: Life, when: datetime, draft: Draft) -> None:
    from .calls import begin  # the first calls follow the notice

    del life.waiting[draft.id]
    if life.silent:
        write(life, draft, "WITHHELD", when, "A hold was placed in the meantime.")
        return
    if life.rng.random() < 0.012:
        write(life, draft, "RETURNED", when)
        record(life, when, draft)
        draft.debt.noticed_at = when
        life.at(when + timedelta(days=life.rng.randint(7, 12)), _returned, draft)
        return
    write(life, draft, "SENT", when)
    record(life, when, draft)
    draft.debt.noticed_at = when
    begin(life, when, draft.debt)


def _returned(life: Life, when: datetime, draft: Draft) -> None:
    """The notice comes back: the address is bad, and nothing else goes out without a deliverable notice."""
    life.event(when, "undeliverable", [draft.debt], direction="in", facts={"ref": str(draft.id)}, point=draft.point)
    life.desk.receipts.add(draft.id, "returned", when, when, "ANK", f"demo-return-{draft.id}")
    draft.point.status, draft.point.status_at, draft.point.status_reason = "BAD", when, "Letter came back"
    life.silent = True


def due_moment(life: Life, day: date) -> datetime | None:
    """A moment of a day at which texts and e-mails may go out, inside the person's hours and ours."""
    start, end = life.window(day)
    start, end = max(start, local(day, 9)), min(end, local(day, 18))
    minutes = int((end - start).total_seconds() // 60)
    return start + timedelta(minutes=life.rng.randrange(minutes)) if minutes > 5 else None


def kinds(rows: list[Any]) -> dict[tuple[str, str], tuple[int, int | None]]:
    """Template and live version by kind and channel."""
    return {(kind, channel): (template, version) for kind, channel, template, version in rows}

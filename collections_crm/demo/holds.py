"""What stops contact: disputes, wishes, attorneys, bankruptcy, death, recalls. After them nothing goes out."""

import json
from datetime import datetime, timedelta
from typing import Any

from core.dates import add_business_days
from users.models import User

from . import words
from .hours import OFFICE, local
from .life import Life
from .persons import Debt


def place(
    life: Life, when: datetime, kind: str, *, debt: Debt | None = None, by: User | None = None, reason: str = "",
    facts: dict[str, Any] | None = None, source: str = "call",
) -> list[Any]:  # fmt: skip
    """A hold on one debt or on the person; the open debts it covers are paused, promises on them void."""
    number = life.desk.holds.new_id()
    row = [
        number, life.person.id, debt.id if debt else None, kind, when, None, None, json.dumps(facts or {}), reason,
        source, by.pk if by else None, None, when,
    ]  # fmt: skip
    life.holds.append(row)
    if debt is None:
        life.silent = True
    life.audit(when, "hold.placed", "compliance.hold", number, debt, by, {"kind": kind}, reason)
    for one in [debt] if debt else life.person.debts:
        if one.open and one.placed_on <= when.astimezone(OFFICE).date():
            life.status(when, one, "DISPUTED" if kind == "DISPUTE" else "HELD", by, reason)
    for promise in life.promises:
        if promise.state == "OPEN" and (debt is None or promise.debt is debt):
            promise.state = "CANCELLED"
            life.desk.statuses.add(
                "payments.promise", promise.id, "state", "OPEN", "CANCELLED", when, when, None, reason
            )
    for plan in life.plans:
        if plan.state in ("ACTIVE", "SLIPPING") and (debt is None or plan.debt is debt):
            life.desk.statuses.add("payments.plan", plan.id, "state", plan.state, "CANCELLED", when, when, None, reason)
            plan.state, plan.ended_at = "CANCELLED", when
    return row


def dispute(life: Life, when: datetime, officer: User, debt: Debt, number: int) -> None:
    """The person contests the debt: everything on it stops until it is answered."""
    reason = life.rng.choices("NAPFO", weights=(20, 35, 30, 5, 10))[0]
    day = when.astimezone(OFFICE).date()
    row = [
        life.person.id, debt.id, reason, debt.balance, False, "OPEN", life.rng.choice(words.NOTES["dispute"]), when,
        when, day + timedelta(days=30), officer.pk, "", None, None,
    ]  # fmt: skip
    life.disputes.append(row)
    life.event(when, "dispute", [debt], direction="in", facts={"written": False}, by=officer)
    hold = place(life, when, "DISPUTE", debt=debt, by=officer, reason="Disputed on a call")
    answered = add_business_days(day, life.rng.randint(6, 18))  # within the 30 days, whatever comes between
    life.at(local(answered, 11, life.rng.randrange(50)), _answer, debt, row, hold, officer)


RIGHT = "The creditor confirmed the amount; papers were sent."
NOT_OWED = "The creditor could not confirm it. The debt is closed."
WITHDRAWN = "Found the payment in question and took the dispute back."
GONE = "The debt had ended before; nothing is asked any more."


def _answer(life: Life, when: datetime, debt: Debt, row: list[Any], hold: list[Any], officer: User) -> None:
    """Verified and mailed, taken back, or closed; closed too when nothing may be mailed to the person any more."""
    from .calls import again

    reason = life.rng.choices((RIGHT, NOT_OWED, WITHDRAWN), weights=(70, 20, 10))[0]
    if not debt.open:
        reason = GONE
    elif life.silent or debt.status != "DISPUTED":
        reason = NOT_OWED
    row[5] = "WITHDRAWN" if reason == WITHDRAWN else "ANSWERED"
    row[11], row[12], row[13] = reason, when, officer.pk
    hold[6], hold[11] = when, officer.pk
    life.audit(when, "hold.lifted", "compliance.hold", hold[0], debt, officer, {"kind": "DISPUTE"}, "Answered")
    if reason == RIGHT:
        life.event(when, "verification_sent", [debt], facts={"id": f"v-{hold[0]}"}, by=officer)
        life.contacts.append(when.astimezone(OFFICE).date())
    if reason in (NOT_OWED, GONE):
        if debt.open:
            life.status(when, debt, "CLOSED", officer, "Dispute answered")
        return
    life.status(when, debt, "ACTIVE", officer, "Dispute answered")
    again(life, when.astimezone(OFFICE).date() + timedelta(days=4))


def stop(life: Life, when: datetime, officer: User, debt: Debt, number: int) -> None:
    """No more calls, as spoken; half of them follow it up in writing, and then everything stops (1006.6(c))."""
    life.event(when, "opt_out", [], direction="in", facts={"medium": "call"}, by=officer)
    life.no_calls = True
    if life.rng.random() < 0.5:
        life.at(when + timedelta(days=life.rng.randint(3, 8)), _cease)


def _cease(life: Life, when: datetime) -> None:
    if not life.silent:
        life.event(when, "cease", [], direction="in", facts={"written": True})
        place(life, when, "CEASE", reason="Written request to stop", facts={"written": True}, source="letter")


def attorney(life: Life, when: datetime, officer: User, debt: Debt, number: int) -> None:
    """The person has an attorney: contact goes there and nowhere else."""
    name = f"{life.rng.choice(words.FIRST)} {life.rng.choice(words.LAST)}, Attorney at Law"
    facts = {"name": name, "name_and_address_known": True}
    place(life, when, "ATTORNEY", by=officer, reason=f"Represented by {name}", facts=facts)


def bankruptcy(life: Life, when: datetime) -> None:
    """A case was filed: the stay holds for everything."""
    if not life.silent:
        filed = (when - timedelta(days=life.rng.randint(1, 5))).date()
        facts = {"chapter": life.rng.choice((7, 7, 13)), "status": "open", "filed_on": filed.isoformat()}
        place(life, when, "BANKRUPTCY", reason="Notice from the court", facts=facts, source="scrub")


def deceased(life: Life, when: datetime) -> None:
    """The person has died: nothing more is addressed to her."""
    if not life.silent and not life.person.firm:
        facts = {"on": (when - timedelta(days=life.rng.randint(3, 20))).date().isoformat()}
        place(life, when, "DECEASED", reason="Notice from the family", facts=facts, source="letter")


def recall(life: Life, when: datetime, debt: Debt) -> None:
    """The creditor takes a debt back."""
    if debt.status in ("NEW", "ACTIVE"):
        life.status(when, debt, "RECALLED", None, "Recalled by the creditor")


def write(life: Life) -> None:
    """Holds and disputes as they stand."""
    for row in life.holds:
        life.desk.holds.add(*row)
    for row in life.disputes:
        life.desk.disputes.add(*row)

"""What happens to one person, event after event, until now. State of the contact rules included."""

import heapq
import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4

from core.ids import uuid7
from users.models import User

from .hours import OFFICE, window
from .persons import Debt, Person
from .sheets import array
from .world import Point, World

# Where a state counts all contacts of a week, we stay at two: MA, WA, NYC, DC (RULES.md section 7).
COUNTED = frozenset({"MA", "WA", "NY", "DC"})
CONSENT_DAYS = 55  # texts stop before the 60 days of 12 CFR 1006.6(d)(5) are over


class Life:
    """A person's events by time, and what the person has asked of us so far."""

    def __init__(self, world: World, person: Person, rng: Random) -> None:
        self.world, self.person, self.rng, self.desk = world, person, rng, world.desk
        self._heap: list[tuple[datetime, int, Callable[..., None], tuple[Any, ...]]] = []
        self._count = 0
        self.silent = False  # a hold: nobody may contact the person
        self.no_calls = False  # asked for no calls, or no working number
        self.no_texts = False  # answered STOP
        self.after_noon = False  # asked for no contact before noon
        self.free_from = date.min  # 7 days after a conversation (12 CFR 1006.14(b)(2)(i)(B))
        self.called_on = date.min
        self.contacts: list[date] = []
        self.consents: dict[str, datetime] = {}
        self.attempts = 0
        self.promises: list[Any] = []
        self.plans: list[Any] = []
        self.holds: list[list[Any]] = []
        self.disputes: list[list[Any]] = []
        self.waiting: dict[int, tuple[Any, ...]] = {}
        self.callback: tuple[datetime, User] | None = None
        self.on_return: list[Callable[[Life, datetime, Debt], None]] = []
        self.story = False  # one of the people in the tour: nothing drastic happens to her

    def at(self, when: datetime, act: Callable[..., None], *args: Any) -> None:
        """Let something happen at a moment."""
        self._count += 1
        heapq.heappush(self._heap, (when, self._count, act, args))

    def run(self) -> None:
        """Everything up to now, in order."""
        while self._heap and self._heap[0][0] <= self.world.now:
            when, _, act, args = heapq.heappop(self._heap)
            act(self, when, *args)

    # What the rules allow

    def window(self, day: date) -> tuple[datetime, datetime]:
        """The hours of a day in which the person may be contacted, in UTC."""
        return window(self.person.zones, day, self.after_noon)

    def within_cap(self, day: date) -> bool:
        """At most two contacts in seven days where the state counts them."""
        if self.person.place.state not in COUNTED:
            return True
        return sum(1 for other in self.contacts if (day - other).days < 7) < 2

    def may_call(self, day: date) -> bool:
        """One call a day, none within the 7 days after a conversation, none against a hold or a wish."""
        if self.silent or self.no_calls or self.called_on >= day or day < self.free_from:
            return False
        return self.within_cap(day)

    def channel(self, when: datetime, *channels: str) -> tuple[str, Point] | None:
        """The first of these channels that may be used now, with its point."""
        day = when.astimezone(OFFICE).date()
        if self.silent or not self.within_cap(day):
            return None
        for channel in channels:
            point = self._usable(channel, when)
            if point is not None:
                return channel, point
        return None

    def _usable(self, channel: str, when: datetime) -> Point | None:
        if channel == "post":
            return self.person.point("ADDRESS")
        start, end = self.window(when.astimezone(OFFICE).date())
        if not start <= when < end:  # late where a number is far from the home
            return None
        given = self.consents.get(channel)
        if given is None or (channel == "sms" and when - given > timedelta(days=CONSENT_DAYS)):
            return None
        return self.person.point("PHONE", mobile=True) if channel == "sms" else self.person.point("EMAIL")

    def callable(self, officer: User | None = None) -> list[Debt]:
        """Open debts whose first notice is out, all worked by one team: the first one's (or the officer's)."""
        debts = [d for d in self.person.debts if d.open and d.noticed_at is not None and d.balance > 0]
        if officer is not None:
            return [d for d in debts if officer in d.shelf.officers]
        return [d for d in debts if d.shelf.officers is debts[0].shelf.officers]

    # What is written down

    def event(
        self, when: datetime, kind: str, debts: list[Debt], *, direction: str = "out", outcome: str = "",
        point: Point | None = None, facts: dict[str, Any] | None = None, source: tuple[str, Any] = ("", ""),
        by: User | None = None,
    ) -> UUID:  # fmt: skip
        """A contact event, as the rules count it."""
        number = uuid7()
        self.desk.events.add(
            number, self.person.id, array(d.id for d in debts), kind, when, when, direction, outcome,
            point.id if point else None, point.value if point else "", json.dumps({**(facts or {}), "history": True}),
            source[0], str(source[1]), by.pk if by else None,
        )  # fmt: skip
        return number

    def audit(
        self, when: datetime, action: str, subject: str, number: Any, debt: Debt | None, by: User | None = None,
        data: dict[str, Any] | None = None, reason: str = "",
    ) -> None:  # fmt: skip
        """One row of the audit, as the services write it."""
        self.desk.audits.add(
            uuid7(), when, action, by.pk if by else None, by.display_name if by else "system",
            " ".join(sorted(by.roles)) if by else "", subject, str(number), self.person.id,
            debt.shelf.id if debt else None, json.dumps(data or {}), reason,
        )  # fmt: skip

    def status(self, when: datetime, debt: Debt, to: str, by: User | None = None, reason: str = "") -> None:
        """Move a debt's status, with its history."""
        if debt.status == to:
            return
        old, debt.status = debt.status, to
        number = by.pk if by else None
        self.desk.statuses.add("accounts.account", debt.id, "status", old, to, when, when, number, reason)
        self.audit(
            when, "account.status_changed", "accounts.account", debt.id, debt, by, {"from": old, "to": to}, reason
        )
        debt.closed_at = when if to in ("PAID", "SETTLED", "CLOSED", "RECALLED") else None
        self.mark(when, debt)

    def mark(self, when: datetime, debt: Debt) -> None:
        """Remember what the debt is at the end of this day."""
        debt.marks.append((when.astimezone(OFFICE).date(), debt.balance, debt.status))
        debt.version += 1


def key() -> UUID:
    """A random identifier."""
    return uuid4()

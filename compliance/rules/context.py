"""One question made ready: whose clock, which debts, which law. Rules read it; only the engine moves its time."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from compliance.rules import clock
from compliance.rules.facts import (
    CONSUMER_ROLES,
    EXEMPT_ROLES,
    Action,
    Debt,
    Email,
    Event,
    Facts,
    Flags,
    Person,
    Phone,
)
from compliance.rules.history import History, index

FALLBACK_ZONE = {"US": "America/New_York", "UK": "Europe/London", "EU": "Europe/Berlin"}


class Context:
    """Facts, action and moment, with everything that several rules need worked out once."""

    __slots__ = (
        "action", "co_debtor", "consumer_like", "content", "debt_ids", "debts", "exempt", "facts", "flags", "groups",
        "history", "home", "locals", "memo", "now", "person", "phone", "place", "regf", "states", "to", "today",
        "zones", "zones_known", "_zones_at_home",
    )  # fmt: skip

    def __init__(self, facts: Facts, action: Action, now: datetime) -> None:
        self.facts = facts
        self.action = action
        self.history: History = index(facts)
        self.content = action.content
        self.memo: dict[tuple[str, str], list[Event]] = {}  # what does not change when time moves
        self.to = action.to
        self._find_person()
        self._find_debts()
        self._find_law()
        self.phone: Phone | None = None
        if action.to and action.to[0] == "+":
            self.phone = next((p for p in self.place.phones if p.e164 == action.to), None)
        self._zones_at_home = self._file_zones()
        self.move(now)

    def move(self, now: datetime) -> None:
        """Ask about another moment with the same facts."""
        self.now = now
        names = self._zones_at_home
        known = self.place.known_location
        if known is not None and known.tz:
            there = tuple(clock.zone(name) for name in dict.fromkeys(known.tz))
            if known.until is None or now < clock.day_start(there, known.until + clock.DAY):
                names = there
        self.zones_known = bool(names)
        self.zones: tuple[ZoneInfo, ...] = names or (clock.zone(FALLBACK_ZONE.get(self.facts.jurisdiction, "UTC")),)
        self.home = self.zones[0]
        self.locals = [now.astimezone(where) for where in self.zones]
        self.today: date = self.locals[0].date()

    def _file_zones(self) -> tuple[ZoneInfo, ...]:
        names: dict[str, None] = {}
        for address in self.place.addresses:
            if address.current:
                names.update(dict.fromkeys(address.tz))
        for phone in self.place.phones:
            if phone.status == "active":
                names.update(dict.fromkeys(phone.tz))
        return tuple(clock.zone(name) for name in names)

    def _find_person(self) -> None:
        facts, wanted = self.facts, self.action.person_id
        consumer = facts.consumer
        person = consumer
        if wanted and wanted != consumer.id:
            unknown = Person(id=wanted, role="third_party")  # somebody we know nothing about is a stranger
            person = next((p for p in facts.persons if p.id == wanted), unknown)
        self.person = person
        self.place: Person = person if person.addresses or person is consumer else consumer
        self.co_debtor = person.role == "co_debtor"
        self.consumer_like = self.co_debtor or person.role in CONSUMER_ROLES
        self.exempt = person.role in EXEMPT_ROLES
        self.flags: Flags = person.flags if self.co_debtor or person is consumer else consumer.flags
        self.states = {a.state for a in self.place.addresses if a.current and a.kind != "work" and a.state}
        self.states |= {a.locality for a in self.place.addresses if a.locality and a.current and a.kind != "work"}

    def _find_debts(self) -> None:
        facts, wanted = self.facts, self.action.debt_ids
        first = facts.debts[0].id if facts.debts else ""
        self.debt_ids: tuple[str, ...] = wanted or ((first,) if first else ())
        known = {debt.id: debt for debt in facts.debts}
        self.debts: tuple[Debt, ...] = tuple(known.get(name) or Debt(id=name) for name in self.debt_ids)
        self.groups = {debt.id: debt.group for debt in facts.debts}

    def _find_law(self) -> None:
        facts = self.facts
        collector = facts.collector
        consumer_debt = not self.debts or any(d.debt_class != "commercial" for d in self.debts)
        bound = facts.jurisdiction == "US" and consumer_debt
        if bound and collector.type == "first_party_creditor":
            bound = facts.policy.apply_regf_to_first_party or collector.uses_third_party_name or self._other_name()
        elif bound and collector.type == "debt_buyer":
            bound = collector.principal_purpose
        self.regf = bound

    def _other_name(self) -> bool:
        """A creditor that writes under another name is treated as a third party (12 CFR 1006.2(i)(1))."""
        used, own = self.action.sender_name, self.facts.collector.name
        if not used or not own or used == own:
            return False
        return all(used not in (debt.current_creditor, debt.original_creditor) for debt in self.debts)

    # --- what rules ask -------------------------------------------------------------------------------------

    def is_about(self, event: Event, debt: Debt) -> bool:
        """The event concerns that debt (no ids: the first debt)."""
        ids = event.debt_ids
        return debt.id in ids if ids else bool(self.facts.debts) and debt.id == self.facts.debts[0].id

    def is_about_group(self, event: Event, group: str) -> bool:
        """The event concerns a debt of that counting group."""
        ids = event.debt_ids
        if not ids:
            return bool(self.facts.debts) and self.facts.debts[0].group == group
        groups = self.groups
        return any(groups.get(name, name) == group for name in ids)

    def about_group(self, kind: str, group: str) -> list[Event]:
        """Events of a kind with the person addressed about that counting group, at any time."""
        found = self.memo.get((kind, group))
        if found is None:
            found = self.memo[kind, group] = [
                e for e in self.history.of(kind) if self.is_with(e) and self.is_about_group(e, group)
            ]
        return found

    def about(self, kind: str, debt: Debt | None) -> list[Event]:
        """Events of a kind with the person addressed about that debt (None: any), at any time."""
        key = (kind, f"debt:{debt.id}" if debt else "any")
        found = self.memo.get(key)
        if found is None:
            found = self.memo[key] = [
                e for e in self.history.of(kind) if self.is_with(e) and (debt is None or self.is_about(e, debt))
            ]
        return found

    def is_with(self, event: Event, person_id: str | None = None) -> bool:
        """The event is with that person (default: the one addressed); no id means the consumer."""
        return (event.person_id or self.facts.consumer.id) == (person_id or self.person.id)

    def is_inherited(self, event: Event) -> bool:
        """The event binds the person addressed: their own, or the consumer's for a spouse, executor and so on."""
        who = event.person_id or self.facts.consumer.id
        if who == self.person.id:
            return True
        return self.consumer_like and not self.co_debtor and who == self.facts.consumer.id

    def is_with_consumer(self, event: Event) -> bool:
        """The event is with the consumer side (not a third party, not an attorney)."""
        who = event.person_id
        if not who or who == self.facts.consumer.id:
            return True
        person = next((p for p in self.facts.persons if p.id == who), None)
        return person is not None and (person.role in CONSUMER_ROLES or person.role == "co_debtor")

    def day_of(self, moment: datetime) -> date:
        """The local day at home."""
        return moment.astimezone(self.home).date()

    def day_start(self, day: date) -> datetime:
        """From when it is that day (or later) at home."""
        return clock.instant(self.home, day)

    def email(self) -> Email | None:
        return next((e for e in self.place.emails if e.address.lower() == self.to.lower()), None) if self.to else None

    def is_undeliverable(self, event: Event, before: datetime | None = None) -> bool:
        """The item came back, as known now (and, if given, before that instant)."""
        if not event.id:
            return False
        return any(
            u.ref == event.id and u.at <= self.now and (before is None or u.at < before)
            for u in self.history.of("undeliverable")
        )

    def may_answer_once(self, since: datetime | None = None) -> bool:
        """The person used this medium (after `since`) and we have not answered by it yet."""
        channel = self.action.channel
        kinds = ("call", "ringless_voicemail") if channel in ("call", "ringless_voicemail") else (channel,)
        inbound = [
            e.at
            for e in self.history.of(kinds[0])
            if e.direction == "in" and e.at <= self.now and self.is_with(e) and (since is None or e.at >= since)
        ]
        if not inbound:
            return False
        last = max(inbound)
        return not any(
            e.direction == "out" and last <= e.at <= self.now and self.is_with(e)
            for kind in kinds
            for e in self.history.of(kind)
        )


def as_utc(moment: datetime) -> datetime:
    """The same instant in UTC. Raises ValueError for a naive datetime."""
    if moment.tzinfo is None:
        raise ValueError("the moment has no time zone")
    return moment.astimezone(UTC)

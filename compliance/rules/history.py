"""The history of one consumer, sorted into kinds once: duplicates counted once, future events kept apart by time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from compliance.rules.facts import Event, Facts

Events = tuple[Event, ...]
_NONE: list[Event] = []

SPOKEN_OUTCOMES = frozenset({"conversation", "voicemail_with_debt_info"})
NOT_CONNECTED = frozenset({"busy", "not_in_service", "not_connected"})
LETTERS = ("letter", "validation_notice")


class History:
    """Events by kind. Nothing here depends on the moment of asking; rules compare `at` with their own now."""

    __slots__ = ("changes", "contradictions", "duplicates", "kinds")

    def __init__(self, events: Events) -> None:
        self.kinds: dict[str, list[Event]] = {}
        self.duplicates = 0
        seen: set[datetime] = set()
        changes: list[datetime] = []
        kinds = self.kinds
        for event in events:
            if event.at in seen:
                if self._repeats(event):
                    self.duplicates += 1
                    continue
            else:
                seen.add(event.at)
            kind = event.kind
            if kind in kinds:
                kinds[kind].append(event)
            else:
                kinds[kind] = [event]
            if event.received_at is not None:
                changes.append(event.received_at)
            if event.written_confirmation_at is not None:
                changes.append(event.written_confirmation_at)
        self.changes = changes
        self.contradictions = bool("opt_in" in kinds and "opt_out" in kinds) and not {
            (e.at, e.medium, e.person_id) for e in kinds["opt_in"]
        }.isdisjoint((e.at, e.medium, e.person_id) for e in kinds["opt_out"])

    def _repeats(self, event: Event) -> bool:
        return event in self.kinds.get(event.kind, _NONE)

    def of(self, kind: str) -> list[Event]:
        """Every event of that kind, in no particular order."""
        return self.kinds.get(kind, _NONE)

    def all(self) -> Iterator[Event]:
        for events in self.kinds.values():
            yield from events

    def notes(self, now: datetime) -> tuple[str, ...]:
        """What is odd in the history, in words; none of it stops the judgment."""
        notes = []
        if self.duplicates:
            notes.append(f"{_count(self.duplicates)} recorded twice; each counts once.")
        future = sum(event.at > now for events in self.kinds.values() for event in events)
        if future:
            notes.append(f"{_count(future)} dated in the future; not counted before that day.")
        if self.contradictions:
            notes.append("A refusal and its withdrawal carry the same time; the refusal counts.")
        return tuple(notes)

    def changes_after(self, now: datetime) -> list[datetime]:
        """Instants after now at which a future-dated event would begin to count, in order."""
        later = [event.at for event in self.all() if event.at > now]
        later += [moment for moment in self.changes if moment > now]
        return sorted(later) if later else later


def _count(n: int) -> str:
    return "1 event is" if n == 1 else f"{n} events are"


def index(facts: Facts) -> History:
    """The history of these facts, built on the first question and kept with them."""
    found = facts._index
    if found is None:
        found = History(facts.history)
        object.__setattr__(facts, "_index", found)
    return found


def is_communication(event: Event) -> bool:
    """Conversation, voicemail with debt information, text, e-mail, letter or notice (12 CFR 1006.2(d))."""
    kind = event.kind
    if kind == "call":
        return event.outcome in SPOKEN_OUTCOMES
    return kind in ("sms", "email", "letter", "validation_notice", "in_person", "social_private")


def is_connected(event: Event) -> bool:
    """False for busy, not in service, not connected (12 CFR 1006.14(b)(3)(ii)); an unknown outcome counts."""
    return event.outcome not in NOT_CONNECTED


def received(event: Event) -> datetime:
    """When a request reached us; the event's own time where nothing else is known."""
    return event.received_at or event.at

"""From facts to the queue and the next step. The order of the questions is the order of urgency."""

from dataclasses import dataclass
from datetime import date

from .facts import PersonFacts

NEW_DAYS = 7
FRESH_DAYS = 30  # how long a missed promise or an answered dispute is a reason of its own

NEXT_STEPS: dict[str, str] = {
    "callbacks": "Call back as agreed",
    "replies": "Read the message, answer",
    "broken-promises": "Call, ask what changed",
    "plans-at-risk": "Call, offer a smaller plan",
    "disputes": "Call, explain the answer",
    "new": "First call",
    "review": "Review the pause",
    "general": "Call",
    "skip": "Find a number",
}
# These are worked by phone: hours and the verdict are asked before somebody is offered one.
CALLING = frozenset({"callbacks", "broken-promises", "plans-at-risk", "disputes", "new", "general"})
DESK_WORK = frozenset({"review", "replies"})  # somebody can do these about a person who has no number


@dataclass(frozen=True, slots=True)
class Step:
    """Which queue, and what to do first."""

    queue: str
    words: str


def queue_of(facts: PersonFacts, *, on: date) -> str | None:
    """The most urgent reason on a local day, or None when there is nothing to do but wait."""
    if facts.stopped:
        return "replies" if facts.reply_open else "review"
    if facts.callback_at is not None and facts.has_number:
        return "callbacks"
    if facts.reply_open:
        return "replies"
    if facts.callback_at is not None:
        return "skip"
    if facts.promise_open or facts.plan_on_track:
        return None
    if not facts.has_number and facts.set_queue not in DESK_WORK:
        return "skip"
    if facts.set_queue:
        return facts.set_queue
    if facts.missed_on is not None and (on - facts.missed_on).days <= FRESH_DAYS:
        return "broken-promises"
    if facts.plan_slipping:
        return "plans-at-risk"
    if facts.dispute_answered:
        return "disputes"
    if facts.placed_on is not None and (on - facts.placed_on).days < NEW_DAYS:
        return "new"
    return "general"


def decide(facts: PersonFacts, *, on: date) -> Step | None:
    """What to do about a person, or None to wait."""
    queue = queue_of(facts, on=on)
    return Step(queue, NEXT_STEPS[queue]) if queue else None

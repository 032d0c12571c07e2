"""Rules are functions with an id. A rule sees the context and its numbers from a pack, and returns a Hit or None."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from compliance.rules.context import Context


@dataclass(slots=True)
class Hit:
    """What a rule found. `next` is the first instant at which this rule alone stops blocking, None for never.

    `say` picks the sentence of the pack; `words` fills it.
    """

    next: datetime | None = None
    words: Mapping[str, Any] = field(default_factory=dict)
    say: str = "text"
    decision: str = "block"
    content: tuple[str, ...] = ()
    deadline: date | None = None
    window: tuple[date, date] | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """The data of one rule, read from a pack."""

    id: str
    order: int
    kind: str
    citation: str
    source: str
    confidence: str
    texts: Mapping[str, str]
    params: Mapping[str, Any]
    effective_from: date | None
    effective_until: date | None
    pack: str


RuleFunction = Callable[["Context", Rule], Hit | None]


@dataclass(frozen=True, slots=True)
class Registered:
    id: str
    function: RuleFunction
    channels: frozenset[str]
    regf: bool
    persons: str  # any, consumer (1006.6(a) and co-debtors), third, outsider (any but exempt)
    inbound: bool  # also judged for an inbound live call
    states: frozenset[str]
    scope: str  # us, uk, eu, all


REGISTRY: dict[str, Registered] = {}


def rule(
    rule_id: str,
    channels: frozenset[str],
    *,
    regf: bool = False,
    persons: str = "outsider",
    inbound: bool = False,
    states: frozenset[str] = frozenset(),
    scope: str = "us",
) -> Callable[[RuleFunction], RuleFunction]:
    """Register a rule function under its id. Raises ValueError when the id is taken."""

    def register(function: RuleFunction) -> RuleFunction:
        if rule_id in REGISTRY:
            raise ValueError(f"rule {rule_id} is registered twice")
        REGISTRY[rule_id] = Registered(rule_id, function, channels, regf, persons, inbound, states, scope)
        return function

    return register

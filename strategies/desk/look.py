"""What compliance says about every way to reach one person, with its facts read once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.models import Account, ContactPoint, Debtor
from compliance import services as compliance
from compliance.models import Hold
from compliance.rules import helpers
from compliance.rules.facts import Event, Facts
from compliance.rules.packs import Rulebook
from compliance.services import Answer, Request

from . import reads

CHANNELS = {"PHONE": ("call", "sms"), "EMAIL": ("email",), "ADDRESS": ("letter",)}


@dataclass(frozen=True, slots=True)
class Look:
    """Ways to reach a person with an answer each, the holds in force, and what the rules know.

    `answers` are by contact point and channel. They are not stored: the act asks again (DECISIONS 16).
    """

    points: list[ContactPoint]
    holds: list[Hold]
    facts: Facts
    answers: dict[tuple[int, str], Answer]
    rules: Rulebook | None = None  # by which it was judged

    @property
    def history(self) -> tuple[Event, ...]:
        return self.facts.history

    def calls(self, account: Account, at: datetime) -> tuple[int, int]:
        """Calls counted about a debt in seven days, and the limit."""
        return helpers.calls_in_window(self.facts, str(account.pk), at, packs=self.rules)


def look(*, debtor: Debtor, accounts: Sequence[Account], holds: list[Hold], at: datetime) -> Look:
    """Answers for every way to reach this person about these debts. Four statements."""
    points = reads.points(debtor.pk)
    pairs = [(point, channel) for point in points for channel in CHANNELS[point.kind] if _fits(point, channel)]
    requests = [Request(debtor, channel, accounts, point) for point, channel in pairs]
    said = compliance.may_contact_many(requests or [Request(debtor, "letter", accounts)], at)
    answers = {(point.pk, channel): answer for (point, channel), answer in zip(pairs, said, strict=False)}
    return Look(points, holds, said[0].facts or Facts(), answers, said[0].rules)


def _fits(point: ContactPoint, channel: str) -> bool:
    return channel != "sms" or (point.line == ContactPoint.Line.MOBILE and point.usable)

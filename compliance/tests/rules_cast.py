"""Facts for tests of the rules: Dana Reyes in El Paso, one debt of Northwind Energy, and short ways to vary them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings

from compliance.rules.engine import evaluate
from compliance.rules.facts import Action, Address, Debt, Email, Event, Facts, Person, Phone
from compliance.rules.verdict import Verdict

EL_PASO = ZoneInfo("America/Denver")
NEW_YORK = ZoneInfo("America/New_York")
MOBILE, LANDLINE, MAIL = "+19155550101", "+19155550102", "dana@example.com"
NOON = datetime(2026, 11, 17, 12, 0, tzinfo=EL_PASO)  # a Tuesday


def shared(*parts: str) -> Path:
    """A file of the shared material; the test is skipped where it is absent."""
    path = Path(settings.BASE_DIR).parent.joinpath("shared", *parts)
    if not path.exists():
        pytest.skip(f"shared/{'/'.join(parts)} is not here")
    return path


def dana(**changes: Any) -> Person:
    person = Person(
        name="Dana Reyes",
        addresses=(Address("a1", "home", "TX", "79901", city="El Paso", tz=("America/Denver",)),),
        phones=(Phone("p1", MOBILE, "mobile", ("America/Denver",)),),
        emails=(Email(MAIL, domain_public=True),),
    )
    return replace(person, **changes)


def debt(**changes: Any) -> Debt:
    return replace(Debt("d1", type="utility", current_creditor="Northwind Energy"), **changes)


def at(text: str, zone: ZoneInfo = EL_PASO) -> datetime:
    """Local wall time as UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def event(kind: str, when: str | datetime, **more: Any) -> Event:
    return Event(kind, at(when) if isinstance(when, str) else when.astimezone(UTC), **more)


def notice(when: str = "2026-08-24T10:00") -> Event:
    return event("validation_notice", when, id="vn1", via="letter")


def call(when: str | datetime, outcome: str = "no_answer", **more: Any) -> Event:
    return event("call", when, outcome=outcome, **more)


def facts(*history: Event, **changes: Any) -> Facts:
    known: dict[str, Any] = {"consumer": dana(), "debts": (debt(),), "history": (notice(), *history)}
    return Facts(**{**known, **changes})


def may(known: Facts, action: Action | None = None, now: datetime = NOON) -> Verdict:
    return evaluate(known, action or Action("call", to=MOBILE), now)


def rule_ids(verdict: Verdict) -> set[str]:
    return {finding.rule_id for finding in verdict.findings}


def daily_calls(last: datetime, count: int) -> list[Event]:
    """One unanswered call a day, the newest at `last`."""
    return [call(last - timedelta(days=n)) for n in range(count)]

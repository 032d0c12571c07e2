"""Targets for my day. They live in reports, which sits above this app and registers how to read them."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

Source = Callable[[Any, date], Decimal | None]
_sources: list[Source] = []


def register_target(source: Source) -> None:
    """`source(user, month)` gives an officer's target for the month (its first day), or None."""
    _sources[:] = [source]


def target(user: Any, month: date) -> Decimal | None:
    """What this officer should collect in the month; None when nobody set one."""
    return _sources[0](user, month) if _sources else None

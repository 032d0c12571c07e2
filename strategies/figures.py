"""An officer's figures, kept for a moment for the lists; and targets, which reports registers from above this app."""

import logging
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.cache import cache

from users.models import User

from . import queries
from .queries import Figures

log = logging.getLogger(__name__)
SECONDS = 30  # how old the figures above a list may be; F103 allows sixty


def figures(*, user: User, day: datetime, month: datetime) -> Figures:
    """The officer's figures as they are now (`day` and `month` began then). One query; lists show the same after it."""
    found = queries.figures(user=user, day=day, month=month)
    try:
        cache.set(_key(user, day), found, SECONDS)
    except Exception:  # a cache that is down counts as empty
        log.warning("cache is down")
    return found


def recent(*, user: User, day: datetime, month: datetime) -> Figures:
    """The same, at most 30 seconds old: a list is opened far more often than her figures move."""
    try:
        kept: Figures | None = cache.get(_key(user, day))
    except Exception:
        log.warning("cache is down")
        kept = None
    return figures(user=user, day=day, month=month) if kept is None else kept


def _key(user: User, day: datetime) -> str:
    return f"figures:{user.pk}:{day.isoformat()}"


Source = Callable[[Any, date], Decimal | None]
_sources: list[Source] = []


def register_target(source: Source) -> None:
    """`source(user, month)` gives an officer's target for the month (its first day), or None."""
    _sources[:] = [source]


def target(user: Any, month: date) -> Decimal | None:
    """What this officer should collect in the month; None when nobody set one."""
    return _sources[0](user, month) if _sources else None

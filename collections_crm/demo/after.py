"""What follows from the history: shifts of the last weeks, targets, the worklist, the day facts, the sealed audit."""

from collections.abc import Callable
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

from django.db import connection

Say = Callable[[str], None]


def work(now: datetime, *, say: Say) -> None:
    """Everything that is made from the loaded rows."""
    _analyze()
    for name, act in (("worklist", _worklist), ("day facts", _facts)):
        began = datetime.now(tz=now.tzinfo)
        act(now)
        say(f"{name}: {(datetime.now(tz=now.tzinfo) - began).total_seconds():.0f} s")


def _analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _service(name: str, function: str) -> Any:
    """A service of another app, or None while it does not exist."""
    try:
        return getattr(import_module(name), function, None)
    except ModuleNotFoundError:
        return None


def _worklist(now: datetime) -> None:
    refresh = _service("strategies.services", "refresh_all")
    if refresh is not None:
        refresh(at=now)


def _facts(now: datetime) -> None:
    build = _service("reports.services", "build_day")
    if build is not None:
        for back in range(60, -1, -1):
            build((now - timedelta(days=back)).date())

"""Finished parts of a page, kept until the facts behind them change. A cache that is down counts as empty."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from typing import Any

from django.core.cache import cache

log = logging.getLogger(__name__)
SECONDS = 900


def parts(subject: str, key: tuple[object, ...], make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What `make` gave for this key before, or gives now. The key names the version of the facts and whose they are."""
    name = f"board:{subject}:{hashlib.sha256(repr(key).encode()).hexdigest()}"
    found: dict[str, Any] | None = _read(name)
    if found is None:
        found = make()
        _write(name, found)
    return found


def _read(name: str) -> Any:
    try:
        return cache.get(name)
    except Exception:
        log.warning("cache is down")
        return None


def _write(name: str, found: dict[str, Any]) -> None:
    try:
        cache.set(name, found, SECONDS)
    except Exception:
        log.warning("cache is down")

"""Identifiers: time-ordered UUIDs made in Python, and the short references people read aloud."""

from __future__ import annotations

import os
import re
import secrets
import threading
import time
from uuid import UUID

_TAIL_BITS = 74  # 12 bits after the version, 62 after the variant
_MS_BITS = 48
_PREFIX = re.compile(r"[A-Z]{1,6}")


class _Last:
    """The last number given out by this process: 48 bits of milliseconds, 74 bits of tail."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.number = 0

    def forget(self) -> None:
        """Start anew in a forked child: its parent's lock may be held by a thread that is not there."""
        self.lock = threading.Lock()
        self.number = 0


_last = _Last()
os.register_at_fork(after_in_child=_last.forget)


def uuid7() -> UUID:
    """A version 7 UUID (RFC 9562 section 5.7): sorts by time, and strictly upwards within the process.

    Two in the same millisecond, or after the clock went back, go on from the last one by a random step.
    """
    now = time.time_ns() // 1_000_000
    fresh = (now << _TAIL_BITS) | secrets.randbits(_TAIL_BITS - 1)
    with _last.lock:
        if fresh >> _TAIL_BITS <= _last.number >> _TAIL_BITS:
            fresh = _last.number + 1 + secrets.randbits(32)
        _last.number = fresh
    return _as_uuid(fresh)


def _as_uuid(number: int) -> UUID:
    moment = (number >> _TAIL_BITS) & ((1 << _MS_BITS) - 1)
    high = (number >> 62) & 0xFFF
    low = number & ((1 << 62) - 1)
    return UUID(int=moment << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)


def reference(prefix: str, n: int) -> str:
    """A reference such as P-204817: a prefix of capitals and a positive number. Raises ValueError."""
    if _PREFIX.fullmatch(prefix) is None or n < 1:
        raise ValueError("A reference has a prefix of capital letters and a positive number.")
    return f"{prefix}-{n}"

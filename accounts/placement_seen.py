"""Which account numbers a file has already had, without keeping the file in memory. Pure."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from hashlib import blake2b
from typing import Literal

IN_MEMORY = 50_000
Seen = Literal["new", "same", "other"]


class SeenReferences:
    """Remembers a digest of each row under its account number; beyond 50,000 rows in a temporary file."""

    def __init__(self) -> None:
        self._recent: dict[bytes, bytes] = {}
        self._store: sqlite3.Connection | None = None

    def check(self, reference: str, cells: Sequence[str]) -> Seen:
        """Whether the account number is new, had with the same cells, or had with others."""
        key = _digest(reference)
        digest = _digest("\x1f".join(cells))
        known = self._find(key)
        if known is None:
            self._recent[key] = digest
            if len(self._recent) >= IN_MEMORY:
                self._spill()
            return "new"
        return "same" if known == digest else "other"

    def close(self) -> None:
        """Drop what was remembered."""
        self._recent.clear()
        if self._store is not None:
            self._store.close()
            self._store = None

    def _find(self, key: bytes) -> bytes | None:
        if key in self._recent:
            return self._recent[key]
        if self._store is None:
            return None
        row = self._store.execute("SELECT digest FROM seen WHERE key = ?", (key,)).fetchone()
        return None if row is None else bytes(row[0])

    def _spill(self) -> None:
        if self._store is None:
            self._store = sqlite3.connect("", isolation_level=None, check_same_thread=False)
            self._store.execute("PRAGMA journal_mode = OFF")
            self._store.execute("CREATE TABLE seen (key BLOB PRIMARY KEY, digest BLOB) WITHOUT ROWID")
        self._store.execute("BEGIN")
        self._store.executemany("INSERT INTO seen VALUES (?, ?)", sorted(self._recent.items()))
        self._store.execute("COMMIT")
        self._recent.clear()


def _digest(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).digest()

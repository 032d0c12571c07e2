"""Moved to core.copying, where the ledger can reach it; the old name stays for those who read it here."""

from core.copying import copy, next_ids

__all__ = ["copy", "next_ids"]

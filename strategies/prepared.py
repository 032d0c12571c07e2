"""Moved to core.prepared, where the ledger can reach it; the old name stays for those who read it here."""

from core.prepared import one

__all__ = ["one"]

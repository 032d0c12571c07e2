"""What can be wrong with a placement file, said in sentences. Pure."""

from __future__ import annotations

from typing import Literal

Verdict = Literal["held", "rejected"]


class FileFault(ValueError):
    """Something wrong with the file as a whole: nothing of it is loaded. The text is a sentence."""


class NoHeaders(FileFault):
    """No row with column names was found the way the file was split."""


class CellFault(ValueError):
    """A cell that cannot be read. `outcome` says what becomes of its row."""

    def __init__(self, reason: str, outcome: Verdict = "held") -> None:
        super().__init__(reason)
        self.reason = reason
        self.outcome: Verdict = outcome

"""What every telephone adapter does. Numbers are E.164; an adapter keeps no facts of its own."""

from dataclasses import dataclass
from typing import Protocol

RINGING, ANSWERED, ENDED = "ringing", "answered", "ended"
MOVES = {RINGING: {ANSWERED, ENDED}, ANSWERED: {ENDED}, ENDED: set()}


class LineError(Exception):
    """The call did not leave. `permanent`: trying again does not help."""

    def __init__(self, text: str, *, permanent: bool = False) -> None:
        super().__init__(text)
        self.permanent = permanent


@dataclass(frozen=True, slots=True)
class Ring:
    """A call that has left: the provider's reference, its state, and a link for the officer's own phone."""

    ref: str
    state: str = RINGING
    href: str = ""


class Line(Protocol):
    """A telephone system. `key` makes a repeated ring the same call."""

    @property
    def name(self) -> str: ...

    def ring(self, *, number: str, key: str) -> Ring: ...

    def href(self, number: str) -> str: ...

    def hang_up(self, *, ref: str) -> None: ...

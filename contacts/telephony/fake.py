"""A telephone for demo and tests: no call leaves. The last digit of a number decides what happens."""

from dataclasses import dataclass

from .base import ANSWERED, RINGING, LineError, Ring

DEAD = "9"  # numbers ending so are not in service
ANSWERS = frozenset("02468")


@dataclass(frozen=True, slots=True)
class FakeLine:
    """Even last digit: somebody answers. Odd: it rings. 9: not in service."""

    name: str = "fake"

    def ring(self, *, number: str, key: str) -> Ring:
        """Raises LineError for a number that is not in service."""
        last = number[-1:]
        if last == DEAD:
            raise LineError("This number is not in service.", permanent=True)
        return Ring(ref=f"fake-{key}", state=ANSWERED if last in ANSWERS else RINGING)

    def href(self, number: str) -> str:
        return ""

    def hang_up(self, *, ref: str) -> None:
        """Nobody is there."""

"""A tel: or sip: link: the officer's own phone or softphone dials. It cannot tell us what happened."""

from dataclasses import dataclass

from .base import Ring

SCHEMES = ("tel", "sip", "callto")


@dataclass(frozen=True, slots=True)
class SchemeLine:
    """Opens `scheme:+19155550142`. Answered and ended are what the officer says."""

    scheme: str = "tel"
    name: str = "link"

    def __post_init__(self) -> None:
        if self.scheme not in SCHEMES:
            raise ValueError(f"unknown telephone scheme: {self.scheme}")

    def ring(self, *, number: str, key: str) -> Ring:
        return Ring(ref=key, href=self.href(number))

    def href(self, number: str) -> str:
        digits = "".join(c for c in number if c.isdigit())
        return f"{self.scheme}:{'+' if number.startswith('+') else ''}{digits}"

    def hang_up(self, *, ref: str) -> None:
        """The officer's phone hangs up by itself."""

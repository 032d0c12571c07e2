"""What every page needs to draw its frame, read from the signed-in user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest

ROLE_WORDS = (
    ("admin", "Admin"),
    ("manager", "Manager"),
    ("lead", "Team lead"),
    ("compliance", "Compliance"),
    ("officer", "Officer"),
    ("client", "Client"),
)


@dataclass(frozen=True)
class Shell:
    """The frame of a page: who is signed in and how they like to see it."""

    signed_in: bool
    name: str
    initials: str
    role: str
    theme: str
    density: str
    single_keys: bool
    agency: str
    styleguide: bool
    leads: bool
    idle: int


def shell(request: HttpRequest) -> dict[str, Shell]:
    """Context processor: `shell`, the frame of the page for this user."""
    user: Any = getattr(request, "user", None)
    signed_in = bool(user is not None and user.is_authenticated)
    return {
        "shell": Shell(
            signed_in=signed_in,
            name=str(getattr(user, "display_name", "")) if signed_in else "",
            initials=str(getattr(user, "initials", "")) if signed_in else "",
            role=role_words(getattr(user, "roles", frozenset())) if signed_in else "",
            theme=_one_of(getattr(user, "theme", ""), ("light", "dark"), ""),
            density=_one_of(getattr(user, "density", ""), ("compact", "normal", "roomy"), "normal"),
            single_keys=bool(getattr(user, "single_keys", True)),
            agency=str(getattr(settings, "AGENCY_NAME", "")),
            styleguide=bool(settings.DEBUG),
            leads=bool({"lead", "manager"} & getattr(user, "roles", frozenset())) if signed_in else False,
            idle=settings.SESSION_IDLE_SECONDS if signed_in else 0,
        )
    }


def role_words(roles: frozenset[str]) -> str:
    """The user's roles in words, the widest first: "Team lead, Officer"."""
    return ", ".join(words for role, words in ROLE_WORDS if role in roles)


def _one_of(value: object, allowed: tuple[str, ...], otherwise: str) -> str:
    return str(value) if value in allowed else otherwise

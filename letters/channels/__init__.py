"""The channels and which adapter each uses (settings.LETTERS).

Nothing but letters.services may call `send`: it asks compliance first.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings

from letters.channels.base import (
    CODES,
    Ambiguous,
    Channel,
    ChannelError,
    Permanent,
    Recipient,
    SendResult,
    Temporary,
)
from letters.channels.email import DjangoMail, uses_fake_backend
from letters.channels.post import MailHouse, PrintFolder
from letters.channels.sms import FakeSms
from letters.render.result import Rendered

__all__ = [
    "CODES",
    "Ambiguous",
    "ChannelError",
    "Permanent",
    "Recipient",
    "SendResult",
    "Temporary",
    "fake_outbox",
    "is_fake",
    "is_keyed",
    "lookup",
    "send",
]
ADAPTERS: dict[tuple[str, str], Channel] = {
    ("POST", "folder"): PrintFolder(),
    ("POST", "http"): MailHouse(),
    ("EMAIL", "django"): DjangoMail(),
    ("SMS", "fake"): FakeSms(),
}


def send(*, kind: str, key: str, to: Recipient, rendered: Rendered, at: datetime) -> SendResult:
    """Send through the adapter that settings name. kind: post, email, sms, in either case. Raises a ChannelError."""
    return _adapter(kind).send(key=key, to=to, rendered=rendered, settings=settings.LETTERS[kind.upper()], at=at)


def is_keyed(kind: str) -> bool:
    """Does the other side know keys, so that sending a key again sends nothing new? kind in either case."""
    return _adapter(kind).keyed


def lookup(kind: str, key: str) -> SendResult | None:
    """What a channel without keys already took under this key, as far as it can tell; None when it can't."""
    return _adapter(kind).lookup(key=key, settings=settings.LETTERS[kind.upper()])


def fake_outbox(kind: str, limit: int = 200) -> list[dict[str, Any]]:
    """What went out through a local fake, newest first. kind: post, email, sms, in either case."""
    return _adapter(kind).outbox(settings=settings.LETTERS[kind.upper()], limit=limit)


def is_fake(kind: str) -> bool:
    """Does what goes out here stay on this machine? kind in either case."""
    name = settings.LETTERS[kind.upper()]["adapter"]
    return name in ("folder", "fake") or (name == "django" and uses_fake_backend())


def _adapter(kind: str) -> Channel:
    kind = kind.upper()
    name = settings.LETTERS[kind]["adapter"]
    try:
        return ADAPTERS[kind, name]
    except KeyError:
        raise Permanent("NOT_SET_UP", f"There is no adapter {name} for {kind}.") from None

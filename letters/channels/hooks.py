"""What a provider tells us, read strictly: the signature over the raw body, then plain JSON.

Signature: `X-Signature: t=<unix seconds>,v1=<hex>` where v1 is HMAC-SHA256 of `<t>.<body>` under one of the
channel's secrets (two may be active while they are changed). Body: one event or `{"events": [...]}`, each
`{"id", "type", "occurred_at", "reference"}`, with `code` of a failure, or `from` and `text` of something written
to us. `reference` is the one we were given when the message was taken, or our own key of it.
"""

import hmac
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from core.text import TextError, clean, storable

HEADER = "X-Signature"
MOST_BYTES = 1024 * 1024
MOST_EVENTS = 1000
SKEW = timedelta(seconds=300)
DELIVERED, BOUNCED, FAILED, RETURNED, INBOUND = "delivered", "bounced", "failed", "returned", "inbound"


class BadSignature(Exception):
    """Not from our provider, or too old."""


class BadEvent(Exception):
    """Not what a provider sends; a sentence."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing a provider says. `kind` is its own word; unknown ones are kept and do nothing.

    `bounced` and `returned` mean that nothing will ever arrive there, `failed` that this one did not arrive.
    """

    id: str
    kind: str
    occurred_at: datetime
    reference: str = ""
    code: str = ""
    sender: str = ""
    text: str = ""


def sign(body: bytes, secret: str, at: datetime) -> str:
    """The header's value for a body sent at this moment."""
    stamp = str(int(at.timestamp()))
    return f"t={stamp},v1={_digest(stamp, body, secret)}"


def verify(header: str, body: bytes, secrets: list[str], at: datetime) -> None:
    """Raises BadSignature unless the header is of these bytes, by one of the secrets, within SKEW."""
    parts = dict(part.split("=", 1) for part in header.split(",") if "=" in part)
    stamp, given = parts.get("t", ""), parts.get("v1", "")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12) or not given:
        raise BadSignature("The signature is missing.")
    if abs(at.timestamp() - int(stamp)) > SKEW.total_seconds():
        raise BadSignature("The signature is too old.")
    fits = [hmac.compare_digest(given.encode(), _digest(stamp, body, s).encode()) for s in secrets if s]
    if not any(fits):
        raise BadSignature("The signature does not fit.")


def _digest(stamp: str, body: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), stamp.encode() + b"." + body, sha256).hexdigest()


def read(body: bytes) -> list[Event]:
    """The events of a body. Raises BadEvent; all or none of them are taken."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError) as wrong:
        raise BadEvent("The body is not JSON.") from wrong
    rows = said.get("events") if isinstance(said, dict) and "events" in said else [said]
    if not isinstance(rows, list) or len(rows) > MOST_EVENTS:
        raise BadEvent(f"Send a list of at most {MOST_EVENTS} events.")
    return [_event(row) for row in rows]


def _event(row: Any) -> Event:
    if not isinstance(row, dict):
        raise BadEvent("An event is not an object.")
    event = Event(
        id=_text(row, "id", 120, needed=True),
        kind=_text(row, "type", 20, needed=True),
        occurred_at=_moment(row),
        reference=_text(row, "reference", 120),
        code=_text(row, "code", 60),
        sender=_text(row, "from", 320),
        text=_words(row.get("text")),
    )
    if event.kind == INBOUND and not event.sender:
        raise BadEvent("An inbound event needs `from`.")
    return event


def _text(row: dict[str, Any], name: str, longest: int, *, needed: bool = False) -> str:
    value = row.get(name) or ""
    if not isinstance(value, str):
        raise BadEvent(f"`{name}` is not text.")
    try:
        text = clean(value, longest)
    except TextError as wrong:
        raise BadEvent(f"`{name}`: {wrong}") from wrong
    if needed and not text:
        raise BadEvent(f"`{name}` is missing.")
    return text


def _words(said: Any) -> str:
    """Whatever somebody wrote to us, line by line, never refused for a strange character."""
    lines = str(said or "")[:20_000].splitlines()[:100]
    return "\n".join(storable(line, 500) for line in lines)[:2000]


def _moment(row: dict[str, Any]) -> datetime:
    try:
        moment = datetime.fromisoformat(str(row.get("occurred_at")))
        moment.astimezone()
    except (ValueError, OverflowError) as wrong:
        raise BadEvent("`occurred_at` is not a moment such as 2026-11-17T18:00:00+00:00.") from wrong
    if moment.tzinfo is None:
        raise BadEvent("`occurred_at` has no time zone.")
    return moment

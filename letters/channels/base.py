"""What every channel is: send one rendered message under a key, and say what came of it.

The key is stable for the business fact (RELIABILITY 5): sending the same key again is a success with the same
reference and nothing new. Errors say whether to try again: Temporary (later, same key), Permanent (never; it
carries a code), Ambiguous (nobody knows whether it went out).
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from letters.render.result import Rendered

CODES = {
    "NO_ADDRESS": "There is no address to send this to.",
    "NO_DOCUMENT": "There is no printable letter.",
    "REFUSED": "The provider refused the message.",
    "BAD_ADDRESS": "The provider does not accept this address.",
    "NOT_SET_UP": "The channel is not set up.",
}
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,119}")


class ChannelError(Exception):
    """A message did not go out, or nobody knows. The text is a sentence without personal data."""


class Temporary(ChannelError):
    """Try again later under the same key."""


class Permanent(ChannelError):
    """Trying again cannot help. `code` is a key of CODES."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{CODES[code]} {detail}".strip())
        self.code = code


class Ambiguous(ChannelError):
    """It may have gone out. `safe_to_resend`: the other side knows keys, so the same key cannot send twice."""

    def __init__(self, text: str, *, safe_to_resend: bool) -> None:
        super().__init__(text)
        self.safe_to_resend = safe_to_resend


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where a message goes. Post needs name and address_lines; e-mail `email`; SMS `phone` in E.164."""

    name: str = ""
    address_lines: tuple[str, ...] = ()
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class SendResult:
    """The provider's reference, and when it took the message (the `at` of the first accepted send)."""

    reference: str
    accepted_at: datetime


class Channel(Protocol):
    """One adapter. `settings` is its dict from settings.LETTERS; `at` is aware and read at the edge.

    `keyed`: the other side refuses or repeats a key it has seen, so that a second try cannot send twice.
    """

    keyed: bool

    def lookup(self, *, key: str, settings: Mapping[str, Any]) -> SendResult | None:
        """What was taken under this key, as far as that can be known here."""
        ...

    def send(
        self, *, key: str, to: Recipient, rendered: Rendered, settings: Mapping[str, Any], at: datetime
    ) -> SendResult:
        """Send once per key. Raises Temporary, Permanent or Ambiguous."""
        ...

    def outbox(self, *, settings: Mapping[str, Any], limit: int) -> list[dict[str, Any]]:
        """What was sent through a local fake, newest first; empty for a real provider."""
        ...


def file_name(key: str) -> str:
    """The key as a file name. Raises ValueError for a key that is no key."""
    if _KEY.fullmatch(key) is None:
        raise ValueError("A message key has letters, digits, dots, colons and dashes.")
    return key.replace(":", "_")


def write_once(path: Path, data: bytes, *, durable: bool = True) -> bool:
    """Write a file whole or not at all; False when it is there already. Survives kill -9 and two writers, and
    with `durable` a power cut too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{sha256(os.urandom(8)).hexdigest()[:8]}")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        os.link(temporary, path)
    except FileExistsError:
        return False
    finally:
        temporary.unlink(missing_ok=True)
    return True


class FakeBox:
    """A folder with one JSON file per key: the outbox of a fake, safe for any number of processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, *, key: str, reference: str, to: Recipient, rendered: Rendered, at: datetime) -> SendResult:
        """Keep the message, or give the answer of the first time when the key is there already."""
        path = self.folder / f"{file_name(key)}.json"
        result = SendResult(reference, at)
        record = {
            "key": key,
            "reference": result.reference,
            "accepted_at": at.isoformat(),
            "to": asdict(to),
            "subject": rendered.subject,
            "text": rendered.text,
            "html": rendered.html,
            "sha256": rendered.sha256,
            "segments": rendered.segments,
        }
        if write_once(path, json.dumps(record, ensure_ascii=False).encode(), durable=False):
            return result
        return self.get(key) or result

    def get(self, key: str) -> SendResult | None:
        """What was answered to this key."""
        try:
            record = json.loads((self.folder / f"{file_name(key)}.json").read_bytes())
        except FileNotFoundError:
            return None
        return SendResult(record["reference"], datetime.fromisoformat(record["accepted_at"]))

    def listed(self, limit: int) -> list[dict[str, Any]]:
        """The newest messages first."""
        if not self.folder.is_dir():
            return []
        with os.scandir(self.folder) as entries:
            files = [(entry.stat().st_mtime_ns, entry.path) for entry in entries if entry.name.endswith(".json")]
        return [json.loads(Path(path).read_bytes()) for _, path in sorted(files, reverse=True)[:limit]]

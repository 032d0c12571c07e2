"""Post: a print folder with one PDF per letter and a manifest, or a mail house over HTTP."""

from __future__ import annotations

import base64
import csv
import fcntl
import http.client
import io
import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from letters.channels.base import Ambiguous, Permanent, Recipient, SendResult, Temporary, file_name, write_once
from letters.render.result import Rendered

COLUMNS = ("key", "reference", "file", "sha256", "pages", "name", "address", "accepted_at")
MANIFEST = "manifest.csv"
TIMEOUT = 20  # seconds, to connect and between two reads
MAX_ANSWER = 64 * 1024


class PrintFolder:
    """One PDF named by the key, and one row appended to manifest.csv. The same key writes nothing new."""

    keyed = True

    def lookup(self, *, key: str, settings: Mapping[str, Any]) -> SendResult | None:
        """Not needed: the same key can be sent again."""
        return None

    def send(
        self, *, key: str, to: Recipient, rendered: Rendered, settings: Mapping[str, Any], at: datetime
    ) -> SendResult:
        """Raises Permanent without address or PDF, Temporary when the disk does not take it."""
        pdf = _checked(to, rendered)
        folder = Path(settings["folder"])
        name = f"{file_name(key)}.pdf"
        reference = f"print:{key}"
        row = [
            key,
            reference,
            name,
            rendered.sha256,
            rendered.pages,
            to.name,
            ", ".join(to.address_lines),
            at.isoformat(),
        ]
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with _locked(folder):
                if write_once(folder / name, pdf):
                    _append(folder / MANIFEST, row)
                    return SendResult(reference, at)
                return _resent(folder, key, row, at)
        except OSError as wrong:
            raise Temporary("The print folder did not take the letter.") from wrong

    def outbox(self, *, settings: Mapping[str, Any], limit: int) -> list[dict[str, Any]]:
        """The manifest, newest first, with the path of each PDF."""
        folder = Path(settings["folder"])
        rows = list(_rows(folder / MANIFEST))[-limit:]
        return [row | {"path": str(folder / str(row["file"]))} for row in reversed(rows)]


def _resent(folder: Path, key: str, row: list[Any], at: datetime) -> SendResult:
    for known in _rows(folder / MANIFEST):
        if known["key"] == key:
            return SendResult(known["reference"], datetime.fromisoformat(known["accepted_at"]))
    _append(folder / MANIFEST, row)  # killed between the PDF and its row
    return SendResult(row[1], at)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with (folder / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _append(path: Path, row: list[Any]) -> None:
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o640)
    try:
        size = os.fstat(handle).st_size
        head = _line(list(COLUMNS)) if size == 0 else b""
        if size and os.pread(handle, 1, size - 1) != b"\n":
            head = b"\n"  # a row torn by a kill ends here
        os.write(handle, head + _line(row))
        os.fsync(handle)
    finally:
        os.close(handle)


def _line(row: list[Any]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow([_safe(cell) for cell in row])
    return out.getvalue().encode()


def _safe(cell: object) -> str:
    text = " ".join(str(cell).split())
    return "'" + text if text[:1] in ("=", "+", "-", "@") else text


def _rows(path: Path) -> Iterator[dict[str, str]]:
    if not path.exists():
        return
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row.get("accepted_at"):
                yield {name: str(row[name]) for name in COLUMNS}


class MailHouse:
    """A mail house over HTTP: POST {base_url}/letters with JSON and an Idempotency-Key header.

    Settings: base_url, token, timeout (seconds). 2xx and 409 are success: 409 says that it has this key.
    """

    keyed = True

    def lookup(self, *, key: str, settings: Mapping[str, Any]) -> SendResult | None:
        """Not needed: the same key can be sent again."""
        return None

    def send(
        self, *, key: str, to: Recipient, rendered: Rendered, settings: Mapping[str, Any], at: datetime
    ) -> SendResult:
        """Raises Temporary (429, 5xx, no connection), Permanent (4xx), Ambiguous (no answer; safe to resend)."""
        pdf = _checked(to, rendered)
        if not str(settings.get("base_url", "")).startswith(("http://", "https://")):
            raise Permanent("NOT_SET_UP", "The mail house has no address.")
        body = {
            "reference": key,
            "to": {"name": to.name, "address_lines": list(to.address_lines)},
            "pages": rendered.pages,
            "sha256": rendered.sha256,
            "pdf_base64": base64.b64encode(pdf).decode(),
        }
        request = urllib.request.Request(
            settings["base_url"].rstrip("/") + "/letters",
            data=json.dumps(body).encode(),
            method="POST",
            headers={
                "Content-Type": "application/json",
                "Idempotency-Key": key,
                "Authorization": f"Bearer {settings.get('token', '')}",
            },
        )
        answer = _asked(request, float(settings.get("timeout", TIMEOUT)))
        return SendResult(str(answer.get("id") or key), at)

    def outbox(self, *, settings: Mapping[str, Any], limit: int) -> list[dict[str, Any]]:
        """Nothing: the letters are with the mail house."""
        return []


def _asked(request: urllib.request.Request, timeout: float) -> dict[str, Any]:
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return _read(answer.read(MAX_ANSWER))
    except urllib.error.HTTPError as wrong:
        if wrong.code == 409:
            return _read(wrong.read(MAX_ANSWER))
        if wrong.code == 429 or wrong.code >= 500:
            raise Temporary(f"The mail house answered {wrong.code}.") from wrong
        raise Permanent("REFUSED", f"The mail house answered {wrong.code}.") from wrong
    except urllib.error.URLError as wrong:
        if isinstance(wrong.reason, ConnectionRefusedError):
            raise Temporary("The mail house cannot be reached.") from wrong
        raise Ambiguous("The mail house did not answer.", safe_to_resend=True) from wrong
    except (OSError, http.client.HTTPException) as wrong:
        raise Ambiguous("The mail house did not answer.", safe_to_resend=True) from wrong


def _read(data: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(data)
    except ValueError as wrong:
        raise Ambiguous("The mail house answered something unreadable.", safe_to_resend=True) from wrong
    return answer if isinstance(answer, dict) else {}


def _checked(to: Recipient, rendered: Rendered) -> bytes:
    if not to.name.strip() or not any(line.strip() for line in to.address_lines):
        raise Permanent("NO_ADDRESS")
    if not rendered.pdf:
        raise Permanent("NO_DOCUMENT")
    return rendered.pdf

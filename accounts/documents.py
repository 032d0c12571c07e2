"""Papers as they were: bytes under their own hash in the data folder, a row that says what they are (F28)."""

import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings

from accounts.models import Account, Debtor, Document

AT_ONCE = 8  # files written at the same time


class Missing(Exception):
    """The bytes of a document are not in the data folder, or are not those that were stored."""


def store(
    *,
    content: bytes,
    debtor: Debtor | None,
    account: Account | None,
    kind: str,
    name: str,
    content_type: str,
    by: Any,
    at: datetime,
    pages: int = 0,
) -> Document:
    """Keep a paper: the file first (under its SHA-256, written whole or not at all), then its row."""
    digest = put(content)
    return Document.objects.create(
        debtor=debtor,
        account=account,
        kind=kind,
        name=name[:160],
        content_type=content_type,
        sha256=digest,
        size=len(content),
        pages=pages,
        added_at=at,
        added_by=by,
    )


def read(document: Document) -> bytes:
    """The bytes as they were stored. Raises Missing when they are gone or altered."""
    path = path_of(document.sha256)
    try:
        content = path.read_bytes()
    except FileNotFoundError as gone:
        raise Missing(f"The bytes of document {document.pk} are not in the data folder.") from gone
    if hashlib.sha256(content).hexdigest() != document.sha256:
        raise Missing(f"The bytes of document {document.pk} are not those that were stored.")
    return content


def put(content: bytes) -> str:
    """Write bytes into the content-addressed folder; returns their SHA-256. The same bytes are kept once."""
    digest = hashlib.sha256(content).hexdigest()
    path = path_of(digest)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{digest}.{uuid4().hex}")
        with part.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    return digest


def put_many(contents: Sequence[bytes]) -> list[str]:
    """`put` for a group, its waits for the disk side by side; the hashes in the same order."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(put, contents))


def path_of(digest: str) -> Path:
    """Where the bytes with this SHA-256 lie."""
    return Path(settings.MEDIA_ROOT) / digest[:2] / digest

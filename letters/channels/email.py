"""E-mail through Django's mail settings, with a Message-ID that is stable for the key."""

from __future__ import annotations

import smtplib
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime, parseaddr
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings as django_settings
from django.core.mail import EmailMultiAlternatives, get_connection

from letters.channels.base import Ambiguous, FakeBox, Permanent, Recipient, SendResult, Temporary
from letters.render.result import Rendered

FAKES = ("filebased", "locmem", "console", "dummy")


class DjangoMail:
    """Multipart mail: text and sanitised HTML. With a fake backend a copy is kept that a page can list."""

    keyed = False  # a mail server knows no keys

    def lookup(self, *, key: str, settings: Mapping[str, Any]) -> SendResult | None:
        """What a fake backend kept of it; a real mail server can't be asked."""
        box = _box(settings)
        return box.get(key) if box else None

    def send(
        self, *, key: str, to: Recipient, rendered: Rendered, settings: Mapping[str, Any], at: datetime
    ) -> SendResult:
        """Raises Permanent for a refused address, Temporary before, Ambiguous after the data was handed over."""
        if "@" not in to.email or any(mark in to.email for mark in "\r\n,;"):
            raise Permanent("NO_ADDRESS")
        message_id = stable_message_id(key, str(settings.get("from", "")))
        box = _box(settings)
        known = box.get(key) if box else None
        if known is not None:
            return known
        _hand_over(_message(message_id, to, rendered, settings, at))
        if box is not None:
            box.put(key=key, reference=message_id, to=to, rendered=rendered, at=at)
        return SendResult(message_id, at)

    def outbox(self, *, settings: Mapping[str, Any], limit: int) -> list[dict[str, Any]]:
        """Copies kept beside a fake backend, newest first."""
        box = _box(settings)
        return box.listed(limit) if box else []


def stable_message_id(key: str, sender: str) -> str:
    """The Message-ID of a key: the same for every attempt, so that a receiver drops a repeat."""
    domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
    return f"<{sha256(key.encode()).hexdigest()[:32]}@{domain}>"


def _message(
    message_id: str, to: Recipient, rendered: Rendered, settings: Mapping[str, Any], at: datetime
) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(
        subject=rendered.subject,
        body=rendered.text,
        from_email=settings.get("from") or None,
        to=[to.email],
        headers={"Message-ID": message_id, "Date": format_datetime(at), "Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(rendered.html, "text/html")
    return message


def _hand_over(message: EmailMultiAlternatives) -> None:
    connection = get_connection()
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as wrong:
        raise Temporary("The mail server cannot be reached.") from wrong
    try:
        connection.send_messages([message])
    except smtplib.SMTPRecipientsRefused as wrong:
        codes = [code for code, _ in wrong.recipients.values()]
        if all(400 <= code < 500 for code in codes):
            raise Temporary("The mail server asks to try later.") from wrong
        raise Permanent("BAD_ADDRESS") from wrong
    except smtplib.SMTPResponseException as wrong:
        if 400 <= wrong.smtp_code < 500:
            raise Temporary("The mail server asks to try later.") from wrong
        raise Permanent("REFUSED") from wrong
    except (smtplib.SMTPException, OSError) as wrong:
        raise Ambiguous("The mail server stopped answering.", safe_to_resend=False) from wrong
    finally:
        connection.close()


def uses_fake_backend() -> bool:
    """Does Django's mail setting keep everything on this machine?"""
    return any(name in str(django_settings.EMAIL_BACKEND) for name in FAKES)


def _box(settings: Mapping[str, Any]) -> FakeBox | None:
    if not uses_fake_backend():
        return None
    return FakeBox(Path(settings["folder"]) / "outbox")

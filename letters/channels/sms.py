"""Texts: a local fake whose outbox is a folder. Real providers come with communications, one module each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from letters.channels.base import FakeBox, Permanent, Recipient, SendResult
from letters.render.result import Rendered


class FakeSms:
    """Keeps each text as a file. Settings: folder."""

    keyed = True

    def lookup(self, *, key: str, settings: Mapping[str, Any]) -> SendResult | None:
        """Not needed: the same key can be sent again."""
        return None

    def send(
        self, *, key: str, to: Recipient, rendered: Rendered, settings: Mapping[str, Any], at: datetime
    ) -> SendResult:
        """Raises Permanent without a number in E.164 form."""
        if not (to.phone.startswith("+") and to.phone[1:].isdigit()):
            raise Permanent("NO_ADDRESS")
        box = FakeBox(Path(settings["folder"]))
        return box.put(key=key, reference=f"sms:{key}", to=to, rendered=rendered, at=at)

    def outbox(self, *, settings: Mapping[str, Any], limit: int) -> list[dict[str, Any]]:
        """Newest first."""
        return FakeBox(Path(settings["folder"])).listed(limit)

"""A letter to render: the shipped promise reminder with the sample person of the template editor."""

from datetime import UTC, datetime
from typing import Any

from letters import content
from letters.merge_fields import sample_context
from letters.render.letterhead import Letterhead


def sample() -> dict[str, Any]:
    """The arguments of letters.render.render."""
    one = next(
        t
        for t in content.templates()
        if t.slug == "promise_reminder" and t.channel.upper() == "POST" and t.lang == "en"
    )
    return {
        "channel": "post",
        "subject": one.subject,
        "body": one.body,
        "context": sample_context("en"),
        "lang": "en",
        "letterhead": Letterhead(name="Larkfield Recovery", address="400 Mill Street, Evanston, IL 60201"),
        "timestamp": datetime(2026, 11, 24, 12, tzinfo=UTC),
    }

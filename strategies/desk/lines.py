"""Lines of the timeline as HTML: twenty rows are written here, escaped once, since templates cost most of a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from core.templatetags.ui import icon_tag

if TYPE_CHECKING:
    from .timeline import Event

NOTHING = '<li class="tl__none"><span></span><span></span><div class="muted">Nothing here yet.</div></li>'


def lines(events: Sequence[Event], *, ref: str, may_fix: bool) -> SafeString:
    """All `<li>` of a page of events. `may_fix`: this user may correct notes with new ones."""
    written = "".join(_line(event, ref, may_fix) for event in events)
    return mark_safe(written or NOTHING)  # each part is escaped below


def _line(event: Event, ref: str, may_fix: bool) -> str:
    shade = f' class="{escape(event.kind)}"' if event.kind else ""
    quote = f" <q>{escape(event.quote)}</q>" if event.quote else ""
    link = f' <a href="{escape(event.url)}">{escape(event.url_label)}</a>' if event.url else ""
    detail = f"<p>{escape(event.detail)}</p>" if event.detail else ""
    fix = _fix(event, ref) if event.note_id and may_fix else ""
    return (
        f'<li{shade} id="{escape(event.id)}"><time datetime="{event.when.isoformat()}">{escape(event.shown)}</time>'
        f"{icon_tag(event.icon)}<div><b>{escape(event.event)}</b> {escape(event.words)}{quote}{link}{detail}</div>"
        f"<small>{escape(event.actor)}{fix}</small></li>"
    )


def _fix(event: Event, ref: str) -> str:
    url = f"/people/{escape(ref)}/note/?corrects={event.note_id}"
    return (
        f' <a class="tl__fix" href="{url}" hx-get="{url}" hx-target="#dialogs"'
        f' aria-label="Correct: {escape(event.event)}">{icon_tag("edit")}</a>'
    )

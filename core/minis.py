"""The small drawings in rows and panels: ruler, pips, rail, meter, sparkline. Pure strings of SVG.

Each value is an SVG attribute, so a strict content security policy needs no inline style and no script.
Colors come from classes (c0 to c4, ok, hold, stop) in data.css. Coordinates are geometry, so floats are fine.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, time
from decimal import Decimal
from functools import lru_cache

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from core import formats

Number = int | float | Decimal
Hour = Number | time | datetime


def num(value: float) -> str:
    """A coordinate with at most two decimals, without trailing zeros."""
    return f"{value:.2f}".rstrip("0").rstrip(".") or "0"


def hours(value: Hour) -> float:
    """Hours after midnight, 0 to 24, of a clock time or a number."""
    if isinstance(value, (time, datetime)):
        return value.hour + value.minute / 60 + value.second / 3600
    return min(24.0, max(0.0, float(value)))


def ruler(opens: Iterable[tuple[Hour, Hour]], now: Hour | None, kind: str = "ok", label: str = "") -> SafeString:
    """24 hours of the person's day: `opens` filled, a needle at `now`, ticks each six hours.

    `label` is the sentence for readers; made from the hours when empty.
    """
    spans = [(hours(a), hours(b) or 24.0) for a, b in opens]
    needle = hours(now) if now is not None else None
    parts = ['<rect class="ruled" width="100%" height="8"/>']
    parts += [f'<rect class="tick" x="{pct}%" width="1" height="8"/>' for pct in (0, 25, 50, 75)]
    parts += [f'<rect class="k" x="{_day(a)}%" width="{_day(b - a)}%" height="8"/>' for a, b in spans]
    if needle is not None:
        parts.append(f'<rect class="needle" x="{_day(needle)}%" y="-3" width="2" height="14"/>')
    return _svg(f"viz win {kind}", label or _ruler_words(spans, needle), "".join(parts), 'height="8"')


@lru_cache(maxsize=256)
def pips(used: int, limit: int, kind: str = "", label: str = "") -> SafeString:
    """Calls used of a limit: one block each. Full is drawn as stopped unless `kind` says otherwise."""
    count = max(limit, used)
    tone = kind or ("stop" if limit and used >= limit else "c1")
    blocks = "".join(
        f'<rect class="{"k" if i < used else "bg"}" x="{i * 8}" width="6" height="10"/>' for i in range(count)
    )
    size = f'width="{max(count * 8 - 2, 0)}" height="10"'
    return _svg(f"viz pips {tone}", label or f"{used} of {limit} calls", blocks, size)


def rail(parts: Sequence[tuple[Number, str]], label: str) -> SafeString:
    """How a whole splits: `parts` are (amount, color class) from left to right; `label` says it in words."""
    total = sum(float(value) for value, _ in parts)
    drawn, gaps, left = [], [], 0.0
    for value, kind in parts:
        width = float(value) / total * 100 if total else 0.0
        if width <= 0:
            continue
        drawn.append(f'<rect class="k {kind}" x="{num(left)}%" width="{num(width)}%" height="8"/>')
        if left:
            gaps.append(f'<rect class="gap" x="{num(left)}%" width="2" height="8"/>')
        left += width
    return _svg("viz rail", label, "".join(drawn + gaps), 'height="8"')


def meter(value: Number, cap: Number | None, label: str, kind: str = "c1") -> SafeString:
    """`value` of 100 filled, a tick at `cap`: how much of spare money a plan takes, with the house limit."""
    filled = min(100.0, max(0.0, float(value)))
    body = f'<rect class="bg" width="100%" height="10"/><rect class="k" width="{num(filled)}%" height="10"/>'
    if cap is not None:
        body += f'<rect class="needle" x="{num(float(cap))}%" y="-3" width="2" height="16"/>'
    return _svg(f"viz meter {kind}", label, body, 'height="10"')


def bar(value: Number, kind: str = "c1", track: bool = False, label: str = "") -> SafeString:
    """One bar, `value` of 100 wide, as high as its place; `track` draws the rest."""
    filled = min(100.0, max(0.0, float(value)))
    back = '<rect class="bg" width="100%" height="100%"/>' if track else ""
    body = f'{back}<rect class="k" width="{num(max(filled, 0.4 if filled else 0))}%" height="100%"/>'
    return _svg(f"viz {kind}", label, body, 'height="4"')


def spark(values: Sequence[Number], kind: str = "c1", label: str = "") -> SafeString:
    """A line of recent values, the last one dotted; scaled to its own range, so it shows shape only."""
    if not values:
        return mark_safe("")
    low, high = min(map(float, values)), max(map(float, values))
    step = 82 / max(len(values) - 1, 1)
    spread = high - low
    points = [
        (2 + i * step, 28 - (float(value) - low) / spread * 24 if spread else 16.0) for i, value in enumerate(values)
    ]
    path = "M" + " L".join(f"{num(x)},{num(y)}" for x, y in points)
    x, y = points[-1]
    body = f'<path class="ln" d="{path}"/><circle class="k" cx="{num(x)}" cy="{num(y)}" r="2.75"/>'
    return _svg(f"viz spark {kind}", label, body, 'viewBox="0 0 88 32"')


def split(parts: Sequence[tuple[str, Number, str]], label: str) -> SafeString:
    """A test split as one bar: (words, share, color class); the words stand on their part."""
    total = sum(float(share) for _, share, _ in parts) or 1.0
    body, left = "", 0.0
    for index, (words, share, kind) in enumerate(parts):
        width = float(share) / total * 100
        place = 'x="98.5%" text-anchor="end"' if index and index == len(parts) - 1 else f'x="{num(left + 1.5)}%"'
        body += f'<rect class="k {kind}" x="{num(left)}%" width="{num(width)}%" height="32"/>'
        body += f'<text {place} y="16">{escape(words)}</text>'
        left += width
    return _svg("viz splitbar", label, body, 'height="32"')


def _svg(classes: str, label: str, body: str, size: str) -> SafeString:
    says = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    return mark_safe(f'<svg class="{escape(classes)}" {size} {says}>{body}</svg>')  # numbers and escaped words


def _day(hour: float) -> str:
    return num(hour / 24 * 100)


def _ruler_words(spans: list[tuple[float, float]], needle: float | None) -> str:
    ranges = ", ".join(f"{formats.hour_words(a)} to {formats.hour_words(b)}" for a, b in spans)
    words = f"Open {ranges}, their time." if spans else "Closed all day."
    if needle is None:
        return words
    minutes = round(needle * 60) % 1440
    return f"{words} Now {formats.clock_time(time(minutes // 60, minutes % 60))}."

"""Tags for drawings. The values come as numbers; the drawing is SVG with a sentence for readers.

Charts are built in a view or query (core/charts.py, core/tables.py) and shown here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import template
from django.utils.safestring import SafeString

from core import minis
from core.minis import Hour, Number
from core.tables import HBars, Heat

register = template.Library()


@register.simple_tag
def ruler(opens: Iterable[tuple[Hour, Hour]], now: Hour | None = None, kind: str = "ok", label: str = "") -> SafeString:
    """`{% ruler point.opens point.now "ok" %}`: opens are pairs of times or hours in the person's day."""
    return minis.ruler(opens or (), now, kind, label)


@register.simple_tag
def pips(used: int, limit: int = 7, kind: str = "", label: str = "") -> SafeString:
    """`{% pips 3 7 %}`: put the number beside it."""
    return minis.pips(used, limit, kind, label)


@register.simple_tag
def rail(parts: Sequence[tuple[Number, str]], label: str) -> SafeString:
    """`{% rail parts "Tallgrass 64%, …" %}`: parts are (amount, "c1")."""
    return minis.rail(parts, label)


@register.simple_tag
def meter(value: Number, cap: Number | None = None, label: str = "", kind: str = "c1") -> SafeString:
    """`{% meter 60.6 75 "61% of spare money; limit 75%" %}`."""
    return minis.meter(value, cap, label, kind)


@register.simple_tag
def bar(value: Number, kind: str = "c1", track: bool = True) -> SafeString:
    """`<span class="prio">96{% bar 96 %}</span>`: 0 to 100; the number stands beside it."""
    return minis.bar(value, kind, track)


@register.simple_tag
def sparkline(values: Sequence[Number], kind: str = "c1", label: str = "") -> SafeString:
    """`{% sparkline weeks %}`: the last dot is now."""
    return minis.spark(values or (), kind, label)


@register.simple_tag
def splitbar(parts: Sequence[tuple[str, Number, str]], label: str) -> SafeString:
    """`{% splitbar parts "…" %}`: parts are (words, share, "c1")."""
    return minis.split(parts, label)


@register.inclusion_tag("components/figure.html")
def figure(chart: Any, ident: str, title: str, note: str = "", table_url: str = "", level: int = 2) -> dict[str, Any]:
    """`{% figure aging "aging" "Balance by days late" %}`: a chart with title, legend and its table of numbers."""
    return {
        "chart": chart,
        "svg": chart.svg(f"{ident}-title"),
        "ident": ident,
        "title": title,
        "note": note,
        "table_url": table_url,
        "level": level,
    }


@register.simple_tag
def chart(value: Any) -> SafeString:
    """`{% chart hours %}`: the drawing alone, named by its own label."""
    drawn: SafeString = value.svg()
    return drawn


@register.inclusion_tag("components/bars.html")
def hbars(bars: HBars) -> dict[str, HBars]:
    """`{% hbars funnel %}`: core.tables.HBars, or core.tables.funnel(steps)."""
    return {"bars": bars}


@register.inclusion_tag("components/heat.html")
def heat(matrix: Heat, label: str) -> dict[str, Any]:
    """`{% heat matrix "Roll-rate matrix" %}`: core.tables.Heat."""
    return {"matrix": matrix, "label": label}

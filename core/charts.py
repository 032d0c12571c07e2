"""Charts drawn on the server as SVG, each with the table of the numbers behind it (DESIGN.md section 5).

A chart is a frozen value: it knows how to draw itself (`svg`), its legend, and its numbers as words (`columns`,
`rows`). Colors are classes (c1, c2, c3, c4, c0 "the rest"). Coordinates are geometry, so floats are fine there;
amounts stay exact until they become a coordinate.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import floor, log10

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from core import formats
from core.minis import num

Number = int | float | Decimal
Words = Callable[[Number], str]
Legend = tuple[tuple[str, str], ...]
NAME_ROOM = 110  # so far from the left a curve's name fits between the axis and its end
KINDS = ("c1", "c2", "c3", "c4", "c0")


def dollars(value: Number) -> str:
    """`$2M` on an axis or bar; whole when it can be."""
    text = formats.money_short(Decimal(str(value)))
    head, mark = (text[:-1], text[-1]) if text[-1:] in "BMk" else (text, "")
    return (head.rstrip("0").rstrip(".") if "." in head else head) + mark


def dollars_long(value: Number) -> str:
    """`$1.92M` above a bar."""
    return formats.money_short(Decimal(str(value)))


def count(value: Number) -> str:
    """`4,118`."""
    return f"{Decimal(str(value)).normalize():,f}"


def share(value: Number) -> str:
    """`12.1%` from 12.1: a value that is already in hundredths."""
    return f"{Decimal(str(value)).normalize():f}%"


def ticks(top: float, most: int = 4) -> list[float]:
    """Round steps from 0 up to at most `top`: 0, 2, 4, 6 for 6.07."""
    if top <= 0:
        return [0.0]
    raw = top / most
    base = 10.0 ** floor(log10(raw))
    step = next(base * factor for factor in (1, 2, 2.5, 5, 10) if base * factor >= raw)
    return [step * i for i in range(floor(top / step + 1e-9) + 1)]


def text(x: float, y: float, words: str, anchor: str = "middle", css: str = "") -> str:
    """One word group of a drawing, escaped."""
    mark = f' class="{css}"' if css else ""
    return f'<text{mark} x="{num(x)}" y="{num(y)}" text-anchor="{anchor}">{escape(words)}</text>'


def wrap(box: str, body: str, label: str, labelled_by: str = "") -> SafeString:
    """The drawing as an image with a name for readers."""
    name = f'aria-labelledby="{escape(labelled_by)}"' if labelled_by else f'aria-label="{escape(label)}"'
    return mark_safe(f'<svg class="viz" viewBox="{box}" role="img" {name}>{body}</svg>')  # escaped above


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + " L".join(f"{num(x)},{num(y)}" for x, y in points)


def axis(levels: Sequence[float], y_of: Callable[[float], float], right: float, words: Words) -> str:
    """The horizontal rules with their values at the left."""
    body = ""
    for level in levels:
        y = y_of(level)
        body += f'<line class="{"ax" if level else "base"}" x1="40" x2="{num(right)}" y1="{num(y)}" y2="{num(y)}"/>'
        body += text(34, y + 4, words(level), "end")
    return body


@dataclass(frozen=True)
class Bar:
    """One column: its name, a second line under it, and a value per series."""

    label: str
    values: tuple[Number, ...]
    sub: str = ""


@dataclass(frozen=True)
class StackedBars:
    """Columns of stacked parts, such as balance by days late."""

    series: tuple[str, ...]
    bars: tuple[Bar, ...]
    label: str
    kinds: tuple[str, ...] = ("c1", "c2", "c0")
    words: Words = dollars_long
    axis_words: Words = dollars
    head: str = "Bucket"

    @property
    def legend(self) -> Legend:
        return tuple(zip(self.series, self.kinds, strict=False))

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.head, *self.series, "Total")

    @property
    def rows(self) -> list[tuple[str, ...]]:
        return [(b.label, *map(self.words, b.values), self.words(sum(b.values))) for b in self.bars]

    def svg(self, labelled_by: str = "") -> SafeString:
        top = max((float(sum(bar.values)) for bar in self.bars), default=0.0) or 1.0
        pitch = 572 / max(len(self.bars), 1)
        body = axis(ticks(top), lambda v: 196 - v / top * 164.4, 620, self.axis_words)
        for index, bar in enumerate(self.bars):
            body += self._column(bar, 48 + index * pitch, min(62.0, pitch * 0.76), top)
        return wrap("0 0 620 236", body, self.label, labelled_by)

    def _column(self, bar: Bar, x: float, width: float, top: float) -> str:
        body, y, middle = "", 195.0, x + width / 2
        for value, kind in zip(bar.values, self.kinds, strict=False):
            height = float(value) / top * 164.4
            if height <= 0:
                continue
            y -= height
            drawn = max(height - 1, 0.5)
            body += f'<rect class="k {kind}" x="{num(x)}" y="{num(y)}" width="{num(width)}" height="{num(drawn)}"/>'
        body += text(middle, y - 6, self.words(sum(bar.values)), css="em") + text(middle, 213, bar.label)
        return body + (text(middle, 229, bar.sub, css="sm") if bar.sub else "")


@dataclass(frozen=True)
class Curve:
    """One line: its name and its values by step; a dashed one is an expectation.

    `so_far`: the last step is not over yet; it is drawn dotted and said so in the table.
    """

    label: str
    values: tuple[Number, ...]
    kind: str = "c1"
    dashed: bool = False
    so_far: bool = False

    @property
    def whole(self) -> int:
        """How many of the values are of steps that are over."""
        return max(len(self.values) - 1, 1) if self.so_far else len(self.values)


@dataclass(frozen=True)
class Curves:
    """Lines over equal steps, such as recovered since placement. Values in the axis unit.

    `named`: each line is named at its end; a single line is named by the title instead.
    """

    curves: tuple[Curve, ...]
    steps: tuple[str, ...]
    label: str
    words: Words = share
    head: str = "Step"
    every: int = 3
    named: bool = True

    legend: Legend = ()

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.head, *(curve.label for curve in self.curves))

    @property
    def rows(self) -> list[tuple[str, ...]]:
        return [(step, *(self._cell(curve, i) for curve in self.curves)) for i, step in enumerate(self.steps)]

    def _cell(self, curve: Curve, i: int) -> str:
        if i >= len(curve.values):
            return formats.DASH
        return self.words(curve.values[i]) + (" so far" if i >= curve.whole else "")

    def svg(self, labelled_by: str = "") -> SafeString:
        top = max((float(v) for curve in self.curves for v in curve.values), default=0.0) or 1.0
        pace = 530 / max(len(self.steps) - 1, 1)

        def place(index: int, value: Number) -> tuple[float, float]:
            return 40 + index * pace, 200 - float(value) / top * 165.6

        body = axis(ticks(top, 3), lambda v: place(0, v)[1], 570, self.words)
        body += "".join(text(40 + i * pace, 218, step) for i, step in enumerate(self.steps) if i % self.every == 0)
        ends = []
        for curve in self.curves:
            points = [place(i, value) for i, value in enumerate(curve.values)]
            if not points:
                continue
            body += self._line(curve, points)
            ends.append((curve, *points[curve.whole - 1]))
        names = self._names(ends) if self.named else ""
        return wrap("0 0 640 226", body + names, self.label, labelled_by)

    def _line(self, curve: Curve, points: Sequence[tuple[float, float]]) -> str:
        """Solid up to the last step that is over, dotted after it; a dot where the solid part ends."""
        end = points[curve.whole - 1]
        body = f'<path class="ln {curve.kind}{" dash" if curve.dashed else ""}" d="{_path(points[: curve.whole])}"/>'
        if curve.whole < len(points):
            body += f'<path class="ln {curve.kind} sofar" d="{_path([end, *points[curve.whole :]])}"/>'
        if not curve.dashed:
            body += f'<circle class="k {curve.kind}" cx="{num(end[0])}" cy="{num(end[1])}" r="3.5"/>'
        return body

    def _names(self, ends: Sequence[tuple[Curve, float, float]]) -> str:
        body, last = "", -100.0
        for curve, _, y in sorted((end for end in ends if end[1] > 560), key=lambda end: end[2]):
            last = max(y - (6 if curve.dashed else 0), last + (16 if curve.dashed else 14))
            body += text(576, last, curve.label, "start", "" if curve.dashed else "em")
            if not curve.dashed:
                last += 14
                body += text(576, last, self.words(curve.values[curve.whole - 1]), "start")
        for curve, x, y in ends:
            if x <= 560:
                side, at = ("end", x - 8) if x >= NAME_ROOM else ("start", x + 8)
                rise = 8 if side == "end" else -34  # beside a young curve the room is under it
                body += text(at, y - rise, curve.label, side, "em")
                body += text(at, y - rise - 14, self.words(curve.values[curve.whole - 1]), side)
        return body


@dataclass(frozen=True)
class Point:
    """A named moment on an area: where (0 to 1 of the width), the value there, the words."""

    at: float
    value: Number
    words: str
    kind: str = "c3"


@dataclass(frozen=True)
class Area:
    """A falling balance over time. `points` are (0 to 1 of the time, value); `marks` are (0 to 1, words)."""

    points: tuple[tuple[float, Number], ...]
    label: str
    marks: tuple[tuple[float, str], ...] = ()
    notes: tuple[Point, ...] = ()
    end_words: str = ""
    words: Words = dollars
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    legend: Legend = ()

    def svg(self, labelled_by: str = "") -> SafeString:
        top = max((float(value) for _, value in self.points), default=0.0) or 1.0

        def place(at: float, value: Number) -> tuple[float, float]:
            return 40 + at * 874, 106 - float(value) / top * 98

        body = ""
        for at, words in self.marks:
            x = 40 + at * 874
            body += f'<line class="ax" x1="{num(x)}" x2="{num(x)}" y1="8" y2="106"/>' + text(x, 124, words)
        body += '<line class="base" x1="40" x2="914" y1="106" y2="106"/>'
        path = "M" + " L".join(f"{num(x)},{num(y)}" for x, y in (place(at, value) for at, value in self.points))
        body += f'<path class="area c1" d="{path} L914,106 L40,106Z"/><path class="ln c1" d="{path}"/>'
        for note in self.notes:
            x, y = place(note.at, note.value)
            body += f'<circle class="k {note.kind}" cx="{num(x)}" cy="{num(y)}" r="4"/>' + text(
                x + 9, y - 3, note.words, "start", "em"
            )
        body += text(34, 14, self.words(top), "end") + text(34, 110, self.words(0), "end")
        if self.end_words:
            body += '<circle class="k c1" cx="914" cy="106" r="4"/>' + text(914, 124, self.end_words, "end", "em")
        return wrap("0 0 930 132", body, self.label, labelled_by)


@dataclass(frozen=True)
class HourBars:
    """People you may call, by hour: `counts` from `first` (hour of the day) on; `now` is the hour drawn dark."""

    counts: tuple[int, ...]
    first: int
    now: int | None
    label: str
    legend: Legend = ()

    columns: tuple[str, ...] = ("Hour", "People")

    @property
    def rows(self) -> list[tuple[str, ...]]:
        return [(formats.hour_words(self.first + i), count(value)) for i, value in enumerate(self.counts)]

    def svg(self, labelled_by: str = "") -> SafeString:
        top = max(self.counts, default=0) or 1
        pitch = 429 / max(len(self.counts), 1)
        body = ""
        for index, value in enumerate(self.counts):
            hour, height = self.first + index, value / top * 41
            shade = "k c1" if hour == self.now else "bg"
            x, width = index * pitch, max(pitch - 2, 1)
            place = f'x="{num(x)}" y="{num(42 - height)}" width="{num(width)}" height="{num(height)}"'
            body += f'<rect class="{shade}" {place}/>'
            body += text(x + width / 2, 56, str(hour % 12 or 12), css="sm")
        return wrap("0 0 428 60", body, self.label, labelled_by)

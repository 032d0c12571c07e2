"""Charts that are lists or tables of words: bars with their numbers, and the heat matrix. Pure values."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.utils.safestring import SafeString, mark_safe

from core import formats
from core.minis import bar, num

Number = int | float | Decimal


@dataclass(frozen=True)
class HBar:
    """One line of a bar list: name, size, and the words at the right (figure, then a quieter note)."""

    label: str
    value: Number
    words: str = ""
    note: str = ""
    url: str = ""
    kind: str = "c1"


@dataclass(frozen=True)
class DrawnBar:
    """An HBar with its drawing, scaled to the largest of its list."""

    row: HBar
    svg: SafeString


@dataclass(frozen=True)
class HBars:
    """Horizontal bars, longest possible = the largest value."""

    bars: tuple[HBar, ...]

    @property
    def drawn(self) -> list[DrawnBar]:
        top = max((float(row.value) for row in self.bars), default=0.0) or 1.0
        return [DrawnBar(row, bar(float(row.value) / top * 100, row.kind)) for row in self.bars]


def funnel(steps: tuple[tuple[str, int], ...] | list[tuple[str, int]], kind: str = "c1") -> HBars:
    """One cohort step by step: each count, and its share of the step before (DECISIONS 25)."""
    bars, before = [], 0
    for label, people in steps:
        note = formats.percent(Decimal(people) / Decimal(before)) if before else ""
        bars.append(HBar(label, people, formats.number(people), note, kind=kind))
        before = people
    return HBars(tuple(bars))


@dataclass(frozen=True)
class HeatCell:
    """One cell: its words, how strong (0 to 100), and what it means: good, stay, worse, zero."""

    words: str
    strength: Number = 0
    meaning: str = "worse"

    @property
    def css(self) -> str:
        return self.meaning if self.meaning in ("good", "stay", "zero") else "worse"

    @property
    def wash(self) -> SafeString:
        """The tint behind the words, as an SVG attribute."""
        if self.meaning == "zero":
            return mark_safe("")
        opacity = num(min(100.0, max(0.0, float(self.strength))) / 100)
        return mark_safe(  # a number
            f'<svg aria-hidden="true"><rect width="100%" height="100%" fill-opacity="{opacity}"/></svg>'
        )


@dataclass(frozen=True)
class Heat:
    """A matrix, such as where balances moved: heads, and rows of (name, cells). Strength tints, words tell."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[HeatCell, ...]], ...]
    caption: str


def heat_cell(share: Decimal | None, column: int, stay: int) -> HeatCell:
    """A roll-rate cell from a share of 1: columns left of `stay` are better, right of it later."""
    if share is None:
        return HeatCell(formats.DASH, 0, "zero")
    meaning = "stay" if column == stay else "good" if column < stay else "worse"
    scale = Decimal("0.55") if meaning == "stay" else Decimal("1.5")
    return HeatCell(formats.percent(share), min(Decimal(60), share * 100 * scale), meaning)

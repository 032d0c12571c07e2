"""The drawings agree with their numbers, to the pixel and to the word."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from decimal import Decimal

import pytest

from core import charts, minis, tables
from core.styleguide import sample

MILLION = Decimal(10**6)


def aging(*values: tuple[str, ...]) -> charts.StackedBars:
    bars = tuple(charts.Bar(f"b{i}", tuple(Decimal(v) * MILLION for v in row), "4,118") for i, row in enumerate(values))
    return charts.StackedBars(("In a plan", "Paused", "No plan"), bars, "Balance by days late")


def heights(svg: str, kind: str) -> list[float]:
    return [float(h) for h in re.findall(rf'class="k {kind}"[^>]* height="([0-9.]+)"', svg)]


def test_a_column_twice_as_tall_is_twice_the_money() -> None:
    svg = aging(("2", "0", "0"), ("4", "0", "0")).svg()

    small, large = heights(svg, "c1")
    assert large + 1 == pytest.approx(2 * (small + 1), abs=0.1)


def test_the_parts_of_a_column_stand_on_each_other() -> None:
    svg = aging(("2", "1", "3")).svg()

    parts = [
        (float(y), float(h)) for y, h in re.findall(r'class="k c\d"[^>]* y="([0-9.]+)"[^>]* height="([0-9.]+)"', svg)
    ]
    assert len(parts) == 3
    for (lower, _), (upper, height) in zip(parts, parts[1:], strict=False):
        assert upper + height + 1 == pytest.approx(lower, abs=0.05)


def test_a_column_says_its_total_in_short_money() -> None:
    assert "$6.07M" in aging(("0.73", "0.43", "4.91")).svg()


def test_the_table_under_the_bars_has_each_part_and_the_total() -> None:
    chart = aging(("0.72", "0.08", "1.12"))

    assert chart.columns == ("Bucket", "In a plan", "Paused", "No plan", "Total")
    assert chart.rows == [("b0", "$720.0k", "$80.0k", "$1.12M", "$1.92M")]


def test_nothing_at_all_still_draws() -> None:
    assert "<svg" in aging().svg()
    assert "<svg" in aging(("0", "0", "0")).svg()
    assert "<svg" in charts.Curves((), (), "Nothing yet").svg()
    assert "<svg" in charts.HourBars((), 8, None, "Nobody").svg()
    assert "<svg" in charts.Area((), "No balance").svg()
    assert minis.spark([]) == ""
    assert tables.HBars(()).drawn == []


@pytest.mark.parametrize(
    ("top", "steps"), [(6.07, [0, 2, 4, 6]), (100, [0, 25, 50, 75, 100]), (0, [0]), (0.03, [0, 0.01, 0.02, 0.03])]
)
def test_the_axis_takes_round_steps(top: float, steps: list[float]) -> None:
    assert charts.ticks(top) == pytest.approx(steps)


def test_a_line_is_named_at_its_end_with_its_last_value() -> None:
    curve = charts.Curves((charts.Curve("Q3 2026", (0, 3, 5.6)),), ("Placed", "1 mo", "2 mo", "3 mo"), "Recovered")

    assert "Q3 2026" in curve.svg()
    assert "5.6%" in curve.svg()
    assert curve.rows[3] == ("3 mo", "\u2013")


def test_names_at_the_right_edge_do_not_lie_on_each_other() -> None:
    steps = tuple(str(i) for i in range(3))
    curves = tuple(charts.Curve(f"Q{i}", (0, 5, 10 + i / 100)) for i in range(3))

    drawn = charts.Curves(curves, steps, "Close finish").svg()

    lines = sorted(float(y) for y in re.findall(r'x="576" y="([0-9.]+)"', drawn))
    assert all(b - a >= 13.9 for a, b in zip(lines, lines[1:], strict=False))


def test_the_hour_we_are_in_is_drawn_dark() -> None:
    drawn = charts.HourBars((18, 24, 31), 8, 10, "31 now").svg()

    assert drawn.count('class="k c1"') == 1
    assert drawn.count('class="bg"') == 2


def test_a_funnel_counts_each_step_against_the_one_before() -> None:
    bars = tables.funnel([("Made", 1206), ("Due", 0), ("Kept", 861)]).bars

    assert [bar.note for bar in bars] == ["", "0.0%", ""]
    assert tables.funnel([("Made", 1206), ("Kept", 861)]).bars[1].note == "71.4%"


def test_roll_rates_left_of_the_diagonal_are_better_and_right_of_it_later() -> None:
    cells = [tables.heat_cell(Decimal("0.3"), column, 2) for column in range(4)]

    assert [cell.css for cell in cells] == ["good", "good", "stay", "worse"]
    assert tables.heat_cell(None, 1, 2).css == "zero"


def test_names_in_a_chart_cannot_become_markup() -> None:
    evil = "</text><script>x</script>"
    bars = charts.StackedBars((evil,), (charts.Bar(evil, (Decimal(1),), evil),), evil, kinds=("c1",))

    assert "<script>" not in bars.svg()


def test_every_chart_of_the_style_guide_is_well_formed_and_named() -> None:
    parts = sample()
    for name in ("aging", "recovered", "hours", "balance"):
        root = ET.fromstring(str(parts[name].svg()))
        assert root.get("role") == "img"
        assert root.get("aria-label")
        assert not [node for node in root.iter() if node.get("style")]


def test_no_coordinate_leaves_the_drawing() -> None:
    root = ET.fromstring(str(sample()["aging"].svg()))
    for node in root.iter("rect"):
        assert 0 <= float(node.get("y", "0")) <= 236
        assert 40 <= float(node.get("x", "0")) <= 620

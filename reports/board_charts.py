"""The board's drawings: balances by days late, where they moved, what was recovered, and the cohort. Reads nothing."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

from accounts import buckets
from core import formats
from core.charts import Bar, Curve, Curves, StackedBars, dollars
from core.dates import ONE_DAY, add_months, month_end
from core.tables import HBars, Heat, HeatCell, funnel, heat_cell

from . import kpis
from .balances import Balances, Month
from .models import RollFact
from .periods import days_words
from .queries import Board
from .scope import Scope

ZERO = Decimal(0)
QUARTERS = 4
MOST_MONTHS = 12


def scheme_of(found: Balances, asked: str) -> str:
    """Which bucket scheme is drawn: the one asked for, else the one with most dollars."""
    totals: dict[str, Decimal] = defaultdict(Decimal)
    for row in found.ageing:
        totals[row["portfolio__bucket_scheme"]] += row["total"]
    if asked in totals:
        return asked
    return max(totals, key=lambda name: totals[name], default="bank")


def ageing_chart(found: Balances, scheme: str) -> StackedBars:
    """Open balances by days late: in a plan, paused or disputed, neither."""
    rows = {row["bucket"]: row for row in found.ageing if row["portfolio__bucket_scheme"] == scheme}
    bars = []
    for code in buckets.bucket_codes(_scheme(scheme)):
        row = rows.get(code)
        if row is None and code == "0":
            continue
        total, plans, pauses = (row["total"], row["plans"], row["pauses"]) if row else (ZERO, ZERO, ZERO)
        count = formats.number(row["debts"] if row else 0)
        bars.append(Bar(_bucket_words(code), (plans, pauses, total - plans - pauses), count))
    return StackedBars(
        ("In a plan", "Paused or disputed", "No plan yet"), tuple(bars), "Open balance by days late", head="Days late"
    )


def _scheme(name: str) -> buckets.Scheme:
    return "trade" if name == "trade" else "bank"


def _bucket_words(code: str) -> str:
    return "Not late" if code == "0" else code.replace("-", "–")


def roll_heat(found: Balances, scheme: str) -> Heat | None:
    """Where the dollars of the last month end are now; each row adds to 100.0 %."""
    on = found.rolls_on[0]
    moved = found.rolls.get(on, {}).get(scheme, {}) if on else {}
    codes = buckets.bucket_codes(_scheme(scheme))
    columns = [RollFact.PAID, *codes]
    if any(end == RollFact.LEFT for _, end in moved):
        columns.append(RollFact.LEFT)
    matrix = kpis.roll_matrix(moved, [code for code in codes if code != "0"], columns)
    rows = []
    for code, shares in matrix.items():
        if shares is None:
            continue
        stay = columns.index(code)
        cells = [_cell(share, at, stay, columns[at] == RollFact.LEFT) for at, share in enumerate(shares)]
        rows.append((f"{_bucket_words(code)} days", tuple(cells)))
    if not rows:
        return None
    names = {RollFact.PAID: "Paid", RollFact.LEFT: "Left us"}
    heads = tuple(names.get(code) or _bucket_words(code) for code in columns)
    return Heat(heads, tuple(rows), "Share of dollars by where they were at the last month end and are now")


def _cell(share: Decimal, at: int, stay: int, left: bool) -> HeatCell:
    if not share:
        return heat_cell(None, at, stay)
    cell = heat_cell(share / 100, at, stay)
    return HeatCell(f"{share}%", cell.strength, "stay" if left else cell.meaning)


def roll_words(found: Balances, scheme: str) -> str:
    """Dates of rows and columns, and the second bucket's roll against the same days of the month before."""
    on, earlier = found.rolls_on
    if on is None:
        return ""
    opened = on.replace(day=1) - ONE_DAY
    words = f"Rows: {opened:%b} {opened.day}. Columns: {on:%b} {on.day}. Each row adds to 100% of dollars."
    code = buckets.bucket_codes(_scheme(scheme))[2]
    now = _forward(found, on, scheme, code)
    if now.value is None:
        return words
    words += f" {formats.percent(now.value)} of {_bucket_words(code)} days went later"
    was = _forward(found, earlier, scheme, code).value if earlier else None
    if was is None or earlier is None:
        return words + "."
    first = earlier.replace(day=1)
    return f"{words}, {formats.points(now.value - was)} on {days_words(first, earlier)}; lower is better."


def _forward(found: Balances, on: date, scheme: str, code: str) -> kpis.Rate:
    moved = found.rolls.get(on, {}).get(scheme, {})
    codes = buckets.bucket_codes(_scheme(scheme))
    later = set(codes[codes.index(code) + 1 :])
    row = {end: total for (start, end), total in moved.items() if start == code}
    return kpis.roll_forward(sum((t for end, t in row.items() if end in later), ZERO), sum(row.values(), ZERO))


def curves_chart(rows: list[dict[str, Any]], scope: Scope) -> Curves | None:
    """Recovered since placement, by quarter placed; the month not over for the whole quarter is dotted (F106)."""
    monthly: dict[date, dict[int, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    placed: dict[date, Decimal] = defaultdict(Decimal)
    youngest: dict[date, date] = {}
    for row in rows:
        month = row["placed_month"]
        quarter = date(month.year, (month.month - 1) // 3 * 3 + 1, 1)
        monthly[quarter][row["k"]] += row["total"]
        youngest[quarter] = max(month, youngest.get(quarter, month))
        if row["k"] == 0:
            placed[quarter] += row["base"]
    found: list[Curve] = []
    kinds = ("c1", "c2", "c3", "c0")
    for quarter in sorted(placed, reverse=True):
        months = min(_full_months(month_end(youngest[quarter]), scope.today), MOST_MONTHS)
        if months < 1 or len(found) == QUARTERS:
            continue
        part = 1 if months < MOST_MONTHS else 0
        points = tuple(kpis.curve(monthly[quarter], placed[quarter], months + part))
        label = f"Q{(quarter.month + 2) // 3} {quarter.year}"
        found.append(Curve(label, points, kinds[len(found)], so_far=bool(part)))
    if not found:
        return None
    steps = ("Placed", *(f"{month} mo" for month in range(1, MOST_MONTHS + 1)))
    return Curves(tuple(reversed(found)), steps, "Recovered share of the placed balance", head="Months")


def trend_chart(months: list[Month], scope: Scope) -> Curves | None:
    """Collected by month, up to 24; the month that is not over is dotted."""
    if len(months) < 2:
        return None
    part = scope.period.through(scope.today) < month_end(months[-1].month)
    curve = Curve("Collected", tuple(month.collected for month in months), so_far=part)
    steps = tuple(f"{month.month:%b} {month.month:%y}" for month in months)
    label = "Collected by month, net of returns"
    return Curves((curve,), steps, label, words=dollars, head="Month", every=max(len(steps) // 6, 1), named=False)


def placed_words(rows: list[dict[str, Any]], scope: Scope) -> str:
    """`22,400 debts, $24.40M placed`."""
    whole = [row for row in rows if row["k"] == 0]
    debts = sum(row["debts"] for row in whole)
    placed = sum((row["base"] for row in whole), ZERO)
    return f"{formats.number(debts)} debts, {formats.money_short(placed, scope.currency)} placed"


def _full_months(start: date, end: date) -> int:
    months = (end.year - start.year) * 12 + end.month - start.month
    return max(months - (1 if add_months(start, months) > end else 0), 0)


def cohort(board: Board) -> HBars:
    """The calls of the period and what became of the promises made in them: one cohort (DECISIONS 25)."""
    now = board.now
    return funnel(
        [
            ("Calls tried", now["attempts"]),
            ("Right person", now["right_party"]),
            ("With a promise", now["promise_talks"]),
            ("Due by now", now["promise_talks_due"]),
            ("Kept", now["promise_talks_kept"]),
        ]
    )

"""Invented data for the style guide page, so that every part can be looked at. Nothing here is real."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from core import charts, tables


def sample() -> dict[str, Any]:
    """The context of templates/core/styleguide.html."""
    return {
        "aging": _aging(),
        "recovered": _recovered(),
        "funnel": tables.funnel(
            [
                ("People worked", 9860),
                ("Tried to reach", 8742),
                ("Right person reached", 2314),
                ("Promise or plan", 1206),
            ]
        ),
        "moved": _moved(),
        "hours": charts.HourBars(
            (18, 24, 31, 34, 33, 33, 34, 35, 36, 39, 38, 30, 16),
            8,
            10,
            "People you may call by hour: 31 now, 39 at 5 PM",
        ),
        "balance": charts.Area(
            points=((0, Decimal("3206.26")), (0.14, Decimal("2793.40")), (1, 0)),
            label="Balance falls evenly from $3,206.26 today to zero on Aug 17, 2029",
            marks=((0.05, "Jan 2027"), (0.41, "Jan 2028"), (0.77, "Jan 2029")),
            notes=(charts.Point(0.14, Decimal("2793.40"), "Brightwater paid off, Apr 2, 2027"),),
            end_words="Aug 17, 2029",
        ),
        "kpis": _kpis(),
        "parts": ((64, "c1"), (9, "c3"), (27, "c0")),
        "opens": ((8, 21),),
        "opens_two": ((8, 12), (17, 20)),
        "arms": (("Champion 80%", 80, "c1"), ("Challenger 20%", 20, "c3")),
        "tabs": [
            {"label": "Broken promises", "url": "#v1", "current": True, "count": 42},
            {"label": "Call-backs due", "url": "#v2", "count": 9},
            {"label": "New this week", "url": "#v3", "count": 118},
        ],
        "chips": [
            {"label": "Promise", "value": "missed in 7 days", "remove_url": "#a"},
            {"label": "Owner", "value": "me", "remove_url": "#b"},
        ],
        "steps": [
            {"label": "File", "done": True},
            {"label": "Match columns", "done": True},
            {"label": "Check rows", "current": True},
            {"label": "Confirm"},
        ],
        "crumbs": [{"label": "Imports", "url": "#i"}, {"label": "Brightwater, Nov 16"}],
        "rules": [
            {
                "kind": "ok",
                "words": "It is 9:42 AM there. Calls are allowed 8 AM to 9 PM.",
                "cite": "12 CFR 1006.6(b)(1)(i)",
            },
            {"kind": "hold", "words": "2 texts in 7 days. Our own limit is 2.", "cite": "House rule C-14"},
            {
                "kind": "stop",
                "words": "The employer does not allow these calls.",
                "cite": "12 CFR 1006.6(b)(3)",
            },
        ],
        "people": _people(),
        "amount": Decimal("-120.00"),
        "conflict_rows": [{"field": "Promise due", "theirs": "Nov 20", "yours": "Nov 17"}],
        "errors": [
            {"field_id": "sg-amount", "message": "Enter an amount from $0.00 to $1,164.20"},
            {"field_id": "sg-reason", "message": "Say why you are deciding without the ledger"},
        ],
        "page": {"next": "b2", "previous": "a1"},
    }


def _aging() -> charts.StackedBars:
    raw = (
        ("1–30", 4118, "0.72", "0.08", "1.12"),
        ("31–60", 3902, "0.84", "0.13", "1.67"),
        ("61–90", 3377, "0.81", "0.19", "2.11"),
        ("91–120", 2206, "0.55", "0.17", "1.76"),
        ("121–180", 3041, "0.74", "0.35", "3.27"),
        ("181–365", 3655, "0.73", "0.43", "4.91"),
        ("Over 365", 2101, "0.23", "0.19", "3.40"),
    )
    million = 10**6
    bars = tuple(charts.Bar(name, tuple(Decimal(v) * million for v in values), f"{n:,}") for name, n, *values in raw)
    return charts.StackedBars(
        ("In a plan", "Paused or disputed", "No plan yet"), bars, "Balance by days late", head="Days late"
    )


def _recovered() -> charts.Curves:
    steps = ("Placed", *(f"{month} mo" for month in range(1, 13)))
    expected = (0, 2.4, 4.4, 6.1, 7.5, 8.7, 9.7, 10.5, 11.2, 11.7, 12.1, 12.4, 12.6)
    oldest = (0, 2.1, 4.0, 5.6, 6.9, 8.0, 8.9, 9.7, 10.4, 10.9, 11.4, 11.8, 12.1)
    return charts.Curves(
        (
            charts.Curve("Expected", expected, "c0", dashed=True),
            charts.Curve("Q4 2025", oldest, "edge"),
            charts.Curve("Q1 2026", (0, 2.3, 4.4, 6.2, 7.7, 8.9, 9.9, 10.8, 11.5), "c3"),
            charts.Curve("Q2 2026", (0, 2.6, 5.0, 7.0, 8.7, 10.1), "c2"),
            charts.Curve("Q3 2026", (0, 3.0, 5.6), "c1"),
        ),
        steps,
        "Share of placed balance recovered, by quarter placed",
        head="Since placement",
    )


def _moved() -> tables.Heat:
    raw = (
        ("1–30 days", 2, ("0.031", "0.384", "0.299", "0.286", None, None)),
        ("31–60 days", 3, ("0.026", "0.179", "0.094", "0.347", "0.354", None)),
        ("61–90 days", 4, ("0.022", "0.098", "0.031", "0.089", "0.371", "0.389")),
        ("Over 90 days", 5, ("0.029", "0.046", "0.009", "0.018", "0.043", "0.855")),
    )
    rows = tuple(
        (name, tuple(tables.heat_cell(Decimal(v) if v else None, i, stay) for i, v in enumerate(values)))
        for name, stay, values in raw
    )
    return tables.Heat(
        ("Paid, closed", "Current", "1–30", "31–60", "61–90", "Over 90"),
        rows,
        "Share of dollars by days late on Oct 31 (rows) and on Nov 30 (columns). Each row adds to 100%.",
    )


def _kpis() -> list[dict[str, Any]]:
    raw = (
        (
            "collected",
            "Collected this month",
            "$418,260",
            "+2.4 points",
            True,
            "ahead: 55.0% of $760,000",
            (2, 5, 9, 8, 10, 9, 12, 13, 14, 20),
        ),
        (
            "kept",
            "Promises kept",
            "71.4%",
            "+2.1 points",
            True,
            "on October. 861 of 1,206 due",
            (1, 5, 3, 6, 7, 11, 10, 14, 15, 17),
        ),
        (
            "reached",
            "Right person reached",
            "26.5%",
            "−0.6 points",
            False,
            "on October. 2,314 of 8,742 people tried",
            (1, 6, 12, 8, 16, 13, 12, 11, 11, 10),
        ),
        (
            "complaints",
            "Complaints",
            "3",
            "−2",
            True,
            "on Nov 1–16 last year",
            (1, 0, 0, 1, 0, 0, 0, 1, 0, 0),
        ),
    )
    return [
        {
            "id": i,
            "name": n,
            "value": v,
            "change": c,
            "good": g,
            "words": w,
            "spark": s,
            "definition": f"{n}, as counted at 6 PM each day.",
        }
        for i, n, v, c, g, w, s in raw
    ]


def _people() -> list[dict[str, Any]]:
    raw = (
        ("P-198840", "Latoya Simmons", 96, "1860.25", 96, "ok", "Allowed now", 1),
        ("P-187420", "Thi Nguyen Pham", 91, "7412.98", 121, "hold", "From 9:00 AM", 0),
        ("P-173996", "Colleen Fitzroy", 88, "4975.61", 142, "stop", "Not today", 7),
        ("P-204817", "Marisol Vega-Ortiz", 86, "3206.26", 140, "ok", "Allowed now", 2),
    )
    return [
        {
            "ref": r,
            "name": n,
            "priority": p,
            "amount": Decimal(a),
            "cents": int(Decimal(a) * 100),
            "late": d,
            "kind": k,
            "words": w,
            "used": u,
        }
        for r, n, p, a, d, k, w, u in raw
    ]

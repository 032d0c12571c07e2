"""The board's parts as finished text. Each is kept under the version of its facts, so most views make none anew."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.template.loader import render_to_string

from core import formats
from core.nav import safe_reverse

from . import balances, board_charts, kept, kpis, queries
from . import board as drawing
from .health import health
from .models import FactsVersion
from .periods import days_words
from .scope import Scope

TEMPLATE = "reports/team_parts.html"
_SCHEMES = {"bank": "Consumer steps", "trade": "Trade steps"}


def parts(*, scope: Scope, ages: str, at: datetime) -> dict[str, Any]:
    """Every part of the board by name. One query while all of them are kept.

    `ages` is the scheme of buckets asked for. What is read live (open promises, queues) is at most a minute old.
    """
    versions = dict(FactsVersion.objects.values_list("subject", "code"))
    minute = at.replace(second=0, microsecond=0)
    activity = (scope.key, *(versions.get(one) for one in ("activity", "targets", "ageing")), minute)
    aged = (scope.key, versions.get("ageing"), ages)
    return {
        **kept.parts("activity", activity, lambda: _activity(scope)),
        **kept.parts("balances", aged, lambda: _balances(scope, ages)),
        **kept.parts("curves", (scope.key, versions.get("curves")), lambda: _curves(scope)),
        **kept.parts("queues", (scope.ids, scope.zone, minute), lambda: _queues(scope, at)),
    }


def _draw(scope: Scope, names: tuple[str, ...], facts: dict[str, Any]) -> dict[str, Any]:
    context = {"scope": scope, "definitions": kpis.DEFINITIONS, **facts}
    return {name: render_to_string(f"{TEMPLATE}#{name}", context) for name in names}


def _activity(scope: Scope) -> dict[str, Any]:
    board = queries.kpi_board(scope=scope)
    people = sum(line.user is not None for line in board.officers)
    facts = {
        "tiles": drawing.tiles(board, None if scope.bucket else _breadth(scope)),
        "cohort": board_charts.cohort(board),
        "cohort_words": days_words(scope.period.start, scope.period.through(scope.today)),
        "trend": None if scope.bucket else board_charts.trend_chart(balances.trend(scope=scope), scope),
        "rows": drawing.officer_rows(board),
        "total": drawing.total_row(board),
    }
    words = f"{formats.number(people)} officer{'' if people == 1 else 's'}"
    return _draw(scope, ("strip", "steps", "officers"), facts) | {"people": words, "built_at": board.built_at}


def _breadth(scope: Scope) -> drawing.Breadth:
    tried, eligible = balances.reach(scope=scope)
    cured, late, on = balances.cured(scope=scope)
    return drawing.Breadth(tried=tried, eligible=eligible, cured=cured, late=late, late_on=on)


def _balances(scope: Scope, ages: str) -> dict[str, Any]:
    found = balances.balances(scope=scope)
    scheme = board_charts.scheme_of(found, ages)
    schemes = sorted({row["portfolio__bucket_scheme"] for row in found.ageing})
    tabs = [(_SCHEMES[name], f"?{scope.query(ages=name)}#aging", name == scheme) for name in schemes]
    facts = {
        "ageing": board_charts.ageing_chart(found, scheme),
        "ageing_on": found.ageing_on,
        "schemes": tabs if len(tabs) > 1 else [],
        "heat": board_charts.roll_heat(found, scheme),
        "heat_words": board_charts.roll_words(found, scheme),
    }
    return _draw(scope, ("ageing", "moved"), facts)


def _curves(scope: Scope) -> dict[str, Any]:
    rows = balances.vintages(scope=scope)
    drawn = _draw(scope, ("curves",), {"curves": board_charts.curves_chart(rows, scope)})
    return drawn | {"placed": board_charts.placed_words(rows, scope)}


def _queues(scope: Scope, at: datetime) -> dict[str, Any]:
    facts = {"health": health(portfolios=scope.ids, at=at), "outbox_url": safe_reverse("letters:outbox")}
    return _draw(scope, ("worth_a_look", "queues"), facts)

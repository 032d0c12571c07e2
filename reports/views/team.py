"""The manager's board, one officer, and my own results (F103, F104)."""

import csv
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.access import team_ids
from core import audit, clock
from core.text import csv_safe
from reports import board as drawing
from reports import board_charts as charts
from reports import board_page, kpis, queries
from reports.build_sql import MEASURES
from reports.periods import period_of
from reports.scope import Scope, read_scope
from users.models import User
from users.permissions import StaffRequest, role

BOARD_READERS = ("lead", "manager", "compliance")


@role(*BOARD_READERS)
@require_GET
def team(request: StaffRequest) -> HttpResponse:
    """Key figures of the teams' portfolios, from day facts: `?period=2026-11&client=&team=`."""
    at = clock.now()
    scope = read_scope(user=request.user, asked=request.GET, at=at)
    context = {
        **_frame(scope),
        "scope": scope,
        "parts": board_page.parts(scope=scope, ages=str(request.GET.get("ages", ""))[:10], at=at),
        "read_only": not request.user.has_role("lead", "manager"),
        "export_url": f"{reverse('reports:team_export')}?{scope.query()}",
    }
    return render(request, "reports/team.html", context)


def _frame(scope: Scope) -> dict[str, Any]:
    """The period switch, the neighbours of the period, and the filters."""
    tabs = [
        (label, f"?{scope.query(period=code)}", on)
        for label, code, on in queries.period_tabs(scope.period, scope.today)
    ]
    after = scope.period.after()
    return {
        "periods": tabs,
        "earlier": f"?{scope.query(period=scope.period.before().code)}",
        "later": f"?{scope.query(period=after.code)}" if after.start <= scope.today else "",
        "through": scope.period.through(scope.today),
        "zone": scope.zone,
    }


@role(*BOARD_READERS)
@require_GET
def team_export(request: StaffRequest) -> HttpResponse:
    """The officers' table of the board as CSV, with the total; who took it is in the audit."""
    scope = read_scope(user=request.user, asked=request.GET, at=clock.now())
    board = queries.kpi_board(scope=scope)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="team-{scope.period.code}.csv"'
    writer = csv.writer(response)
    heads = [name for name in MEASURES if name not in ("promise_talks_due", "promise_talks_kept")]
    writer.writerow(["Officer", "Currency", *(name.replace("_", " ").capitalize() for name in heads)])
    for row in [*drawing.officer_rows(board), drawing.total_row(board)]:
        writer.writerow([csv_safe(cell) for cell in (row.name, scope.currency, *(row.sums[name] for name in heads))])
    audit.record(
        "report.exported",
        actor=request.user,
        data={"report": "team", "period": scope.period.code, "rows": len(board.officers)},
    )
    return response


@role(*BOARD_READERS)
@require_GET
def officer(request: StaffRequest, username: str) -> HttpResponse:
    """One officer of one's teams: somebody else's is a 404."""
    people = User.objects.filter(teams__in=team_ids(request.user)).distinct()
    found = get_object_or_404(people, username=username)
    scope = read_scope(user=request.user, asked=request.GET, at=clock.now())
    context = _of_officer(scope, found) | {"crumbs": [
        {"label": "Team", "url": f"{reverse('reports:team')}?{scope.query()}"}, {"label": str(found), "url": ""},
    ], "nav_current": "reports:team"}  # fmt: skip
    return render(request, "reports/officer.html", context)


@role("officer")
@require_GET
def my_results(request: StaffRequest) -> HttpResponse:
    """My day and my month; every figure opens its list (F103)."""
    scope = read_scope(user=request.user, asked=request.GET, at=clock.now())
    return render(request, "reports/my_results.html", _of_officer(scope, request.user) | {"mine": True})


def _of_officer(scope: Scope, person: User) -> dict[str, Any]:
    board = queries.kpi_board(scope=scope, officer=person)
    today = queries.officer_sums(scope=scope, officer=person, first=scope.today, last=scope.today)
    return {
        **_frame(scope),
        "person": person,
        "scope": scope,
        "tiles": drawing.officer_tiles(board, person),
        "day": drawing.day_figures(today, scope, person),
        "cohort": charts.cohort(board),
        "built_at": board.built_at,
        "definitions": kpis.DEFINITIONS,
        "today": period_of(scope.today, "day"),
    }

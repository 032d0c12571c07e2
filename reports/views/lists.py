"""The lists behind the figures, and what every figure means (D3)."""

import csv
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from core import audit, clock
from core.text import csv_safe, storable
from reports import kpis, lists
from reports.scope import Scope, read_scope
from users.models import User
from users.permissions import StaffRequest, role

READERS = ("officer", "lead", "manager", "compliance")
WHOLE = frozenset({"lead", "manager", "compliance"})


@role("lead", "manager", "compliance")
@require_GET
def index(request: StaffRequest) -> HttpResponse:
    """Every list with its definition and version."""
    scope = read_scope(user=request.user, asked=request.GET, at=clock.now())
    found = [(spec, reverse("reports:list", args=[spec.slug])) for spec in lists.LISTS.values()]
    context = {"lists": found, "definitions": kpis.DEFINITIONS.values(), "scope": scope, "thin": kpis.THIN}
    return render(request, "reports/index.html", context)


@role(*READERS)
@require_GET
def rows(request: StaffRequest, slug: str) -> HttpResponse:
    """The rows that a figure counts: `?period=&client=&team=&officer=&part=`. An officer sees only their own."""
    asked, officer, name = _asked(request, slug)
    counts = lists.totals(asked)
    found, after = lists.page(asked, cursor=str(request.GET.get("after", "")))
    scope = asked.scope
    keep = {"officer": officer}
    tabs = [
        {
            "label": part.label,
            "url": f"?{scope.query(part=part.code, **keep)}",
            "current": part == asked.part,
            "count": f"{counts[part.code][0]:,}",
        }
        for part in asked.spec.parts
    ]
    context: dict[str, Any] = {
        "spec": asked.spec,
        "scope": scope,
        "rows": found,
        "count": counts[asked.part.code][0],
        "total": counts[asked.part.code][1],
        "tabs": tabs if len(tabs) > 1 else [],
        "next_url": f"?{scope.query(part=asked.part.code, after=after, **keep)}" if after else "",
        "of": _of_words(asked, name),
        "export_url": f"{reverse('reports:list_export', args=[slug])}?{scope.query(part=asked.part.code, **keep)}",
        "through": scope.period.through(scope.today),
        "nav_current": "reports:index" if request.user.roles & WHOLE else "reports:my_results",
        "may_open": request.user.roles & {"officer", "lead", "manager", "compliance"},
    }
    return render(request, "reports/list.html", context)


@role(*READERS)
@require_GET
def export(request: StaffRequest, slug: str) -> HttpResponse:
    """The whole list as CSV, at most 100,000 rows; who took it is in the audit."""
    asked, *_ = _asked(request, slug)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{slug}-{asked.scope.period.code}.csv"'
    writer = csv.writer(response)
    writer.writerow(["Day", "Person", "Name", "Debt", "Officer", "Currency", "Amount", asked.spec.words, "Portfolio"])
    count = 0
    for row in lists.everything(asked):
        count += 1
        cells = (
            row.on.isoformat(), f"P-{row.debtor_id}", row.person, f"L-{row.account_id}", row.officer, row.currency,
            row.amount if row.amount is not None else "", row.words, row.portfolio,
        )  # fmt: skip
        writer.writerow([csv_safe(cell) for cell in cells])
    data = {"report": slug, "period": asked.scope.period.code, "part": asked.part.code, "rows": count}
    audit.record("report.exported", actor=request.user, data=data)
    return response


def _asked(request: StaffRequest, slug: str) -> tuple[lists.Asked, str, str]:
    """What the address asks for, the officer's log-in and their name; an unknown list or officer is a 404."""
    spec = lists.LISTS.get(slug)
    if spec is None:
        raise Http404(slug)
    scope = read_scope(user=request.user, asked=request.GET, at=clock.now())
    part = spec.part(str(request.GET.get("part", "")))
    officer = storable(request.GET.get("officer", ""), 150)
    if not request.user.roles & WHOLE:
        return lists.Asked(spec, part, scope, request.user.pk), request.user.username, str(request.user)
    if officer == "nobody":
        return lists.Asked(spec, part, scope, nobody=True), officer, "nobody’s credit"
    if not officer:
        return lists.Asked(spec, part, scope), "", ""
    found = User.objects.filter(username=officer).first()
    if found is None:
        raise Http404(officer)
    return lists.Asked(spec, part, scope, found.pk), officer, str(found)


def _of_words(asked: lists.Asked, name: str) -> str:
    scope: Scope = asked.scope
    words = [scope.period.words]
    if scope.client:
        words.append(next(client.name for client in scope.clients if client.slug == scope.client))
    if scope.product:
        words.append(scope.product)
    if scope.book:
        words.append(next(book.name for book in scope.books if book.slug == scope.book))
    if scope.bucket:
        words.append(scope.bucket_words)
    if scope.team:
        words.append(next(team.name for team in scope.teams if team.slug == scope.team))
    if name:
        words.append(name)
    return ", ".join(words)

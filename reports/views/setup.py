"""Teams, outcome codes, targets (F107, F110, F111)."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import team_ids
from accounts.models import Portfolio
from contacts.models import Disposition
from core import clock
from core.http import go
from reports import setup
from reports.models import Target
from reports.setup_forms import CodeForm, TargetForm, TeamForm
from users.models import Team
from users.permissions import StaffRequest, role


def refuse(form: forms.Form, refused: setup.SetupRefused) -> None:
    form.add_error(refused.field if refused.field in form.fields else None, str(refused))


@role("admin")
@require_GET
def teams(request: StaffRequest) -> HttpResponse:
    """Teams with their people and portfolios."""
    rows = Team.objects.filter(active=True).prefetch_related("members", "portfolios").order_by("name")
    return render(request, "reports/teams.html", {"teams": rows, "nav_current": "users:staff"})


@role("admin")
@require_http_methods(["GET", "POST"])
def team_one(request: StaffRequest, slug: str = "") -> HttpResponse:
    """Make a team, or change one."""
    team = get_object_or_404(Team, slug=slug) if slug else None
    form = TeamForm(request.POST or None, team=team)
    if form.is_bound and form.is_valid():
        try:
            setup.save_team(team=team, **form.cleaned_data, by=request.user, at=clock.now())
            return go(request, reverse("reports:teams"))
        except setup.SetupRefused as refused:
            refuse(form, refused)
    context = {
        "form": form,
        "team": team,
        "crumbs": [{"label": "Teams", "url": reverse("reports:teams")}],
        "nav_current": "users:staff",
    }
    return render(request, "reports/team_form.html", context, status=422 if form.is_bound else 200)


@role("admin")
@require_GET
def codes(request: StaffRequest) -> HttpResponse:
    """Every outcome code with its key and what follows."""
    return render(request, "reports/codes.html", {"codes": Disposition.objects.all()})


@role("admin")
@require_http_methods(["GET", "POST"])
def code_one(request: StaffRequest, code: str = "") -> HttpResponse:
    """Make an outcome code, or change one; usable at the next call."""
    row = get_object_or_404(Disposition, pk=code) if code else None
    form = CodeForm(request.POST or None, row=row)
    if form.is_bound and form.is_valid():
        try:
            setup.save_code(code=row.pk if row else None, facts=form.cleaned_data, by=request.user, at=clock.now())
            return go(request, reverse("reports:codes"))
        except setup.SetupRefused as refused:
            refuse(form, refused)
    context = {"form": form, "row": row, "crumbs": [{"label": "Outcome codes", "url": reverse("reports:codes")}]}
    return render(request, "reports/code_form.html", context, status=422 if form.is_bound else 200)


@role("manager", "admin", "lead", write=("manager",))
@require_http_methods(["GET", "POST"])
def targets(request: StaffRequest) -> HttpResponse:
    """Targets of one's teams; a manager sets them."""
    at = clock.now()
    mine = (
        Team.objects.filter(pk__in=team_ids(request.user)) if "admin" not in request.user.roles else Team.objects.all()
    )
    books = Portfolio.objects.visible_to(request.user)
    form = TargetForm(request.POST or None, teams=mine, portfolios=books, initial={"month": f"{at:%Y-%m}"})
    if form.is_bound and form.is_valid():
        try:
            setup.set_target(**form.cleaned_data, by=request.user, at=at)
            return go(request, reverse("reports:targets"))
        except setup.SetupRefused as refused:
            refuse(form, refused)
    context: dict[str, Any] = {
        "form": form,
        "targets": _targets(mine, books)[:200],
        "may_set": request.user.has_role("manager"),
        "nav_current": "reports:index",
    }
    return render(request, "reports/targets.html", context, status=422 if form.is_bound else 200)


def _targets(mine: Any, books: Any) -> Any:
    rows = Target.objects.select_related("team", "officer", "portfolio", "set_by")
    own = rows.filter(team__in=mine) | rows.filter(officer__teams__in=mine) | rows.filter(portfolio__in=books)
    return own.distinct().order_by("-month", "team__name", "officer__display_name", "portfolio__name")


@role("manager")
@require_POST
def target_drop(request: StaffRequest, target_id: int) -> HttpResponse:
    """Take a target away."""
    mine = Team.objects.filter(pk__in=team_ids(request.user))
    rows = _targets(mine, Portfolio.objects.visible_to(request.user))
    setup.drop_target(target=get_object_or_404(rows, pk=target_id), by=request.user, at=clock.now())
    return go(request, reverse("reports:targets"))

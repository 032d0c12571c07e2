"""Leave to act once: asked by an officer, given or refused by a second person (F97)."""

from datetime import UTC, datetime, timedelta

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import ContactPoint
from compliance import pack_queries, queries
from compliance import services as compliance
from compliance.forms import OverrideForm
from compliance.models import Override
from compliance.services import Request
from core import clock
from core.errors import plain_error
from core.http import go
from core.idempotency import idempotent
from users.permissions import StaffRequest, role

from . import common


@role("lead", "manager", "compliance")
@require_GET
def overrides(request: StaffRequest) -> HttpResponse:
    """What was asked for, by whom, and how it was decided."""
    at = clock.now()
    rows = list(queries.overrides(request.user))
    for row in rows:
        row.is_open = row.approved is None and row.expires_at > at  # type: ignore[attr-defined]
        row.mine = row.requested_by_id == request.user.pk  # type: ignore[attr-defined]
    may_read_rules = bool({"manager", "compliance"} & request.user.roles)
    context = {
        "rows": rows, "nav_current": "compliance:overrides", "may_read_rules": may_read_rules,
        "rules_waiting": pack_queries.waiting(request.user.pk) if may_read_rules else 0,
    }  # fmt: skip
    return render(request, "compliance/overrides.html", context)


@role("lead", "manager", "compliance")
@require_GET
def week(request: StaffRequest) -> HttpResponse:
    """The report of a week by who asked and by rule; `?day=` is any day of it (UTC, Monday to Sunday)."""
    today = clock.now().date()
    day = min(common.day_from(request.GET.get("day", "")) or today, today)
    monday = day - timedelta(days=day.weekday())
    since = datetime(monday.year, monday.month, monday.day, tzinfo=UTC)
    later = monday + timedelta(days=7)
    context = {
        "lines": queries.override_report(request.user, since, since + timedelta(days=7)), "monday": monday,
        "sunday": later - timedelta(days=1), "before": monday - timedelta(days=7),
        "after": later if later <= today else None, "nav_current": "compliance:overrides",
        "crumbs": [{"label": "Overrides", "url": "/overrides/"}, {"label": "Week", "url": ""}],
    }  # fmt: skip
    return render(request, "compliance/override_week.html", context)


@role("officer", "lead", "manager")
@require_http_methods(["GET", "POST"])
@idempotent
def ask(request: StaffRequest, debtor_id: int, point_id: int) -> HttpResponse:
    """Ask a second person for leave, with the rules in question shown. `?channel=` says by which way."""
    at = clock.now()
    debtor = common.person(request, debtor_id)
    point = get_object_or_404(ContactPoint, pk=point_id, debtor=debtor)
    channel = (request.POST or request.GET).get("channel", "")
    channel = channel if channel in common.CHANNEL_WORDS else "call"
    accounts = common.debts(request, debtor)
    answer = compliance.judge_now(Request(debtor, channel, accounts or None, point), at)
    form = OverrideForm(request.POST or None, initial={"channel": channel})
    context = {
        "form": form, "debtor": debtor, "point": point, "channel": channel, "rules": common.rules_of(answer.verdict),
        "title": common.title_of(answer.verdict, channel, point, common.home_zone(debtor)),
        "room": compliance.may_be_overridden(answer.verdict),
        "crumbs": [
            {"label": debtor.name, "url": debtor.get_absolute_url()},
            {"label": "Compliance", "url": f"/people/P-{debtor.pk}/compliance/"},
            {"label": "Ask for leave", "url": ""},
        ],
    }  # fmt: skip
    if request.method == "GET":
        return render(request, "compliance/override_new.html", context)
    if form.is_valid():
        try:
            compliance.request_override(
                debtor=debtor, channel=channel, verdict=answer.verdict, reason=form.cleaned_data["reason"],
                by=request.user, at=at, accounts=accounts,
            )  # fmt: skip
            return go(request, f"/people/P-{debtor.pk}/compliance/")
        except compliance.OverrideRefused as refused:
            form.add_error(refused.field, str(refused))
    return common.refused(request, "compliance/override_new.html", context)


@role("lead", "manager", "compliance", write=("lead", "manager", "compliance"))
@require_POST
@idempotent
def decide(request: StaffRequest, override_id: int) -> HttpResponse:
    """Give it or refuse it; nobody decides their own."""
    row = get_object_or_404(Override, pk=override_id)
    common.person(request, row.debtor_id)
    try:
        compliance.decide_override(
            override=row, approve=request.POST.get("answer") == "yes", by=request.user, at=clock.now()
        )
    except compliance.OverrideRefused as refused:
        return plain_error(request, 409, str(refused))
    return go(request, "/overrides/")

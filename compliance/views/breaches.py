"""What the nightly auditor found, by day."""

from collections.abc import Sequence
from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from compliance import queries
from compliance.models import AuditDay, AuditFinding
from core import formats
from core.charts import Curve, Curves, count
from users.permissions import StaffRequest, role

from . import common

SHOWN = 60  # days


@role("compliance")
@require_GET
def breaches(request: StaffRequest) -> HttpResponse:
    """Breaches per 10,000 contacts of the last days, and the findings of one (`?day=2026-11-17`)."""
    day = common.day_from(request.GET.get("day", ""))
    findings = list(AuditFinding.objects.filter(day=day)[:200]) if day else []
    names = queries.people(f.by_id for f in findings)
    for finding in findings:
        finding.by = names.get(finding.by_id or 0, "System")  # type: ignore[attr-defined]
    days = list(AuditDay.objects.all()[:SHOWN])
    context = {
        "days": days, "day": day, "findings": findings, "chart": _chart(days) if len(days) > 1 else None,
        "kpis": _kpis(days),
    }  # fmt: skip
    return render(request, "compliance/breaches.html", context)


def _chart(days: Sequence[AuditDay]) -> Curves:
    """By week, oldest first: a day has too few contacts for a rate to mean much."""
    weeks: dict[str, list[AuditDay]] = {}
    for row in reversed(days):
        monday = row.day - timedelta(days=row.day.weekday())
        weeks.setdefault(formats.short_day(monday, days[0].day), []).append(row)
    then = [_rate(sum(d.breaches for d in rows), sum(d.contacts for d in rows)) for rows in weeks.values()]
    now = [_rate(sum(d.breaches_now for d in rows), sum(d.contacts for d in rows)) for rows in weeks.values()]
    curves = (Curve("As known then", tuple(then)), Curve("As known now", tuple(now), "c2", dashed=True))
    legend = (("As known then", "c1"), ("As known now (dashed)", "c2"))
    return Curves(
        curves, tuple(weeks), "Breaches per 10,000 contacts by week", words=count, head="Week from", every=1,
        named=False, legend=legend,
    )  # fmt: skip


def _rate(breaches: int, contacts: int) -> float:
    """Per 10,000 contacts, two decimals, half even; 0 without contacts."""
    return round(breaches * 10_000 / contacts, 2) if contacts else 0.0


def _kpis(days: Sequence[AuditDay]) -> list[dict[str, str]]:
    contacts, found = sum(d.contacts for d in days), sum(d.breaches for d in days)
    return [
        {"id": "contacts", "name": "Contacts judged again", "value": formats.number(contacts),
         "definition": f"Outbound contacts of the last {len(days)} audited days."},
        {"id": "breaches", "name": "Breaches", "value": formats.number(found),
         "definition": "Contacts that a rule forbade by what was known then."},
        {"id": "rate", "name": "Per 10,000 contacts", "value": count(_rate(found, contacts)),
         "definition": "Breaches divided by contacts, times 10,000."},
        {"id": "without", "name": "Without a decision", "value": formats.number(sum(d.without_decision for d in days)),
         "definition": "Contacts of this system for which no decision is stored."},
    ]  # fmt: skip

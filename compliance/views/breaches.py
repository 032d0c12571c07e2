"""What the nightly auditor found, by day."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from compliance import queries
from compliance.models import AuditDay, AuditFinding
from users.permissions import StaffRequest, role

from . import common


@role("compliance")
@require_GET
def breaches(request: StaffRequest) -> HttpResponse:
    """Breaches per 10,000 contacts of the last days, and the findings of one (`?day=2026-11-17`)."""
    day = common.day_from(request.GET.get("day", ""))
    findings = list(AuditFinding.objects.filter(day=day)[:200]) if day else []
    names = queries.people(f.by_id for f in findings)
    for finding in findings:
        finding.by = names.get(finding.by_id or 0, "System")  # type: ignore[attr-defined]
    context = {"days": AuditDay.objects.all()[:60], "day": day, "findings": findings}
    return render(request, "compliance/breaches.html", context)

"""Random samples of debts with their evidence packs, made in the background (F102)."""

from datetime import timedelta
from typing import Any, cast

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import Account
from compliance import services as compliance
from compliance import tasks
from compliance.forms_samples import SampleForm
from compliance.models import EvidenceSample
from core import clock, formats, work
from core.http import go, is_partial
from core.idempotency import idempotent
from users.permissions import StaffRequest, role

from . import common

LOOKS = {"QUEUED": "info", "WORKING": "info", "DONE": "ok", "FAILED": "stop"}
State = EvidenceSample.State


@role("compliance", write=("compliance",))
@require_http_methods(["GET", "POST"])
@idempotent
def samples(request: StaffRequest) -> HttpResponse:
    """The samples that were drawn, and the form for another."""
    at = clock.now()
    form = SampleForm(request.POST) if request.method == "POST" else SampleForm(initial=_last_quarter(at))
    if request.method == "POST" and form.is_valid():
        data = {key: value for key, value in form.cleaned_data.items() if key != "idempotency_key"}
        try:
            row = compliance.ask_sample(**data, by=request.user, at=at)
        except compliance.SampleRefused as refused:
            form.add_error(refused.field, str(refused))
        else:
            work.wake(tasks.build_samples)
            return go(request, reverse("compliance:sample", args=[row.pk]))
    context = {"form": form, "rows": [_shown(row) for row in _rows()[:50]], "nav_current": "compliance:samples"}
    if request.method == "POST":
        return common.refused(request, "compliance/samples.html", context)
    return render(request, "compliance/samples.html", context)


@role("compliance")
@require_GET
def sample(request: StaffRequest, sample_id: int) -> HttpResponse:
    """One sample: how it was drawn, how far its pack is, the debts in it, and the download."""
    row = _shown(get_object_or_404(_rows(), pk=sample_id))
    template = "compliance/sample.html#progress" if is_partial(request) else "compliance/sample.html"
    return render(request, template, _context(row))


@role("compliance")
@require_GET
def sample_file(request: StaffRequest, sample_id: int) -> HttpResponse:
    """The ZIP; that it was taken is in the audit."""
    row = get_object_or_404(EvidenceSample, pk=sample_id)
    try:
        path = compliance.take_sample(sample=row, by=request.user, at=clock.now())
    except FileNotFoundError as gone:
        raise Http404 from gone
    return cast(
        HttpResponse, FileResponse(path.open("rb"), as_attachment=True, filename=f"evidence-sample-{row.pk}.zip")
    )


def _rows() -> Any:
    return EvidenceSample.objects.select_related("creditor", "portfolio", "asked_by")


def _last_quarter(at: Any) -> dict[str, Any]:
    return {"since": at.date() - timedelta(days=90), "until": at.date() - timedelta(days=1), "size": 60}


def _shown(row: EvidenceSample) -> EvidenceSample:
    """The row with its look and its filter in words."""
    row.look = LOOKS[row.state]  # type: ignore[attr-defined]
    parts = [row.creditor.name if row.creditor else "", row.portfolio.name if row.portfolio else ""]
    parts.append(row.get_channel_display() if row.channel else "")
    row.words = ", ".join(filter(None, parts)) or "All debts with a contact"  # type: ignore[attr-defined]
    return row


def _context(row: EvidenceSample) -> dict[str, Any]:
    debts = Account.objects.in_bulk(row.account_ids)
    total = len(row.account_ids) or row.size
    return {
        "row": row, "debts": [debts[pk] for pk in row.account_ids if pk in debts],
        "waiting": row.state in (State.QUEUED, State.WORKING), "ready": row.state == State.DONE, "total": total,
        "progress": f"{formats.number(row.done)} of {formats.number(total)} debts",
        "poll": reverse("compliance:sample", args=[row.pk]), "megabytes": f"{row.bytes / 1_000_000:.1f} MB",
        "crumbs": [{"label": "Evidence", "url": "/evidence/"}, {"label": f"Sample {row.pk}", "url": ""}],
        "nav_current": "compliance:samples",
    }  # fmt: skip

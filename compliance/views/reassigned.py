"""Checks of reassigned numbers in bulk: what is due goes out as a file, the answers come back as one (F42)."""

import csv
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from compliance import services as compliance
from compliance.forms_samples import ChecksForm
from compliance.reassigned_file import MOST, FileRefused, parse
from core import clock, formats
from core.http import tell
from core.text import normalise_phone
from users.permissions import StaffRequest, role

from . import common

SHOWN = 20


@role("compliance", write=("compliance",))
@require_http_methods(["GET", "POST"])
def numbers(request: StaffRequest) -> HttpResponse:
    """The numbers that are due, and the form for the answers. The same file twice changes nothing more."""
    at = clock.now()
    form = ChecksForm(request.POST, request.FILES) if request.method == "POST" else ChecksForm()
    recorded = _record(request, form, at) if form.is_bound and form.is_valid() else None
    due = compliance.numbers_due(at=at, limit=1000)
    rows = [{"number": formats.mask_phone(value), "at": said, "age": (at - said).days} for value, said in due[:SHOWN]]
    context = {
        "form": form, "recorded": recorded and _words(recorded), "rows": rows, "nav_current": "compliance:consents",
        "due": "999+" if len(due) == 1000 else formats.number(len(due)),
        "crumbs": [{"label": "Consents", "url": "/consents/"}, {"label": "Reassigned numbers", "url": ""}],
    }  # fmt: skip
    if form.is_bound and recorded is None:
        return common.refused(request, "compliance/numbers.html", context)
    response = render(request, "compliance/numbers.html", context)
    return tell(response, announce="The answers are kept.") if recorded else response


def _words(found: compliance.Recorded) -> str:
    kept, again, unknown, out = map(formats.number, (found.kept, found.again, found.unknown, found.reassigned))
    return f"{kept} kept, {again} were on file already, {unknown} are nobody's here, {out} taken out of use."


def _record(request: StaffRequest, form: ChecksForm, at: Any) -> compliance.Recorded | None:
    try:
        checks = parse(form.cleaned_data["file"].read(), normalise_phone, at.date())
    except FileRefused as refused:
        for sentence in refused.errors:
            form.add_error("file", sentence)
        return None
    return compliance.record_checks(checks=checks, by=request.user, at=at)


@role("compliance")
@require_GET
def numbers_due(request: StaffRequest) -> HttpResponse:
    """The numbers to ask the database about, each with the day of the last consent or text."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="numbers-due.csv"'
    writer = csv.writer(response)
    writer.writerow(("number", "since"))
    for number, said in compliance.numbers_due(at=clock.now(), limit=MOST):
        writer.writerow((number.removeprefix("+"), said.date().isoformat()))
    return response

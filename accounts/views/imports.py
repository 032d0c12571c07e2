"""Placement files: the list, the upload, one file from its columns to its report (F1-F3)."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import reports
from accounts.access import sees_persons, settings_rows
from accounts.forms import DecideForm, MapForm, ReasonForm, UploadForm, field_words
from accounts.models import ImportFile, ImportRow, Portfolio
from accounts.placement_file import FileFault, MapError, inspect
from accounts.services import decisions, imports
from accounts.services.imports import ImportRefused, State
from core import clock, keyset
from core.http import go, is_partial, tell
from core.idempotency import idempotent
from users.permissions import StaffRequest, role

from .masking import row_cells, sample_cells

READERS = ("lead", "manager", "admin", "compliance")
WRITERS = ("manager", "admin")
LOOK = {
    State.MAPPING: ("hold", "Match the columns"),
    State.TO_CHECK: ("info", "Waiting to be checked"),
    State.CHECKING: ("info", "Checking"),
    State.READY: ("hold", "Ready to release"),
    State.TO_LOAD: ("info", "Waiting to load"),
    State.LOADING: ("info", "Loading"),
    State.LOADED: ("ok", "Loaded"),
    State.FAULTED: ("stop", "Not readable"),
    State.DISCARDED: ("plain", "Discarded"),
}
OUTCOME = {
    "ACCEPTED": ("ok", "Accepted"),
    "HELD": ("hold", "Held"),
    "REJECTED": ("stop", "Left out"),
    "DUPLICATE": ("plain", "Duplicate"),
}
SAMPLES = 4  # rows of the file beside its columns
BUSY = (State.TO_CHECK, State.CHECKING, State.TO_LOAD, State.LOADING)
_DONE_BY_STATE = {
    State.MAPPING: 1,
    State.FAULTED: 1,
    State.READY: 3,
    State.TO_LOAD: 4,
    State.LOADING: 4,
    State.LOADED: 5,
}


@role(*READERS)
@require_GET
def import_list(request: StaffRequest) -> HttpResponse:
    """All files this user may see, the newest first."""
    rows = settings_rows(ImportFile.objects.all(), request.user).select_related("creditor", "portfolio", "uploaded_by")
    page = keyset.paginate(
        rows,
        order=["-uploaded_at", "-id"],
        cursor=request.GET.get("after") or request.GET.get("before", ""),
        back="before" in request.GET,
    )
    for row in page.rows:
        row.look = LOOK[row.state]
    return render(request, "accounts/imports.html", {"page": page, "may_upload": _may_write(request)})


@role(*READERS, write=WRITERS)
@require_http_methods(["GET", "POST"])
def import_upload(request: StaffRequest) -> HttpResponse:
    """Upload a file. The same bytes again open their first import."""
    now = clock.now()
    books = settings_rows(Portfolio.objects.filter(active=True), request.user).select_related("creditor")
    day = clock.today("America/Chicago", now)
    form = UploadForm(request.POST or None, request.FILES or None, portfolios=books, initial={"placed_on": day})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        control = imports.Control(data["control_count"], data["control_total"])
        try:
            row, new = imports.receive(
                chunks=data["file"].chunks(),
                name=form.file_name,
                portfolio=data["portfolio"],
                placed_on=data["placed_on"],
                by=request.user,
                at=now,
                control=control,
            )
        except ImportRefused as refused:
            form.add_error("file", str(refused))
        else:
            where = reverse("accounts:import", args=[row.pk])
            return go(request, where if new else f"{where}?again=1")
    status = 422 if form.errors else 200
    return render(request, "accounts/import_new.html", {"form": form}, status=status)


@role(*READERS)
@require_GET
def import_page(request: StaffRequest, import_id: int) -> HttpResponse:
    """One file: what to do next with it; by htmx, only its progress."""
    row = _row(request, import_id)
    if is_partial(request):
        if row.state in BUSY:
            return render(request, "accounts/import.html#progress", {"file": row, "busy": True})
        response = HttpResponse(status=204)
        response["HX-Refresh"] = "true"
        return response
    return _page(request, row)


@role(*READERS, write=WRITERS)
@require_POST
def import_map(request: StaffRequest, import_id: int) -> HttpResponse:
    """Say what the columns mean and send the file to be checked."""
    row = _row(request, import_id)
    form = _map_form(row, request.POST)
    if form is None:
        return _page(request, row, refused=row.fault or "The columns of this file can't be read.")
    if not form.is_valid():
        return _page(request, row, map_form=form)
    try:
        imports.set_map(
            import_file=row,
            layout=form.cleaned_data["layout"],
            save_as=form.cleaned_data["save_as"],
            by=request.user,
            at=clock.now(),
        )
    except ImportRefused as refused:
        form.add_error(None, str(refused))
        return _page(request, row, map_form=form)
    return go(request, reverse("accounts:import", args=[row.pk]))


@role(*READERS, write=WRITERS)
@require_POST
@idempotent
def import_release(request: StaffRequest, import_id: int) -> HttpResponse:
    """Let the checked rows into the live tables; by somebody other than the uploader."""
    row, form = _row(request, import_id), ReasonForm(request.POST)
    return _step(request, row, form, imports.release)


@role(*READERS, write=WRITERS)
@require_POST
def import_discard(request: StaffRequest, import_id: int) -> HttpResponse:
    """Drop a file that is not loaded."""
    row, form = _row(request, import_id), ReasonForm(request.POST)
    return _step(request, row, form, imports.discard)


def _step(request: StaffRequest, row: ImportFile, form: ReasonForm, act: Any) -> HttpResponse:
    if not form.is_valid():
        return _page(request, row, refused=str(next(iter(form.errors.values()))[0]))
    try:
        act(import_file=row, by=request.user, at=clock.now(), reason=form.cleaned_data["reason"])
    except ImportRefused as refused:
        return _page(request, row, refused=str(refused))
    return go(request, reverse("accounts:import", args=[row.pk]))


@role(*READERS)
@require_GET
def import_rows(request: StaffRequest, import_id: int) -> HttpResponse:
    """The rows with their verdicts, filtered by result."""
    row = _row(request, import_id)
    return _rows_page(request, row)


@role(*READERS, write=WRITERS)
@require_POST
@idempotent
def import_decide(request: StaffRequest, import_id: int, row_id: int) -> HttpResponse:
    """Accept or reject a held row, with a reason."""
    row = _row(request, import_id)
    staged = get_object_or_404(ImportRow, import_file=row, pk=row_id)
    if not sees_persons(request.user):
        raise PermissionDenied("A manager decides about a held row: it takes looking at the person.")
    form = DecideForm(request.POST)
    if form.is_valid():
        accept = form.cleaned_data["decision"] == "accept"
        try:
            decisions.decide(
                row=staged, accept=accept, reason=form.cleaned_data["reason"], by=request.user, at=clock.now()
            )
        except ImportRefused as refused:
            form.add_error("reason", str(refused))
        else:
            return go(request, f"{reverse('accounts:import_rows', args=[row.pk])}?result=HELD")
    return _rows_page(request, row, problem=str(next(iter(form.errors.values()))[0]), at_row=staged.pk)


@role(*READERS)
@require_GET
def import_problems(request: StaffRequest, import_id: int) -> HttpResponse:
    """Every row not plainly accepted, with its reason, as CSV."""
    row = _row(request, import_id)
    if not sees_persons(request.user):
        raise PermissionDenied("The rows name people. A manager or compliance may download them.")
    reports.told(row, "import.problems_exported", by=request.user, at=clock.now())
    return _csv(StreamingHttpResponse(reports.problem_rows(row)), f"import-{row.pk}-rows-left-out.csv")


@role(*READERS)
@require_GET
def import_acknowledgement(request: StaffRequest, import_id: int) -> HttpResponse:
    """Count and money of the placement, as the creditor is told (F3)."""
    row = _row(request, import_id)
    return _csv(HttpResponse(reports.acknowledgement(row)), f"import-{row.pk}-acknowledgement.csv")


def _csv(response: Any, name: str) -> HttpResponse:
    response["Content-Type"] = "text/csv; charset=utf-8"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    answer: HttpResponse = response  # a streamed one, too: both carry headers and a status
    return answer


def _row(request: HttpRequest, import_id: int) -> ImportFile:
    rows = settings_rows(ImportFile.objects.all(), request.user)
    related = ("creditor", "portfolio", "uploaded_by", "released_by", "placement")
    row: ImportFile = get_object_or_404(rows.select_related(*related), pk=import_id)
    return row


def _may_write(request: StaffRequest) -> bool:
    return bool(request.user.roles & set(WRITERS))


def _map_form(row: ImportFile, data: Any = None) -> MapForm | None:
    try:
        layout = imports.layout_of(row)
        shape = inspect(imports.path_of(row), column_map=layout)
    except (FileFault, MapError, OSError):
        return None
    form = MapForm(data, layout=layout, headers=shape.headers)
    form.samples = [tuple(map(str, row)) for row in shape.sample[:SAMPLES]]  # type: ignore[attr-defined]
    return form


def _page(
    request: StaffRequest, row: ImportFile, *, map_form: MapForm | None = None, refused: str = ""
) -> HttpResponse:
    editable = row.state in (State.MAPPING, State.READY, State.FAULTED) and _may_write(request)
    form = map_form or _map_form(row)
    staged = ImportRow.objects.filter(import_file=row)
    looked = staged.exclude(outcome=ImportRow.Outcome.ACCEPTED).order_by("line")[:6]
    context = {
        "file": row,
        "look": LOOK[State(row.state)],
        "busy": row.state in BUSY,
        "steps": _steps(row),
        "again": "again" in request.GET,
        "refused": refused,
        "map_form": form,
        "map_rows": _map_rows(form, request) if form else [],
        "editable": editable,
        "unsure": row.layout.get("unsure", []) if row.state == State.MAPPING else [],
        "differences": imports.differences(row) if row.state == State.READY else [],
        "held_total": imports.held_total(row),
        "people": _people(row),
        "samples": [(line, OUTCOME[line.outcome], field_words(line.field)) for line in looked],
        "may_release": row.state == State.READY and _may_write(request) and row.uploaded_by_id != request.user.pk,
        "may_discard": row.state in imports.TABLE and row.state != State.TO_CHECK and _may_write(request),
        "may_decide": row.state in decisions.OPEN_STATES and sees_persons(request.user),
        "sees_persons": sees_persons(request.user),
        "form": ReasonForm(),
    }
    failed = bool(refused or (map_form and map_form.errors))
    response = render(request, "accounts/import.html", context, status=422 if failed else 200)
    return tell(response, setfocus="#errsum") if failed else response


def _steps(row: ImportFile) -> list[dict[str, Any]]:
    done = _DONE_BY_STATE.get(State(row.state), 2)
    labels = ["File", "Match columns", "Check rows", "Release", "Load"]
    return [{"label": label, "done": at < done, "current": at == done} for at, label in enumerate(labels)]


def _map_rows(form: MapForm, request: StaffRequest) -> list[dict[str, Any]]:
    plain = sees_persons(request.user)
    rows = [sample_cells(form.headers, form.layout, row, plain=plain) for row in form.samples]  # type: ignore[attr-defined]
    return [
        {
            "header": header,
            "samples": [cells[at] or "\u2013" for cells in rows],
            "field": form[f"column{at}"],
            "used": form.layout.columns.get(header),
        }
        for at, header in enumerate(form.headers)
    ]


def _people(row: ImportFile) -> dict[str, int]:
    """As counted by the check: rows of people we know, people with several rows, and those rows (F2)."""
    found: dict[str, int] = {"known": 0, "people": 0, "rows": 0} | row.layout.get("people", {})
    return found


def _rows_page(request: StaffRequest, row: ImportFile, *, problem: str = "", at_row: int = 0) -> HttpResponse:
    result = request.GET.get("result", "")
    staged = ImportRow.objects.filter(import_file=row)
    if result in OUTCOME:
        staged = staged.filter(outcome=result)
    page = keyset.paginate(
        staged,
        order=["line"],
        cursor=request.GET.get("after") or request.GET.get("before", ""),
        back="before" in request.GET,
    )
    plain = sees_persons(request.user)
    lines = [
        {
            "row": line,
            "look": OUTCOME[line.outcome],
            "field": field_words(line.field),
            "cells": row_cells(line, plain=plain),
            "form": DecideForm(),
        }
        for line in page.rows
    ]
    counts = {"": row.rows_read, "ACCEPTED": row.accepted, "HELD": row.held, "REJECTED": row.rejected}
    counts["DUPLICATE"] = row.duplicates
    url = reverse("accounts:import_rows", args=[row.pk])
    tabs = [
        {
            "label": OUTCOME[key][1] if key else "All",
            "url": f"{url}?result={key}" if key else url,
            "current": key == (result if result in OUTCOME else ""),
            "count": number,
        }
        for key, number in counts.items()
    ]
    context = {
        "file": row,
        "page": page,
        "lines": lines,
        "tabs": tabs,
        "problem": problem,
        "at_row": at_row,
        "may_decide": row.state in decisions.OPEN_STATES and plain and _may_write(request),
    }
    response = render(request, "accounts/import_rows.html", context, status=422 if problem else 200)
    return tell(response, setfocus="#errsum") if problem else response

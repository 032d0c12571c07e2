"""Call scripts: versions, editing with a preview, putting one in use (F38). A save is always a new version."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from contacts import queries, script_steps, services
from contacts.forms import VersionForm
from contacts.models import Script, ScriptVersion
from core import clock
from core.http import go, is_partial, tell
from users.permissions import StaffRequest, role

USED_FOR = {
    "first_call": "The first call", "inbound": "Calls that come in", "missed_promise": "After a missed promise",
    "third_party": "Asking others where the person is", "voicemail": "Leaving a message",
}  # fmt: skip


@role("admin")
@require_GET
def scripts(request: StaffRequest) -> HttpResponse:
    """All scripts, and which version of each is in use."""
    live = queries.live_versions()
    rows = [(row, live.get(row.pk), _used_for(row)) for row in queries.scripts()]
    return render(request, "contacts/scripts.html", {"rows": rows, "nav_current": "contacts:scripts"})


@role("admin")
@require_http_methods(["GET", "POST"])
def script(request: StaffRequest, slug: str) -> HttpResponse:
    """One script: ?v=3 shows that version; POST saves the next one; by htmx with ?preview it answers the preview."""
    row = get_object_or_404(Script, slug=slug)
    version = _version(request, row)
    form = VersionForm(request.POST or None, version=version)
    if request.method == "GET":
        return render(request, "contacts/script.html", _context(row, version, form))
    steps, problem = _checked(form)
    if "preview" in request.GET and is_partial(request):
        return render(request, "contacts/script.html#preview", {"steps": script_steps.parse(steps), "problem": problem})
    if problem:
        context = _context(row, version, form) | {"problem": problem, "steps": script_steps.parse(steps)}
        return tell(render(request, "contacts/script.html", context, status=422), setfocus="#script-problem")
    made = services.save_version(
        script=row, steps=steps, change_note=form.cleaned_data["change_note"], by=request.user, at=clock.now()
    )
    return go(request, f"/scripts/{row.slug}/?v={made.number}")


def _version(request: StaffRequest, row: Script) -> ScriptVersion | None:
    asked = request.GET.get("v", "")
    versions = row.versions.order_by("-number")
    if asked.isascii() and asked.isdigit() and len(asked) < 9:
        return get_object_or_404(versions, number=int(asked))
    return versions.filter(state=ScriptVersion.State.LIVE).first() or versions.first()


def _checked(form: VersionForm) -> tuple[list[dict[str, Any]], str]:
    if not form.is_valid():
        kept = form.version.steps if form.version else []
        return kept, str(next(iter(form.errors.values()))[0])
    steps = form.cleaned_data["steps"]
    try:
        script_steps.check(steps)
    except script_steps.ScriptError as error:
        return steps, str(error)
    return steps, ""


def _used_for(row: Script) -> str:
    """When officers get it, in words."""
    return USED_FOR.get(row.used_for, row.used_for.replace("_", " ").capitalize())


def _led(step: dict[str, Any], titles: dict[str, str]) -> dict[str, Any]:
    """The step with where each answer leads, in words: the next step's title or the outcome."""
    branches = [
        {**branch, "goes_to": titles.get(branch.get("next", "")) or _outcome(branch)}
        for branch in step.get("branches", [])
    ]
    return {**step, "branches": branches}


def _outcome(branch: dict[str, Any]) -> str:
    words: str = branch.get("next") or branch.get("outcome") or "end"
    return words.replace("-", " ").replace("_", " ").capitalize()


def _context(row: Script, version: ScriptVersion | None, form: VersionForm) -> dict[str, Any]:
    data = version.steps if version else []
    titles = {step.get("key", ""): step.get("title", "") for step in data}
    return {
        "script": row,
        "version": version,
        "versions": row.versions.select_related("created_by").order_by("-number")[:50],
        "steps": script_steps.parse(data),
        "blocks": [(number, _led(step, titles)) for number, step in enumerate(data)],
        "used_for": _used_for(row),
        "form": form,
        "crumbs": [{"label": "Scripts", "url": "/scripts/"}, {"label": row.name, "url": ""}],
        "nav_current": "contacts:scripts",
    }


@role("admin")
@require_POST
def put_live(request: StaffRequest, slug: str, number: int) -> HttpResponse:
    """Use this version from now on. Calls that are open keep theirs."""
    version = get_object_or_404(ScriptVersion, script__slug=slug, number=number)
    try:
        services.put_live(version=version, by=request.user, at=clock.now())
    except services.ScriptError as error:
        row = version.script
        context = _context(row, version, VersionForm(version=version)) | {"problem": str(error)}
        return render(request, "contacts/script.html", context, status=422)
    return go(request, f"/scripts/{slug}/?v={number}")

"""The jobs monitor: every scheduled job, its runs, its switch, and run now (F114)."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from core import clock, keyset
from core.http import go
from core.models import JobRun
from core.nav import safe_reverse
from core.text import storable
from reports import job_services
from users.permissions import StaffRequest, role


class SettingForm(forms.Form):
    enabled = forms.BooleanField(required=False, label="On")
    from_hour = forms.IntegerField(min_value=0, max_value=23, label="From hour (UTC)")
    until_hour = forms.IntegerField(min_value=1, max_value=24, label="Until hour (UTC)")


@role("admin", "manager", write=("admin",))
@require_GET
def overview(request: StaffRequest) -> HttpResponse:
    """Every job with its last run, counts, errors and age."""
    at = clock.now()
    lines = job_services.overview(at=at)
    context = {
        "lines": lines,
        "parts": job_services.parts(),
        "at": at,
        "outbox_url": safe_reverse("letters:outbox"),
        "failed": [line for line in lines if line.last and line.last.state == JobRun.State.FAILED],
        "late": [line for line in lines if line.late],
        "may_run": request.user.has_role("admin"),
    }
    return render(request, "reports/jobs.html", context)


@role("admin", "manager", write=("admin",))
@require_GET
def job(request: StaffRequest, name: str) -> HttpResponse:
    """One job: its switch and hours, and its runs, newest first."""
    return render(request, "reports/job.html", _of(request, name, None))


@role("admin", "manager", write=("admin",))
@require_GET
def runs(request: StaffRequest) -> HttpResponse:
    """The runs of any job by name, `?job=accounts.nightly America/Chicago`: also of what is no job of the schedule."""
    name = storable(request.GET.get("job", ""), 120)
    if not JobRun.objects.filter(job=name).exists():
        raise Http404(name)
    context = {
        "name": name,
        "words": job_services.words_of(name),
        "page": _page(request, name),
        "crumbs": [{"label": "Jobs", "url": reverse("reports:jobs")}, {"label": name, "url": ""}],
        "nav_current": "reports:jobs",
    }
    return render(request, "reports/job_runs.html", context)


def _page(request: StaffRequest, name: str) -> keyset.Page:
    return keyset.paginate(
        JobRun.objects.filter(job=name).select_related("asked_by"),
        order=["-started_at", "-pk"],
        cursor=str(request.GET.get("after") or request.GET.get("before") or ""),
        back="before" in request.GET,
    )


def _of(request: StaffRequest, name: str, form: SettingForm | None) -> dict[str, object]:
    line = next((one for one in job_services.overview(at=clock.now()) if one.name == name), None)
    if line is None:
        raise Http404(name)
    setting = line.setting
    initial = {"enabled": setting.enabled, "from_hour": setting.from_hour, "until_hour": setting.until_hour}
    return {
        "line": line,
        "page": _page(request, name),
        "form": form or SettingForm(initial=initial),
        "may_run": request.user.has_role("admin"),
        "outbox_url": safe_reverse("letters:outbox") if name.startswith("letters.") else "",
        "crumbs": [{"label": "Jobs", "url": reverse("reports:jobs")}, {"label": name, "url": ""}],
        "nav_current": "reports:jobs",
    }


@role("admin")
@require_POST
def run_now(request: StaffRequest, name: str) -> HttpResponse:
    """A worker runs it now. Rows that are done stay done: a rerun sends nothing twice."""
    if name not in job_services.schedule():
        raise Http404(name)
    job_services.ask(job=name, by=request.user, at=clock.now())
    messages.success(request, f"{name} is asked for. Its run appears below within a minute.")
    return go(request, reverse("reports:job", args=[name]))


@role("admin")
@require_POST
def save(request: StaffRequest, name: str) -> HttpResponse:
    """Switch and hours of a job."""
    if name not in job_services.schedule():
        raise Http404(name)
    form = SettingForm(request.POST)
    if form.is_valid():
        try:
            job_services.save_setting(job=name, **form.cleaned_data, by=request.user, at=clock.now())
            return go(request, reverse("reports:job", args=[name]))
        except job_services.JobRefused as refused:
            form.add_error("until_hour", str(refused))
    return render(request, "reports/job.html", _of(request, name, form), status=422)

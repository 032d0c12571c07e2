"""The firm, and the first run of a fresh installation."""

from __future__ import annotations

import hmac
from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Firm, Licence
from core import clock
from core.http import go
from reports import setup
from reports.setup_forms import FirmForm, FirstRunForm, LicenceForm, LicenceFormSet
from users.models import User
from users.permissions import StaffRequest, public, role

from .setup import refuse


@public
@csrf_protect
@require_http_methods(["GET", "POST"])
def first_run(request: HttpRequest) -> HttpResponse:
    """The first admin, firm and client; only while nobody exists, and with the printed token when one is set."""
    token = str(request.POST.get("token") or request.GET.get("token") or "")
    wanted = settings.FIRST_RUN_TOKEN
    if User.objects.exists() or (wanted and not hmac.compare_digest(token.encode(), wanted.encode())):
        raise Http404
    form = FirstRunForm(request.POST or None, request.FILES or None)
    licences = LicenceFormSet(request.POST or None, prefix="licence")
    if form.is_bound and form.is_valid() and licences.is_valid():
        try:
            person = setup.first_run(
                admin=form.cleaned_data,
                firm=form.facts(),
                licences=[one.cleaned_data for one in licences if one.has_changed()],
                client=form.cleaned_data,
                logo=form.cleaned_data["logo"],
                at=clock.now(),
            )
            login(request, person, backend="django.contrib.auth.backends.ModelBackend")
            return redirect("users:home")
        except setup.SetupRefused as refused:
            refuse(form, refused)
    context = {"form": form, "licences": licences, "token": token, "errors": _errors(licences)}
    return render(request, "reports/first_run.html", context, status=422 if form.is_bound else 200)


def _errors(licences: Any) -> list[dict[str, str]]:
    """What is wrong in the licence rows, for the summary on top."""
    if not licences.is_bound:
        return []
    return [
        {"field_id": field.id_for_label, "message": f"License {at + 1}: {message}"}
        for at, one in enumerate(licences)
        for field in one
        for message in field.errors
    ]


@role("admin")
@require_http_methods(["GET", "POST"])
def firm(request: StaffRequest) -> HttpResponse:
    """Who we are, as letters and disclosures print it; licences beside it."""
    form = FirmForm(request.POST or None, request.FILES or None, initial=_facts())
    if form.is_bound and form.is_valid():
        setup.save_firm(facts=form.facts(), logo=form.cleaned_data["logo"], by=request.user, at=clock.now())
        return go(request, reverse("reports:firm"))
    return _firm(request, form, LicenceForm(), 422 if form.is_bound else 200)


@role("admin")
@require_POST
def licence_add(request: StaffRequest) -> HttpResponse:
    """One more licence."""
    form = LicenceForm(request.POST)
    if form.is_valid():
        setup.add_licence(facts=form.cleaned_data, by=request.user, at=clock.now())
        return go(request, reverse("reports:firm"))
    return _firm(request, FirmForm(initial=_facts()), form, 422)


def _firm(request: StaffRequest, form: FirmForm, licence: LicenceForm, status: int) -> HttpResponse:
    row = Firm.objects.order_by("pk").first()
    context = {"form": form, "licence": licence, "licences": Licence.objects.all(), "has_logo": bool(row and row.logo)}
    return render(request, "reports/firm.html", context, status=status)


def _facts() -> dict[str, Any]:
    row = Firm.objects.order_by("pk").first()
    return {name: getattr(row, name) for name in FirmForm.base_fields if name != "logo"} if row else {}


@role("admin", "manager", "lead", "officer", "compliance")
@require_GET
def logo(request: StaffRequest) -> HttpResponse:
    """The firm's logo as it was uploaded."""
    row = Firm.objects.order_by("pk").first()
    if row is None or not row.logo:
        raise Http404
    return HttpResponse(bytes(row.logo), content_type=row.logo_type)

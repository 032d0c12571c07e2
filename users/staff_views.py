"""Staff: who may sign in, with which roles, in which teams, at which hours (F110)."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import clock
from core.http import go, tell

from . import factors
from . import staff as people
from .forms import StaffForm
from .models import User
from .permissions import StaffRequest, role


@role("admin")
@require_GET
def staff(request: StaffRequest) -> HttpResponse:
    """Everybody with a log-in, those switched off last."""
    rows = User.objects.prefetch_related("teams").order_by("-is_active", "display_name")
    return render(request, "users/staff.html", {"people": rows, "new_url": reverse("users:staff_new")})


@role("admin")
@require_http_methods(["GET", "POST"])
def staff_new(request: StaffRequest) -> HttpResponse:
    """Make a log-in; its one-time password is on this answer and nowhere else."""
    form = StaffForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            person, secret = people.create_person(**form.cleaned_data, by=request.user, at=clock.now())
            response = render(request, "users/staff_password.html", {"person": person, "secret": secret, **_place()})
            return tell(response, announce="The password is shown once.")
        except people.StaffRefused as refused:
            _refuse(form, refused)
    status = 422 if form.is_bound else 200
    return render(request, "users/staff_form.html", {"form": form, **_place()}, status=status)


@role("admin")
@require_http_methods(["GET", "POST"])
def staff_one(request: StaffRequest, user_id: int) -> HttpResponse:
    """One person: change name, roles, teams, hours."""
    person = get_object_or_404(User, pk=user_id)
    form = StaffForm(request.POST or None, person=person)
    if form.is_bound and form.is_valid():
        try:
            people.change_person(person=person, **form.cleaned_data, by=request.user, at=clock.now())
            return go(request, reverse("users:staff"))
        except people.StaffRefused as refused:
            _refuse(form, refused)
    context = {"form": form, "person": person, "factor_on": factors.has_factor(person), **_place()}
    return render(request, "users/staff_form.html", context, status=422 if form.is_bound else 200)


@role("admin")
@require_POST
def staff_switch(request: StaffRequest, user_id: int) -> HttpResponse:
    """Switch a log-in off (its sessions end at once) or on again."""
    person = get_object_or_404(User, pk=user_id)
    try:
        if person.is_active:
            people.disable(person=person, by=request.user, at=clock.now())
        else:
            people.enable(person=person, by=request.user, at=clock.now())
    except people.StaffRefused as refused:
        context = {"form": StaffForm(person=person), "person": person, "refused": str(refused), **_place()}
        return render(request, "users/staff_form.html", context, status=422)
    return go(request, reverse("users:staff_one", args=[person.pk]))


@role("admin")
@require_POST
def staff_password(request: StaffRequest, user_id: int) -> HttpResponse:
    """A new one-time password, shown once."""
    person = get_object_or_404(User, pk=user_id)
    secret = people.new_password(person=person, by=request.user, at=clock.now())
    return render(request, "users/staff_password.html", {"person": person, "secret": secret, **_place()})


def _place() -> dict[str, Any]:
    return {"crumbs": [{"label": "Staff", "url": reverse("users:staff")}], "nav_current": "users:staff"}


def _refuse(form: forms.Form, refused: people.StaffRefused) -> None:
    form.add_error(refused.field if refused.field in form.fields else None, str(refused))

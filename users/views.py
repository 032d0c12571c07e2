"""Sign in, sign out, home, and how I like my screen."""

from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate, logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import audit, clock, styleguide
from core.http import go
from core.nav import safe_reverse

from . import factors, halfway, services
from .forms import LoginForm, PreferencesForm
from .models import User
from .permissions import ANY_ROLE, StaffRequest, public, role

_HOMES = (
    ("officer", "desk:my_day"),
    ("lead", "reports:team"),
    ("manager", "reports:team"),
    ("admin", "accounts:imports"),
    ("compliance", "compliance:audit"),
    ("client", "reports:client_home"),
)


@public
@csrf_protect
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Name and password. The same answer for an unknown name and a wrong password."""
    if request.user.is_authenticated:
        return redirect("users:home")
    if request.method == "GET" and not User.objects.exists():
        first_run = {"url": safe_reverse("reports:first_run"), "needs_code": bool(settings.FIRST_RUN_TOKEN)}
        return render(request, "users/nobody.html", {"first_run": first_run})
    form = LoginForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = authenticate(request, **form.credentials)
        if isinstance(user, User) and services.may_sign_on(user, clock.now()):
            target = _next(request)
            if factors.has_factor(user):
                halfway.begin(request, user, target=target, at=clock.now())
                return redirect("users:login_code")
            halfway.finish(request, user)
            return redirect(target)
        audit.record("user.sign_in_failed", data={"name_given": bool(form.cleaned_data["username"])})
        form.add_error(None, "That name and password don't match, or sign-in is closed at this hour.")
    status = 422 if form.is_bound else 200
    context = {"form": form, "next": request.POST.get("next") or request.GET.get("next", "")}
    return render(request, "users/login.html", context, status=status)


def _next(request: HttpRequest) -> str:
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if target and safe else reverse("users:home")


@role(*ANY_ROLE, write=ANY_ROLE)
@require_POST
def sign_out(request: StaffRequest) -> HttpResponse:
    """Ends the shift as well: what was in hand is handed back (strategies listens)."""
    services.end_shift(user=request.user, at=clock.now())
    audit.record("user.signed_out", actor=request.user, subject=request.user)
    logout(request)
    return redirect("users:login")


@role(*ANY_ROLE)
@require_GET
def home(request: StaffRequest) -> HttpResponse:
    """The first page of the person's first role."""
    for name, url in _HOMES:
        if name in request.user.roles:
            try:
                return redirect(reverse(url))
            except NoReverseMatch:
                continue
    return redirect("users:preferences")


@role(*ANY_ROLE, write=ANY_ROLE)
@require_http_methods(["GET", "POST"])
def preferences(request: StaffRequest) -> HttpResponse:
    """Theme, density, single keys, password."""
    form = PreferencesForm(request.POST or None, user=request.user)
    if form.is_bound and form.is_valid():
        services.save_preferences(user=request.user, **form.cleaned_data)
        update_session_auth_hash(request, request.user)
        if "/me/" not in request.headers.get("HX-Current-URL", "/me/"):
            return HttpResponse(status=204, headers={"HX-Refresh": "true"})
        return go(request, reverse("users:preferences"))
    context: dict[str, Any] = {"form": form}
    return render(request, "users/preferences.html", context, status=422 if form.is_bound else 200)


@role(*ANY_ROLE, write=ANY_ROLE)
@require_POST
def look(request: StaffRequest) -> HttpResponse:
    """One of theme, density: set from the bar, answers 204."""
    services.set_look(user=request.user, theme=request.POST.get("theme"), density=request.POST.get("density"))
    return HttpResponse(status=204)


@role(*ANY_ROLE)
@require_GET
def style_guide(request: StaffRequest) -> HttpResponse:
    """Every part of a page with invented data, for those who build pages."""
    return render(request, "core/styleguide.html", styleguide.sample())

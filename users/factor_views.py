"""The second step: asked for at sign-in, set up by its owner, required and reset by admins (F110)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods, require_POST

from core import audit, clock
from core.http import go

from . import factors, halfway, services, totp
from .forms import CodeForm, SignInRulesForm
from .middleware import MUST_ENROL
from .models import RecoveryCode, RoleRule, SecondFactor, User
from .permissions import ANY_ROLE, StaffRequest, public, role

ISSUER = "Collections CRM"
WRONG = "This code is wrong or was used already. A new one comes every 30 seconds."


@public
@csrf_protect
@require_http_methods(["GET", "POST"])
def login_code(request: HttpRequest) -> HttpResponse:
    """The code after the password. Wrong ones count towards the same throttle as wrong passwords."""
    found = halfway.who(request, clock.now())
    if found is None:
        return redirect("users:login")
    user, target = found
    form = CodeForm(request.POST or None)
    if form.is_bound and form.is_valid():
        if _proved(request, user, form) and services.may_sign_on(user, clock.now()):
            halfway.finish(request, user, second_step=True)
            return redirect(target)
        audit.record("user.sign_in_failed", data={"step": "code"})
    return render(request, "users/login_code.html", {"form": form}, status=422 if form.is_bound else 200)


@role(*ANY_ROLE, write=ANY_ROLE)
@require_http_methods(["GET", "POST"])
def factor(request: StaffRequest) -> HttpResponse:
    """My second step: begin, confirm, new recovery codes, give up (`do` names which)."""
    if request.method == "GET":
        return _page(request, CodeForm())
    try:
        return _do(request, str(request.POST.get("do", "")))
    except factors.FactorRefused as refused:
        form = CodeForm(request.POST)
        form.is_valid()
        form.add_error("code" if request.POST.get("do") == "confirm" else None, str(refused))
        return _page(request, form)


def _do(request: StaffRequest, what: str) -> HttpResponse:
    user, at = request.user, clock.now()
    if what == "begin":
        factors.begin(user=user, at=at)
        return go(request, reverse("users:security"))
    form = CodeForm(request.POST)
    if not form.is_valid():
        return _page(request, form)
    if what == "confirm":
        codes = factors.confirm(user=user, code=form.cleaned_data["code"], at=at)
        request.session.pop(MUST_ENROL, None)
        return render(request, "users/recovery_codes.html", {"codes": codes})
    if what not in ("renew", "drop") or not _proved(request, user, form):
        return _page(request, form)
    if what == "renew":
        return render(request, "users/recovery_codes.html", {"codes": factors.renew_codes(user=user, at=at)})
    factors.drop(user=user, at=at)
    return go(request, reverse("users:security"))


def _proved(request: HttpRequest, user: User, form: CodeForm) -> bool:
    """Whether the code of the form is good; else the sentence stands at the field. Throttled like passwords."""
    code = form.cleaned_data["code"]
    if authenticate(request, username=user.username, token=code, half_in=user) is not None:
        return True
    form.add_error("code", WRONG)
    return False


def _page(request: StaffRequest, form: CodeForm) -> HttpResponse:
    row = SecondFactor.objects.filter(user=request.user).first()
    context: dict[str, Any] = {
        "form": form,
        "factor": row,
        "needed": factors.needs_factor(request.user),
        "must": request.session.get(MUST_ENROL, False),
        "left": RecoveryCode.objects.filter(user=request.user, used_at=None).count(),
    }
    if row is not None and row.confirmed_at is None:
        secret = row.secret()
        issuer = str(getattr(settings, "AGENCY_NAME", "")) or ISSUER
        picture = totp.picture(totp.address(secret, name=request.user.username, issuer=issuer))
        context |= {"qr": mark_safe(picture), "secret": totp.spaced(secret)}  # drawn by segno from our own text
    return render(request, "users/factor.html", context, status=422 if form.is_bound else 200)


@role("admin")
@require_http_methods(["GET", "POST"])
def sign_in_rules(request: StaffRequest) -> HttpResponse:
    """Which roles need a second step, and who has one."""
    needed = list(RoleRule.objects.filter(second_step=True).values_list("role", flat=True))
    form = SignInRulesForm(request.POST if request.method == "POST" else None, initial={"roles": needed})
    if form.is_bound and form.is_valid():
        factors.require(roles=form.cleaned_data["roles"], by=request.user, at=clock.now())
        return go(request, reverse("users:sign_in_rules"))
    have = User.objects.filter(is_active=True, second_factor__confirmed_at__isnull=False)
    lack = User.objects.filter(is_active=True, role_list__overlap=needed).exclude(pk__in=have)
    context = {"form": form, "lack": lack, "have": have.count(), "needed": needed, **_place()}
    return render(request, "users/sign_in_rules.html", context, status=422 if form.is_bound else 200)


@role("admin")
@require_POST
def factor_reset(request: StaffRequest, user_id: int) -> HttpResponse:
    """Somebody lost the phone: their second step goes, their sessions end."""
    person = get_object_or_404(User, pk=user_id)
    factors.reset(person=person, by=request.user, at=clock.now())
    return go(request, reverse("users:staff_one", args=[person.pk]))


def _place() -> dict[str, Any]:
    return {"crumbs": [{"label": "Staff", "url": reverse("users:staff")}], "nav_current": "users:staff"}

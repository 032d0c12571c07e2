"""The client's own pages, read-only, and the admin's page that says which log-in belongs to which client (F122)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Account, ClientAccess, Organization
from core import clock, keyset
from core.http import go
from core.text import storable
from reports import portal
from users.models import Role, User
from users.permissions import StaffRequest, role


@role("client")
@require_GET
def home(request: StaffRequest) -> HttpResponse:
    """Placed, collected and the share of it, by portfolio and by month of placement; the newest placements."""
    whole, months, at = portal.results(request.user)
    context = {
        "whole": whole,
        "months": months,
        "as_of": at,
        "placements": portal.placements(request.user)[:25],
        "books": portal.books(request.user),
    }
    return render(request, "reports/client_home.html", context)


@role("client")
@require_GET
def debts(request: StaffRequest) -> HttpResponse:
    """The client's debts by page: `?placement=&state=open&find=`; one placement of somebody else is a 404."""
    placement = str(request.GET.get("placement", ""))
    chosen = None
    if placement:
        number = int(placement) if placement.isascii() and placement.isdigit() and len(placement) < 10 else 0
        chosen = get_object_or_404(portal.placements(request.user), pk=number)
    only_open = request.GET.get("state") == "open"
    rows = portal.debts(request.user, placement=chosen.pk if chosen else None, only_open=only_open)
    find = storable(request.GET.get("find", ""), 60).strip()
    if find:
        rows = rows.filter(reference__icontains=find)
    page = keyset.paginate(
        rows,
        order=["-placed_on", "-pk"],
        cursor=str(request.GET.get("after") or request.GET.get("before") or ""),
        back="before" in request.GET,
    )
    context = {"page": page, "chosen": chosen, "only_open": only_open, "find": find}
    return render(request, "reports/client_debts.html", context)


@role("client")
@require_GET
def debt(request: StaffRequest, account_id: int) -> HttpResponse:
    """One debt: placed, paid, left, its state, and the money. Nothing of how we work."""
    account: Account = get_object_or_404(portal.debts(request.user).select_related("placement"), pk=account_id)
    crumbs = [{"label": "Debts", "url": reverse("reports:client_debts")}, {"label": account.reference, "url": ""}]
    context = {
        "account": account,
        "payments": portal.payments_of(account)[:200],
        "crumbs": crumbs,
        "nav_current": "reports:client_debts",
    }
    return render(request, "reports/client_debt.html", context)


class AccessForm(forms.Form):
    """Which log-in sees which client."""

    user = forms.ModelChoiceField(queryset=User.objects.none(), label="Log-in", empty_label="Choose a client's log-in")
    organization = forms.ModelChoiceField(queryset=Organization.objects.none(), label="Client", empty_label="Choose")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people: Any = self.fields["user"]
        people.queryset = User.objects.filter(is_active=True, role_list__contains=[Role.CLIENT.value])
        clients: Any = self.fields["organization"]
        clients.queryset = Organization.objects.filter(portfolios__isnull=False).distinct().order_by("name")


@role("admin")
@require_http_methods(["GET", "POST"])
def access(request: StaffRequest) -> HttpResponse:
    """Clients' log-ins and what each sees; one more pair."""
    form = AccessForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            portal.give_access(**form.cleaned_data, by=request.user, at=clock.now())
            return go(request, reverse("reports:client_access"))
        except portal.PortalRefused as refused:
            form.add_error("user", str(refused))
    rows = ClientAccess.objects.select_related("user", "organization").order_by("organization__name", "user__username")
    context = {
        "form": form,
        "rows": rows,
        "crumbs": [{"label": "Staff", "url": reverse("users:staff")}, {"label": "Clients’ log-ins", "url": ""}],
        "nav_current": "users:staff",
    }
    return render(request, "reports/client_access.html", context, status=422 if form.is_bound else 200)


@role("admin")
@require_POST
def access_drop(request: StaffRequest, access_id: int) -> HttpResponse:
    """Take one pair away."""
    row = get_object_or_404(ClientAccess.objects.select_related("user"), pk=access_id)
    portal.take_access(access=row, by=request.user, at=clock.now())
    return go(request, reverse("reports:client_access"))

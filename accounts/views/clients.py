"""Creditors, portfolios with their rules, and the parts of a balance (F4, F5)."""

from typing import Any

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.forms import ClientForm, ComponentForm, PortfolioForm
from accounts.models import Component, Organization, Portfolio
from accounts.services import clients
from accounts.services.debts import AccountRefused
from core import clock
from core.http import go, tell
from users.permissions import StaffRequest, role

READERS = ("admin", "compliance")


def _unfinished(request: StaffRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    return tell(render(request, template, context, status=422), setfocus="#errsum")


@role(*READERS)
@require_GET
def client_list(request: StaffRequest) -> HttpResponse:
    """Every organization with its roles, and the parts a balance can have."""
    return render(request, "accounts/clients.html", _list_context())


def _list_context(**more: Any) -> dict[str, Any]:
    rows = Organization.objects.prefetch_related("roles").annotate(books=Count("portfolios", distinct=True))
    context = {"clients": rows.order_by("name"), "components": Component.objects.all(), "form": ComponentForm()}
    return context | {"nav_current": "accounts:clients"} | more


@role(*READERS)
@require_POST
def component_add(request: StaffRequest) -> HttpResponse:
    """Add a part such as court costs; balances, allocation and letters know it at once."""
    form = ComponentForm(request.POST)
    if form.is_valid():
        try:
            clients.add_component(name=form.cleaned_data["name"], by=request.user, at=clock.now())
        except AccountRefused as refused:
            form.add_error("name", str(refused))
        else:
            return go(request, f"{reverse('accounts:clients')}#components")
    return _unfinished(request, "accounts/clients.html", _list_context(form=form))


@role(*READERS)
@require_http_methods(["GET", "POST"])
def client_new(request: StaffRequest) -> HttpResponse:
    """A new creditor, owner, servicer or vendor."""
    return _client(request, Organization())


@role(*READERS)
@require_http_methods(["GET", "POST"])
def client_page(request: StaffRequest, slug: str) -> HttpResponse:
    """One organization: its roles and its portfolios."""
    return _client(request, get_object_or_404(Organization, slug=slug))


def _client(request: StaffRequest, client: Organization) -> HttpResponse:
    roles = list(client.roles.values_list("kind", flat=True)) if client.pk else ["CREDITOR"]
    form = ClientForm(request.POST or None, instance=client, initial={"roles": roles})
    if request.method == "POST" and form.is_valid():
        clients.save_client(
            client=form.save(commit=False),
            roles=form.cleaned_data["roles"],
            changed=form.changed_data,
            by=request.user,
            at=clock.now(),
        )
        return go(request, reverse("accounts:client", args=[client.slug]))
    books = Portfolio.objects.filter(creditor=client).prefetch_related("teams") if client.pk else []
    title = Organization.objects.get(pk=client.pk).name if client.pk else "New client"
    context = {"client": client, "form": form, "books": books, "title": title, "nav_current": "accounts:clients"}
    if form.errors:
        return _unfinished(request, "accounts/client.html", context)
    return render(request, "accounts/client.html", context)


@role(*READERS)
@require_http_methods(["GET", "POST"])
def portfolio_new(request: StaffRequest, slug: str) -> HttpResponse:
    """A new portfolio of a creditor."""
    creditor = get_object_or_404(Organization, slug=slug)
    return _portfolio(request, Portfolio(creditor=creditor, owner=creditor))


@role(*READERS)
@require_http_methods(["GET", "POST"])
def portfolio_page(request: StaffRequest, slug: str) -> HttpResponse:
    """One portfolio and the rules its creditor set."""
    return _portfolio(request, get_object_or_404(Portfolio.objects.select_related("creditor"), slug=slug))


def _portfolio(request: StaffRequest, book: Portfolio) -> HttpResponse:
    title = book.name or "New portfolio"
    form = PortfolioForm(request.POST or None, instance=book)
    if request.method == "POST" and form.is_valid():
        clients.save_portfolio(
            portfolio=form.save(commit=False),
            changed=form.changed_data,
            teams=form.cleaned_data["teams"],
            by=request.user,
            at=clock.now(),
        )
        return go(request, reverse("accounts:portfolio", args=[book.slug]))
    context = {"book": book, "form": form, "title": title, "nav_current": "accounts:clients"}
    if form.errors:
        return _unfinished(request, "accounts/portfolio.html", context)
    return render(request, "accounts/portfolio.html", context)

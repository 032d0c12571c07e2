"""One debt: itemization, ledger, as of any day, payments, documents (F27, D4)."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from accounts import services as accounts
from accounts.models import Account, Document
from accounts.states import COLOURS, Status
from core import clock, formats
from core.http import go, is_partial
from core.idempotency import idempotent
from ledger import queries as ledger
from payments import queries, services, states
from payments.forms import AsOfForm, QuoteForm
from payments.models import Payment
from users.models import User
from users.permissions import role

from .common import READERS, crumbs, unfinished

PAGE = "payments/debt.html"
LINES = 200


@role(*READERS)
@require_GET
def debt(request: HttpRequest, debtor_id: int, account_id: int) -> HttpResponse:
    """The page of one debt; by htmx with a day, its as-of answer only."""
    account = queries.debt(user=request.user, debtor_id=debtor_id, account_id=account_id)
    today = clock.today(account.portfolio.time_zone, clock.now())
    form = AsOfForm(request.GET if request.GET else None, initial={"on": today})
    context = {"account": account, "form": form, "today": today, **_as_of(account, form, today)}
    if is_partial(request) and "on" in request.GET:
        return render(request, f"{PAGE}#asof", context)
    return render(request, PAGE, context | _page(request, account, QuoteForm(initial={"good_through": today})))


@role(*READERS)
@idempotent
@require_POST
def quote(request: HttpRequest, debtor_id: int, account_id: int) -> HttpResponse:
    """Give a figure that pays the debt, good through a day; a letter prints the same one (F27)."""
    account = queries.debt(user=request.user, debtor_id=debtor_id, account_id=account_id)
    at = clock.now()
    form = QuoteForm(request.POST)
    if form.is_valid():
        try:
            accounts.quote(account=account, good_through=form.cleaned_data["good_through"], by=request.user, at=at)
            return go(request, account.get_absolute_url())
        except accounts.AccountRefused as refused:
            form.add_error("good_through", str(refused))
    today = clock.today(account.portfolio.time_zone, at)
    asof = AsOfForm(initial={"on": today})
    context = {"account": account, "form": asof, "today": today, **_as_of(account, asof, today)}
    return unfinished(request, PAGE, context | _page(request, account, form))


def _as_of(account: Account, form: AsOfForm, today: date) -> dict[str, Any]:
    on, known_on = today, None
    if form.is_bound and form.is_valid():
        on, known_on = form.cleaned_data["on"] or today, form.cleaned_data["known_on"]
    elif form.is_bound:
        return {"asof": None}
    return {"asof": queries.as_of(account=account, on=on, known_on=known_on)}


def _page(request: HttpRequest, account: Account, quoting: QuoteForm) -> dict[str, Any]:
    rows = Payment.objects.visible_to(request.user).filter(account=account).select_related("returned", "taken_by")
    payments = services.with_held(rows)
    shown = list(payments.order_by("-effective_date", "-pk")[:50])
    today = clock.today(account.portfolio.time_zone, clock.now())
    retries = services.retries(payments=shown, on=today)
    unapplied = ledger.balances([account.pk], prefix="suspense.").get(account.pk, {})
    return {
        "debtor": account.debtor,
        "quoting": quoting,
        "quotes": account.quotes.order_by("-given_at")[:5],
        "statement": list(reversed(ledger.statement(account.pk, last=LINES))),
        "payments": shown,
        "retries": {pk for pk, found in retries.items() if found.allowed},
        "promises": account.promises.order_by("-made_at")[:20],
        "documents": Document.objects.visible_to(request.user).filter(account=account).order_by("-added_at")[:50],
        "unapplied": -sum(unapplied.values()) if unapplied else None,
        "status": {"label": Status(account.status).label, "kind": COLOURS[Status(account.status)]},
        "disputed": account.status == Status.DISPUTED,
        "colours": states.COLOURS,
        **_stays(request, account, today),
        "crumbs": crumbs(account.debtor, account.ref),
        "nav_current": "accounts:people",
    }


def _stays(request: HttpRequest, account: Account, today: date) -> dict[str, Any]:
    """Which days bore no interest and why, and what of them was posted after all."""
    if not account.portfolio.charges_interest or not account.interest_rate:
        return {}
    found = services.stays(account=account)
    words = [
        f"No interest from {services.say_days([stay.period], today)}: {stay.why}."
        if stay.is_over(today)
        else f"No interest since {formats.short_day(stay.since, today)}: {stay.why}."
        for stay in found
        if stay.since != stay.until
    ]
    may = isinstance(request.user, User) and request.user.has_role("manager") and any(s.is_over(today) for s in found)
    posted = account.stay_interest.select_related("posted_by").order_by("pk") if found else []
    left = services.unposted(account=account, on=today) if may else None
    return {"no_interest": words, "stay_posted": posted, "stay_left": left.days if left and not left.discharged else 0}

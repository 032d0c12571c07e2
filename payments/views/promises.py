"""A promise to pay: made, replaced, cancelled (J1)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Account, Debtor
from core import clock, formats
from core.http import go, is_partial, tell
from core.idempotency import idempotent
from payments import services
from payments.forms import PromiseForm, ReasonForm
from payments.models import Promise
from users.permissions import role

from .common import READERS, chosen, crumbs, person_and_debts, refuse, unfinished

PAGE = "payments/promise_new.html"


@role(*READERS)
@idempotent
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, debtor_id: int) -> HttpResponse:
    """The promise form opens with the smallest amount and the next payday; an open promise is replaced."""
    at = clock.now()
    debtor, accounts = person_and_debts(request, debtor_id)
    account = chosen(request, accounts)
    template = f"{PAGE}#form" if is_partial(request) else PAGE
    if request.method == "GET":
        form = PromiseForm(accounts=accounts, initial=_initial(account, at))
        return render(request, template, _context(debtor, accounts, form, account))
    form = PromiseForm(request.POST, accounts=accounts)
    context = _context(debtor, accounts, form, account)
    if not form.is_valid():
        return unfinished(request, template, context)
    facts = form.cleaned_data
    terms = {name: facts[name] for name in ("amount", "due_date", "method")}
    earlier = facts["debt"].promises.filter(state="OPEN").first()
    try:
        if earlier is not None:
            promise = services.replace_promise(promise=earlier, **terms, by=request.user, at=at)
        else:
            promise = services.make_promise(account=facts["debt"], **terms, by=request.user, at=at)
    except services.PromiseRefused as refused:
        refuse(form, refused)
        return unfinished(request, template, context)
    today = clock.today(promise.account.portfolio.time_zone, at)
    words = (
        f"Promise of {formats.money(promise.amount, promise.currency)} by {formats.day(promise.due_date, today)} saved."
    )
    if is_partial(request):
        response = render(request, f"{PAGE}#saved", {"promise": promise, "debtor": debtor, "words": words})
        return tell(response, announce=words, toast={"text": words}, promisesaved={"debtor": debtor.pk})
    return go(request, promise.account.get_absolute_url())


def _initial(account: Account | None, at: Any) -> dict[str, Any]:
    if account is None:
        return {}
    amount, day = services.default_promise(account, clock.today(account.portfolio.time_zone, at))
    return {"debt": account.pk, "amount": amount, "due_date": day, "method": "LINK"}


def _context(debtor: Debtor, accounts: list[Account], form: PromiseForm, account: Account | None) -> dict[str, Any]:
    return {
        "debtor": debtor,
        "form": form,
        "accounts": accounts,
        "earlier": account.promises.filter(state="OPEN").first() if account is not None else None,
        "crumbs": crumbs(debtor, "Promise"),
        "nav_current": "accounts:people",
    }


@role(*READERS)
@require_POST
def cancel(request: HttpRequest, promise_id: int) -> HttpResponse:
    """Take back an open promise before its day."""
    rows = Promise.objects.visible_to(request.user).select_related("account__portfolio", "debtor")
    promise = get_object_or_404(rows, pk=promise_id)
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            services.cancel_promise(
                promise=promise, by=request.user, at=clock.now(), reason=form.cleaned_data["reason"]
            )
            return go(request, promise.account.get_absolute_url())
        except services.PromiseRefused as refused:
            refuse(form, refused)
    context = {"form": form, "promise": promise, "crumbs": crumbs(promise.debtor, "Cancel a promise")}
    return unfinished(request, "payments/promise_cancel.html", context)

"""Interest of the days of a bankruptcy that ended without a discharge: a manager posts it and says why."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from core import clock
from core.http import go
from core.idempotency import idempotent
from payments import queries, services
from payments.forms import StayInterestForm
from users.permissions import role

from .common import crumbs, refuse, unfinished

PAGE = "payments/stay_interest.html"


@role("manager")
@idempotent
@require_http_methods(["GET", "POST"])
def stay_interest(request: HttpRequest, debtor_id: int, account_id: int) -> HttpResponse:
    """Which days bore no interest, what they would cost, and the form that posts them."""
    account = queries.debt(user=request.user, debtor_id=debtor_id, account_id=account_id)
    at = clock.now()
    today = clock.today(account.portfolio.time_zone, at)
    form = StayInterestForm(request.POST or None)
    found = services.unposted(account=account, on=today)
    context = {
        "account": account,
        "debtor": account.debtor,
        "found": found,
        "days": services.say_days(found.periods, today),
        "form": form,
        "crumbs": crumbs(account.debtor, "Interest of a stay", (account.ref, account.get_absolute_url())),
        "nav_current": "accounts:people",
    }
    if request.method == "GET":
        return render(request, PAGE, context)
    if form.is_valid():
        try:
            services.post_stay_interest(
                account=account,
                outcome=form.cleaned_data["outcome"],
                reason=form.cleaned_data["reason"],
                by=request.user,
                at=at,
            )
            return go(request, account.get_absolute_url())
        except services.PaymentRefused as refused:
            refuse(form, refused)
    return unfinished(request, PAGE, context)

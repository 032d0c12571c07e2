"""Money that is held: an officer who has asked the person puts it on one of her debts (F59)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods

from core import clock
from core.http import go
from core.idempotency import idempotent
from payments import queries, services
from payments.forms import HeldForm
from payments.models import Payment
from users.permissions import role

from .common import READERS, crumbs, refuse, unfinished

PAGE = "payments/held.html"


@role(*READERS)
@idempotent
@require_http_methods(["GET", "POST"])
def apply(request: HttpRequest, payment_id: int) -> HttpResponse:
    """What is held of a payment, and the form that puts it on a debt."""
    rows = Payment.objects.visible_to(request.user).select_related("account", "debtor")
    payment = get_object_or_404(services.with_held(rows), pk=payment_id)
    debts = services.application_targets(payment=payment, debts=queries.debts(user=request.user, debtor=payment.debtor))
    held = payment.held
    first = {
        "debt": debts[0].pk if debts else None,
        "amount": min(held, debts[0].balance) if debts else held,
        "number": services.next_application(payment),
    }
    form = HeldForm(request.POST or None, accounts=debts, initial=first)
    context = {
        "payment": payment,
        "held": held if payment.state == "POSTED" else 0,
        "debts": debts,
        "form": form,
        "crumbs": crumbs(payment.debtor, "Held money", (payment.account.ref, payment.account.get_absolute_url())),
        "nav_current": "accounts:people",
    }
    if request.method == "GET":
        return render(request, PAGE, context)
    if form.is_valid():
        facts = form.cleaned_data
        try:
            services.apply_held(
                payment=payment,
                to=facts["debt"],
                amount=facts["amount"],
                key=facts["number"],
                by=request.user,
                at=clock.now(),
                reason=facts["reason"],
            )
            return go(request, facts["debt"].get_absolute_url())
        except services.PaymentRefused as refused:
            refuse(form, refused)
    return unfinished(request, PAGE, context)

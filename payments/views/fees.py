"""The fee of a returned payment: what a portfolio's agreements allow, and taking one back (F61)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Portfolio
from core import clock
from core.http import go
from core.idempotency import idempotent
from payments import return_fees, services
from payments.forms import FeeBackForm, ReturnFeeForm
from payments.models import Payment, ReturnFeeTerms
from users.permissions import role

from .common import READERS, refuse, unfinished
from .payments import returned_context

TERMS = "payments/return_fee.html"


@role("admin", "compliance")
@idempotent
@require_http_methods(["GET", "POST"])
def terms(request: HttpRequest, slug: str) -> HttpResponse:
    """What the agreements of a portfolio allow for a returned payment, and what the states do."""
    book = get_object_or_404(Portfolio.objects.select_related("creditor"), slug=slug)
    kept = ReturnFeeTerms.objects.filter(portfolio=book).first()
    first = {"amount": kept.amount, "agreement": kept.agreement} if kept else {}
    form = ReturnFeeForm(request.POST or None, initial=first)
    context = {
        "book": book,
        "form": form,
        "laws": return_fees.laws().values(),
        "crumbs": [
            {"label": "Clients", "url": reverse("accounts:clients")},
            {"label": book.name, "url": reverse("accounts:portfolio", args=[book.slug])},
            {"label": "Returned payments", "url": ""},
        ],
        "nav_current": "accounts:clients",
    }
    if request.method == "GET":
        return render(request, TERMS, context)
    if form.is_valid():
        try:
            services.set_return_fee(
                portfolio=book,
                amount=form.cleaned_data["amount"],
                agreement=form.cleaned_data["agreement"],
                by=request.user,
                at=clock.now(),
            )
            return go(request, reverse("accounts:portfolio", args=[book.slug]))
        except services.PaymentRefused as refused:
            refuse(form, refused)
    return unfinished(request, TERMS, context)


@role(*READERS)
@idempotent
@require_POST
def take_back(request: HttpRequest, payment_id: int) -> HttpResponse:
    """Take the fee of a returned payment back, with a reason."""
    at = clock.now()
    rows = Payment.objects.visible_to(request.user).select_related("account__portfolio", "debtor")
    payment = get_object_or_404(rows, pk=payment_id)
    form = FeeBackForm(request.POST)
    if form.is_valid():
        try:
            services.take_back_return_fee(payment=payment, reason=form.cleaned_data["reason"], by=request.user, at=at)
            return go(request, payment.account.get_absolute_url())
        except services.PaymentRefused as refused:
            refuse(form, refused)
    context = returned_context(payment, at) | {"taking": form}
    return unfinished(request, "payments/return.html", context)

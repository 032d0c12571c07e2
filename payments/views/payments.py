"""Take a payment for a person, and record one the bank took back (J5)."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods

from accounts.models import Account, Debtor
from core import clock, formats
from core.http import go, is_partial, tell
from core.idempotency import idempotent
from payments import queries, services
from payments.forms import FeeBackForm, PaymentForm, RetryForm, ReturnForm
from payments.models import Payment, PaymentReturn
from payments.return_codes import Retry
from users.permissions import role

from .common import READERS, chosen, crumbs, person_and_debts, refuse, unfinished

PAGE = "payments/payment_new.html"
NOT_RETURNED = Retry(False, "This payment was not returned.")


@role(*READERS)
@idempotent
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, debtor_id: int) -> HttpResponse:
    """The payment form; GET with an amount by htmx answers the preview only."""
    at = clock.now()
    debtor, accounts = person_and_debts(request, debtor_id)
    if request.method == "POST":
        return _record(request, debtor, accounts, at)
    if is_partial(request) and "amount" in request.GET:
        return render(request, f"{PAGE}#preview", _previewed(PaymentForm(request.GET, accounts=accounts)))
    account = chosen(request, queries.promised_first(accounts))
    form = PaymentForm(accounts=accounts, initial=_initial(account, at))
    context = _context(debtor, accounts, form)
    context |= _preview_of(account, form.initial.get("amount"), {})
    return render(request, f"{PAGE}#form" if is_partial(request) else PAGE, context)


def _initial(account: Account | None, at: Any) -> dict[str, Any]:
    if account is None:
        return {}
    today = clock.today(account.portfolio.time_zone, at)
    amount = services.default_amount(account=account, on=today)
    return {"debt": account.pk, "amount": amount, "method": "CARD", "effective_date": today, "seen": account.version}


def _context(debtor: Debtor, accounts: list[Account], form: PaymentForm) -> dict[str, Any]:
    return {
        "debtor": debtor,
        "form": form,
        "accounts": accounts,
        "crumbs": crumbs(debtor, "Take a payment"),
        "nav_current": "accounts:people",
    }


def _previewed(form: PaymentForm) -> dict[str, Any]:
    form.is_valid()
    debt, amount = form.cleaned_data.get("debt"), form.cleaned_data.get("amount")
    return _preview_of(debt, amount, form.direction)


def _preview_of(
    account: Account | None, amount: Decimal | None, direction: dict[int, Decimal | None]
) -> dict[str, Any]:
    if account is None or not amount:
        return {"preview": None}
    try:
        spread = services.preview(account=account, amount=amount, direction=direction or None)
    except services.PaymentRefused as refused:
        return {"preview": None, "preview_refused": str(refused)}
    names = {row.pk: row.ref for row in Account.objects.filter(pk__in={part.debt for part in spread.parts})}
    parts = [(names[part.debt], part.component, part.amount) for part in spread.parts]
    return {"preview": spread, "parts": parts, "currency": account.currency}


def _record(request: HttpRequest, debtor: Debtor, accounts: list[Account], at: Any) -> HttpResponse:
    form = PaymentForm(request.POST, accounts=accounts)
    context = _context(debtor, accounts, form)
    template = f"{PAGE}#form" if is_partial(request) else PAGE
    if not form.is_valid():
        return unfinished(request, template, context | _previewed(form))
    facts, account = form.cleaned_data, form.cleaned_data["debt"]
    if facts["seen"] and facts["seen"] != str(account.version):
        return _stale(request, template, context, form, account)
    try:
        payment = services.record_payment(
            account=account,
            amount=facts["amount"],
            method=facts["method"],
            effective_date=facts["effective_date"],
            key=f"desk:{request.user.pk}:{facts['idempotency_key']}"[:120],
            direction=form.direction or None,
            by=request.user,
            at=at,
        )
    except services.PaymentRefused as refused:
        refuse(form, refused, {"account": "debt"})
        return unfinished(request, template, context | _previewed(form))
    words = f"Payment of {formats.money(facts['amount'], payment.currency)} recorded."
    if is_partial(request):
        response = render(request, f"{PAGE}#saved", {"payment": payment, "debtor": debtor, "words": words})
        return tell(response, announce=words, toast={"text": words}, paymentrecorded={"debtor": debtor.pk})
    return go(request, payment.account.get_absolute_url())


def _stale(
    request: HttpRequest, template: str, context: dict[str, Any], form: PaymentForm, account: Account
) -> HttpResponse:
    """The debt moved since the form was opened: show what it owes now, keep what was typed, ask again."""
    typed = QueryDict(mutable=True)
    typed.update(form.data)
    typed["seen"] = str(account.version)
    form.data = typed
    context |= {"stale": account} | _previewed(form)
    return tell(render(request, template, context, status=409), setfocus="#stale")


@role(*READERS)
@idempotent
@require_http_methods(["GET", "POST"])
def give_back(request: HttpRequest, payment_id: int) -> HttpResponse:
    """Record that the bank or card took a payment back."""
    at = clock.now()
    rows = Payment.objects.visible_to(request.user).select_related("account__portfolio", "debtor")
    payment = get_object_or_404(rows, pk=payment_id)
    form = ReturnForm(request.POST) if request.method == "POST" else None
    context = returned_context(payment, at, form)
    if form is None:
        return render(request, "payments/return.html", context)
    if form.is_valid():
        try:
            services.return_payment(
                payment=payment,
                code=form.cleaned_data["code"],
                returned_on=form.cleaned_data["returned_on"],
                key=str(payment.pk),
                by=request.user,
                at=at,
            )
            return go(request, payment.account.get_absolute_url())
        except services.PaymentRefused as refused:
            refuse(form, refused)
    return unfinished(request, "payments/return.html", context)


def returned_context(payment: Payment, at: datetime, form: ReturnForm | None = None) -> dict[str, Any]:
    """What the page of a returned payment shows: the form, what a fee would be, or the return and its fee."""
    debt = payment.account
    today = clock.today(debt.portfolio.time_zone, at)
    returned = PaymentReturn.objects.filter(payment=payment).first()
    fee = None
    if returned is None:
        usual = "NSF" if payment.method == "CHECK" else "R01"
        fee = services.fee_decision(payment=payment, account=debt, code=usual, at=at)
    return {
        "payment": payment,
        "returned": returned,
        "fee": fee,
        "form": form or ReturnForm(initial={"returned_on": today, "code": "R01"}),
        "taking": FeeBackForm() if returned and returned.fee and not returned.fee_back_journal_id else None,
        "crumbs": crumbs(payment.debtor, "Returned payment", (debt.ref, debt.get_absolute_url())),
        "nav_current": "accounts:people",
    }


@role(*READERS)
@idempotent
@require_http_methods(["GET", "POST"])
def retry(request: HttpRequest, payment_id: int) -> HttpResponse:
    """Record that a returned bank transfer was presented again, or read why it may not be."""
    at = clock.now()
    rows = Payment.objects.visible_to(request.user).select_related("account__portfolio", "debtor", "returned")
    payment = get_object_or_404(rows, pk=payment_id)
    debt = payment.account
    today = clock.today(debt.portfolio.time_zone, at)
    form = RetryForm(request.POST or None, initial={"effective_date": today})
    context = {
        "payment": payment,
        "form": form,
        "retry": services.retries(payments=[payment], on=today).get(payment.pk, NOT_RETURNED),
        "crumbs": crumbs(payment.debtor, "Present it again", (debt.ref, debt.get_absolute_url())),
        "nav_current": "accounts:people",
    }
    if request.method == "GET":
        return render(request, "payments/retry.html", context)
    if form.is_valid():
        try:
            key = f"retry:{payment.pk}:{form.cleaned_data['idempotency_key']}"[:120]
            services.retry_payment(
                payment=payment, on=form.cleaned_data["effective_date"], key=key, by=request.user, at=at
            )
            return go(request, debt.get_absolute_url())
        except services.PaymentRefused as refused:
            refuse(form, refused)
    return unfinished(request, "payments/retry.html", context)

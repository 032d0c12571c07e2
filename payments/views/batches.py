"""Payments entered in a batch: one line a check, a running total, close, release (F58)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Portfolio
from core import clock
from core.http import go, is_partial, tell
from core.idempotency import idempotent
from payments import queries, services, states
from payments.forms import BatchForm, LineForm
from payments.models import PaymentBatch
from payments.services.batches import totals
from users.permissions import role

from .common import READERS, refuse, unfinished

PAGE = "payments/batch.html"


@role(*READERS)
@idempotent
@require_http_methods(["GET", "POST"])
def batches(request: HttpRequest) -> HttpResponse:
    """The batches of one's portfolios, and the form that starts one."""
    at = clock.now()
    portfolios = Portfolio.objects.visible_to(request.user).filter(active=True)
    form = BatchForm(
        request.POST or None, portfolios=portfolios, initial={"received_on": clock.today("America/Chicago", at)}
    )
    if request.method == "POST" and form.is_valid():
        facts = {name: value for name, value in form.cleaned_data.items() if name != "idempotency_key"}
        try:
            batch = services.open_batch(**facts, by=request.user, at=at)
            return go(request, reverse("payments:batch", args=[batch.pk]))
        except services.BatchRefused as refused:
            refuse(form, refused)
    back = "before" in request.GET
    cursor = request.GET.get("before") or request.GET.get("after") or ""
    context = {
        "form": form,
        "page": queries.batches(user=request.user, cursor=cursor, back=back),
        "colours": states.COLOURS,
        "crumbs": [{"label": "Arrangements", "url": reverse("payments:arrangements")}, {"label": "Batches", "url": ""}],
        "nav_current": "payments:arrangements",
    }
    if request.method == "POST":
        return unfinished(request, "payments/batches.html", context)
    return render(request, "payments/batches.html", context)


@role("lead", "manager")
@require_GET
def approvals(request: HttpRequest) -> HttpResponse:
    """What waits for a second person: batches to be released."""
    back = "before" in request.GET
    cursor = request.GET.get("before") or request.GET.get("after") or ""
    page = queries.batches(user=request.user, state="CLOSED", cursor=cursor, back=back)
    return render(request, "payments/approvals.html", {"page": page, "nav_current": "payments:approvals"})


def _batch(request: HttpRequest, batch_id: int) -> PaymentBatch:
    rows = PaymentBatch.objects.visible_to(request.user).select_related("portfolio", "entered_by", "released_by")
    found: PaymentBatch = get_object_or_404(rows, pk=batch_id)
    return found


def _context(request: HttpRequest, batch: PaymentBatch, form: LineForm) -> dict[str, Any]:
    count, total = totals(batch)
    lines = batch.lines.select_related("account__debtor", "account__creditor", "payment").order_by("-number")
    return {
        "batch": batch,
        "form": form,
        "lines": lines,
        "count": count,
        "total": total,
        "gap": batch.control_total - total,
        "kind": states.COLOURS[batch.state],
        "may_release": batch.state == "CLOSED"
        and batch.entered_by_id != request.user.pk
        and bool({"lead", "manager"} & getattr(request.user, "roles", frozenset())),
        "crumbs": [{"label": "Batches", "url": reverse("payments:batches")}, {"label": batch.name, "url": ""}],
        "nav_current": "payments:arrangements",
    }


@role(*READERS)
@idempotent
@require_http_methods(["GET", "POST"])
def batch(request: HttpRequest, batch_id: int) -> HttpResponse:
    """One batch. POST adds a line: reference, amount, Enter."""
    found = _batch(request, batch_id)
    template = f"{PAGE}#entry" if is_partial(request) else PAGE
    if request.method == "GET":
        return render(request, template, _context(request, found, LineForm()))
    form = LineForm(request.POST)
    if form.is_valid() and _add(request, found, form):
        if not is_partial(request):
            return go(request, reverse("payments:batch", args=[found.pk]))
        response = render(request, template, _context(request, found, LineForm()))
        return tell(response, setfocus="#id_reference", announce="Line added.")
    return unfinished(request, template, _context(request, found, form))


def _add(request: HttpRequest, batch: PaymentBatch, form: LineForm) -> bool:
    facts = form.cleaned_data
    rows = list(queries.find_account(user=request.user, batch=batch, reference=facts["reference"])[:2])
    if len(rows) != 1:
        form.add_error(
            "reference", "No debt of this portfolio has this reference." if not rows else "Two debts have it."
        )
        return False
    try:
        services.add_line(
            batch=batch,
            account=rows[0],
            amount=facts["amount"],
            method=facts["method"],
            reference=facts["reference"],
            by=request.user,
        )
    except services.BatchRefused as refused:
        refuse(form, refused)
        return False
    return True


@role(*READERS)
@require_POST
def remove_line(request: HttpRequest, batch_id: int, number: int) -> HttpResponse:
    """Take one line out while the batch is open."""
    return _act(request, batch_id, lambda found: services.remove_line(batch=found, number=number))


@role(*READERS)
@require_POST
def close(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Close at the control total."""
    return _act(request, batch_id, lambda found: services.close_batch(batch=found, by=request.user, at=clock.now()))


@role(*READERS)
@require_POST
def reopen(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Back to entering."""
    return _act(request, batch_id, lambda found: services.reopen_batch(batch=found, by=request.user, at=clock.now()))


@role(*READERS)
@require_POST
def discard(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Throw away what was entered."""
    return _act(request, batch_id, lambda found: services.discard_batch(batch=found, by=request.user, at=clock.now()))


@role("lead", "manager")
@idempotent
@require_POST
def release(request: HttpRequest, batch_id: int) -> HttpResponse:
    """A second person posts it."""
    return _act(request, batch_id, lambda found: services.release_batch(batch=found, by=request.user, at=clock.now()))


def _act(request: HttpRequest, batch_id: int, act: Any) -> HttpResponse:
    found = _batch(request, batch_id)
    try:
        act(found)
    except services.BatchRefused as refused:
        context = _context(request, found, LineForm()) | {"refused": str(refused)}
        return tell(render(request, PAGE, context, status=422), setfocus="#refused")
    return go(request, reverse("payments:batch", args=[found.pk]))

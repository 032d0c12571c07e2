"""B: the person's income and outgoings, and what is spare in a month."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from contacts import budget as sheets
from contacts import services as contacts
from contacts.models import BudgetSheet
from core import clock, formats
from core.http import tell
from core.idempotency import idempotent
from strategies.desk.card import Card
from strategies.desk.forms import BudgetForm, TermsForm
from users.permissions import StaffRequest, role

from .common import ACTORS, READERS, answer, get_card, refused


@role(*ACTORS)
@idempotent
@require_http_methods(["GET", "POST"])
def budget(request: StaffRequest, debtor_id: int) -> HttpResponse:
    """The sheet as a dialog; saving keeps it for good. Not while amounts are hidden."""
    at = clock.now()
    card = get_card(request, debtor_id, at)
    if card.masked:
        raise Http404
    if request.method == "GET":
        known = contacts.budget_of(card.debtor)
        form = BudgetForm(initial=_initial(known))
        return render(request, "desk/budget.html", {"card": card, "debtor": card.debtor, "form": form, "known": known})
    form = BudgetForm(request.POST)
    call = card.call if card.call is not None and card.call.officer_id == request.user.pk else None
    try:
        if form.is_valid():
            made = contacts.save_budget(
                debtor=card.debtor, call=call, lines=form.lines(), currency=card.currency, by=request.user, at=at
            )
            response = answer(request, debtor_id, at)
            return tell(response, announce=f"Budget saved. {words(made)}")
    except contacts.BudgetRefused as error:
        form.add_error(None, str(error))
    name, problems = next(iter(form.errors.items()))
    label = form.fields[name].label if name in form.fields else ""
    problem = f"{label}: {problems[0]}" if label else str(problems[0])
    return refused(request, debtor_id, at, problem, refusal_title="The budget is not saved yet")


def _initial(known: BudgetSheet | None) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for row in known.lines if known else []:
        found[f"amount_{row['code']}"], found[f"every_{row['code']}"] = row["amount"], row["every"]
    return found


def words(sheet: BudgetSheet) -> str:
    """What is spare, in one sentence."""
    spare = sheet.income - sheet.outgoings
    if spare <= 0:
        return "Nothing is spare in a month: offer the smallest payment, a pause or help."
    return f"{formats.money(spare, sheet.currency)} is spare in a month."


@role(*READERS)
@require_GET
def spare(request: StaffRequest, debtor_id: int) -> HttpResponse:
    """How one payment (`amount`, `every`) stands to what is spare: a line for the plan builder, or nothing."""
    card = get_card(request, debtor_id, clock.now())
    form = TermsForm(request.GET)
    if card.masked or not form.is_valid() or form.cleaned_data["amount"] is None:
        return HttpResponse("")
    found = affordability(card=card, amount=form.cleaned_data["amount"], every=form.cleaned_data["every"])
    return render(request, "desk/offers.html#spare", found)


def affordability(*, card: Card, amount: Decimal, every: str) -> dict[str, Any]:
    """How a plan stands to the spare money, for the calculator; empty without a budget. One statement."""
    known = contacts.budget_of(card.debtor)
    if known is None or every not in sheets.A_YEAR:
        return {}
    spare = known.income - known.outgoings
    share = sheets.share(amount, every, spare)
    month = formats.money(sheets.monthly(amount, every), known.currency)
    left = formats.money(spare, known.currency)
    if share is None:
        return {"spare_words": "Nothing is spare in a month by the budget", "spare_fits": False}
    return {
        "spare_share": share,
        "spare_words": f"{month} of {left} spare a month, {formats.percent(share / 100)}",
        "spare_fits": share <= 100,
    }

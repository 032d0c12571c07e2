"""The plan builder, the list of arrangements and one arrangement (J3)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Account, Debtor
from core import charts, clock, formats
from core.http import go, is_partial
from core.idempotency import FIELD, idempotent, new_key
from payments import policy, queries, readback, services, states, table
from payments.forms import PlanForm, ReasonForm
from payments.models import Plan
from payments.services import drafting as building
from users.permissions import role

from .common import READERS, crumbs, person_and_debts, refuse, unfinished

PAGE = "payments/plan_new.html"
FIELDS = {"accounts": "debts", "total": "amount"}


@role(*READERS)
@idempotent
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, debtor_id: int) -> HttpResponse:
    """The builder. GET by htmx with terms answers #plan-result only, so that the form keeps its focus."""
    at = clock.now()
    debtor, accounts = person_and_debts(request, debtor_id)
    if request.method == "POST":
        return _save(request, debtor, accounts, at)
    open_plan = Plan.objects.visible_to(request.user).filter(debtor=debtor, state__in=states.OPEN_PLANS).first()
    today = _today(accounts, at)
    if "every" in request.GET:
        form = PlanForm(request.GET, accounts=accounts)
    else:
        form = PlanForm(_defaults(accounts, today), accounts=accounts)
    result = _result(form, accounts, today, show_all="all" in request.GET)
    if is_partial(request) and "every" in request.GET:
        return render(request, f"{PAGE}#result", result | {"debtor": debtor, "form": form})
    return render(request, PAGE, _context(debtor, accounts, form, open_plan) | result)


def _today(accounts: list[Account], at: datetime) -> date:
    return clock.today(accounts[0].portfolio.time_zone if accounts else "America/Chicago", at)


def _defaults(accounts: list[Account], today: date) -> dict[str, Any]:
    able = [row for row in accounts if row.status in building.PLANNABLE and row.balance > 0]
    first_date = policy.next_payday(today)
    data: dict[str, Any] = {
        "debts": [str(row.pk) for row in able],
        "every": "biweekly",
        "first_date": first_date.isoformat(),
        "method": "LINK",
        "terms_channel": "EMAIL",
    }
    total = sum((row.balance for row in able), Decimal(0))
    if able and total > 0:
        first = policy.offers(total=total, first_date=first_date, every="biweekly", limits=able[0].portfolio)
        data["amount"] = str(first[0].amount) if first else str(total)
    return data


def _context(debtor: Debtor, accounts: list[Account], form: PlanForm, open_plan: Plan | None) -> dict[str, Any]:
    return {
        "debtor": debtor,
        "accounts": accounts,
        "form": form,
        "key": form.data.get(FIELD) or new_key(),  # the form is bound from the start, so its own key stays empty
        "open_plan": open_plan,
        "crumbs": crumbs(debtor, "New arrangement"),
        "nav_current": "payments:arrangements",
    }


def _result(form: PlanForm, accounts: list[Account], today: date, *, show_all: bool = False) -> dict[str, Any]:
    """What #plan-result shows: the schedule worked out, or the sentence that says why there is none."""
    if not form.is_valid():
        return {"draft": None}
    terms, rows = form.terms, list(form.cleaned_data["debts"])
    try:
        made = building.draft(accounts=rows, terms=terms, on=today)
    except services.PlanRefused as refused:
        refuse(form, refused, FIELDS)
        return {"draft": None, "offers": []}
    listed = table.rows(lines=made.lines, shares=made.shares, positions=made.positions)
    currency = made.debts[0].currency
    said = _said(made, terms, currency)
    return {
        "draft": made,
        "rows": listed if show_all else table.folded(listed),
        "show_all": show_all,
        "currency": currency,
        "chart": _curve(listed, made, currency),
        "said": said,
        "heard": _digest(said, made),
        "offers": _offers(made, terms, form),
        "months": _months(made),
        "limits": made.debts[0].portfolio,
        "same_creditor": len({row.creditor_id for row in made.debts}) < len(made.debts),
        "left_out": [row for row in accounts if row not in made.debts and row.status not in building.PLANNABLE],
    }


def _said(made: building.Draft, terms: building.Terms, currency: str) -> list[tuple[str, bool]]:
    return readback.parts(
        lines=made.lines,
        every=terms.every,
        method=terms.method,
        total=made.total,
        currency=currency,
        no_charges=not any(row.portfolio.charges_interest for row in made.debts),
    )


def _digest(said: list[tuple[str, bool]], made: building.Draft) -> str:
    days = [line.due_date for line in made.lines]
    return readback.digest(readback.text(said), [row.pk for row in made.debts], days)


def _offers(made: building.Draft, terms: building.Terms, form: PlanForm) -> list[dict[str, Any]]:
    """Up to three ways to pay, each with the address that fills the form."""
    limits = made.debts[0].portfolio
    found = policy.offers(total=made.total, first_date=terms.first_date, every=terms.every, limits=limits)
    kept = form.data
    shown = []
    for offer in found:
        query: list[tuple[str, Any]] = [("debts", row.pk) for row in form.cleaned_data["debts"]]
        query += [(name, kept.get(name) or "") for name in ("every", "first_date", "method", "first_debt")]
        query += [("amount", offer.amount), ("terms_channel", kept.get("terms_channel") or "EMAIL")]
        shown.append({"offer": offer, "query": f"?{urlencode(query)}", "chosen": offer.amount == made.lines[0].amount})
    return shown


def _months(made: building.Draft) -> int:
    first, last = made.lines[0].due_date, made.lines[-1].due_date
    return (last.year - first.year) * 12 + last.month - first.month + (last.day > first.day)


def _curve(listed: tuple[table.Row, ...], made: building.Draft, currency: str) -> charts.Area:
    first, last = listed[0].due_date, listed[-1].due_date
    span = max((last - first).days, 1)

    def place(day: date) -> float:
        return (day - first).days / span

    points: list[tuple[float, Decimal]] = [(0.0, made.total)]
    points += [(place(row.due_date), row.left) for row in listed]
    years = [date(year, 1, 1) for year in range(first.year + 1, last.year + 1)]
    marks = tuple((place(day), f"Jan {day.year}") for day in years if place(day) < 0.9)
    notes = tuple(
        charts.Point(place(row.due_date), row.left, f"{made.debts[at].creditor.name} paid off")
        for row in listed[:-1]
        for at in row.finishes
    )
    end = formats.letter_day(last)
    label = f"Balance falls from {formats.money(made.total, currency)} to zero on {end}"
    return charts.Area(points=tuple(points), label=label, marks=marks, notes=notes, end_words=end)


def _save(request: HttpRequest, debtor: Debtor, accounts: list[Account], at: datetime) -> HttpResponse:
    form = PlanForm(request.POST, accounts=accounts)
    result = _result(form, accounts, _today(accounts, at))
    context = _context(debtor, accounts, form, None) | result
    made = result["draft"]
    if made is None:
        return unfinished(request, PAGE, context)
    facts = form.cleaned_data
    if not facts["read_back"]:
        form.add_error("read_back", "Read the terms back, word for word, and get a yes first.")
    elif facts["heard"] != result["heard"]:
        form.add_error("read_back", "The terms changed after the read-back. Read these words back.")
    if form.errors:
        return unfinished(request, PAGE, context)
    try:
        plan = services.open_plan(
            debtor=debtor,
            accounts=list(facts["debts"]),
            terms=form.terms,
            by=request.user,
            at=at,
            read_back_at=at,
            terms_channel=facts["terms_channel"],
            read_back=readback.text(result["said"]),
        )
    except services.PlanRefused as refused:
        refuse(form, refused, FIELDS)
        return unfinished(request, PAGE, context)
    return go(request, reverse("payments:arrangement", args=[plan.pk]))


@role(*READERS)
@require_GET
def arrangements(request: HttpRequest) -> HttpResponse:
    """The list of arrangements, by how they go."""
    state = request.GET.get("state", "open")
    state = state if state in queries.PLAN_FILTERS else "open"
    back = "before" in request.GET
    page = queries.plans(
        user=request.user, state=state, cursor=request.GET.get("before") or request.GET.get("after") or "", back=back
    )
    labels = {
        "open": "Open",
        "active": "On track",
        "slipping": "Slipping",
        "broken": "Broken",
        "done": "Finished",
        "cancelled": "Cancelled",
    }
    tabs = [{"label": words, "url": f"?state={code}", "current": code == state} for code, words in labels.items()]
    context = {"page": page, "tabs": tabs, "colours": states.COLOURS, "nav_current": "payments:arrangements"}
    return render(request, "payments/arrangements.html", context)


def _plan(request: HttpRequest, plan_id: int) -> Plan:
    rows = Plan.objects.visible_to(request.user).select_related("debtor", "account__portfolio", "agreed_by")
    found: Plan = get_object_or_404(rows, pk=plan_id)
    return found


@role(*READERS)
@require_GET
def arrangement(request: HttpRequest, plan_id: int) -> HttpResponse:
    """One arrangement: paid, planned, next, and every payment of it."""
    return render(request, "payments/arrangement.html", _shown(_plan(request, plan_id), ReasonForm()))


def _shown(plan: Plan, form: ReasonForm) -> dict[str, Any]:
    lines = list(plan.installments.order_by("number"))
    paid = sum((line.paid for line in lines), Decimal("0.00"))
    todo = [line for line in lines if line.state not in ("PAID", "CANCELLED")]
    return {
        "plan": plan,
        "form": form,
        "lines": lines,
        "paid": paid,
        "left": plan.total - paid,
        "next": todo[0] if todo else None,
        "debts": plan.debts.select_related("account__creditor").order_by("position", "pk"),
        "history": queries.history(plan=plan),
        "states": dict(states.PlanState.choices),
        "colours": states.COLOURS,
        "may_cancel": "CANCELLED" in states.PLAN[plan.state],
        "crumbs": [
            {"label": "Arrangements", "url": reverse("payments:arrangements")},
            {"label": plan.debtor.name, "url": plan.debtor.get_absolute_url()},
            {"label": plan.ref, "url": ""},
        ],
        "nav_current": "payments:arrangements",
    }


@role(*READERS)
@require_POST
def cancel(request: HttpRequest, plan_id: int) -> HttpResponse:
    """End an arrangement, with the reason."""
    plan = _plan(request, plan_id)
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            services.cancel_plan(plan=plan, by=request.user, at=clock.now(), reason=form.cleaned_data["reason"])
            return go(request, reverse("payments:arrangement", args=[plan.pk]))
        except services.PlanRefused as refused:
            refuse(form, refused)
    return unfinished(request, "payments/arrangement.html", _shown(_plan(request, plan_id), form))

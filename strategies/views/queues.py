"""For leads and managers: what waits where, who has whom in hand, absences, and the weights."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import portfolio_ids
from accounts.models import Debtor, Portfolio
from core import audit, clock
from core.http import go
from core.text import storable
from users.models import ShiftPart, User
from users.permissions import StaffRequest, role

from .. import ranking, services, worklist
from ..forms import AbsenceForm, WeightsForm
from ..models import PersonHold, Queue, QueueCount, WorkItem
from ..rules import priority
from .bulk import colleagues

LEADS = ("lead", "manager")


@role(*LEADS, "compliance")
@require_GET
def queues(request: StaffRequest) -> HttpResponse:
    """Queues by client, and the live floor."""
    user, at = request.user, clock.now()
    officers = colleagues(user).filter(role_list__overlap=["officer", "lead"])
    context = {
        "nav_current": "desk:queues",
        "heads": Queue.choices,
        "books": _by_book(user),
        "floor": _floor(user, officers),
        "absence": AbsenceForm(people=officers),
        "at": at,
        "here": worklist.local(list(user.teams.all()), at),
        "may_weigh": user.has_role("manager"),
        "may_move": user.has_role(*LEADS),
    }
    return render(request, "strategies/queues.html", context)


def _by_book(user: User) -> list[dict[str, Any]]:
    """One line per portfolio: people waiting by queue, from the counts."""
    rows = QueueCount.objects.filter(waiting__gt=0).values_list("portfolio__name", "queue")
    ids = portfolio_ids(user)
    if ids is not None:
        rows = rows.filter(portfolio__in=ids)
    table: dict[str, dict[str, int]] = {}
    for book, queue, n in rows.annotate(n=Sum("waiting")).order_by("portfolio__name"):
        table.setdefault(book, {})[queue] = n
    return [
        {"name": name, "total": sum(cells.values()), "cells": [cells.get(q, 0) for q in Queue.values]}
        for name, cells in table.items()
    ]


def _floor(user: User, officers: QuerySet[User]) -> list[dict[str, Any]]:
    """Each officer: state of the shift, who is in hand, how many items and call-backs are theirs."""
    people = list(officers)
    ids = [person.pk for person in people]
    parts = ShiftPart.objects.filter(shift__user__in=ids, ended_at=None, shift__ended_at=None)
    states = {part.shift.user_id: part for part in parts.select_related("shift")}
    visible = Debtor.objects.visible_to(user).values("pk")
    holds: dict[int | None, list[PersonHold]] = {}
    in_hand = PersonHold.objects.filter(user__in=ids, released_at=None, debtor__in=visible)
    for hold in in_hand.exclude(kind=PersonHold.Kind.RESERVED).select_related("debtor"):
        holds.setdefault(hold.user_id, []).append(hold)
    owned = WorkItem.objects.visible_to(user).filter(assigned_to__in=ids, state=WorkItem.State.OPEN)
    counts: dict[Any, dict[str, Any]] = {
        row["assigned_to"]: dict(row)
        for row in owned.values("assigned_to").annotate(
            items=Count("pk"), callbacks=Count("pk", filter=Q(queue=Queue.CALLBACK))
        )
    }
    return [
        {
            "person": person,
            "state": states.get(person.pk),
            "holds": holds.get(person.pk, []),
            "items": counts.get(person.pk, {}).get("items", 0),
            "callbacks": counts.get(person.pk, {}).get("callbacks", 0),
        }
        for person in people
    ]


@role(*LEADS)
@require_POST
def absent(request: StaffRequest) -> HttpResponse:
    """Somebody is away: move their items and call-backs in one act and list what moved (F21)."""
    form = AbsenceForm(request.POST, people=colleagues(request.user))
    if not form.is_valid():
        return render(request, "strategies/absent.html", {"form": form}, status=422)
    away, to = form.cleaned_data["absent"], form.cleaned_data["to"]
    moved = services.move_work(absent=away, to=to, by=request.user, at=clock.now())
    context = {"away": away, "to": to, "moved": moved, "nav_current": "desk:queues"}
    return render(request, "strategies/absent.html", context)


@role(*LEADS)
@require_POST
def take_over(request: StaffRequest, debtor_id: int) -> HttpResponse:
    """A lead takes a live person; identity check and script place stay with the call."""
    debtor = get_object_or_404(Debtor.objects.visible_to(request.user), pk=debtor_id)
    claim = services.takeover(
        debtor=debtor, by=request.user, at=clock.now(), reason=storable(request.POST.get("reason", ""), 200)
    )
    return go(request, claim.url)


@role("manager", "compliance")
@require_http_methods(["GET", "POST"])
def weights(request: StaffRequest) -> HttpResponse:
    """Change what counts; see the new first fifty beside the old before saving (F17)."""
    present = services.weights()
    form = WeightsForm(request.POST or None, present=present)
    context: dict[str, Any] = {"nav_current": "desk:queues", "form": form, "parts": priority.PARTS}
    books = list(Portfolio.objects.visible_to(request.user).order_by("pk").values_list("pk", flat=True))
    if request.method == "POST" and form.is_valid():
        if "save" in request.POST:
            saved = form.save(by=request.user, at=clock.now())
            audit.record(
                "work.weights_changed", actor=request.user, subject=saved, data={"from": present, "to": saved.weights}
            )
            messages.success(request, "Weights saved. The queues follow within a quarter of an hour.")
            return go(request, "/queues/weights/")
        context["compare"] = ranking.compare(books=books, old=present, new=form.weights, at=clock.now())
    elif request.method == "GET":
        context["present"] = ranking.first(books=books, weights=present, at=clock.now())
    return render(request, "strategies/weights.html", context, status=422 if form.errors else 200)

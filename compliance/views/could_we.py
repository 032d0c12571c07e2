"""Could we have? Any person, channel and past minute, by what was known then and by what is known now (D1, D4)."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.models import ContactPoint, Debtor
from compliance import queries
from compliance import services as compliance
from compliance.forms import CouldWeForm
from compliance.services import Request
from core import clock
from core.text import normalise_phone
from users.permissions import StaffRequest, role

from . import common
from .why import explained


@role("compliance")
@require_GET
def could_we(request: StaffRequest) -> HttpResponse:
    """The question is in the address, so it can be sent to somebody; nothing is stored."""
    asked = "person" in request.GET
    form = CouldWeForm(request.GET) if asked else CouldWeForm(initial={"channel": "call"})
    context: dict[str, Any] = {"form": form, "nav_current": "compliance:could_we"}
    if asked and form.is_valid():
        debtor = Debtor.objects.visible_to(request.user).filter(pk=form.cleaned_data["person"]).first()
        if debtor is None:
            form.add_error("person", "There is nobody with this reference.")
        else:
            context |= _answers(debtor, form, clock.now())
    if form.is_bound and form.errors:
        return common.refused(request, "compliance/could_we.html", context)
    return render(request, "compliance/could_we.html", context)


def _answers(debtor: Debtor, form: CouldWeForm, now: Any) -> dict[str, Any]:
    channel = form.cleaned_data["channel"]
    zone = common.home_zone(debtor)
    at = form.moment(zone)
    if at > now:
        form.add_error("day", "This moment has not come yet.")
        return {}
    point = _point(debtor, channel, form.cleaned_data["number"])
    if form.cleaned_data["number"] and point is None:
        form.add_error("number", "This is not among the person's numbers and addresses.")
        return {}
    question = Request(debtor, channel, None, point)  # about the debts that were open then
    sides: list[dict[str, Any]] = []
    for title, known, rules_of in (
        ("As known then", at, at), ("As known now", None, at), ("As known now, by today's rules", None, now),
    ):  # fmt: skip
        answer = compliance.judge_as_known(question, at, known, rules_of=rules_of)
        if rules_of == now and answer.rules is sides[-1]["answer"].rules:
            continue  # no rule has changed since
        sides.append({"name": title, "answer": answer, **_side(question, answer, at)})
    minute = at.replace(second=0, microsecond=0)
    stored = queries.stored_in_minute(debtor, channel, minute)
    return {
        "debtor": debtor, "zone": str(zone), "at": at, "sides": sides, "stored": stored, "point": point,
        "differ": sides[0]["answer"].decision != sides[1]["answer"].decision, "until": minute + timedelta(minutes=1),
    }  # fmt: skip


def _side(question: Request, answer: compliance.Answer, at: Any) -> dict[str, Any]:
    data = explained(question, answer, at)
    data["look"] = common.LOOKS[answer.decision]
    data["words"] = common.DECISIONS[answer.decision]
    return data


def _point(debtor: Debtor, channel: str, text: str) -> ContactPoint | None:
    if not text:
        kind = {"call": "PHONE", "sms": "PHONE", "email": "EMAIL", "letter": "ADDRESS"}[channel]
        return debtor.contact_points.filter(kind=kind).order_by("-preferred", "pk").first()
    values = [text.strip(), text.strip().lower(), normalise_phone(text) or ""]
    return debtor.contact_points.filter(value__in=values).first()

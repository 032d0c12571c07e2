"""Why may we, or why not: the popover of a badge (D1)."""

from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from accounts.models import ContactPoint
from compliance import services as compliance
from compliance.models import ContactEvent
from compliance.rules import explain, helpers
from compliance.rules.context import Context
from compliance.services import Answer, Request
from core import clock, formats
from core.http import is_partial
from users.permissions import StaffRequest, role

from . import common

NATURAL = {"PHONE": ("call", "sms"), "EMAIL": ("email",), "ADDRESS": ("letter", "in_person")}


@role("officer", "lead", "manager", "compliance")
@require_GET
def why(request: StaffRequest, debtor_id: int, point_id: int) -> HttpResponse:
    """Each rule that speaks and those that passed, the counters, and the hours of the day. `?channel=sms`."""
    at = clock.now()
    debtor = common.person(request, debtor_id)
    point = get_object_or_404(ContactPoint, pk=point_id, debtor=debtor)
    ways = NATURAL[point.kind]
    asked = request.GET.get("channel", "")
    channel = asked if asked in ways else ways[0]
    accounts = common.debts(request, debtor)
    question = Request(debtor, channel, accounts or None, point)
    answer = compliance.judge_now(question, at)
    context = explained(question, answer, at)
    template = "compliance/why.html#why" if is_partial(request) else "compliance/why.html"
    return render(request, template, context)


def explained(question: Request, answer: Answer, at: Any) -> dict[str, Any]:
    """The answer in words for the why panel: title, rules, calls used, the open hours of the person's day."""
    debtor, channel = question.debtor, question.channel
    zone = common.home_zone(debtor)
    data: dict[str, Any] = {
        "debtor": debtor,
        "title": common.title_of(answer.verdict, channel, question.point, zone),
        "rules": common.rules_of(answer.verdict),
        "passed": [],
        "silent": [],
        "override": channel in common.CHANNEL_WORDS and compliance.may_be_overridden(answer.verdict),
        "channel": channel,
        "point": question.point,
    }
    if answer.facts is None:
        return data
    pks = [a for a in answer.account_ids if any(d.id == str(a) for d in answer.facts.debts)]
    action = compliance.action_for(question, person_id=str(debtor.pk), ids=pks)
    passed = explain.passed(answer.facts, action, at, answer.verdict, book=answer.rules)
    data["passed"] = [rule for rule in passed if rule.told]
    data["silent"] = [rule for rule in passed if not rule.told]
    local = at.astimezone(zone)
    if channel != "letter":
        spans = helpers.open_intervals(answer.facts, action, local.date(), packs=answer.rules)
        data["opens"] = [(a.astimezone(zone), b.astimezone(zone)) for a, b in spans]
        data["now"] = local
    if channel in ("call", "sms") and question.point is not None:
        data["check"] = _check_words(compliance.last_check(debtor, question.point.value), zone)
    if channel == "call":
        data["used"], data["limit"] = explain.calls_used(Context(answer.facts, action, at), answer.rules)
    return data


CHECKS = {"not_reassigned": "not reassigned", "reassigned": "given to somebody else", "no_data": "no data"}


def _check_words(check: ContactEvent | None, zone: ZoneInfo) -> str:
    """The newest check of a number in words."""
    if check is None:
        return "Never checked for reassignment."
    day = formats.letter_day(check.at.astimezone(zone))
    result = CHECKS.get(check.facts.get("result", ""), "unclear")
    return f"Checked for reassignment on {day}: {result} ({check.facts.get('source') or 'source not recorded'})."

"""Stored decisions: the list with what was blocked by rule and by officer, and one with its facts."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.models import ContactPoint, Debtor
from compliance import queries, rulebooks
from core import clock
from users.permissions import StaffRequest, role

from . import common, words


@role("compliance")
@require_GET
def decisions(request: StaffRequest) -> HttpResponse:
    """Blocks, warnings and yeses of a day or of the last seven days; by rule, by officer."""
    at = clock.now()
    get = request.GET
    day = common.day_from(get.get("day", ""))
    since, until = queries.period(day, at, timezone.get_current_timezone())
    decision = get.get("decision", "block")
    decision = decision if decision in common.DECISIONS or decision == "all" else "block"
    officer = int(get["officer"]) if get.get("officer", "").isascii() and get.get("officer", "").isdigit() else None
    cursor, back = common.cursors(request)
    page = queries.decisions(
        since=since, until=until, decision="" if decision == "all" else decision, rule=get.get("rule", "")[:60],
        officer=officer, cursor=cursor, back=back,
    )  # fmt: skip
    by_rule, by_person = queries.tallies(since, until)
    names = queries.people(row.asked_by_id for row in page.rows)
    for row in page.rows:
        row.asker = names.get(row.asked_by_id, "System")
        row.words = common.DECISIONS[row.decision]
        row.look = common.LOOKS[row.decision]
        row.what = common.CHANNEL_WORDS.get(row.channel, row.channel)
        row.sentence = row.findings[0]["sentence"] if row.findings else ""
        row.for_words = words.named(words.OCCASIONS, row.occasion)
    parts = {"block": "Blocked", "warn": "With care", "require": "Incomplete", "allow": "Allowed", "all": "All"}
    carried = "".join(f"&{k}={get[k]}" for k in ("day",) if day and k in get)
    context = {
        "page": page, "by_rule": by_rule[:12], "by_person": by_person[:12], "day": day, "rule": get.get("rule", ""),
        "officer": officer, "decision": decision, "nav_current": "compliance:decisions",
        "tabs": [
            {"label": label, "url": f"?decision={code}{carried}", "current": code == decision}
            for code, label in parts.items()
        ],
    }  # fmt: skip
    return render(request, "compliance/decisions.html", context)


@role("officer", "lead", "manager", "compliance")
@require_GET
def decision(request: StaffRequest, record_id: UUID) -> HttpResponse:
    """One stored decision: what was asked, answered, by which rules and on which facts."""
    row = queries.decision(request.user, record_id)
    if row is None:
        raise Http404
    debtor = Debtor.objects.get(pk=row.debtor_id)
    point = ContactPoint.objects.filter(pk=row.contact_point_id).first() if row.contact_point_id else None
    rules = rulebooks.stored().at(row.asked_at)
    for finding in row.findings:
        finding["look"] = "stop" if finding["decision"] == "block" else "hold"
        finding["law"] = common.KINDS.get(finding["kind"], finding["kind"])
        rule = rules.rule(finding["rule_id"])
        finding["pack"] = rule.pack if rule else ""
    context = {
        "row": row, "debtor": debtor, "point": point, "zone": debtor.home_zone,
        "asker": queries.people([row.asked_by_id]).get(row.asked_by_id or 0, "System"),
        "words": common.DECISIONS[row.decision], "look": common.LOOKS[row.decision],
        "what": common.CHANNEL_WORDS.get(row.channel, row.channel), "facts": words.fact_lines(row.facts),
        "occasion": words.named(words.OCCASIONS, row.occasion),
        "purpose": words.named(words.PURPOSES, row.purpose),
        "packs": words.pack_words(row.packs),
        "crumbs": [{"label": debtor.ref, "url": debtor.get_absolute_url()}, {"label": "Decision", "url": ""}],
    }  # fmt: skip
    return render(request, "compliance/decision.html", context)

"""One version of a rule pack: written, compared, tried on tomorrow, proposed, approved by another, withdrawn."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from compliance import pack_queries, rule_impact
from compliance.forms_rules import PackForm, ProposeForm, WithdrawVersionForm
from compliance.models import RulePackVersion
from compliance.planned import Span
from compliance.rules.examples import check_examples
from compliance.services import rule_packs
from compliance.services.rule_packs import PackRefusal
from core import clock
from core.http import go
from core.text import storable
from users.permissions import StaffRequest, role

from . import common
from .rules import READERS, rules_of

SHOWN = 200
FIRST, MOST = 5_000, 20_000  # contacts looked at: at once, and when asked for all
STATE_LOOKS = {"DRAFT": "info", "PROPOSED": "hold", "APPROVED": "ok", "WITHDRAWN": "stop"}


@role(*READERS)
@require_GET
def version(request: StaffRequest, name: str, number: int) -> HttpResponse:
    """Its state, what it changes (against the version in force, or `?against=`), its examples, and what can be done."""
    return _page(request, _version(name, number))


@role("compliance", write=("compliance",))
@require_http_methods(["GET", "POST"])
def pack_new(request: StaffRequest) -> HttpResponse:
    """A pack that is not there yet: for one creditor, one type of collector, or a law nobody wrote down so far."""
    form = PackForm(request.POST or None, initial={"text": _NEW})
    crumbs = [{"label": "Rules", "url": "/rules/"}, {"label": "New pack", "url": ""}]
    context: dict[str, Any] = {"form": form, "crumbs": crumbs, "title": "New pack", "nav_current": "compliance:packs"}
    if request.method == "POST" and form.is_valid():
        try:
            row = rule_packs.new_pack(**form.cleaned_data, by=request.user, at=clock.now())
            return go(request, f"/rules/{row.pack.slug}/{row.number}/")
        except PackRefusal as refusal:
            _into(form, refusal)
    return _written(request, context)


@role("compliance", write=("compliance",))
@require_http_methods(["GET", "POST"])
def edit(request: StaffRequest, name: str, number: int) -> HttpResponse:
    """The draft as text. What is wrong is said with its line, and nothing of it is kept."""
    row = _version(name, number)
    form = PackForm(request.POST or None, initial={"text": row.text, "note": row.note})
    context: dict[str, Any] = {
        "form": form, "row": row, "title": f"{row.title}, version {row.number}", "crumbs": _crumbs(row, "Edit"),
        "nav_current": "compliance:packs", "mine": row.author_id == request.user.pk and row.state == "DRAFT",
    }  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            rule_packs.save_draft(version=row, **form.cleaned_data, by=request.user, at=clock.now())
            return go(request, f"/rules/{name}/{number}/")
        except PackRefusal as refusal:
            _into(form, refusal)
    return _written(request, context)


def _written(request: StaffRequest, context: dict[str, Any]) -> HttpResponse:
    form = context["form"]
    if form.is_bound and form.errors:
        return common.refused(request, "compliance/pack_edit.html", context)
    return render(request, "compliance/pack_edit.html", context)


@role("compliance", write=("compliance",))
@require_POST
def draft(request: StaffRequest, name: str, number: int) -> HttpResponse:
    """A new draft that begins with this version's text; from an old version it is the way back."""
    row = _version(name, number)
    note = storable(request.POST.get("note", ""), 500)
    try:
        made = rule_packs.start_draft(source=row, by=request.user, at=clock.now(), note=note)
    except PackRefusal as refusal:
        return _page(request, row, problem=str(refusal))
    return go(request, f"/rules/{name}/{made.number}/" + ("" if note else "edit/"))


@role("compliance", write=("compliance",))
@require_POST
def propose(request: StaffRequest, name: str, number: int) -> HttpResponse:
    """Ask for approval, from a moment on or as soon as approved."""
    row = _version(name, number)
    form = ProposeForm(request.POST)
    if form.is_valid():
        try:
            moment = form.moment(ZoneInfo(common.office_zone()))
            rule_packs.propose(version=row, effective_from=moment, by=request.user, at=clock.now())
            return go(request, f"/rules/{name}/{number}/")
        except PackRefusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    return _page(request, row, propose_form=form)


@role("compliance", "manager", write=("compliance", "manager"))
@require_POST
def approve(request: StaffRequest, name: str, number: int) -> HttpResponse:
    """The second person's yes."""
    row = _version(name, number)
    try:
        rule_packs.approve(version=row, by=request.user, at=clock.now())
    except PackRefusal as refusal:
        return _page(request, row, problem=str(refusal))
    return go(request, f"/rules/{name}/{number}/")


@role("compliance", "manager", write=("compliance", "manager"))
@require_POST
def withdraw(request: StaffRequest, name: str, number: int) -> HttpResponse:
    """Take it back, or refuse it, with a reason; never what is in force."""
    row = _version(name, number)
    form = WithdrawVersionForm(request.POST)
    if form.is_valid():
        try:
            rule_packs.withdraw(version=row, why=form.cleaned_data["why"], by=request.user, at=clock.now())
            return go(request, f"/rules/{name}/{number}/")
        except PackRefusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    return _page(request, row, withdraw_form=form)


@role("compliance", "manager")
@require_GET
def tomorrow(request: StaffRequest, name: str, number: int) -> HttpResponse:
    """The contacts planned for tomorrow (or `?day=`) that this version would answer otherwise, and whose they are.

    The most urgent first, so that a page does not take a minute; `?all=1` looks at all, at most 20,000.
    """
    row = _version(name, number)
    zone, at = ZoneInfo(common.office_zone()), clock.now()
    today = at.astimezone(zone).date()
    day = common.day_from(request.GET.get("day", "")) or today + timedelta(days=1)
    day = min(max(day, today + timedelta(days=1)), today + timedelta(days=60))
    since, until = _midnight(day, zone), _midnight(day + timedelta(days=1), zone)
    most = MOST if "all" in request.GET else FIRST
    found = rule_impact.impact(version=row, span=Span(request.user, since, until, most=most), at=at)
    lines = [
        {
            "what": one.planned.what, "at": one.difference.at, "why": one.difference.sentence,
            "debtor": one.planned.request.debtor, "account": next(iter(one.planned.request.accounts or ()), None),
            "zone": common.home_zone(one.planned.request.debtor),
            "was": common.DECISIONS[one.difference.was], "was_look": common.LOOKS[one.difference.was],
            "now": common.DECISIONS[one.difference.now], "now_look": common.LOOKS[one.difference.now],
        }
        for one in found.altered[:SHOWN]
    ]  # fmt: skip
    kpis = [
        {
            "id": "planned",
            "name": "Planned contacts",
            "value": f"{found.contacts:,}",
            "words": f"Of {found.people:,} people",
        },
        {
            "id": "stricter",
            "name": "More strictly",
            "value": f"{found.stricter:,}",
            "words": "Would wait or be blocked",
        },
        {"id": "looser", "name": "Less strictly", "value": f"{found.looser:,}", "words": "Would be allowed"},
        {
            "id": "people",
            "name": "People concerned",
            "value": f"{found.people_altered:,}",
            "words": "Each counted once",
        },
    ]
    context = {
        "row": row, "found": found, "lines": lines, "day": day, "kpis": kpis, "shown": SHOWN,
        "most": most, "is_cut": found.contacts >= most, "may_all": most < MOST,
        "crumbs": _crumbs(row, "Tomorrow"), "nav_current": "compliance:packs",
    }  # fmt: skip
    return render(request, "compliance/pack_tomorrow.html", context)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def _version(name: str, number: int) -> RulePackVersion:
    row = pack_queries.version(name, number) if number < 2**31 else None
    if row is None:
        raise Http404
    return row


def _crumbs(row: RulePackVersion, last: str = "") -> list[dict[str, str]]:
    pack, here = f"/rules/{row.pack.slug}/", f"Version {row.number}"
    crumbs = [{"label": "Rules", "url": "/rules/"}, {"label": row.title, "url": pack}]
    if not last:
        return [*crumbs, {"label": here, "url": ""}]
    return [*crumbs, {"label": here, "url": f"{pack}{row.number}/"}, {"label": last, "url": ""}]


def _page(
    request: StaffRequest, row: RulePackVersion, *, problem: str = "", propose_form: ProposeForm | None = None,
    withdraw_form: WithdrawVersionForm | None = None,
) -> HttpResponse:  # fmt: skip
    at = clock.now()
    versions = pack_queries.versions_of(row.pack.slug)
    shelf = pack_queries.shelf(row.pack, versions, at)
    asked = request.GET.get("against", "")
    chosen = [v for v in versions if asked == str(v.number) and v.pk != row.pk]
    against = chosen[0] if chosen else _before(row, shelf)
    pack = pack_queries.pack_of(row)
    results = check_examples(pack) if pack else []
    roles = request.user.roles
    is_mine = row.author_id == request.user.pk
    can_stop = row.state in ("DRAFT", "PROPOSED") or (
        row.state == "APPROVED" and row.effective_from is not None and row.effective_from > at + rule_packs.MARGIN
    )
    context = {
        "row": row, "shelf": shelf, "against": against, "versions": versions, "pack": pack,
        "changes": pack_queries.changes(against, row) if against else [], "rules": rules_of(pack) if pack else [],
        "wrong": sorted({r.rule_id for r in results if not r.passed}), "examples": len(results),
        "overtaking": pack_queries.overtaking(row, versions, at),
        "look": STATE_LOOKS[row.state], "is_in_force": shelf.in_force is not None and shelf.in_force.pk == row.pk,
        "same_as": next((v for v in versions if v.digest == row.digest and v.number < row.number), None),
        "zone": common.office_zone(), "crumbs": _crumbs(row), "nav_current": "compliance:packs", "problem": problem,
        "propose_form": propose_form or ProposeForm(), "withdraw_form": withdraw_form or WithdrawVersionForm(),
        "may_draft": "compliance" in roles,
        "may_edit": "compliance" in roles and is_mine and row.state == "DRAFT",
        "may_approve": bool(rule_packs.APPROVERS & roles) and not is_mine and row.state == "PROPOSED",
        "may_see_people": bool(rule_packs.APPROVERS & roles) and row.state in ("DRAFT", "PROPOSED"),
        "may_withdraw": bool(rule_packs.APPROVERS & roles) and can_stop and (is_mine or row.state != "DRAFT"),
        "is_mine": is_mine,
    }  # fmt: skip
    if problem or (propose_form and propose_form.errors) or (withdraw_form and withdraw_form.errors):
        return common.refused(request, "compliance/pack_version.html", context)
    return render(request, "compliance/pack_version.html", context)


def _before(row: RulePackVersion, shelf: pack_queries.Shelf) -> RulePackVersion | None:
    """What it is compared with: the version in force, or, for one that was, the one before it."""
    if shelf.in_force is not None and row.state != "APPROVED":
        return shelf.in_force
    return next((v for v in shelf.versions if v.number < row.number and v.state == "APPROVED"), None)


def _into(form: PackForm, refusal: PackRefusal) -> None:
    field = refusal.field if refusal.field in form.fields else None
    for words in refusal.problems[:20] or [str(refusal)]:
        form.add_error(field, words)


_NEW = """[pack]
id = "northwind"
version = "1"
title = "Northwind Energy"
creditors = ["Northwind Energy"]

[[rule]]
id = "POLICY-QUIET-HOURS"
order = 91
kind = "house_policy"
cite = "service agreement"
source = "client"
sure = "high"
# minutes of the day: 540 is 9 AM, 1200 is 8 PM
params = { open = 540, close = 1200 }
text = "This client's hours are {open} to {close}; it is {times}. Free on {free}."
blocked = [{ now = "2026-11-10T20:30" }]
allowed = [{ now = "2026-11-10T19:30" }]
"""

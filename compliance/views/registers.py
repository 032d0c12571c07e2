"""The register of consents and the list of our licenses."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import Licence
from compliance import licence_map, queries
from compliance import services as compliance
from compliance.forms import LicenceForm
from core import clock, formats
from core.http import go
from core.statemap import NAMES
from users.permissions import StaffRequest, role

from . import common, words

SHOWN = 50  # people of a state at once


@role("compliance")
@require_GET
def consents(request: StaffRequest) -> HttpResponse:
    """Who agreed to what, when, on which evidence, and who took it back."""
    kind = request.GET.get("kind", "")
    cursor, back = common.cursors(request)
    page = queries.consents(kind=kind, cursor=cursor, back=back)
    now = clock.now()
    for row in page.rows:
        row.words = words.CONSENT_KINDS.get(row.kind, row.kind)
        row.look = "stop" if row.kind in ("opt_out", "revoke") else "ok"
        row.scope = words.scope(row.facts)
        row.evidence = row.facts.get("evidence") or row.facts.get("words") or ""
        row.age = (now - row.at).days
        row.masked = formats.mask_email(row.address) if "@" in row.address else formats.mask_phone(row.address)
    tabs = [{"label": "All", "url": "?", "current": not kind}]
    tabs += [
        {"label": label, "url": f"?kind={code}", "current": code == kind} for code, label in words.CONSENT_KINDS.items()
    ]
    context = {"page": page, "tabs": tabs, "nav_current": "compliance:consents"}
    return render(request, "compliance/consents.html", context)


@role("admin", "compliance")
@require_http_methods(["GET", "POST"])
def licences(request: StaffRequest) -> HttpResponse:
    """Where we may collect; without a valid license nothing goes out there (DECISIONS 16). Admins add."""
    form = LicenceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        compliance.save_licence(licence=form.save(commit=False), by=request.user, at=clock.now())
        return go(request, "/licences/")
    context = _licences(request, form)
    if request.method == "POST":
        return common.refused(request, "compliance/licences.html", context)
    return render(request, "compliance/licences.html", context)


def _licences(request: StaffRequest, form: LicenceForm) -> dict[str, object]:
    """All of them on the map and in the table; `?state=TX` only that state's, and who is held back there."""
    today = clock.now().date()
    state = request.GET.get("state", "")
    state = state if state in NAMES else ""
    every = list(Licence.objects.all())
    rows = [row for row in every if not state or row.state == state]
    for row in rows:
        left = (row.valid_until - today).days if row.valid_until else None
        row.state_words, row.look = (  # type: ignore[attr-defined]
            ("Not yet", "hold") if row.valid_from > today else ("Valid", "ok") if left is None or left > 60
            else ("Ended", "stop") if left < 0 else (f"Ends in {left} days", "hold")
        )  # fmt: skip
    statemap = licence_map.statemap(every, today, state)
    open_there = not every or (bool(state) and statemap.tiles[state].kind != "stop")
    people = [] if not state or open_there else list(licence_map.people_in(request.user, state)[:SHOWN])
    return {
        "rows": rows, "form": form, "statemap": statemap, "state": state, "state_name": NAMES.get(state, ""),
        "open_there": open_there, "people": people, "shown": SHOWN, "may_edit": request.user.has_role("admin"),
        "closed": [NAMES[code] for code, tile in statemap.tiles.items() if tile.kind == "stop"] if every else [],
        "crumbs": [{"label": "Licenses", "url": "/licences/"}, {"label": NAMES.get(state, ""), "url": ""}],
        "nav_current": "compliance:licences",
    }  # fmt: skip


@role("admin", "compliance")
@require_http_methods(["GET", "POST"])
def licence(request: StaffRequest, licence_id: int) -> HttpResponse:
    """One license; admins correct it or set its last day."""
    row = get_object_or_404(Licence, pk=licence_id)
    form = LicenceForm(request.POST or None, instance=row)
    context = {
        "form": form, "licence": row, "may_edit": request.user.has_role("admin"),
        "crumbs": [{"label": "Licenses", "url": "/licences/"}, {"label": row.state, "url": ""}],
    }  # fmt: skip
    if request.method == "POST":
        if form.is_valid():
            compliance.save_licence(licence=form.save(commit=False), by=request.user, at=clock.now())
            return go(request, "/licences/")
        return common.refused(request, "compliance/licence.html", context)
    return render(request, "compliance/licence.html", context)

"""The outbox: what was planned, what became of it and why; the very paper that went out (F28, F39)."""

from datetime import datetime
from typing import Any

from csp.constants import NONE, SELF, UNSAFE_INLINE
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET

from accounts import documents
from core import audit, clock
from core.http import is_partial
from letters import channels, kinds, merge_fields, queries
from letters.forms import PRETEND, AgainForm, DecisionForm
from letters.models import Channel, Message
from letters.states import State
from users.permissions import role

READERS = ("officer", "lead", "manager", "compliance")
# The sandboxed e-mail: its own inline styles, nothing else, only inside our frame (DECISIONS 4).
EMAIL_POLICY: dict[str, Any] = {
    "script-src": None,
    "style-src": [UNSAFE_INLINE],
    "img-src": ["data:"],
    "font-src": None,
    "connect-src": None,
    "media-src": None,
    "form-action": [NONE],
    "frame-ancestors": [SELF],
    "sandbox": [""],
}
ICONS = {"post": "letter", "email": "mail", "sms": "text"}


@role(*READERS)
@require_GET
def outbox(request: HttpRequest) -> HttpResponse:
    """Everything planned, newest first; counts of the day or run that add up."""
    filters = queries.Filters.read(request.GET)
    today = clock.today(queries.zone())
    before, after = request.GET.get("before", ""), request.GET.get("after", "")
    page = queries.outbox(user=request.user, filters=filters, cursor=before or after, back=bool(before))
    for row in page.rows:
        row.look, row.icon, row.kind_words = queries.look(row.state), ICONS[row.channel], kinds.label(row.kind)
    counted = filters if filters.day or filters.run else queries.Filters(day=today)
    context = {
        "page": page,
        "filters": filters,
        "tabs": _tabs(request, filters),
        "chips": _chips(request, filters),
        "proof": queries.proof(user=request.user, filters=counted),
        "proof_of": filters.run or filters.day or today,
        "is_today": not filters.run and (filters.day or today) == today,
        "channels": Channel.choices,
        "kinds": sorted(merge_fields.KINDS.items(), key=lambda k: k[1]),
        "may_repeat": bool({"lead", "manager"} & request.user.roles),  # type: ignore[union-attr]
        "again": AgainForm(),
        "day": filters.day or "",
    }
    template = "letters/outbox.html#rows" if is_partial(request) else "letters/outbox.html"
    return render(request, template, context)


def _tabs(request: HttpRequest, filters: queries.Filters) -> list[dict[str, Any]]:
    found = []
    for code, label, _ in queries.TABS:
        asked = request.GET.copy()
        for name in ("after", "before", "state"):
            asked.pop(name, None)
        if code:
            asked["state"] = code
        found.append({"label": label, "url": f"?{asked.urlencode()}", "current": code == filters.state})
    return found


def _chips(request: HttpRequest, filters: queries.Filters) -> list[dict[str, str]]:
    shown = {
        "channel": ("Channel", Channel(filters.channel).label if filters.channel else ""),
        "kind": ("Kind", kinds.label(filters.kind) if filters.kind else ""),
        "day": ("Planned on", f"{filters.day:%b} {filters.day.day}, {filters.day.year}" if filters.day else ""),
        "run": ("Run", filters.run),
    }
    chips = []
    for name, (label, value) in shown.items():
        if value:
            asked = request.GET.copy()
            for gone in (name, "after", "before"):
                asked.pop(gone, None)
            chips.append({"label": label, "value": value, "remove_url": f"?{asked.urlencode()}"})
    return chips


@role(*READERS)
@require_GET
def message(request: HttpRequest, message_id: int) -> HttpResponse:
    """One message: what it says, where it went, what compliance answered, what became of it."""
    row = get_object_or_404(queries.message(user=request.user, pk=message_id))
    roles = request.user.roles  # type: ignore[union-attr]
    context = {
        "message": row,
        "look": queries.look(row.state),
        "icon": ICONS[row.channel],
        "kind_words": kinds.label(row.kind),
        "zone": queries.zone(),
        "verdict": queries.verdict(row),
        "receipts": row.receipts.order_by("at"),
        "text": _text(row),
        "from_demo": row.provider_ref.startswith("demo-"),
        "may_repeat": row.state in (State.FAILED, State.WITHHELD) and bool({"officer", "lead", "manager"} & roles),
        "may_decide": row.state == State.UNKNOWN and bool({"lead", "manager"} & roles),
        "again": AgainForm(),
        "decision": DecisionForm(),
        "crumbs": [{"label": "Letters", "url": "/letters/"}, {"label": f"Message {row.pk}", "url": ""}],
        "nav_current": "letters:outbox",
    }
    response = render(request, "letters/message.html", context)
    response._csp_update = {"frame-src": [SELF]}  # type: ignore[attr-defined]  # the e-mail in its frame
    return response


def _text(row: Message) -> str:
    if row.document is None or row.channel != "sms":
        return ""
    try:
        return documents.read(row.document).decode()
    except documents.Missing:
        return ""


@role(*READERS)
@require_GET
def document(request: HttpRequest, message_id: int) -> HttpResponse:
    """The very bytes that were sent: a PDF opens in its own tab, the rest is a download."""
    row = get_object_or_404(queries.message(user=request.user, pk=message_id))
    content = _bytes(row)
    paper = row.document
    assert paper is not None
    audit.record("document.opened", actor=request.user, subject=paper, person_id=row.debtor_id)
    response = HttpResponse(content, content_type=paper.content_type)
    how = "inline" if paper.content_type == "application/pdf" else "attachment"
    response["Content-Disposition"] = f'{how}; filename="{paper.name}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["ETag"] = f'"{paper.sha256}"'
    return response


@role(*READERS)
@xframe_options_sameorigin
@require_GET
def email_page(request: HttpRequest, message_id: int) -> HttpResponse:
    """The e-mail as it was sent, for the sandboxed frame of its page (DECISIONS 4): its own inline styles only."""
    row = get_object_or_404(queries.message(user=request.user, pk=message_id))
    if row.channel != "email":
        raise Http404
    response = HttpResponse(_bytes(row), content_type="text/html; charset=utf-8")
    response._csp_replace = EMAIL_POLICY  # type: ignore[attr-defined]
    return response


def _bytes(row: Message) -> bytes:
    if row.document is None:
        raise Http404
    try:
        return documents.read(row.document)
    except documents.Missing as gone:
        raise Http404 from gone


@role(*READERS)
@require_GET
def fake(request: HttpRequest, kind: str) -> HttpResponse:
    """What lies in the local fakes: the print folder with its manifest, the mail box, the texts."""
    if kind not in Channel.values:
        raise Http404
    tabs = [
        {"label": label, "url": f"/letters/fake/{code}/", "current": code == kind, "icon": ICONS[code]}
        for code, label in Channel.choices
    ]
    plays = bool({"officer", "lead", "manager"} & request.user.roles)  # type: ignore[union-attr]
    found = queries.fake_outbox(user=request.user, kind=kind)
    context = {
        "kind": kind,
        "rows": [row | {"taken": datetime.fromisoformat(row["accepted_at"])} for row in found],
        "plays": PRETEND[kind] if plays and channels.is_fake(kind) else (),
        "pretend": AgainForm(),
        "tabs": tabs,
        "crumbs": [{"label": "Letters", "url": "/letters/"}, {"label": "What went out here", "url": ""}],
        "nav_current": "letters:outbox",
    }
    return render(request, "letters/fake.html", context)

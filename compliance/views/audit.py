"""The audit: who did what to whom, when; and the proof that nobody changed it (F98, D5)."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from compliance import queries
from compliance.forms import PersonField
from core import chain, clock
from users.permissions import StaffRequest, role

from . import common, words


@role("compliance", "admin")
@require_GET
def audit(request: StaffRequest) -> HttpResponse:
    """Newest first; `?who=olive&what=hold.&when=2026-11-17&person=P-51`. Admins see what is about no person."""
    get = request.GET
    day = common.day_from(get.get("when", ""))
    since, until = queries.period(day, clock.now(), timezone.get_current_timezone()) if day else (None, None)
    cursor, back = common.cursors(request)
    page = queries.audit_events(
        user=request.user, who=get.get("who", "").strip()[:60], what=_action(get.get("what", "")), since=since,
        until=until, person=_person(get.get("person", "")), cursor=cursor, back=back,
    )  # fmt: skip
    for row in page.rows:
        row.words = row.action.replace(".", " ").replace("_", " ").capitalize()
        row.facts = words.audit_line(row.data)
        row.about = words.about(row.subject_type, row.subject_id)
    context = {
        "page": page, "who": get.get("who", ""), "what": get.get("what", ""), "when": day,
        "nav_current": "compliance:audit", "person": get.get("person", ""),
        "sees_people": request.user.has_role("compliance"),
    }  # fmt: skip
    return render(request, "compliance/audit.html", context)


def _action(text: str) -> str:
    """The beginning of an action as stored, from its words too: "Hold placed" is hold.placed."""
    text = text.strip()[:80]
    return text if "." in text else text.lower().replace(" ", ".", 1).replace(" ", "_")


def _person(text: str) -> int | None:
    try:
        return PersonField(required=False).clean(text[:20])
    except Exception:  # a filter that nobody can read filters to nobody
        return -1


@role("compliance", "admin", write=("compliance", "admin"))
@require_POST
def verify(request: StaffRequest) -> HttpResponse:
    """Recompute the whole chain: OK, or the rows that were altered, removed or slipped in."""
    report = chain.verify()
    return render(request, "compliance/audit_verified.html", {"report": report, "at": clock.now()})

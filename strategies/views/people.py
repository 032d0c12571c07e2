"""People: the list, and finding one by anything."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.models import Account, Debtor
from core import clock, keyset
from core.http import is_partial
from users.permissions import StaffRequest, role

from .. import search as finder
from .worklist import READERS


@role(*READERS)
@require_GET
def people(request: StaffRequest) -> HttpResponse:
    """Everybody whose debts I may see, the latest first; with ?q= those who fit (guarantors too)."""
    text = request.GET.get("q", "")
    if text:
        return _found(request, text)
    cursor = request.GET.get("after") or request.GET.get("before") or ""
    debts = Account.objects.visible_to(request.user).order_by().values("debtor_id").distinct()
    page = keyset.paginate(
        debts,
        order=["-debtor_id"],
        cursor=_ours(cursor),
        back="before" in request.GET,
        value=lambda row, name: row[name],
    )
    people = Debtor.objects.in_bulk([row["debtor_id"] for row in page.rows])
    page = keyset.Page([people[row["debtor_id"]] for row in page.rows], page.next, page.previous)
    return render(
        request, "strategies/people.html", {"nav_current": "desk:people", "page": page, "text": "", "now": clock.now()}
    )


def _ours(cursor: str) -> str:
    """A cursor whose key is a number that a database takes; else the first page."""
    values = keyset.decode(cursor, 1) if len(cursor) < 200 else None
    good = values is not None and isinstance(values[0], int) and abs(values[0]) < 2**62
    return cursor if good else ""


@role(*READERS)
@require_GET
def search(request: StaffRequest) -> HttpResponse:
    """The palette's answer to ?q=, or the page of results."""
    text = request.GET.get("q", "")
    if not is_partial(request):
        return _found(request, text)
    hits = finder.find(user=request.user, text=text)
    results = [{"id": hit.ref, "href": hit.url, "icon": "person", "title": hit.name, "sub": _sub(hit)} for hit in hits]
    groups = [{"id": "people", "label": "People", "results": results}] if results else []
    return render(request, "components/palette_results.html", {"groups": groups})


def _sub(hit: finder.Hit) -> str:
    return f"{hit.sub} · {hit.note}" if hit.note else hit.sub


def _found(request: StaffRequest, text: str) -> HttpResponse:
    hits = finder.find(user=request.user, text=text)
    context = {"nav_current": "desk:people", "hits": hits, "text": text[: finder.LONGEST], "searched": True}
    return render(request, "strategies/people.html", context)

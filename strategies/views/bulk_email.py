"""M on the bulk bar: one e-mail to the ticked people, who may get it said before it is sent."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from accounts.models import Account
from core import clock
from core.errors import plain_error
from core.http import is_partial
from core.idempotency import FIELD, idempotent, new_key
from letters import services as letters
from letters.models import Template
from letters.services import Mailing
from users.permissions import StaffRequest, role

from .. import bulk_email
from ..models import WorkItem
from .bulk import answer, chosen, people_words
from .worklist import WORKERS

PAGE = "strategies/bulk_email.html"
NOBODY = "Tick at least one person who still has something to do."


def _debts(items: list[WorkItem]) -> list[Account]:
    """The debt that the list shows of each person, with its person."""
    rows = Account.objects.select_related("debtor", "portfolio__creditor", "portfolio__owner")
    found = rows.in_bulk([item.account_id for item in items])
    return [found[item.account_id] for item in items]


def _pick(asked: str, offered: list[Template]) -> Template | None:
    return next((one for one in offered if one.slug == asked), None)


@role(*WORKERS)
@require_POST
def choose(request: StaffRequest) -> HttpResponse:
    """The dialog: which e-mail, who of the ticked people may get it now, and why the others don't. Writes nothing."""
    items, at = chosen(request), clock.now()
    if not items:
        return plain_error(request, 422, NOBODY)
    accounts = _debts(items)
    offered = letters.something_to_say(accounts, at)
    template = _pick(request.POST.get("template", ""), offered) or (offered[0] if offered else None)
    found = letters.mailing(template=template, accounts=accounts, at=at) if template else None
    context = {**_shown(found, items, at), "offered": offered, "template": template, "items": items}
    context |= {"key": new_key(), "back": request.POST.get("back", "")[:2000], "nav_current": "desk:my_day"}
    if not is_partial(request):
        return render(request, PAGE, context)
    return render(request, f"{PAGE}#form" if request.POST.get("part") == "form" else f"{PAGE}#dialog", context)


def _shown(found: Mailing | None, items: list[WorkItem], at: datetime) -> dict[str, Any]:
    left_out = found.left_out if found else []
    return {
        "allowed": len(found.allowed) if found else 0,
        "of": people_words(len(items)),
        "left_out": [
            {"name": account.debtor.name, "reason": reason, "opens": opens, "zone": account.debtor.home_zone or "UTC"}
            for account, reason, opens in sorted(left_out, key=lambda one: one[0].debtor.folded_name)
        ],
    }


@role(*WORKERS)
@idempotent
@require_POST
def send(request: StaffRequest) -> HttpResponse:
    """Queue the e-mail to those who may get it now; the others are counted in the answer."""
    items, at = chosen(request), clock.now()
    if not items:
        return plain_error(request, 422, NOBODY)
    accounts = _debts(items)
    template = _pick(request.POST.get("template", ""), letters.something_to_say(accounts, at))
    if template is None:
        return plain_error(request, 422, "Choose an e-mail that has something to say to them.")
    found = letters.mailing(template=template, accounts=accounts, at=at)
    if not found.allowed:
        return plain_error(request, 422, "Nobody of them may get this e-mail now.")
    key = request.POST.get(FIELD) or request.headers.get("Idempotency-Key", "")
    action = bulk_email.send(allowed=found.allowed, key=key, by=request.user, at=at)
    left = f" {people_words(len(found.left_out))} left out." if found.left_out else ""
    words = f"{template.name} goes to {people_words(len(found.allowed))} in a minute.{left}"
    return answer(request, words, action)

"""What the views of payments share."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.models import Account, Debtor
from accounts.states import WORKABLE
from core.http import tell
from payments import queries

READERS = ("officer", "lead", "manager", "compliance")


def person_and_debts(request: HttpRequest, debtor_id: int) -> tuple[Debtor, list[Account]]:
    """The person and the open debts this user may see. Raises Http404."""
    debtor = queries.person(user=request.user, debtor_id=debtor_id)
    return debtor, queries.debts(user=request.user, debtor=debtor)


def crumbs(debtor: Debtor, last: str, *middle: tuple[str, str]) -> list[dict[str, str]]:
    """The path to a page about a person."""
    steps = [{"label": debtor.name, "url": debtor.get_absolute_url()}]
    steps += [{"label": label, "url": url} for label, url in middle]
    return [*steps, {"label": last, "url": ""}]


def chosen(request: HttpRequest, accounts: list[Account]) -> Account | None:
    """The debt named by ?debt= (51 or L-51), else the first one that is worked."""
    asked = (request.GET.get("debt") or "").upper().removeprefix("L-")
    by_id = {str(account.pk): account for account in accounts}
    able = [account for account in accounts if account.status in WORKABLE] or accounts
    return by_id.get(asked) or (able[0] if able else None)


def refuse(form: forms.Form, error: Any, names: dict[str, str] | None = None) -> None:
    """Put a service's sentence at its field, or on top when the form has no such field."""
    name = (names or {}).get(error.field or "", error.field)
    form.add_error(name if name in form.fields else None, str(error))


def unfinished(request: HttpRequest, template: str, context: dict[str, Any], status: int = 422) -> HttpResponse:
    """The same form again with its errors; the focus goes to their summary."""
    return tell(render(request, template, context, status=status), setfocus="#errsum")

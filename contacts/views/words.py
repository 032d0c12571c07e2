"""What may be said: the approved words for a person in distress, and the clients' rules for those around the person."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.access import settings_rows
from accounts.models import Portfolio
from contacts import parties, services
from contacts.forms import HelpWordsForm, PartyRuleForm
from contacts.help_words import SPLIT, Help
from contacts.models import HelpWords, PartyRule
from core import clock
from core.http import go, tell
from core.idempotency import idempotent
from users.permissions import StaffRequest, role


@role("admin", "compliance", write=("admin", "compliance"))
@idempotent
@require_http_methods(["GET", "POST"])
def help_words(request: StaffRequest) -> HttpResponse:
    """See and approve the words; each save is a new version. Both roles may: the words are a matter of care."""
    sent = HelpWordsForm(request.POST) if request.method == "POST" else None
    if sent is not None and sent.is_valid():
        facts = sent.cleaned_data
        services.save_help_words(
            language=facts["language"], say=facts["say"], lines=facts["lines"], by=request.user, at=clock.now()
        )
        return go(request, "/help-words/")
    blocks = []
    for code, label in HelpWords.Language.choices:
        now = services.help_in(code)
        mine = sent is not None and sent.data.get("language") == code
        form = sent if mine else HelpWordsForm(initial=_now(now), auto_id=f"id_{code}_%s")
        blocks.append({"label": label, "help": now, "form": form})
    context = {"blocks": blocks, "form": sent, "nav_current": "contacts:help_words"}
    response = render(request, "contacts/help_words.html", context, status=422 if sent is not None else 200)
    return tell(response, setfocus="#errsum") if sent is not None else response


def _now(now: Help) -> dict[str, str]:
    rows = [f" {SPLIT} ".join(part for part in (line.number, line.who, line.when) if part) for line in now.lines]
    return {"language": now.language, "say": now.say, "lines": "\n".join(rows)}


@role("admin", "compliance")
@idempotent
@require_http_methods(["GET", "POST"])
def party_rules(request: StaffRequest) -> HttpResponse:
    """The clients' rules, stricter than the law, on what is said to a spouse, an attorney and others."""
    books = settings_rows(Portfolio.objects.select_related("creditor").order_by("name"), request.user)
    form = PartyRuleForm(request.POST or None, portfolios=books)
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        services.save_party_rule(
            portfolio=facts["portfolio"], party=facts["party"], say=facts["say"], by=request.user, at=clock.now()
        )
        return go(request, "/who-may-hear/")
    rules = settings_rows(PartyRule.objects.select_related("portfolio", "made_by"), request.user)
    rows = [
        (rule, parties.BY_CODE[rule.party].label, parties.SAYS[rule.say])
        for rule in rules.order_by("portfolio__name", "party")
    ]
    context = {
        "form": form,
        "rows": rows,
        "may_write": request.user.has_role("admin"),
        "nav_current": "contacts:party_rules",
    }
    status = 422 if request.method == "POST" else 200
    response = render(request, "contacts/party_rules.html", context, status=status)
    return tell(response, setfocus="#errsum") if status == 422 else response

"""The approved words for a person in distress: what is said, who can help, in each language."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from contacts import services
from contacts.forms import HelpWordsForm
from contacts.help_words import SPLIT, Help
from contacts.models import HelpWords
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
    context = {"blocks": blocks, "form": sent, "nav_current": "contacts:scripts"}
    response = render(request, "contacts/help_words.html", context, status=422 if sent is not None else 200)
    return tell(response, setfocus="#errsum") if sent is not None else response


def _now(now: Help) -> dict[str, str]:
    rows = [f" {SPLIT} ".join(part for part in (line.number, line.who, line.when) if part) for line in now.lines]
    return {"language": now.language, "say": now.say, "lines": "\n".join(rows)}

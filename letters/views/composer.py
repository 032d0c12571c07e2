"""The letter composer of the work screen: L, the best letter on top with its preview, Ctrl+Enter (J6)."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import Account, Debtor
from core import clock, work
from core.http import go, is_partial, tell
from core.idempotency import FIELD, idempotent
from letters import kinds, services, tasks
from letters.forms import SendForm
from letters.models import Channel
from letters.render import RenderError
from letters.services import Choice
from users.permissions import role

PAGE = "letters/new.html"
READERS = ("officer", "lead", "manager", "compliance")
ICONS = {"post": "letter", "email": "mail", "sms": "text"}


@role(*READERS)
@idempotent
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, debtor_id: int) -> HttpResponse:
    """Allowed letters, best first, with the preview of the chosen one; what can't go says why and until when."""
    at = clock.now()
    debtor, accounts = _person(request, debtor_id)
    asked = request.POST if request.method == "POST" else request.GET
    account = _debt(asked.get("debt", ""), accounts)
    choices = services.allowed_templates(debtor=debtor, account=account, at=at) if account else []
    chosen = next((c for c in choices if c.template.slug == asked.get("template")), choices[0] if choices else None)
    able = [c.template.slug for c in choices if c.allowed]
    ids = [str(a.pk) for a in accounts]
    form = SendForm(request.POST or None, templates=able, debts=ids)
    if request.method == "POST" and form.is_valid() and chosen is not None:
        return _send(request, chosen, form.cleaned_data.get(FIELD) or request.headers.get("Idempotency-Key", ""), at)
    context = _context(debtor, accounts, account, choices, chosen, form, at)
    part = "#preview" if request.GET.get("part") == "preview" else "#form"
    template = f"{PAGE}{part}" if is_partial(request) else PAGE
    response = render(request, template, context, status=422 if request.method == "POST" else 200)
    return tell(response, setfocus="#errsum") if request.method == "POST" else response


def _send(request: HttpRequest, chosen: Choice, key: str, at: datetime) -> HttpResponse:
    message = services.send_chosen(choice=chosen, key=key, by=request.user, at=at)
    if message is None:
        raise Http404
    work.wake(tasks.send_batch)
    how = Channel(message.channel).label.lower()
    words = f"{chosen.template.name} goes out by {'e-mail' if message.channel == 'email' else how}."
    if is_partial(request):
        response = render(request, f"{PAGE}#sent", {"message": message, "words": words})
        return tell(response, announce=words, toast={"text": words}, lettersent={"debtor": message.debtor_id})
    return go(request, f"/letters/{message.pk}/")


def _person(request: HttpRequest, debtor_id: int) -> tuple[Debtor, list[Account]]:
    debtor = get_object_or_404(Debtor.objects.visible_to(request.user), pk=debtor_id)
    rows = Account.objects.visible_to(request.user).filter(debtor=debtor)
    rows = rows.select_related("portfolio__owner", "portfolio__creditor", "debtor").order_by("-balance", "pk")
    return debtor, [a for a in rows if a.is_open]


def _debt(asked: str, accounts: list[Account]) -> Account | None:
    wanted = asked.upper().removeprefix("L-")
    return next((a for a in accounts if str(a.pk) == wanted), accounts[0] if accounts else None)


def _context(
    debtor: Debtor, accounts: list[Account], account: Account | None, choices: list[Choice], chosen: Choice | None,
    form: SendForm, at: datetime,
) -> dict[str, Any]:  # fmt: skip
    return {
        "debtor": debtor,
        "accounts": accounts,
        "account": account,
        "choices": [_shown(c, c is chosen) for c in choices if c.allowed],
        "blocked": [_shown(c, c is chosen) for c in choices if not c.allowed],
        "chosen": chosen,
        "preview": services.preview(choice=chosen, at=at) if chosen is not None and chosen.allowed else None,
        "form": form,
        "zone": debtor.home_zone or "America/Chicago",
        "crumbs": [{"label": debtor.name, "url": debtor.get_absolute_url()}, {"label": "Letter", "url": ""}],
        "nav_current": "desk:people",
    }


def _shown(choice: Choice, current: bool) -> dict[str, Any]:
    return {
        "slug": choice.template.slug,
        "name": choice.template.name,
        "kind": kinds.label(choice.template.kind),
        "channel": Channel(choice.template.channel).label,
        "icon": ICONS[choice.template.channel],
        "reason": choice.reason,
        "opens": choice.opens,
        "current": current,
    }


@role(*READERS)
@require_GET
def picture(request: HttpRequest, debtor_id: int) -> HttpResponse:
    """The letter as a picture, as it would be printed now."""
    at = clock.now()
    debtor, accounts = _person(request, debtor_id)
    account = _debt(request.GET.get("debt", ""), accounts)
    choices = services.allowed_templates(debtor=debtor, account=account, at=at) if account else []
    chosen = next((c for c in choices if c.template.slug == request.GET.get("template")), None)
    if chosen is None or chosen.template.channel != "post":
        raise Http404
    try:
        return HttpResponse(services.picture(choice=chosen, at=at), content_type="image/png")
    except RenderError as wrong:
        raise Http404 from wrong

"""The door for providers: receipts, bounces, returns and replies; and buttons that play the provider for the fakes."""

import logging
from datetime import datetime
from uuid import uuid4

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from core import clock, work
from core.access import public
from core.http import go
from core.idempotency import FIELD, idempotent
from letters import channels, queries, services, tasks
from letters.channels import hooks
from letters.forms import PretendForm
from letters.models import Channel, Message
from users.permissions import role

log = logging.getLogger(__name__)


@public
@csrf_exempt  # signed over its raw body instead
@require_POST
def hook(request: HttpRequest, channel: str) -> HttpResponse:
    """Keep what a provider says and answer 200; again the same gives 200 too. What somebody wrote to us is taken in
    before the answer, since STOP holds at once. 400 for a bad signature or body, 413 for more than a megabyte."""
    secrets = settings.LETTERS.get(channel.upper(), {}).get("hook_secrets") or []
    if channel not in Channel.values or not secrets:
        raise Http404
    at = clock.now()
    if int(request.headers.get("Content-Length") or 0) > hooks.MOST_BYTES:
        return JsonResponse({"error": "Send at most one megabyte."}, status=413)
    try:
        hooks.verify(request.headers.get(hooks.HEADER, ""), request.body, list(secrets), at)
        events = hooks.read(request.body)
    except (hooks.BadSignature, hooks.BadEvent) as wrong:
        return JsonResponse({"error": str(wrong)}, status=400)
    new = services.take(channel=channel, events=events, at=at)
    _taken(new, inbound=any(e.kind == hooks.INBOUND for e in events), at=at)
    return JsonResponse({"taken": len(new)})


def _taken(ids: list[int], *, inbound: bool, at: datetime) -> None:
    if not ids:
        return
    if inbound:
        services.take_in(at=at, ids=ids)
        work.wake(tasks.send_batch)
    else:
        work.wake(tasks.take_in)


@role("officer", "lead", "manager")
@idempotent
@require_POST
def pretend(request: HttpRequest, kind: str, message_id: int) -> HttpResponse:
    """Play the provider of a local fake: it arrived, it came back, she wrote STOP."""
    row = get_object_or_404(queries.message(user=request.user, pk=message_id), channel=kind)
    form = PretendForm(request.POST, channel=kind)
    if not channels.is_fake(kind) or not form.is_valid():
        raise Http404
    at = clock.now()
    key = form.cleaned_data.get(FIELD) or str(uuid4())
    event = _played(row, form.cleaned_data["what"], f"local:{key}", at)
    _taken(services.take(channel=kind, events=[event], at=at), inbound=True, at=at)
    return go(request, f"/letters/{row.pk}/")


def _played(row: Message, what: str, event_id: str, at: datetime) -> hooks.Event:
    if what in ("stop", "help", "reply"):
        sender = row.contact_point.value if row.contact_point else row.sent_to
        text = {"stop": "STOP", "help": "HELP", "reply": "I can pay on Friday."}[what]
        return hooks.Event(id=event_id, kind=hooks.INBOUND, occurred_at=at, sender=sender, text=text)
    code = {"bounced": "550 no such user", "returned": "Moved, left no address", "failed": "30003 unreachable"}
    return hooks.Event(id=event_id, kind=what, occurred_at=at, reference=f"message:{row.pk}", code=code.get(what, ""))

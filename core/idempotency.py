"""A form or call with a key has its effect once (RELIABILITY 16).

The key's row, the effect and the stored answer are one transaction: a second copy waits on the
unique index and then gets the first one's answer.
"""

import functools
import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse

from .errors import plain_error
from .models import IdempotencyKey

FIELD = "idempotency_key"
_KEPT_HEADERS = (
    "HX-Trigger",
    "HX-Trigger-After-Settle",
    "HX-Redirect",
    "HX-Location",
    "HX-Push-Url",
    "HX-Retarget",
)


def new_key() -> str:
    """A fresh key for a form that is about to be shown."""
    return str(uuid4())


def _fingerprint(request: HttpRequest) -> str:
    parts = [request.path]
    if request.content_type == "application/json":
        parts.append(hashlib.sha256(request.body).hexdigest())
    else:
        for name in sorted(request.POST):
            if name not in (FIELD, "csrfmiddlewaretoken"):
                parts += [name, *request.POST.getlist(name)]
        for name in sorted(request.FILES):
            parts += [name, *(str(upload.size) for upload in request.FILES.getlist(name))]
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _replay(row: IdempotencyKey, fingerprint: str, request: HttpRequest) -> HttpResponse:
    if row.fingerprint != fingerprint:
        return plain_error(
            request, 422, "This form was already sent with other values. Reload the page to send it again."
        )
    response = HttpResponse(bytes(row.body or b""), status=row.status or 200, content_type=row.content_type or None)
    for name, value in row.headers.items():
        response[name] = value
    if row.location:
        response["Location"] = row.location
    return response


def _keep(row: IdempotencyKey, response: HttpResponse) -> None:
    row.status = response.status_code
    row.location = response.get("Location", "")
    row.body = bytes(response.content)
    row.content_type = response.get("Content-Type", "")
    row.headers = {name: response[name] for name in _KEPT_HEADERS if name in response}
    row.save(update_fields=["status", "location", "body", "content_type", "headers"])


def idempotent(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For views whose POST moves money or contacts somebody. An answer of 400 or more is not kept."""

    @functools.wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            return view(request, *args, **kwargs)
        key = request.headers.get("Idempotency-Key") or request.POST.get(FIELD, "")
        if not 1 <= len(key) <= 255 or not key.isprintable():
            return plain_error(request, 400, "This form has no key of its own. Reload the page and send it again.")
        route = request.resolver_match.view_name if request.resolver_match else request.path
        fingerprint = _fingerprint(request)
        user_id = int(request.user.pk or 0)
        with transaction.atomic():
            try:
                with transaction.atomic():
                    row = IdempotencyKey.objects.create(
                        user_id=user_id, route=route[:100], key=key, fingerprint=fingerprint
                    )
            except IntegrityError:
                return _replay(
                    IdempotencyKey.objects.get(user_id=user_id, route=route[:100], key=key),
                    fingerprint,
                    request,
                )
            response = view(request, *args, **kwargs)
            if response.status_code >= 400:
                row.delete()
            else:
                _keep(row, response)
            return response

    wrapped.is_idempotent = True  # type: ignore[attr-defined]
    return wrapped


def forget_old(*, at: datetime, days: int = 30) -> int:
    """Drop keys older than `days`; returns how many."""
    return IdempotencyKey.objects.filter(created_at__lt=at - timedelta(days=days)).delete()[0]

"""A form or call with a key has its effect once (RELIABILITY 16).

The key's row, the effect and the stored answer are one transaction: a second copy waits on the
unique index and then gets the first one's answer.
"""

import functools
import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from . import clock, prepared
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


# A second copy of the form waits here until the first one's transaction has ended.
_TAKE = """INSERT INTO core_idempotencykey
    (user_id, route, key, fingerprint, created_at, location, content_type, headers)
VALUES (%(user)s, %(route)s, %(key)s, %(fingerprint)s, %(at)s, '', '', '{}') ON CONFLICT DO NOTHING RETURNING id"""
_TAKE_TYPES = {"user": "bigint", "route": "text", "key": "text", "fingerprint": "text", "at": "timestamptz"}
_KEEP = """UPDATE core_idempotencykey SET status = %(status)s, location = %(location)s, body = %(body)s,
    content_type = %(type)s, headers = %(headers)s WHERE id = %(id)s RETURNING id"""
_KEEP_TYPES = {
    "status": "smallint", "location": "text", "body": "bytea", "type": "text", "headers": "jsonb", "id": "bigint",
}  # fmt: skip


def _keep(pk: int, response: HttpResponse) -> None:
    headers = {name: response[name] for name in _KEPT_HEADERS if name in response}
    values = {
        "id": pk, "status": response.status_code, "location": response.get("Location", ""),
        "body": bytes(response.content), "type": response.get("Content-Type", ""), "headers": json.dumps(headers),
    }  # fmt: skip
    prepared.one(_KEEP, values, _KEEP_TYPES)


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
            values = {
                "user": user_id, "route": route[:100], "key": key, "fingerprint": fingerprint, "at": clock.now(),
            }  # fmt: skip
            taken = prepared.one(_TAKE, values, _TAKE_TYPES)
            if taken is None:
                return _replay(
                    IdempotencyKey.objects.get(user_id=user_id, route=route[:100], key=key),
                    fingerprint,
                    request,
                )
            response = view(request, *args, **kwargs)
            if response.status_code >= 400:
                IdempotencyKey.objects.filter(pk=taken[0]).delete()
            else:
                _keep(taken[0], response)
            return response

    wrapped.is_idempotent = True  # type: ignore[attr-defined]
    return wrapped


def forget_old(*, at: datetime, days: int = 30) -> int:
    """Drop keys older than `days`; returns how many."""
    return IdempotencyKey.objects.filter(created_at__lt=at - timedelta(days=days)).delete()[0]

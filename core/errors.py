"""Answers when something is wrong: what happened, what is safe, what to do, a reference."""

import sys
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import loader

from .requestfacts import request_facts

_TITLES = {
    400: "We could not read that",
    403: "This page is not yours to open",
    404: "There is nothing here",
    405: "That is not possible here",
    409: "Somebody was faster",
    422: "That can't be saved as it is",
    429: "Too many tries",
    500: "Something broke on our side",
    503: "The database is away for a moment",
}


def plain_error(request: HttpRequest, status: int, message: str) -> HttpResponse:
    """A whole error page (or its notice, for htmx) with one sentence of help. Never touches the database."""
    context = {
        "status": status,
        "title": _TITLES.get(status, "Something went wrong"),
        "message": message,
        "reference": (request_facts.get() or {}).get("request_id", ""),
    }
    template = "errors/notice.html" if request.headers.get("HX-Request") else "errors/error.html"
    response = HttpResponse(loader.render_to_string(template, context), status=status)
    if status == 503:
        response["Retry-After"] = "5"
    return response


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return plain_error(request, 400, "Go back and try once more.")


def permission_denied(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return plain_error(request, 403, str(exception) or "Your role does not include this.")


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return plain_error(request, 404, "The address may be mistyped, or it belongs to somebody else's work.")


def server_error(request: HttpRequest) -> HttpResponse:
    kind = sys.exc_info()[0]
    if kind is not None and issubclass(kind, (OperationalError, InterfaceError)):
        return plain_error(request, 503, "Nothing was saved. Wait a few seconds and try again.")
    return plain_error(request, 500, "Nothing was half-saved. Tell your administrator the reference below.")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return plain_error(request, 403, "This form was open too long. Reload the page and send it again.")

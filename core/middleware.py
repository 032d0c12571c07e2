"""Headers and request facts for every answer."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from .ids import uuid7
from .requestfacts import request_facts

Handler = Callable[[HttpRequest], HttpResponse]


class RequestContextMiddleware:
    """Gives the request an id and an address for the audit, and forbids storing any page."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = uuid7().hex
        token = request_facts.set({"ip": request.META.get("REMOTE_ADDR"), "request_id": request_id})
        try:
            response = self.get_response(request)
        finally:
            request_facts.reset(token)
        response["X-Request-Id"] = request_id
        response.setdefault("Cache-Control", "no-store")
        response.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        patch_vary_headers(response, ["HX-Request"])
        return response

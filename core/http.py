"""Small things views say to the browser (DESIGN section 9)."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse


def is_partial(request: HttpRequest) -> bool:
    """Asked by htmx for a part of the page, not by a boosted link for the whole."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"


def tell(response: HttpResponse, **events: Any) -> HttpResponse:
    """Add events after settle: announce="sentence", setfocus="#id", toast={"text": …, "undo": url}."""
    name = "HX-Trigger-After-Settle"
    present = json.loads(response[name]) if name in response else {}
    response[name] = json.dumps({**present, **events})
    return response


def go(request: HttpRequest, url: str) -> HttpResponse:
    """Send the browser to another page, by htmx or by a plain redirect."""
    if request.headers.get("HX-Request") == "true":
        response = HttpResponse(status=204)
        response["HX-Redirect"] = url
        return response
    response = HttpResponse(status=303)
    response["Location"] = url
    return response

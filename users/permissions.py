"""Who may call a view. `@role` says it, the sweep proves that every route says something."""

import functools
from collections.abc import Callable
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from core.access import public

from .models import Role, User

__all__ = ["ANY_ROLE", "StaffRequest", "public", "role"]

View = Callable[..., HttpResponse]
ANY_ROLE = tuple(Role.values)
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class StaffRequest(HttpRequest):
    """A request whose user is one of ours."""

    user: User


def role(*names: str, write: tuple[str, ...] | None = None) -> Callable[[View], View]:
    """Only these roles may call it; `write` narrows (or, for compliance, widens) who may use unsafe methods.

    Compliance reads what it is named for; it writes only where `write` names it (DECISIONS 3).
    """
    readers = frozenset(names)
    writers = frozenset(write) if write is not None else readers - {"compliance"}
    unknown = (readers | writers) - set(ANY_ROLE)
    if unknown:
        raise ValueError(f"unknown roles: {sorted(unknown)}")

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            user = request.user
            if not user.is_authenticated:
                if request.headers.get("HX-Request"):
                    response = HttpResponse(status=401)
                    response["HX-Redirect"] = "/login/"
                    return response
                return redirect_to_login(request.get_full_path())
            allowed = readers if request.method in SAFE else writers
            if not allowed & user.roles:
                raise PermissionDenied(_who_may(allowed))
            return view(request, *args, **kwargs)

        wrapped.crm_rule = readers  # type: ignore[attr-defined]
        wrapped.crm_write_rule = writers  # type: ignore[attr-defined]
        return wrapped

    return decorate


def _who_may(allowed: frozenset[str]) -> str:
    names = [Role(name).label.lower() for name in ANY_ROLE if name in allowed]
    if not names:
        return "Nobody may do this here."
    return f"This takes another role: {', '.join(names)}."

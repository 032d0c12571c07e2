"""The mark of a view that anybody may call. Role rules are in users.permissions."""

from collections.abc import Callable
from typing import TypeVar

from django.http import HttpResponse

F = TypeVar("F", bound=Callable[..., HttpResponse])


def public(view: F) -> F:
    """Anybody may call it, signed in or not."""
    view.crm_rule = frozenset({"public"})  # type: ignore[attr-defined]
    view.crm_write_rule = frozenset({"public"})  # type: ignore[attr-defined]
    return view

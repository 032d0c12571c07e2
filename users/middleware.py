"""Every signed-in request is checked anew: still active, not idle, within hours; and no view goes unruled."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth import logout
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse

from core import clock
from core.http import go

from .models import User

Handler = Callable[[HttpRequest], HttpResponse]
_POLLS = ("/work/callbacks/due/", "/requests/open/", "/requests/mine/")  # asked by pages: not a sign of being there
MUST_ENROL = "must_enrol"  # in the session: a role needs a second step, and this person has none yet
FACTOR_PAGE = "/me/security/"
_BEFORE_ENROLLING = (FACTOR_PAGE, "/logout/")


class SignedInMiddleware:
    """Signs out whoever was idle too long, is no longer active or is outside the sign-on hours.

    Who has to set up a second step gets no other page before it is done.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if isinstance(user, User):
            at = clock.now()
            if self._over(request, user, at):
                logout(request)
            else:
                self._seen(request, at)
                if request.session.get(MUST_ENROL) and request.path not in _BEFORE_ENROLLING:
                    return go(request, FACTOR_PAGE)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        """Default deny: a view that says nothing about who may call it is a programming error."""
        target = getattr(view, "cls", None) or getattr(view, "view_class", None) or view
        if not hasattr(view, "crm_rule") and not hasattr(target, "crm_rule"):
            raise ImproperlyConfigured(f"{view} has no rule: use @role(...) or @public.")

    @staticmethod
    def _over(request: HttpRequest, user: User, at: datetime) -> bool:
        if not user.is_active or not user.roles:
            return not user.is_superuser
        seen = request.session.get("seen_at")
        if seen is not None and at.timestamp() - float(seen) > settings.SESSION_IDLE_SECONDS:
            return True
        return not user.may_sign_on(local_time(user, at))

    @staticmethod
    def _seen(request: HttpRequest, at: datetime) -> None:
        seen = request.session.get("seen_at")
        if seen is not None and request.path in _POLLS:
            return
        if seen is None or at.timestamp() - float(seen) > 60:
            request.session["seen_at"] = at.timestamp()


def local_time(user: User, at: datetime) -> Any:
    """The time of day where the person works (their first team's zone)."""
    if user.sign_on_from is None:
        return at.time()
    team = user.teams.first()
    return at.astimezone(ZoneInfo(team.time_zone if team else "UTC")).time()

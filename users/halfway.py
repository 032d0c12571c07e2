"""Between password and code: who is half in, for at most ten minutes, in a session that opens nothing yet."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.auth import login
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from core import audit

from . import factors
from .middleware import MUST_ENROL
from .models import User

_KEY = "half_in"
_LASTS = timedelta(minutes=10)


def begin(request: HttpRequest, user: User, *, target: str, at: datetime) -> None:
    """The password was right; the code is asked for next. The session gets a new id."""
    request.session.cycle_key()
    request.session[_KEY] = {
        "user": user.pk,
        "hash": user.get_session_auth_hash(),
        "at": at.timestamp(),
        "target": target,
    }


def who(request: HttpRequest, at: datetime) -> tuple[User, str] | None:
    """Who is half in and where they wanted to go; None when it is too long ago or the password changed since."""
    kept = request.session.get(_KEY)
    if not kept or not 0 <= at.timestamp() - kept["at"] <= _LASTS.total_seconds():
        return None
    user = User.objects.filter(pk=kept["user"]).first()
    if user is None or not constant_time_compare(kept["hash"], user.get_session_auth_hash()):
        return None
    return user, kept["target"]


def finish(request: HttpRequest, user: User, *, second_step: bool = False) -> None:
    """Signed in. Who needs a second step and has none is led to set it up."""
    request.session.pop(_KEY, None)
    login(request, user)
    if not second_step and factors.needs_factor(user):
        request.session[MUST_ENROL] = True
    audit.record("user.signed_in", actor=user, subject=user, data={"second_step": second_step})

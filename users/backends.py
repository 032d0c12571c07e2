"""The second step as a way to authenticate, so that the throttle of sign-in counts its failures too."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from core import clock

from . import factors
from .models import User


class SecondStepBackend(BaseBackend):
    """Takes a person whose password was right a moment ago, and a code. The password alone never comes here."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        """The person `half_in` when the code `token` (kept out of logs by its name) is good."""
        half_in, token = credentials.get("half_in"), credentials.get("token")
        if not isinstance(half_in, User) or not token:
            return None
        return half_in if factors.check(user=half_in, code=token, at=clock.now()) else None

    def get_user(self, user_id: int) -> User | None:
        return User.objects.filter(pk=user_id, is_active=True).first()

"""Ask letters to write down what was agreed. The message is queued; whether it may go is asked when it is sent."""

from __future__ import annotations

from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from letters.models import Template
from payments.models import Plan, Promise

_CHANNELS = {"EMAIL": "email", "POST": "post", "SMS": "sms"}
_POINTS = {"email": "EMAIL", "sms": "PHONE", "post": "ADDRESS"}


def promise(*, promise: Promise, by: Any, at: datetime) -> None:
    """The promise in writing, by e-mail or else by text (send link is the default way to pay)."""
    for channel in ("email", "sms"):
        if _queue(
            "promise_confirmation", channel, promise.account, f"promise-confirmation:{promise.pk}", promise, by, at
        ):
            return


def plan(*, plan: Plan, channel: str, by: Any, at: datetime) -> None:
    """The terms in writing, by the channel that was agreed."""
    _queue("plan_confirmation", _CHANNELS[channel], plan.account, f"plan-confirmation:{plan.pk}", plan, by, at)


def _queue(kind: str, channel: str, account: Any, key: str, subject: Any, by: Any, at: datetime) -> bool:
    """False when letters cannot send it so: no template, no place to send to, or not built yet."""
    if find_spec("letters.services") is None:
        return False
    usable = account.debtor.contact_points.filter(kind=_POINTS[channel], status__in=("ACTIVE", "UNVERIFIED"))
    if not usable.exists():
        return False
    template = Template.objects.filter(kind=kind, channel=channel, active=True).first()
    if template is None:
        return False
    letters = import_module("letters.services")
    made = letters.queue(
        template_slug=template.slug, account=account, channel=channel, kind=kind, key=key, at=at, by=by, subject=subject
    )
    return made is not None

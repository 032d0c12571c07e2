"""Our licenses to collect, changed by admins."""

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import Licence
from core import audit


@transaction.atomic
def save_licence(*, licence: Licence, by: Any, at: datetime) -> Licence:
    """Keep a new or corrected license; in force with the next question."""
    new = licence.pk is None
    licence.save()
    audit.record(
        "licence.added" if new else "licence.changed", actor=by, subject=licence, at=at,
        data={"state": licence.state, "from": licence.valid_from, "until": licence.valid_until},
    )  # fmt: skip
    return licence

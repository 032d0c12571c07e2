"""Say what happened, in words, in the transaction of the change (STYLE habit 13)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import models

from . import prepared
from .models import AuditEvent
from .requestfacts import request_facts


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(v) for v in value]
    if isinstance(value, (Decimal, date, datetime, UUID)):
        return str(value)
    if isinstance(value, models.Model):
        return str(value.pk)
    return value


def event(
    action: str,
    *,
    actor: Any = None,
    subject: models.Model | None = None,
    data: dict[str, Any] | None = None,
    reason: str = "",
    person_id: int | None = None,
    portfolio_id: int | None = None,
    at: datetime | None = None,
) -> AuditEvent:
    """An unsaved audit row, for those who write many at once with bulk_create."""
    facts = request_facts.get() or {}
    row = AuditEvent(
        action=action,
        actor_id=getattr(actor, "pk", None),
        actor_name=str(getattr(actor, "display_name", "") or ("system" if actor is None else "")),
        actor_roles=" ".join(sorted(getattr(actor, "roles", ()) or ())),
        subject_type=subject._meta.label_lower if subject is not None else "",
        subject_id=str(subject.pk) if subject is not None else "",
        person_id=person_id,
        portfolio_id=portfolio_id,
        data=_plain(data or {}),
        reason=reason,
        ip=facts.get("ip"),
        request_id=facts.get("request_id", ""),
    )
    if at is not None:
        row.at = at
    return row


def record(action: str, **facts: Any) -> AuditEvent:
    """Write one audit row: dotted, past tense (`payment.recorded`). Keywords as in `event`.

    `data` may hold ids, amounts, codes and dates; never class-S values.
    """
    row = event(action, **facts)
    prepared.insert(row)
    return row

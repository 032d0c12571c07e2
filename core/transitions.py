"""A status moves by the table, by compare-and-set and with a history row (STYLE habit 6)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import models, transaction

from .models import StatusChange

Table = Mapping[str, frozenset[str] | set[str]]


class NotAllowed(Exception):
    """The table has no such move."""


class Overtaken(Exception):
    """Somebody else moved it first."""


@transaction.atomic
def move(
    obj: models.Model,
    to: str,
    *,
    table: Table,
    at: datetime,
    by: Any = None,
    reason: str = "",
    field: str = "status",
    extra: dict[str, Any] | None = None,
) -> None:
    """Move obj.field to `to`. Raises NotAllowed or Overtaken; on success obj carries the new value.

    `extra` are further columns set in the same UPDATE.
    """
    old: str = getattr(obj, field)
    if to not in table.get(old, frozenset()):
        raise NotAllowed(f"{obj._meta.verbose_name} can't go from {old} to {to}.")
    rows = type(obj)._default_manager.filter(pk=obj.pk, **{field: old})
    if rows.update(**{field: to}, **(extra or {})) != 1:
        raise Overtaken(f"This {obj._meta.verbose_name} was changed by somebody else in the meantime.")
    setattr(obj, field, to)
    for name, value in (extra or {}).items():
        setattr(obj, name, value)
    StatusChange.objects.create(
        subject_type=obj._meta.label_lower,
        subject_id=obj.pk,
        field=field,
        from_status=old,
        to_status=to,
        at=at,
        by=by,
        reason=reason,
    )

"""Class-S values: put in sealed, shown only with a reason and a line in the audit (RELIABILITY 37)."""

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import Debtor, Identifier
from accounts.services.debts import AccountRefused
from core import audit, crypto


@transaction.atomic
def add_identifier(*, debtor: Debtor, kind: str, value: str, by: Any, at: datetime) -> Identifier:
    """Keep a Social Security, bank or document number of a person; the same one again gives the one there is."""
    found = Identifier.objects.filter(debtor=debtor, kind=kind, index=crypto.blind_index(value)).first()
    if found is not None:
        return found
    made = Identifier(debtor=debtor, kind=kind, created_at=at)
    made.seal(value)
    made.save(force_insert=True)
    audit.record("identifier.added", actor=by, subject=made, data={"kind": kind}, person_id=debtor.pk, at=at)
    return made


@transaction.atomic
def reveal_identifier(*, identifier: Identifier, by: Any, at: datetime, reason: str) -> str:
    """The clear value, with an audit row of who asked and why. Raises AccountRefused, core.crypto.Unreadable."""
    if len(reason.strip()) < 3:
        raise AccountRefused("Say why you need to see this number.")
    audit.record(
        "identifier.revealed",
        actor=by,
        subject=identifier,
        data={"kind": identifier.kind},
        reason=reason.strip()[:500],
        person_id=identifier.debtor_id,
        at=at,
    )
    return identifier.reveal()

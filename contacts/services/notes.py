"""Notes, their corrections, messages on the timeline, and drafts (F25)."""

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import Account, Debtor
from contacts.models import Draft, Interaction
from core import audit
from users.models import User


class NoteRefused(Exception):
    """The note is empty, or corrects something of another person; a sentence."""


@transaction.atomic
def add_note(
    *, debtor: Debtor, account: Account | None, text: str, by: User, at: datetime, corrects: Interaction | None = None
) -> Interaction:
    """Keep a note for good. A correction is a new note that points at what it corrects. Raises NoteRefused."""
    if not text.strip():
        raise NoteRefused("Write the note first.")
    if corrects is not None and corrects.debtor_id != debtor.pk:
        raise NoteRefused("A correction belongs to the same person.")
    note = _closed(
        debtor=debtor, account=account, kind=Interaction.Kind.NOTE, text=text, by=by, at=at, corrects=corrects
    )
    Draft.objects.filter(user=by, debtor=debtor).delete()
    audit.record(
        "note.corrected" if corrects else "note.added",
        actor=by,
        subject=note,
        data={"corrects": corrects.pk if corrects else None},
        person_id=debtor.pk,
        portfolio_id=account.portfolio_id if account else None,
        at=at,
    )
    return note


@transaction.atomic
def record_message(
    *, debtor: Debtor, account: Account | None, text: str, at: datetime, direction: str = "out", by: Any = None,
    facts: dict[str, Any] | None = None,
) -> Interaction:  # fmt: skip
    """Put a message that came or went outside the outbox (a reply, a letter at the counter) on the timeline."""
    return _closed(
        debtor=debtor, account=account, kind=Interaction.Kind.MESSAGE, text=text, by=by, at=at,
        direction=direction, facts=facts or {},
    )  # fmt: skip


def _closed(
    *, debtor: Debtor, account: Account | None, kind: str, text: str, by: Any, at: datetime, **more: Any
) -> Interaction:
    return Interaction.objects.create(
        debtor=debtor,
        account=account,
        account_ids=[account.pk] if account else [],
        kind=kind,
        state=Interaction.State.CLOSED,
        officer=by,
        started_at=at,
        ended_at=at,
        recorded_at=at,
        note=text,
        **more,
    )


def save_draft(*, debtor: Debtor, text: str, by: User, at: datetime) -> Draft | None:
    """Keep what is being typed about a person; empty text forgets it. At most 4,000 characters."""
    if not text.strip():
        Draft.objects.filter(user=by, debtor=debtor).delete()
        return None
    kept, _ = Draft.objects.update_or_create(user=by, debtor=debtor, defaults={"text": text[:4000], "saved_at": at})
    return kept

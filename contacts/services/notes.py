"""Notes, their corrections, messages on the timeline, and drafts (F25)."""

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import Account, Debtor
from contacts.models import Draft, Interaction, LeadRequest, LockedNote
from core import audit
from users.models import User

LOCKED = "Locked note"


class NoteRefused(Exception):
    """The note is empty, or corrects something of another person; a sentence."""


@transaction.atomic
def add_note(
    *, debtor: Debtor, account: Account | None, text: str, by: User, at: datetime, corrects: Interaction | None = None
) -> Interaction:
    """Keep a note for good. A correction is a new note that points at what it corrects. Raises NoteRefused.

    While a call for help about the person is open, or to correct a locked note, the words are locked away.
    """
    if not text.strip():
        raise NoteRefused("Write the note first.")
    if corrects is not None and corrects.debtor_id != debtor.pk:
        raise NoteRefused("A correction belongs to the same person.")
    about = _locked_for(debtor, corrects)
    note = _closed(
        debtor=debtor, account=account or about, kind=Interaction.Kind.NOTE, text=LOCKED if about else text, by=by,
        at=at, corrects=corrects,
    )  # fmt: skip
    if about is not None:
        lock(interaction=note, account=about, text=text, by=by, at=at)
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


def _locked_for(debtor: Debtor, corrects: Interaction | None) -> Account | None:
    """The debt under which words about this person are locked away; None when they are not."""
    kind, state = LeadRequest.Kind.DISTRESS, LeadRequest.State.OPEN
    request = LeadRequest.objects.filter(debtor=debtor, kind=kind, state=state).select_related("account").first()
    if request is not None:
        return request.account
    kept = corrects.locked_notes.select_related("account").first() if corrects is not None else None
    return kept.account if kept is not None else None


def lock(*, interaction: Interaction, account: Account, text: str, by: User, at: datetime) -> LockedNote:
    """Keep what was written where only leads and compliance read it."""
    return LockedNote.objects.create(
        debtor_id=interaction.debtor_id,
        account=account,
        interaction=interaction,
        text=text.strip()[:4000],
        by=by,
        at=at,
    )


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

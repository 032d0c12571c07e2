"""What officers ask their lead while a person waits, and the answer (A on the desk)."""

from datetime import datetime

from django.db import transaction

from accounts.models import Account, Debtor
from contacts.models import Interaction, LeadRequest
from core import audit
from users.models import User


class LeadMistake(Exception):
    """The question or the answer cannot be taken so; a sentence, and the `field` it is about."""

    def __init__(self, text: str, field: str | None = None) -> None:
        super().__init__(text)
        self.field = field


@transaction.atomic
def ask_lead(
    *, debtor: Debtor, account: Account, call: Interaction | None, words: str, by: User, at: datetime
) -> LeadRequest:
    """Put a question to the leads who see this debt. One open question of an officer about a person at a time.

    Raises LeadMistake.
    """
    if not words.strip():
        raise LeadMistake("Write what you want to know.", "words")
    mine = LeadRequest.objects.select_for_update().filter(
        debtor=debtor, asked_by=by, kind=LeadRequest.Kind.QUESTION, state=LeadRequest.State.OPEN
    )
    if mine.exists():
        raise LeadMistake("Your last question about this person is not answered yet.", "words")
    request = LeadRequest.objects.create(
        kind=LeadRequest.Kind.QUESTION, debtor=debtor, account=account, call=call, words=words.strip()[:1000],
        asked_by=by, asked_at=at,
    )  # fmt: skip
    audit.record("lead.asked", actor=by, subject=request, person_id=debtor.pk, portfolio_id=account.portfolio_id, at=at)
    return request


@transaction.atomic
def answer_question(
    *, request: LeadRequest, by: User, at: datetime, words: str, approved: bool | None = None
) -> LeadRequest:
    """Answer a question: yes, no, or in words. The first answer stands; the same lead's again changes nothing.

    Raises LeadMistake when there is nothing to say, or when another lead was faster.
    """
    request = LeadRequest.objects.select_for_update().get(pk=request.pk)
    if request.kind != LeadRequest.Kind.QUESTION:
        raise LeadMistake("This call for help is reviewed, not answered.")
    if request.state == LeadRequest.State.ANSWERED:
        if request.answered_by_id == by.pk:
            return request
        raise LeadMistake("Somebody else has answered this meanwhile.")
    if not words.strip() and approved is None:
        raise LeadMistake("Say yes, no, or write an answer.", "words")
    request.state, request.answer, request.approved = LeadRequest.State.ANSWERED, words.strip()[:1000], approved
    request.answered_by, request.answered_at = by, at
    request.save(update_fields=["state", "answer", "approved", "answered_by", "answered_at"])
    audit.record(
        "lead.answered", actor=by, subject=request, data={"approved": approved}, person_id=request.debtor_id, at=at
    )
    return request


@transaction.atomic
def on_it(*, request: LeadRequest, by: User, at: datetime) -> LeadRequest:
    """A lead looks after it: the notice goes from all screens, the officer sees who comes. The first one stands."""
    if LeadRequest.objects.filter(pk=request.pk, seen_at=None).update(seen_by=by, seen_at=at):
        audit.record("lead.came", actor=by, subject=request, person_id=request.debtor_id, at=at)
    request.refresh_from_db()
    return request

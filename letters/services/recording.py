"""What is written once a message went out: the paper, the contact that the rules count, the last state."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts import documents
from accounts.models import Document
from compliance.models import ContactEvent
from core import work
from letters import kinds
from letters.channels import SendResult
from letters.models import Message
from letters.states import State

from .leasing import WORK

SUFFIX = {"post": ("application/pdf", "pdf"), "email": ("text/html", "html"), "sms": ("text/plain", "txt")}


def key_of(message: Message) -> str:
    """The idempotency key towards the channel: one per message, whatever the number of tries."""
    return f"message:{message.pk}"


@transaction.atomic
def sent(results: Sequence[tuple[Message, SendResult]], at: datetime) -> int:
    """Finish with the fence; only who still owns the row writes the paper and the contact. Returns how many."""
    papers: list[Document] = []
    events: list[ContactEvent] = []
    for message, result in results:
        paper = document(message, at)
        owned = work.finish(
            WORK, pk=message.pk, token=message.lease_token, state=State.SENT, provider_ref=result.reference[:120],
            sent_at=at, finished_at=at, document_id=paper.pk, prepared=None, reason="", last_error="",
        )  # fmt: skip
        if owned:
            papers.append(paper)
            events.append(event(message, "sent", at))
    Document.objects.bulk_create(papers)
    ContactEvent.objects.bulk_create(events)
    return len(papers)


def perhaps(message: Message, at: datetime) -> None:
    """It may have gone out: counted as a contact, except a notice, which is not given until somebody knows."""
    if message.kind != "validation_notice":
        event(message, "unknown", at).save(force_insert=True)


def event(message: Message, outcome: str, at: datetime) -> ContactEvent:
    """The (unsaved) contact as the rules count it; a later one of the same message takes its place."""
    kind = kinds.CHANNEL_IN_RULES[message.channel]
    facts: dict[str, Any] = {"id": str(message.pk), "purpose": kinds.of(message.kind).purpose}
    if message.kind == "validation_notice":
        facts, kind = {"id": str(message.pk), "via": kind}, "validation_notice"
    point = message.contact_point
    return ContactEvent(
        debtor_id=message.debtor_id,
        account_ids=message.account_ids,
        kind=kind,
        at=at,
        recorded_at=at,
        direction="out",
        outcome=outcome,
        contact_point=point,
        address=point.value if point is not None and point.kind != "ADDRESS" else "",
        facts=facts,
        by_id=message.planned_by_id,
        source_type=message._meta.label_lower,
        source_id=str(message.pk),
        verdict_id=message.verdict_id,
    )


def document(message: Message, at: datetime) -> Document:
    """The (unsaved) row of the paper as it was sent."""
    kept: dict[str, Any] = message.prepared or {}
    content_type, suffix = SUFFIX[message.channel]
    return Document(
        debtor_id=message.debtor_id,
        account_id=message.account_id,
        kind=f"message.{message.channel}",
        name=f"{message.kind.replace('_', '-')}-{message.pk}.{suffix}",
        content_type=content_type,
        sha256=kept["sha256"],
        size=documents.path_of(kept["sha256"]).stat().st_size,
        pages=kept["pages"],
        added_at=at,
    )

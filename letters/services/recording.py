"""What is written once a message went out: the paper, the contact that the rules count, the last state."""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts import documents
from accounts.models import Document
from compliance.models import ContactEvent
from contacts import services as contacts
from core import copying
from letters import kinds
from letters.channels import SendResult
from letters.models import Message

from . import rows

log = logging.getLogger(__name__)
SUFFIX = {"post": ("application/pdf", "pdf"), "email": ("text/html", "html"), "sms": ("text/plain", "txt")}


def key_of(message: Message) -> str:
    """The idempotency key towards the channel: one per message, whatever the number of tries."""
    return f"message:{message.pk}"


@transaction.atomic
def sent(results: Sequence[tuple[Message, SendResult]], at: datetime) -> int:
    """Finish with the fence; only who still owns the row writes the paper and the contact. Returns how many."""
    papers = [document(message, at) for message, _ in results]
    owned = rows.finish_sent(results, [paper.pk for paper in papers], at)
    if len(owned) < len(results):
        log.warning("lease lost", extra={"rows": [m.pk for m, _ in results if m.pk not in owned]})
    mine = [(message, paper) for (message, _), paper in zip(results, papers, strict=True) if message.pk in owned]
    copying.copy_models([paper for _, paper in mine])
    copying.copy_models([told for message, _ in mine for told in events(message, at)])
    _answered([message for message, _ in mine], at)
    return len(mine)


def _answered(messages: Sequence[Message], at: datetime) -> None:
    """What somebody of ours wrote to one person answers what the person wrote before; e-mail to many doesn't."""
    written = [(m.debtor_id, m.planned_at, m.planned_by_id) for m in messages if m.planned_by_id and not m.run]
    if written:
        contacts.answer_replies(written=written, at=at)


def perhaps(message: Message, at: datetime) -> None:
    """It may have gone out: counted as a contact, except a notice, which is not given until somebody knows."""
    if message.kind != "validation_notice":
        event(message, "unknown", at).save(force_insert=True)


def events(message: Message, at: datetime) -> list[ContactEvent]:
    """The (unsaved) entries of a message that went out: the contact, and the answer that ends a stop of collection."""
    found = [event(message, "sent", at)]
    if message.kind == "original_creditor_answer":  # 12 CFR 1006.38(c): collection may go on once it was sent
        found.append(_entry(message, "original_creditor_sent", at, facts={"id": f"{message.pk}-answer"}))
    return found


def event(message: Message, outcome: str, at: datetime) -> ContactEvent:
    """The (unsaved) contact as the rules count it; a later one of the same message takes its place."""
    kind = kinds.CHANNEL_IN_RULES[message.channel]
    facts: dict[str, Any] = {"id": str(message.pk), "purpose": kinds.of(message.kind).purpose}
    if message.kind == "validation_notice":
        facts, kind = {"id": str(message.pk), "via": kind}, "validation_notice"
    return _entry(message, kind, at, facts=facts, outcome=outcome)


def _entry(
    message: Message, kind: str, at: datetime, *, facts: dict[str, Any], outcome: str = ""
) -> ContactEvent:  # fmt: skip
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
        size=kept.get("size") or documents.path_of(kept["sha256"]).stat().st_size,
        pages=kept["pages"],
        added_at=at,
    )

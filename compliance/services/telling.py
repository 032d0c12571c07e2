"""What happened and what people told us, written down as the rules count it. Only added to, never edited."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Required, TypedDict, Unpack
from uuid import UUID

from django.db import transaction
from django.db.models.signals import post_save

from accounts.models import Account, ContactPoint, Debtor
from compliance.models import ContactEvent, Hold, Preference
from core import audit, prepared

from .holds import place_hold


class Happening(TypedDict, total=False):
    """What is to be said of one contact. `at` is when it happened; `facts` as the rules name them."""

    debtor: Required[Debtor]
    accounts: Required[Sequence[Account]]
    kind: Required[str]
    at: Required[datetime]
    direction: str  # "out" unless said otherwise
    outcome: str
    point: ContactPoint | None
    address: str  # the point's own unless said otherwise
    facts: dict[str, Any] | None
    by: Any
    source: Any
    verdict_id: UUID | None


def contact(**said: Unpack[Happening]) -> ContactEvent:
    """One thing that happened, not written yet: for who writes it in a statement with more, and then says `told`."""
    point, source = said.get("point"), said.get("source")
    own = point.value if point and point.kind != ContactPoint.Kind.ADDRESS else ""
    return ContactEvent(
        debtor=said["debtor"],
        account_ids=[a.pk for a in said["accounts"]],
        kind=said["kind"],
        at=said["at"],
        direction=said.get("direction", "out"),
        outcome=said.get("outcome", ""),
        contact_point=point,
        address=said.get("address") or own,
        facts=said.get("facts") or {},
        by=said.get("by"),
        source_type=source._meta.label_lower if source is not None else "",
        source_id=str(source.pk) if source is not None else "",
        verdict_id=said.get("verdict_id"),
    )


def record_contact(**said: Unpack[Happening]) -> ContactEvent:
    """Add one thing that happened to the history that the rules read. Never edited, only added to."""
    row = contact(**said)
    prepared.insert(row)
    told(row)
    return row


def told(row: ContactEvent) -> None:
    """Say to those who listen that this was written."""
    post_save.send(sender=ContactEvent, instance=row, created=True, raw=False, using=row._state.db, update_fields=None)


def lock(debtor: Debtor) -> None:
    """Hold the person's row until the transaction ends: acts on one person happen one after another."""
    Debtor.objects.select_for_update(no_key=True).only("pk").get(pk=debtor.pk)


def record_consent(
    *,
    debtor: Debtor,
    accounts: Sequence[Account],
    scope: str,
    at: datetime,
    by: Any = None,
    point: ContactPoint | None = None,
    written: bool = False,
    evidence: str = "",
) -> ContactEvent:
    """Consent given to us: scope call, sms, email, ecomm or tcpa; for one number or address, or all."""
    event = record_contact(
        debtor=debtor, accounts=accounts, kind="consent", at=at, direction="in", point=point, by=by,
        facts={"scope": scope, "written": written, "evidence": evidence},
    )  # fmt: skip
    audit.record("consent.recorded", actor=by, subject=event, data={"scope": scope}, person_id=debtor.pk, at=at)
    return event


def record_opt_out(
    *, debtor: Debtor, medium: str, at: datetime, by: Any = None, point: ContactPoint | None = None, words: str = ""
) -> ContactEvent:
    """A request not to use a medium (point None) or one number or address. In force at once, for all debts."""
    event = record_contact(
        debtor=debtor, accounts=(), kind="opt_out", at=at, direction="in", point=point, by=by,
        facts={"medium": medium, "words": words},
    )  # fmt: skip
    audit.record("consent.opted_out", actor=by, subject=event, data={"medium": medium}, person_id=debtor.pk)
    return event


@transaction.atomic
def record_cease(
    *, debtor: Debtor, at: datetime, written: bool, by: Any = None, accounts: Sequence[Account] = (), words: str = ""
) -> ContactEvent:
    """A request to stop. Written: 1006.6(c), all contact about those debts (none named: all). Spoken: no more calls."""
    event = record_contact(
        debtor=debtor, accounts=accounts, kind="cease", at=at, direction="in", by=by,
        facts={"written": written, "received_at": at.isoformat(), "words": words},
    )  # fmt: skip
    if written:
        for account in accounts or [None]:  # type: ignore[list-item]
            place_hold(
                debtor=debtor, account=account, kind=Hold.Kind.CEASE, at=at, by=by, reason=words, source="written"
            )
    else:
        record_opt_out(debtor=debtor, medium="call", at=at, by=by, words=words)
    return event


@transaction.atomic
def record_preference(
    *,
    debtor: Debtor,
    kind: str,
    facts: dict[str, Any],
    at: datetime,
    by: Any = None,
    point: ContactPoint | None = None,
    until: datetime | None = None,
    words: str = "",
    source: str = "",
) -> Preference:
    """Times, places or an employer's ban as the person said it; facts: days, start, end (minutes), tz, until, place."""
    row = Preference.objects.create(
        debtor=debtor, kind=kind, facts=facts, since=at, until=until, contact_point=point, words=words, source=source,
        recorded_by=by,
    )  # fmt: skip
    audit.record("preference.recorded", actor=by, subject=row, data={"kind": kind}, person_id=debtor.pk)
    return row


@transaction.atomic
def withdraw_preference(*, preference: Preference, by: Any, at: datetime, reason: str) -> None:
    """The person no longer wishes it; withdrawing it twice changes nothing."""
    if Preference.objects.filter(pk=preference.pk, withdrawn_at=None).update(withdrawn_at=at):
        audit.record(
            "preference.withdrawn", actor=by, subject=preference, data={"kind": preference.kind}, reason=reason,
            person_id=preference.debtor_id, at=at,
        )  # fmt: skip


@transaction.atomic
def record_care(
    *, debtor: Debtor, language: str, vulnerability: str, review_on: date | None, by: Any, at: datetime
) -> None:
    """The language a person speaks and what helps them, with the day on which somebody looks at it again (F28)."""
    debtor.language, debtor.vulnerability, debtor.vulnerability_review_on = language, vulnerability, review_on
    debtor.save(update_fields=["language", "vulnerability", "vulnerability_review_on"])
    audit.record(
        "person.care_recorded", actor=by, subject=debtor, data={"language": language, "review_on": review_on},
        person_id=debtor.pk, at=at,
    )  # fmt: skip

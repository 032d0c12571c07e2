"""What a person asks or tells that changes whom we may contact: wrong number, stop, attorney (F10, F11)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts import services as accounts_services
from accounts.models import Account, AccountParty, ContactPoint, Debtor
from compliance import services as compliance
from contacts import gate
from core import audit
from core.text import normalise_phone


class RequestRefused(Exception):
    """What was asked cannot be recorded so; a sentence, and the `field` it is about."""

    def __init__(self, text: str, field: str | None = None) -> None:
        super().__init__(text)
        self.field = field


def wrong_party(*, point: ContactPoint, by: Any, at: datetime) -> None:
    """The number or address is somebody else's: off, on every person who has it."""
    wrong = ContactPoint.Status.WRONG_PARTY
    accounts_services.set_contact_status(
        point=point, status=wrong, by=by, at=at, reason="Somebody else answered", everywhere=True
    )


@transaction.atomic
def stop_contact(
    *, debtor: Debtor, accounts: Sequence[Account], every_debt: bool, written: bool, words: str, by: Any, at: datetime
) -> None:
    """The person asked us to stop, for all debts or for these, spoken or written. It holds at once.

    A written request stops all contact by law (15 USC 1692c(c)), a spoken one stops calls (DECISIONS 25).
    Raises RequestRefused.
    """
    if not every_debt and not accounts:
        raise RequestRefused("Choose for which debts.", "debts")
    chosen = [] if every_debt else list(accounts)
    compliance.record_cease(debtor=debtor, at=at, written=written, by=by, accounts=chosen, words=words)
    audit.record(
        "person.asked_to_stop",
        actor=by,
        subject=debtor,
        data={"written": written, "accounts": [row.pk for row in chosen]},
        person_id=debtor.pk,
        at=at,
    )


@transaction.atomic
def add_attorney(
    *, debtor: Debtor, accounts: Sequence[Account], name: str, phone: str, by: Any, at: datetime
) -> Debtor:
    """The person has an attorney for these debts: from now on we contact only the attorney (12 CFR 1006.6(b)(2)).

    The attorney is kept with an own number, `phone` in any usual form or empty. Raises RequestRefused.
    """
    if not name.strip():
        raise RequestRefused("Enter the attorney's name.", "attorney_name")
    number = normalise_phone(phone) if phone.strip() else None
    if phone.strip() and number is None:
        raise RequestRefused("Enter a phone number, such as (915) 555-0142.", "attorney_phone")
    first, _, last = name.partition(" ")
    attorney = Debtor.objects.create(name=name, first_name=first, last_name=last, created_at=at)
    if number:
        ContactPoint.objects.create(
            debtor=attorney, kind=ContactPoint.Kind.PHONE, value=number, use=ContactPoint.Use.WORK,
            source=ContactPoint.Source.CONSUMER, source_at=at, status_at=at,
        )  # fmt: skip
    role = AccountParty.Role.ATTORNEY
    for account in accounts:
        AccountParty.objects.create(
            account=account, debtor=attorney, role=role, recorded_by=by, recorded_at=at, may_hear_balance=True
        )
    gate.place_hold(
        debtor=debtor, kind="ATTORNEY", by=by, at=at, reason=name[:300],
        facts={"name": name, "name_and_address_known": bool(number), "debt_ids": [a.pk for a in accounts]},
    )  # fmt: skip
    audit.record(
        "person.attorney_added", actor=by, subject=debtor, data={"attorney": attorney.pk}, person_id=debtor.pk, at=at
    )
    return attorney

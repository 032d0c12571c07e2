"""Is it the right person? Two facts she says must match what is on record; nothing is told before (F34)."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.models import Account, ContactPoint, Debtor, Identifier
from contacts.models import Interaction
from contacts.telephony.base import ANSWERED
from core import audit, formats
from users.models import User

from .calls import held
from .scripting import after_identity, identity_steps

NEEDED = 2


class NotVerified(Exception):
    """The facts are too few or not on record; a sentence for the officer."""


@dataclass(frozen=True, slots=True)
class Fact:
    """Something she can say that we can compare. `shown` is masked as far as comparing allows."""

    code: str
    label: str
    shown: str


def facts_on_record(
    debtor: Debtor, points: list[ContactPoint], identifiers: list[Identifier], accounts: list[Account]
) -> list[Fact]:
    """What may be compared, the surest first; the first two have the keys F1 and F2."""
    found: list[Fact] = []
    social = next((i for i in identifiers if i.kind == Identifier.Kind.SSN and i.last4), None)
    if social is not None:
        found.append(Fact("ssn_last4", "Last 4 of Social Security", social.last4))
    zips = [p.postal_code for p in points if p.kind == ContactPoint.Kind.ADDRESS and p.usable and p.postal_code]
    if zips:
        found.append(Fact("address", "Home ZIP", zips[0][:5]))
    if debtor.birth_date is not None:
        found.append(Fact("birth_date", "Birth date", formats.mask_birth(debtor.birth_date)))
    ends = [row.reference_end for row in accounts if len(row.reference_end) == 4]
    if ends:
        found.append(Fact("account", "Account ending", " or ".join(ends[:2])))
    return found


@transaction.atomic
def verify(*, call: Interaction, facts: list[str], by: User, at: datetime) -> Interaction:
    """Record that two facts on record were matched by what the person said, and when; the line is answered.

    Again on a checked call changes nothing. Raises NotVerified, CallMistake.
    """
    call = held(call, by)
    if call.verified_at is not None:
        return call
    debtor = call.debtor
    known = facts_on_record(
        debtor,
        list(debtor.contact_points.all()),
        list(debtor.identifiers.all()),
        list(Account.objects.filter(pk__in=call.account_ids)),
    )
    matched = [fact.code for fact in known if fact.code in facts]
    if len(matched) < NEEDED:
        raise NotVerified("Two facts that are on record must match before you go on.")
    call.verified_at, call.verified_facts = at, matched
    call.script_step = after_identity(call)
    call.steps_done = {**call.steps_done, **dict.fromkeys(identity_steps(call), at.isoformat())}
    call.facts = {**call.facts, "line": ANSWERED, "answered_at": call.facts.get("answered_at", at.isoformat())}
    call.save(update_fields=["verified_at", "verified_facts", "script_step", "steps_done", "facts"])
    audit.record("person.verified", actor=by, subject=call, data={"facts": matched}, person_id=debtor.pk, at=at)
    return call

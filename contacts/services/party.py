"""Who is on the line: chosen in one key, judged once, kept with the call (issue 3, section 4)."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q

from accounts.models import Account, AccountParty, Debtor, Portfolio
from compliance.models import Hold
from contacts import parties
from contacts.models import Disposition, Interaction, PartyRule
from contacts.parties import Known, Said
from core import audit
from users.models import User

from .calls import held

ADULT = 18


class PartyMistake(Exception):
    """There is no such party; a sentence."""


def silent(call: Interaction) -> bool:
    """May nothing of a debt be said to whoever is on the line?"""
    return bool(call.facts.get("party", {}).get("say", parties.ALL) != parties.ALL)


def third_party(call: Interaction) -> bool:
    """Is it somebody who neither is the person nor counts as them?"""
    party = call.facts.get("party")
    return party is not None and party["code"] not in parties.PERSON and party["say"] != parties.ALL


def reached(call: Interaction, disposition: Disposition) -> bool:
    """Was it a talk with the right party?"""
    return disposition.right_party and not third_party(call)


def counted_as(call: Interaction, disposition: Disposition) -> str:
    """The outcome the contact rules count: a talk with a third party is no talk with the person."""
    talk = disposition.call_outcome
    return "conversation_third_party" if talk == "conversation" and third_party(call) else talk


@transaction.atomic
def on_the_line(*, call: Interaction, party: str, by: User, at: datetime) -> Interaction:
    """Put down who is on the line and what may be said; the last one chosen counts, earlier ones are kept.

    Raises PartyMistake for an unknown party, CallMistake when the call is closed or another officer's.
    """
    if party not in parties.BY_CODE:
        raise PartyMistake("Choose who is on the line.")
    call = held(call, by)
    accounts = list(Account.objects.filter(pk__in=call.account_ids).only("pk", "portfolio_id"))
    said = judge(party=party, debtor=call.debtor, accounts=accounts, at=at)
    chosen: dict[str, Any] = {
        "code": party, "label": parties.BY_CODE[party].label, "say": said.say, "words": said.words, "cite": said.cite,
        "source": said.source, "at": at.isoformat(),
        "opening": parties.opening(said.say, by.display_name, call.debtor.name),
    }  # fmt: skip
    earlier = [*call.facts.get("parties", []), {"code": party, "say": said.say, "at": at.isoformat()}]
    call.facts = {**call.facts, "party": chosen, "parties": earlier}
    call.save(update_fields=["facts"])
    facts = {"party": party, "say": said.say, "cite": said.cite}
    audit.record("call.party_named", actor=by, subject=call, data=facts, person_id=call.debtor_id, at=at)
    return call


def judge(*, party: str, debtor: Debtor, accounts: Iterable[Account], at: datetime) -> Said:
    """What may be said to this party about these debts. Three statements."""
    accounts = list(accounts)
    today = at.astimezone(ZoneInfo(debtor.home_zone or "UTC")).date()
    known = Known(
        deceased=Hold.objects.filter(debtor=debtor, kind=Hold.Kind.DECEASED, lifted_at=None).exists(),
        minor=_is_minor(debtor, today),
        on_record=_on_record(accounts, today),
    )
    return parties.judge(party, known, client_rules(accounts))


def _is_minor(debtor: Debtor, today: date) -> bool:
    born = debtor.birth_date
    if born is None:
        return False
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day)) < ADULT


def _on_record(accounts: list[Account], today: date) -> frozenset[str]:
    """Roles that hold on every one of these debts, may hear amounts, and have not run out."""
    rows = AccountParty.objects.filter(account__in=accounts, may_hear_balance=True)
    rows = rows.filter(Q(valid_until=None) | Q(valid_until__gte=today))
    by_role: dict[str, set[int]] = {}
    for role, account in rows.values_list("role", "account_id"):
        by_role.setdefault(role, set()).add(account)
    return frozenset(role for role, found in by_role.items() if len(found) == len(accounts))


def client_rules(accounts: Iterable[Account]) -> dict[str, str]:
    """The strictest rule of these debts' clients for each party."""
    found: dict[str, str] = {}
    for party, say in PartyRule.objects.filter(portfolio__in={row.portfolio_id for row in accounts}).values_list(
        "party", "say"
    ):
        found[party] = min(found.get(party, say), say, key=parties.ORDER.index)
    return found


@transaction.atomic
def save_party_rule(*, portfolio: Portfolio, party: str, say: str, by: User, at: datetime) -> None:
    """Set what a client lets us say to a party; ALL takes the rule back: then the law alone counts."""
    if party not in parties.BY_CODE or say not in parties.ORDER:
        raise PartyMistake("Choose a party and what may be said.")
    rows = PartyRule.objects.select_for_update().filter(portfolio=portfolio, party=party)
    before = rows.values_list("say", flat=True).first() or parties.ALL
    if say == parties.ALL:
        rows.delete()
    else:
        PartyRule.objects.update_or_create(
            portfolio=portfolio, party=party, defaults={"say": say, "made_by": by, "made_at": at}
        )
    facts = {"party": party, "before": before, "after": say}
    audit.record("party_rule.saved", actor=by, subject=portfolio, data=facts, portfolio_id=portfolio.pk, at=at)

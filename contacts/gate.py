"""How contacts asks and tells compliance. The one seam; nothing else here knows the signatures."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from accounts.models import Account, ContactPoint, Debtor
from compliance import services as compliance
from compliance.models import ContactEvent, Hold

from .models import Interaction

SOURCE = "contacts.interaction"


def may_call(
    *, debtor: Debtor, point: ContactPoint | None, accounts: Sequence[Account], by: Any, at: datetime, inbound: bool
) -> Any:
    """The verdict in the moment of dialing, stored with the facts it used (an Answer)."""
    return compliance.may_contact(
        debtor=debtor,
        channel="call",
        at=at,
        accounts=list(accounts),
        point=point,
        occasion="dial",
        by=by,
        inbound=inbound,
        record=True,
        act_type=SOURCE,
    )


def next_call_at(*, debtor: Debtor, accounts: Sequence[Account], point: ContactPoint | None, at: datetime) -> Any:
    """When a call would be allowed next, asked without a trace; None: only a new fact changes it."""
    answer = compliance.may_contact(
        debtor=debtor, channel="call", at=at, accounts=list(accounts), point=point, occasion="list", record=False
    )
    return at if answer.allowed else answer.next_allowed


def record_attempt(*, call: Interaction, accounts: Sequence[Account]) -> None:
    """The attempt counts from before the phone rings, whatever comes of it."""
    compliance.record_contact(**_facts(call, accounts, kind="attempt", outcome=""))


def outcome_event(*, call: Interaction, accounts: Sequence[Account], outcome: str) -> ContactEvent:
    """The call with its outcome, not written yet; compliance counts it in place of its attempt (same source)."""
    return compliance.contact(**_facts(call, accounts, kind="call", outcome=outcome))


def outcome_told(event: ContactEvent) -> None:
    """The outcome was written with the call."""
    compliance.told(event)


def _facts(call: Interaction, accounts: Sequence[Account], *, kind: str, outcome: str) -> compliance.Happening:
    return {
        "debtor": call.debtor,
        "accounts": list(accounts),
        "kind": kind,
        "at": call.started_at,
        "direction": call.direction,
        "outcome": outcome,
        "point": call.contact_point,
        "address": call.dialed,
        "by": call.officer,
        "source": _source(call),
        "verdict_id": call.verdict_id,
        "facts": {"party": call.facts["party"]["code"]} if "party" in call.facts else None,
    }


def _source(call: Interaction) -> Interaction:
    """A call that is ended anew counts in place of the first one: one attempt, one outcome."""
    first = call.facts.get("first")
    return Interaction(pk=first) if first is not None else call


def record_words(
    *, debtor: Debtor, accounts: Sequence[Account], kind: str, facts: dict[str, Any], by: Any, source: Any, at: datetime
) -> None:
    """Something the person told us that rules read: a dispute, a request to stop."""
    compliance.record_contact(
        debtor=debtor,
        accounts=list(accounts),
        kind=kind,
        at=at,
        direction="in",
        facts=facts,
        by=by,
        source=source,
    )


def place_hold(
    *,
    debtor: Debtor,
    kind: str,
    by: Any,
    at: datetime,
    account: Account | None = None,
    reason: str = "",
    facts: dict[str, Any] | None = None,
    source: str = "",
    until: datetime | None = None,
) -> None:
    """Stop what this hold stops, at once. A hold that is there already stays as it is."""
    compliance.place_hold(
        debtor=debtor, kind=kind, at=at, account=account, by=by, reason=reason, facts=facts or {}, source=source,
        until=until,
    )  # fmt: skip


def lift_dispute_hold(*, account: Account, by: Any, at: datetime, reason: str) -> None:
    """Open the debt again when its dispute is answered."""
    for hold in Hold.objects.filter(account=account, kind=Hold.Kind.DISPUTE, lifted_at=None):
        compliance.lift_hold(hold=hold, by=by, at=at, reason=reason)

"""Letters that a person's own word asks for: we received your dispute, your request to stop, who the creditor was.

Found in the contact history, wherever it was written, and planned with the key of that entry and debt, so that
finding it again plans nothing new. Planned right after it was recorded, and by a tick if that was lost.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import Account
from accounts.states import OPEN
from compliance.models import ContactEvent
from core import clock

from .queueing import Plan, queue_many

RECENT = timedelta(days=3)
ANSWER_WITHIN = timedelta(days=30)  # as an answer to a dispute (12 CFR 1022.43(e)(3)); later it would say nothing new


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent for a kind of word, whether only a written one is answered, and whether once for all its debts."""

    kind: str
    written_only: bool = False
    once: bool = False


ANSWERS = {
    "dispute": Answer("dispute_acknowledgment"),
    "cease": Answer("cease_acknowledgment", written_only=True, once=True),  # a spoken one stops calls, not letters
    "original_creditor_request": Answer("original_creditor_answer"),
}


def plan_answers(*, at: datetime, events: Sequence[ContactEvent] | None = None) -> dict[str, int]:
    """Plan what these entries ask for, or without any those of the last days. Returns how many are new, by kind."""
    if events is None:
        found = ContactEvent.objects.filter(kind__in=ANSWERS, direction="in", at__gt=at - ANSWER_WITHIN, at__lte=at)
        events = list(found.filter(recorded_at__gt=at - RECENT).order_by("pk"))
    asked = [event for event in events if _is_answered(event)]
    debts = _debts(asked)
    made: dict[str, int] = {}
    for kind in ANSWERS:
        plans = [plan for event in asked if event.kind == kind for plan in _plans(event, debts[event.pk], at)]
        count = queue_many(plans, at=at, run=f"answers {at:%Y-%m-%d}")
        if count:
            made[ANSWERS[kind].kind] = count
    return made


def _is_answered(event: ContactEvent) -> bool:
    answer = ANSWERS.get(event.kind)
    if answer is None or event.direction != "in":
        return False
    return not answer.written_only or bool(event.facts.get("written"))


def _debts(events: Iterable[ContactEvent]) -> dict[object, list[Account]]:
    """The debts each is about: those it names, else all of the person's that are open."""
    rows = list(events)
    theirs = Account.objects.filter(debtor__in={e.debtor_id for e in rows if not e.account_ids}, status__in=OPEN)
    named = Account.objects.filter(pk__in={pk for e in rows for pk in e.account_ids})
    open_ = list(theirs.select_related("debtor", "portfolio__creditor"))
    by_pk = named.select_related("debtor", "portfolio__creditor").in_bulk()
    return {
        e.pk: [by_pk[pk] for pk in e.account_ids if pk in by_pk] or [a for a in open_ if a.debtor_id == e.debtor_id]
        for e in rows
    }


def _plans(event: ContactEvent, accounts: list[Account], at: datetime) -> list[Plan]:
    """One letter per debt, or one per request where the letter confirms the request itself and no debt."""
    if ANSWERS[event.kind].once:
        first = min(accounts, key=lambda row: row.pk, default=None)
        return [_plan(event, first, f"answer:{event.pk}", at)] if first else []
    return [_plan(event, account, f"answer:{event.pk}:{account.pk}", at) for account in accounts]


def _plan(event: ContactEvent, account: Account, key: str, at: datetime) -> Plan:
    kind = ANSWERS[event.kind].kind
    day = clock.today(account.portfolio.time_zone, event.at)
    return Plan(
        account=account,
        kind=kind,
        key=key,
        ways=(("post", at),),
        expires_at=event.at + ANSWER_WITHIN,
        facts={"request": {"received_on": {"day": day.isoformat()}}},
    )

"""Calls: the attempt is asked for, written down, and only then rings (F30)."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db import transaction

from accounts.access import portfolio_ids
from accounts.models import Account, ContactPoint, Debtor
from accounts.models.debtors import SEEN
from contacts import gate, telephony
from contacts.models import Disposition, Interaction, ScriptVersion
from contacts.telephony.base import ANSWERED, ENDED, MOVES, RINGING, LineError
from core import audit, prepared
from core.text import normalise_phone
from users import services as users
from users.models import TimeState, User

log = logging.getLogger(__name__)


class CallRefused(Exception):
    """Compliance said no. `answer` has the sentence, the rule and the next allowed time; it is stored."""

    def __init__(self, answer: Any) -> None:
        super().__init__(answer.sentence)
        self.answer = answer


class CallMistake(Exception):
    """The call does not fit what is there (another call is open, it has ended); a sentence for the officer."""


@dataclass(frozen=True, slots=True)
class Inbound:
    """Who may be calling. One person found: `call` is open. None or several: look them up by `number`."""

    number: str
    call: Interaction | None
    people: tuple[Debtor, ...]


def start_call(
    *,
    debtor: Debtor,
    point: ContactPoint | None,
    accounts: Sequence[Account],
    by: User,
    at: datetime,
    direction: str = "out",
    script: ScriptVersion | None = None,
) -> Interaction:
    """Open a call: the verdict is asked and stored, the attempt counted, then the phone rings (after commit).

    Outbound raises CallRefused when the answer is no; a person who calls us is always heard, and a no is kept
    with the call. Raises CallMistake when the officer has another call open or the number is not hers.
    """
    if direction == "out" and (point is None or point.kind != ContactPoint.Kind.PHONE or not point.usable):
        raise CallMistake("Choose a number that is in use.")
    with transaction.atomic():
        debtor = Debtor.objects.select_for_update().get(pk=debtor.pk)
        no_other(by)
        answer = gate.may_call(debtor=debtor, point=point, accounts=accounts, by=by, at=at, inbound=direction == "in")
        call = None
        if answer.allowed or direction == "in":
            call = _open(debtor, point, accounts, by, at, direction, script, answer)
    if call is None:
        raise CallRefused(answer)
    return call


def no_other(by: User) -> None:
    User.objects.select_for_update().get(pk=by.pk)
    other = Interaction.objects.filter(officer=by, kind=Interaction.Kind.CALL, state=Interaction.State.OPEN).first()
    if other is not None:
        raise CallMistake(f"Your call with P-{other.debtor_id} is still open. Say how it ended first.")


def _open(
    debtor: Debtor,
    point: ContactPoint | None,
    accounts: Sequence[Account],
    by: User,
    at: datetime,
    direction: str,
    script: ScriptVersion | None,
    answer: Any,
) -> Interaction:
    line = RINGING if direction == "out" else ANSWERED
    facts: dict[str, Any] = {"line": line, "allowed": answer.allowed}
    if line == ANSWERED:
        facts["answered_at"] = at.isoformat()
    if not answer.allowed:
        facts["refused"] = answer.sentence
    call = Interaction.objects.create(
        debtor=debtor,
        account=accounts[0] if accounts else None,
        account_ids=[account.pk for account in accounts],
        kind=Interaction.Kind.CALL,
        direction=direction,
        contact_point=point,
        dialed=point.value if point else "",
        officer=by,
        started_at=at,
        recorded_at=at,
        script_version=script,
        verdict_id=answer.record_id,
        facts=facts,
    )
    gate.record_attempt(call=call, accounts=accounts)
    users.set_time_state(user=by, state=TimeState.ON_CALL, at=at)
    if direction == "out":
        transaction.on_commit(lambda: _ring(call.pk, point.value if point else ""))
    return call


def _ring(call_id: int, number: str) -> None:
    """After commit, outside any transaction: the line may be slow."""
    try:
        ring = telephony.line().ring(number=number, key=str(call_id))
    except LineError as error:
        log.warning("call %s did not leave", call_id)
        _set_line(call_id, ENDED, {"line_said": str(error)})
        return
    _set_line(call_id, ring.state, {"href": ring.href} if ring.href else {}, ref=ring.ref)


@transaction.atomic
def _set_line(call_id: int, state: str, more: dict[str, Any], ref: str = "") -> None:
    call = Interaction.objects.select_for_update().get(pk=call_id)
    if call.state == Interaction.State.CLOSED:
        return
    call.facts = {**call.facts, **more, "line": state}
    call.call_ref = ref or call.call_ref
    call.save(update_fields=["facts", "call_ref"])


@transaction.atomic
def move_line(*, call: Interaction, to: str, by: User, at: datetime) -> Interaction:
    """The line was answered or has ended, as the adapter or the officer says. The same again changes nothing.

    Raises CallMistake for a call that is closed or somebody else's.
    """
    call = held(call, by)
    now = call.facts.get("line", RINGING)
    if to == now:
        return call
    if to not in MOVES.get(now, set()):
        raise CallMistake("This call has ended already.")
    call.facts = {**call.facts, "line": to, f"{to}_at": at.isoformat()}
    call.facts.pop("on_hold_since", None)
    call.save(update_fields=["facts"])
    if to == ENDED:
        users.set_time_state(user=by, state=TimeState.WRAP_UP, at=at)
        ref = call.call_ref
        transaction.on_commit(lambda: telephony.line().hang_up(ref=ref))
    return call


@transaction.atomic
def toggle_hold(*, call: Interaction, by: User, at: datetime) -> Interaction:
    """Put the line on hold, or take it back. Raises CallMistake when nobody is on the line."""
    call = held(call, by)
    if call.facts.get("line") == ENDED:
        raise CallMistake("This call has ended already.")
    facts = dict(call.facts)
    if not facts.pop("on_hold_since", None):
        facts["on_hold_since"] = at.isoformat()
    call.facts = facts
    call.save(update_fields=["facts"])
    return call


def locked(call: Interaction) -> Interaction:
    """The call as it is now, its row locked; with person, number and script."""
    rows = Interaction.objects.select_for_update(of=("self",))
    return rows.select_related("debtor", "script_version", "contact_point").get(pk=call.pk)


_OPEN_TYPES = {"call": "bigint", "debtor": "bigint", "code": "text", "by": "bigint", "books": "bigint[]"}
_OPEN_KINDS = (Interaction, Debtor, ContactPoint, ScriptVersion, Disposition)


@cache
def _open_sql() -> str:
    columns = ", ".join(map(prepared.columns, _OPEN_KINDS, "idnsc"))
    return f"""SELECT {columns} FROM contacts_interaction i JOIN accounts_debtor d ON d.id = i.debtor_id
LEFT JOIN accounts_contactpoint n ON n.id = i.contact_point_id
LEFT JOIN contacts_scriptversion s ON s.id = i.script_version_id
LEFT JOIN contacts_disposition c ON c.code = %(code)s AND c.active
WHERE i.id = %(call)s AND i.debtor_id = %(debtor)s AND i.officer_id = %(by)s AND i.kind = 'CALL' AND i.state = 'OPEN'
    AND {SEEN} FOR UPDATE OF i"""  # noqa: S608


def open_call(
    *, debtor_id: int, call_id: int, code: str, by: User
) -> tuple[Interaction | None, Disposition | None]:  # fmt: skip
    """This officer's open call with a person she sees, its row locked, and the outcome with this code, if it is in
    use; None for what is not there. One statement."""
    books = portfolio_ids(by)
    values = {
        "call": call_id, "debtor": debtor_id, "code": code, "by": by.pk,
        "books": None if books is None else prepared.array(books),
    }  # fmt: skip
    row = prepared.one(_open_sql(), values, _OPEN_TYPES)
    if row is None:
        return None, None
    call, call.debtor, call.contact_point, call.script_version, disposition = prepared.read_all(row, _OPEN_KINDS)
    return call, disposition


def mine(call: Interaction, by: User) -> None:
    """Raises CallMistake unless the call is open and this officer's."""
    if call.state == Interaction.State.CLOSED:
        raise CallMistake("This call is closed. Correct it with a note.")
    if call.officer_id != by.pk:
        raise CallMistake("Another officer has this call.")


def held(call: Interaction, by: User) -> Interaction:
    """The call, locked, if it is open and this officer's. Raises CallMistake."""
    call = locked(call)
    mine(call, by)
    return call


@transaction.atomic
def hand_over(*, call: Interaction, to: User, at: datetime) -> Interaction:
    """A lead takes the call; identity check and place in the script stay. Raises CallMistake."""
    call = Interaction.objects.select_for_update().get(pk=call.pk)
    if call.state == Interaction.State.CLOSED:
        raise CallMistake("This call is closed.")
    before = call.officer_id
    if before == to.pk:
        return call
    no_other(to)
    call.officer = to
    call.facts = {**call.facts, "taken_over": [*call.facts.get("taken_over", []), [before, at.isoformat()]]}
    call.save(update_fields=["officer", "facts"])
    audit.record("call.taken_over", actor=to, subject=call, data={"from": before}, person_id=call.debtor_id, at=at)
    users.set_time_state(user=to, state=TimeState.ON_CALL, at=at)
    return call


def receive_call(*, number: str, by: User, at: datetime) -> Inbound:
    """A call comes in for this officer (F30). A number of one person opens her; else it is for the search.

    `number` in any usual form; numbers marked bad count too. Raises CallMistake when it is no number, or when
    the officer has a call open.
    """
    e164 = normalise_phone(number)
    if e164 is None:
        raise CallMistake("Enter the caller's number, such as (915) 555-0142.")
    points = ContactPoint.objects.filter(kind=ContactPoint.Kind.PHONE, value=e164)
    people = list(
        Debtor.objects.visible_to(by).filter(contact_points__in=points).distinct().order_by("name", "pk")[:10]
    )
    if len(people) != 1:
        return Inbound(e164, None, tuple(people))
    person = people[0]
    point = points.filter(debtor=person).first()
    call = start_call(debtor=person, point=point, accounts=callable_accounts(person, by), by=by, at=at, direction="in")
    return Inbound(e164, call, (person,))


def callable_accounts(debtor: Debtor, user: Any) -> list[Account]:
    """The debts one call may be about: open, seen by the officer, and of one kind of client (DECISIONS 3).

    Debts of a first-party and a third-party client never meet in one call; the kind of the largest one counts.
    """
    rows = Account.objects.visible_to(user).filter(debtor=debtor).select_related("portfolio", "creditor")
    mine = sorted((row for row in rows if row.is_open), key=lambda row: (not row.is_collectable, -row.balance, row.pk))
    own = "first_party_creditor"
    return [row for row in mine if (row.portfolio.collector_type == own) == (mine[0].portfolio.collector_type == own)]

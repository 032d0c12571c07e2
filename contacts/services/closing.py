"""How a contact ended: one outcome, consistent with whom we reached, written once (F35)."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Model

from accounts import loaded
from accounts.models import Account
from contacts import gate
from contacts.models import Disposition, Interaction
from core import audit, prepared
from users import services as users
from users.models import TimeState, User

from .calls import locked, mine
from .notes import LOCKED, lock
from .party import counted_as, reached, silent
from .scripting import unread

MISSED_OUT = frozenset({"hung-up"})  # may happen after the identity check too
IN_DISTRESS = "distress"


class OutcomeRefused(Exception):
    """The outcome does not fit the call; a sentence, and the `field` it is about."""

    def __init__(self, text: str, field: str | None = None) -> None:
        super().__init__(text)
        self.field = field


def allowed_outcome(*, call: Interaction, disposition: Disposition) -> bool:
    """Before the identity check only results that disclose nothing; after it only talks with the person (F34)."""
    group = Disposition.Group
    if not disposition.active or disposition.group == group.OTHER:
        return False
    if disposition.code == IN_DISTRESS or "distress" in call.facts:  # no money, no promise: only how it ended
        return "distress" in call.facts and disposition.code in (IN_DISTRESS, *MISSED_OUT)
    if silent(call):  # nobody who may hear of the debt: only results that disclose nothing, or whom to write to
        third = disposition.group == group.NOBODY and disposition.call_outcome == "conversation_third_party"
        return third or disposition.code in MISSED_OUT or disposition.follow == Disposition.Follow.ATTORNEY
    if call.verified_at is None:
        return not disposition.right_party and (call.direction == "out" or disposition.code not in _UNANSWERED)
    return disposition.group == group.ANSWERED or disposition.code in MISSED_OUT


_UNANSWERED = frozenset({"no-answer", "busy", "not-in-service", "message-left"})


@transaction.atomic
def close_call(*, call: Interaction, disposition: Disposition, note: str, by: User, at: datetime) -> Interaction:
    """End a call with its outcome: note kept, the attempt's result told to compliance, the number's last result.

    The same outcome again by the same officer returns the closed call. Raises OutcomeRefused, CallMistake.
    """
    call = locked(call)
    return close_locked(call=call, accounts=debts_of(call), disposition=disposition, note=note, by=by, at=at)


def debts_of(call: Interaction) -> list[Account]:
    """The debts a call is about, with portfolio and creditor."""
    return loaded.debts("a.id = ANY(%(ids)s)", {"ids": call.account_ids}, {"ids": "bigint[]"})


def close_locked(
    *, call: Interaction, accounts: Sequence[Account], disposition: Disposition, note: str, by: User, at: datetime
) -> Interaction:
    """The same for a call whose row this transaction has locked. A refusal is raised before anything is written."""
    if call.state == Interaction.State.CLOSED and call.officer_id == by.pk and call.disposition_id == disposition.pk:
        return call
    mine(call, by)
    _check(call, disposition, note)
    if "distress" in call.facts and note.strip():
        lock(interaction=call, account=accounts[0], text=note, by=by, at=at)
        note = LOCKED
    call.officer = by
    call.disposition, call.right_party, call.note = disposition, reached(call, disposition), note
    call.state, call.ended_at = Interaction.State.CLOSED, at
    call.facts = {**call.facts, "line": "ended"}
    event = gate.outcome_event(call=call, accounts=accounts, outcome=counted_as(call, disposition))
    closed = audit.event(
        "call.closed",
        actor=by,
        subject=call,
        data={"outcome": disposition.code, "right_party": call.right_party, "direction": call.direction},
        person_id=call.debtor_id,
        at=at,
    )
    _write(call, by, (event, closed))
    gate.outcome_told(event)
    return call


_WRITE = f"""WITH {users.TIME_STATE}, number AS (
    UPDATE accounts_contactpoint SET last_result = %(label)s, last_result_at = %(at)s WHERE id = %(point)s
), draft AS (
    DELETE FROM contacts_draft WHERE user_id = %(by)s AND debtor_id = %(debtor)s
), answered AS (
    UPDATE contacts_reply SET state = 'ANSWERED', closed_at = %(at)s, closed_by_id = %(by)s
    WHERE %(right)s AND debtor_id = %(debtor)s AND state = 'OPEN'
) UPDATE contacts_interaction SET disposition_id = %(code)s, right_party = %(right)s, note = %(note)s,
    state = %(state)s, ended_at = %(at)s, facts = %(facts)s WHERE id = %(call)s
RETURNING (SELECT count(*) FROM part)"""  # noqa: S608
_WRITE_TYPES = {
    "call": "bigint", "code": "text", "label": "text", "right": "boolean", "note": "text", "state": "text",
    "facts": "jsonb", "point": "bigint", "debtor": "bigint", **users.TIME_STATE_TYPES,
}  # fmt: skip


def _write(call: Interaction, by: User, rows: Sequence[Model]) -> None:
    """The call as it ended, the number's last result, the draft forgotten, what the person wrote answered by a talk,
    the officer ready again, and these new rows: one statement."""
    assert call.disposition is not None
    values: dict[str, Any] = {
        "call": call.pk, "code": call.disposition.pk, "label": call.disposition.label, "right": call.right_party,
        "note": call.note, "state": call.state, "at": call.ended_at, "facts": json.dumps(call.facts),
        "point": call.contact_point_id, "by": by.pk, "debtor": call.debtor_id, "doing": TimeState.READY.value,
    }  # fmt: skip
    found = prepared.one_and_insert(_WRITE, values, _WRITE_TYPES, rows)
    if found == (0,):  # another window of the officer changed what she does in between
        users.set_time_state(user=by, state=TimeState.READY, at=values["at"])


def _check(call: Interaction, disposition: Disposition, note: str) -> None:
    if not allowed_outcome(call=call, disposition=disposition):
        if silent(call):
            raise OutcomeRefused(
                f"“{disposition.label}” does not fit: {call.facts['party']['label'].lower()} may not hear of the debt.",
                "disposition",
            )
        words = "Check the identity first" if call.verified_at is None else "You talked with the person"
        raise OutcomeRefused(f"{words}: “{disposition.label}” does not fit this call.", "disposition")
    if reached(call, disposition) and (steps := unread(call)):
        raise OutcomeRefused(f"Read the step “{steps[0].title}” before you save.", "disposition")
    if disposition.note_required and not note.strip():
        raise OutcomeRefused("Add a note: what did the person say?", "note")

"""Taking back an outcome or a skip: a reversing record is added, nothing is erased; an attempt stays counted.

What nobody can take back stays: money, a message left or sent, a request to stop, a dispute, a number marked wrong.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import Debtor
from contacts import services as contacts
from contacts.models import Interaction
from letters import services as letters
from letters.models import Message
from payments import services as payments
from payments.models import Promise
from strategies import services as work
from strategies.holds import PASSED_FOR
from strategies.models import PersonHold, WorkItem
from users.models import User

UNDO_FOR = timedelta(minutes=2)
LATE = "It is too late to take this back; add a note instead."
CONFIRMATION = ("promise_confirmation",)


class UndoRefused(Exception):
    """It cannot be taken back; a sentence that says why and what to do instead."""


def what_stays(call: Interaction) -> str:
    """What undo does not take back, in one sentence for the screen."""
    return "The attempt stays counted." if call.direction == "out" else "The call stays on the timeline."


@transaction.atomic
def outcome(*, call_id: int, by: User, at: datetime) -> Interaction:
    """Take the outcome of one's own call back: its promise is cancelled, what she wrote waits again, the work stands
    as before, the person is in hand again and the call waits for another outcome. Returns the call to end anew.
    Raises UndoRefused.
    """
    call = _mine(call_id, by, at)
    _nobody_since(call, by)
    _promise_back(call, by, at)
    if call.ended_at is not None:
        contacts.reopen_replies(debtor=call.debtor, by=by, answered_at=call.ended_at, at=at)
    _work_back(call, by, at)
    try:
        work.pass_over(user=by, at=at)
        work.claim(user=by, debtor=call.debtor, at=at)
        return contacts.take_back(call=call, by=by, at=at)
    except (work.Held, contacts.CallMistake) as error:
        raise UndoRefused(str(error)) from error


def _mine(call_id: int, by: User, at: datetime) -> Interaction:
    rows = Interaction.objects.select_related("debtor", "disposition")
    call = rows.filter(pk=call_id, officer=by, kind=Interaction.Kind.CALL, state=Interaction.State.CLOSED).first()
    if call is None or call.ended_at is None or at - call.ended_at > UNDO_FOR:
        raise UndoRefused(LATE)
    reason = contacts.binding(call)
    if reason:
        raise UndoRefused(reason)
    return call


def _nobody_since(call: Interaction, by: User) -> None:
    later = Interaction.objects.filter(debtor=call.debtor_id, recorded_at__gt=call.ended_at).exclude(pk=call.pk)
    held = PersonHold.objects.filter(debtor=call.debtor_id, taken_at__gt=call.ended_at).exclude(user=by)
    if later.exists() or held.exists():
        raise UndoRefused("Something else was done about this person since. Add a note instead.")


def _promise_back(call: Interaction, by: User, at: datetime) -> None:
    promise = Promise.objects.filter(interaction_id=call.pk, state="OPEN").select_related("account").first()
    if promise is None:
        return
    if Promise.objects.filter(replaced_by=promise).exists():
        raise UndoRefused("This promise took the place of another one. Agree on the right one instead.")
    about = ("payments.promise", promise.pk)
    letters.cancel_for(kinds=CONFIRMATION, reason="The promise was taken back", at=at, subject=about)
    sent = Message.objects.filter(subject_type=about[0], subject_id=about[1]).exclude(state="CANCELLED")
    if sent.exists():
        raise UndoRefused("The promise was confirmed in writing already. Agree on the right one instead.")
    try:
        payments.cancel_promise(promise=promise, by=by, at=at, reason="Taken back at the desk")
    except payments.PromiseRefused as refused:
        raise UndoRefused(str(refused)) from refused


def _work_back(call: Interaction, by: User, at: datetime) -> None:
    """What is to do stands as before the outcome; the item that the outcome ended stays as history."""
    done = WorkItem.objects.filter(debtor=call.debtor_id, state=WorkItem.State.DONE, done_by=by, done_at=call.ended_at)
    before = done.order_by("-pk").first()
    work.refresh_people([call.debtor_id], at)
    if before is None:
        return
    rows = WorkItem.objects.filter(debtor=call.debtor_id, state=WorkItem.State.OPEN)
    rows.update(
        queue=before.queue, set_queue=before.set_queue, next_step=before.next_step, due_at=before.due_at,
        assigned_to=before.assigned_to, not_before=at, updated_at=at,
    )  # fmt: skip
    work.refresh_people([call.debtor_id], at)


@transaction.atomic
def skip(*, debtor: Debtor, by: User, at: datetime) -> None:
    """Take a skipped person in hand again. Raises UndoRefused when somebody else has her or it was long ago."""
    holds = PersonHold.objects.filter(debtor=debtor, user=by, release_reason="passed over")
    last = holds.order_by("-released_at").first()
    if last is None or last.released_at is None or at - last.released_at > UNDO_FOR:
        raise UndoRefused(LATE)
    try:
        work.pass_over(user=by, at=at)
        rows = WorkItem.objects.filter(debtor=debtor, state=WorkItem.State.OPEN)
        rows.filter(not_before__lte=last.released_at + PASSED_FOR).update(not_before=at)
        work.claim(user=by, debtor=debtor, at=at, queue=last.queue)
    except work.Held as error:
        raise UndoRefused(str(error)) from error

"""One e-mail to the ticked people. It waits a minute, so that it can be taken back before it leaves."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from core import audit
from letters import services as letters
from letters.services import Choice
from users.models import User

from .models import BulkAction

KIND = "email"
WAIT = timedelta(minutes=1)


@transaction.atomic
def send(*, allowed: Sequence[Choice], key: str, by: User, at: datetime) -> BulkAction:
    """Queue one message a person; each is judged again when it leaves. The form's key makes it once."""
    action = BulkAction.objects.create(kind=KIND, by=by, at=at, count=len(allowed))
    letters.mail(allowed=allowed, key=key, run=run_of(action), by=by, at=at, due_at=at + WAIT)
    people = sorted(choice.message.debtor_id for choice in allowed)
    data = {"template": allowed[0].template.slug if allowed else "", "people": people}
    audit.record("work.bulk_email", actor=by, subject=action, data=data)
    return action


def run_of(action: BulkAction) -> str:
    """The name of the run in the outbox."""
    return f"bulk-email:{action.pk}"


def take_back(action: BulkAction, at: datetime) -> int:
    """Cancel what has not left; returns how many."""
    return letters.take_back(run=run_of(action), reason=f"Taken back by {action.by}.", at=at)

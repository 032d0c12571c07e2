"""What a load that was stopped had in its head: read back from what it saved, so that the rest fits to it."""

from datetime import datetime

from accounts.models import Account
from accounts.states import WORKABLE
from compliance.models import ContactEvent, Hold
from contacts.models import Interaction

from .world import World


def recall(world: World, persons: int) -> None:
    """The number of the last person, the minutes officers were on calls, the call-backs that were agreed."""
    world.number = persons
    calls = Interaction.objects.filter(kind="CALL").exclude(officer=None)
    for officer, start in calls.values_list("officer_id", "started_at").iterator(chunk_size=5000):
        world.diary.take(officer, start)
    world.callbacks += _callbacks(world)


def _callbacks(world: World) -> list[tuple[int, int, datetime]]:
    """Agreed for a time that has not come, with nobody on the line since and nothing in the way."""
    agreed = ContactEvent.objects.filter(kind="consent", facts__has_key="agreed_for", by__isnull=False)
    found = []
    for event in agreed.order_by("pk"):
        due = datetime.fromisoformat(event.facts["agreed_for"])
        calls = ContactEvent.objects.filter(debtor=event.debtor_id, kind="call", at__gt=event.at)
        held = Hold.objects.filter(debtor=event.debtor_id, account=None, lifted_at=None)
        open_ = Account.objects.filter(debtor=event.debtor_id, status__in=WORKABLE)
        if due > world.now and not calls.exists() and not held.exists() and open_.exists():
            found.append((event.debtor_id, int(event.by_id or 0), due))
    return found

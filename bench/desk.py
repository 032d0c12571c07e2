"""P3 with a long history, and P4: save the outcome of a call through the web, in milliseconds of that one request."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import uuid4

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings

from accounts.models import Account, ContactPoint, Debtor
from compliance.models import ContactEvent
from contacts import services as contacts
from contacts.models import Interaction
from core import clock
from strategies.models import WorkItem
from users.models import User

from . import floors
from .measure import Case, Missing, Work


def _calls(olive: User) -> Iterator[tuple[Debtor, Interaction]]:
    """One open call after the other; whom compliance refuses is passed over."""
    items = WorkItem.objects.visible_to(olive).filter(state="OPEN", held=False).order_by("-priority", "pk")
    for debtor_id in items.values_list("debtor_id", flat=True)[:3000]:
        debtor = Debtor.objects.get(pk=debtor_id)
        point = ContactPoint.objects.filter(debtor=debtor, kind="PHONE", status="ACTIVE").first()
        accounts = list(Account.objects.visible_to(olive).filter(debtor=debtor, status="ACTIVE", balance__gt=0))
        if point is None or not accounts:
            continue
        try:
            yield debtor, contacts.start_call(debtor=debtor, point=point, accounts=accounts, by=olive, at=clock.now())
        except contacts.CallRefused:
            continue


class Saving:
    """POST "no answer" for a call that was just made; the milliseconds of the POST.

    What it has to tell is read by the next page, which is its own request: it is dropped here, else a hundred of
    them would be packed again with each save.
    """

    def __init__(self, olive: User) -> None:
        Interaction.objects.filter(officer=olive, state="OPEN").update(state="CLOSED")
        self.calls = _calls(olive)
        self.client = Client()
        self.client.force_login(olive, backend="django.contrib.auth.backends.ModelBackend")
        self.size = 0

    def __call__(self) -> float:
        found = next(self.calls, None)
        if found is None:
            raise Missing("Nobody is left who may be called at this hour.")
        debtor, call = found
        form = {
            "idempotency_key": str(uuid4()), "call": call.pk, "disposition": "no-answer", "then": "stay", "note": "",
            "queue": "general",
        }  # fmt: skip
        began = time.perf_counter()
        answer = self.client.post(f"/people/P-{debtor.pk}/wrap-up/", form)
        spent = (time.perf_counter() - began) * 1000
        self.client.cookies.pop("messages", None)
        self.size = len(answer.content)
        if answer.status_code != 303:
            raise Missing(f"Saving answers {answer.status_code}.")
        return spent


class Note:
    """A plain view that saves a note: session, user, one INSERT, one commit."""

    def __init__(self, olive: User) -> None:
        with override_settings(ROOT_URLCONF="bench.floors", MIDDLEWARE=floors.MIDDLEWARE):
            self.client = Client()
            self.client.force_login(olive, backend="django.contrib.auth.backends.ModelBackend")

    def __call__(self) -> float:
        with override_settings(ROOT_URLCONF="bench.floors", MIDDLEWARE=floors.MIDDLEWARE):
            began = time.perf_counter()
            answer = self.client.post("/floor/note/", {"account": "1", "body": "No answer"})
            spent = (time.perf_counter() - began) * 1000
        if answer.status_code != 303:
            raise Missing(f"The floor answers {answer.status_code}.")
        return spent


def _history(debtor_id: int, account_id: int, count: int, officer: User) -> None:
    """So many calls and notes in seven years, and a tenth as many events that the rules read; only what is missing."""
    rows = Interaction.objects.filter(debtor=debtor_id)
    missing = range(max(count - rows.count(), 0))
    now, step = clock.now(), timedelta(days=7 * 365) / count
    Interaction.objects.bulk_create(
        (
            Interaction(
                debtor_id=debtor_id, account_id=account_id, kind="CALL" if n % 3 else "NOTE", state="CLOSED",
                started_at=now - step * (n + 1), ended_at=now - step * (n + 1), disposition_id="no-answer",
                officer=officer, note="They did not answer.", dialed="+13125550142",
            )
            for n in missing
        ),
        batch_size=1000,
    )  # fmt: skip
    ContactEvent.objects.bulk_create(
        ContactEvent(
            debtor_id=debtor_id, account_ids=[account_id], kind="call", at=now - step * (n + 1), direction="out",
            outcome="no_answer", address="+13125550142",
        )
        for n in missing if n % 10 == 0
    )  # fmt: skip


def long_history(page: Callable[[str], Work], olive: User) -> Case:
    """P3: the work screen of somebody with 10,000 events against the same with 10; `page` gets an address."""
    items = WorkItem.objects.visible_to(olive).filter(state="OPEN").order_by("priority", "pk")[:2]
    for item, count in zip(items, (10, 10_000), strict=True):
        _history(item.debtor_id, item.account_id, count, olive)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE contacts_interaction, compliance_contactevent")
    few, many = (page(f"/people/P-{item.debtor_id}/") for item in items)
    return Case("P3b", "person with 10,000 events (floor: with 10)", "CPU ms", 1.2, few, many)


def save(olive: User) -> Case:
    """P4 as a case."""
    product = Saving(olive)
    product()
    counted = _queries(product)
    notes = {"queries": counted, "bytes": product.size}
    return Case("P4", "save the outcome of a call", "ms", 3.0, Note(olive), product, notes)


def _queries(product: Saving) -> int:
    """Those of the POST alone; the call is made before it."""
    found = next(product.calls, None)
    if found is None:
        raise Missing("Nobody is left who may be called at this hour.")
    debtor, call = found
    form = {"idempotency_key": str(uuid4()), "call": call.pk, "disposition": "no-answer", "then": "stay", "note": ""}
    with CaptureQueriesContext(connection) as queries:
        product.client.post(f"/people/P-{debtor.pk}/wrap-up/", form)
    return len(queries)

"""P4: save the outcome of a call through the web, in milliseconds of that one request."""

import time
from collections.abc import Iterator
from uuid import uuid4

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings

from accounts.models import Account, ContactPoint, Debtor
from contacts import services as contacts
from contacts.models import Interaction
from core import clock
from strategies.models import WorkItem
from users.models import User

from . import floors
from .measure import Case, Missing


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
    """POST "no answer" for a call that was just made; the milliseconds of the POST."""

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
        }  # fmt: skip
        began = time.perf_counter()
        answer = self.client.post(f"/people/P-{debtor.pk}/wrap-up/", form)
        spent = (time.perf_counter() - began) * 1000
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

"""A letter run meets people who were put on hold while their letters were queued: not one of theirs goes out."""

from datetime import datetime, timedelta
from threading import Thread

import pytest
from django.db import connection

from accounts.models import Account
from collections_crm import testing as make
from collections_crm.demo import content
from compliance import services as compliance
from compliance.models import VerdictRecord
from core import clock
from letters import services as letters
from letters.models import Message
from letters.services import sending
from letters.states import State
from letters.tests import scene

PEOPLE = 45


def queued(at: datetime) -> list[Account]:
    """So many people of Northwind, each with a letter that is due."""
    make.firm()
    content.ship(at=at)
    slug, found = scene.plain_letter().slug, []
    for number in range(PEOPLE):
        person = make.debtor(f"Dana{number} Reyes")
        make.address(person, f"{number} Magoffin Ave")
        account = make.account("250.00", debtor=person, at=at)
        scene.noticed(person, account, at=at)
        letters.queue(
            template_slug=slug, account=account, channel="post", kind="general", key=f"run:{account.pk}", at=at
        )  # fmt: skip
        found.append(account)
    return found


def people_in(state: State) -> set[int]:
    return set(Message.objects.filter(state=state).values_list("debtor_id", flat=True))


@pytest.mark.django_db
def test_every_message_of_those_put_on_hold_while_it_was_queued_is_withheld(noon: datetime) -> None:
    accounts = queued(noon)
    kinds = ("CEASE", "BANKRUPTCY", "DECEASED", "ATTORNEY", "COMPLAINT")
    held = accounts[::3]
    for number, account in enumerate(held):
        compliance.place_hold(debtor=account.debtor, kind=kinds[number % len(kinds)], at=noon)

    letters.send_due(at=noon + timedelta(minutes=1))

    assert people_in(State.WITHHELD) == {account.debtor_id for account in held}
    assert people_in(State.SENT) == {account.debtor_id for account in accounts} - people_in(State.WITHHELD)
    assert all(Message.objects.filter(state=State.WITHHELD).values_list("reason", flat=True))


@pytest.mark.django_db(transaction=True)
def test_no_verdict_asked_after_a_hold_was_saved_lets_a_letter_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another officer puts people on hold, one after the other from the end of the run, while it is sent."""
    monkeypatch.setattr(sending, "FRESH", 0.0)  # each verdict is asked right before its letter
    accounts = queued(clock.now())
    saved: dict[int, datetime] = {}

    def hold(account: Account) -> None:
        compliance.place_hold(debtor=account.debtor, kind="BANKRUPTCY", at=clock.now())
        saved[account.debtor_id] = clock.now()

    def hold_the_rest() -> None:
        try:
            for account in reversed(accounts[5:-5]):
                hold(account)
        finally:
            connection.close()

    for account in accounts[-5:]:
        hold(account)
    officer = Thread(target=hold_the_rest)
    officer.start()
    letters.send_due(at=clock.now())
    officer.join()

    asked = VerdictRecord.objects.filter(occasion="send", decision__in=["allow", "warn"])
    late = [v.debtor_id for v in asked if v.debtor_id in saved and v.asked_at > saved[v.debtor_id]]
    sent, withheld = people_in(State.SENT), people_in(State.WITHHELD)
    assert late == []
    assert {account.debtor_id for account in accounts[-5:]} <= withheld <= set(saved)
    assert sent | withheld == {account.debtor_id for account in accounts}

"""M on the bulk bar: one e-mail to several people, those left out with their reason, and taken back in time."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, Portfolio
from collections_crm import testing as make
from compliance import services as compliance
from core.models import AuditEvent
from letters import services as letters
from letters.models import Message
from letters.tests import scene
from strategies import services as work
from strategies.models import BulkAction
from strategies.tests.test_refresh import promise
from users.models import User

SignIn = Callable[[User], Client]
TEMPLATE = "promise-reminder-email"
REMINDERS = {"template": TEMPLATE, "idempotency_key": "one", "back": "/work/all/"}


def promiser(name: str, portfolio: Portfolio, *, agreed: bool = True) -> Account:
    """Has promised to pay in three days; was noticed, and agreed to e-mail or not."""
    person = make.debtor(name)
    make.phone(person, f"+1915555{1000 + person.pk % 1000}")
    make.email(person, f"p{person.pk}@example.com")
    make.address(person)
    account = make.account("250.00", debtor=person, portfolio=portfolio)
    scene.noticed(person, account)
    if agreed:
        scene.consents(person, account)
    promise(account, due=date(2026, 11, 20), state="OPEN")
    return account


@pytest.fixture
def three(northwind: Portfolio, noon: datetime) -> list[Account]:
    scene.templates()
    made = [promiser(name, northwind) for name in ("Ana Ruiz", "Ben Ott", "Cal Moss")]
    listed(*made)
    return made


def listed(*accounts: Account) -> None:
    """They have something to do, so that they stand on the list."""
    for account in accounts:
        work.schedule_callback(
            debtor=account.debtor, at_time=make.NOON + timedelta(hours=1), by=None, at=make.NOON - timedelta(hours=1)
        )


def refs(*accounts: Account) -> list[str]:
    return [account.debtor.ref for account in accounts]


def words(answer: Any) -> str:
    return str(answer.content.decode())


def test_olive_mails_three_and_they_leave_after_a_minute(
    olive: User, three: list[Account], sign_in: SignIn, noon: datetime
) -> None:
    client = sign_in(olive)

    dialog = client.post("/work/bulk/email/", {"ref": refs(*three)}, headers={"HX-Request": "true"})
    sent = client.post("/work/bulk/email/send/", {**REMINDERS, "ref": refs(*three)}, headers={"HX-Request": "true"})

    assert "<b>3 of 3 people</b>" in words(dialog) and "Left out" not in words(dialog)
    assert sent.status_code == 200 and 'id="grid"' in words(sent)
    action = BulkAction.objects.get()
    assert f"/work/bulk/{action.pk}/undo/" in sent["HX-Trigger-After-Settle"]
    assert set(Message.objects.values_list("state", "channel", "run")) == {
        ("QUEUED", "email", f"bulk-email:{action.pk}")
    }
    assert AuditEvent.objects.get(action="work.bulk_email").data["people"] == sorted(a.debtor_id for a in three)
    letters.send_due(at=noon)
    assert Message.objects.filter(state="SENT").count() == 0
    letters.send_due(at=noon + timedelta(minutes=1))
    assert Message.objects.filter(state="SENT").count() == 3


def test_who_may_not_get_it_is_named_with_the_rule_and_gets_nothing(
    olive: User, three: list[Account], northwind: Portfolio, sign_in: SignIn, noon: datetime
) -> None:
    compliance.record_opt_out(debtor=three[0].debtor, medium="email", at=noon - timedelta(days=1))
    silent = make.account("90.00", debtor=make.debtor("Nora Low"), portfolio=northwind)
    listed(silent)
    client = sign_in(olive)

    dialog = words(client.post("/work/bulk/email/", {"ref": refs(*three, silent), "template": TEMPLATE}))
    sent = client.post("/work/bulk/email/send/", {**REMINDERS, "ref": refs(*three, silent)})

    assert "<b>2 of 4 people</b>" in dialog
    assert "Nora Low: This letter has nothing to say about the debt now." in dialog
    (answer,) = compliance.may_contact_many([mail_to(three[0])], noon)
    assert answer.sentence and f"Ana Ruiz: {answer.sentence}" in dialog
    assert sent.status_code == 303
    assert set(Message.objects.values_list("debtor", flat=True)) == {three[1].debtor_id, three[2].debtor_id}


def mail_to(account: Account) -> compliance.Request:
    point = account.debtor.contact_points.get(kind="EMAIL")
    return compliance.Request(debtor=account.debtor, channel="email", accounts=[account], point=point)


def test_a_double_click_sends_once_and_a_second_letter_waits_for_the_first(
    olive: User, three: list[Account], sign_in: SignIn
) -> None:
    client = sign_in(olive)

    answers = [client.post("/work/bulk/email/send/", {**REMINDERS, "ref": refs(*three)}) for _ in range(2)]
    again = client.post("/work/bulk/email/send/", {**REMINDERS, "ref": refs(*three), "idempotency_key": "two"})

    assert [answer.status_code for answer in answers] == [303, 303] and again.status_code == 422
    assert Message.objects.count() == 3 and BulkAction.objects.count() == 1


def test_undo_cancels_what_has_not_left(
    olive: User, pavel: User, three: list[Account], sign_in: SignIn, noon: datetime
) -> None:
    client = sign_in(olive)
    client.post("/work/bulk/email/send/", {**REMINDERS, "ref": refs(*three)})
    action = BulkAction.objects.get()
    letters.send_due(at=noon + timedelta(minutes=1), limit=1)

    refused = sign_in(pavel).post(f"/work/bulk/{action.pk}/undo/")
    client.post(f"/work/bulk/{action.pk}/undo/")
    letters.send_due(at=noon + timedelta(minutes=2))

    assert refused.status_code == 409
    assert sorted(Message.objects.values_list("state", flat=True)) == ["CANCELLED", "CANCELLED", "SENT"]
    assert "Taken back by Olive Marsh." in Message.objects.filter(state="CANCELLED").values_list("reason", flat=True)


def test_quinn_mails_nobody_of_olives(quinn: User, three: list[Account], sign_in: SignIn) -> None:
    client = sign_in(quinn)

    seen = client.post("/work/bulk/email/", {"ref": refs(*three)})
    sent = client.post("/work/bulk/email/send/", {**REMINDERS, "ref": refs(*three)})

    assert (seen.status_code, sent.status_code) == (422, 422)
    assert "Ana Ruiz" not in words(seen) and not Message.objects.exists()


def test_somebody_who_asks_us_to_stop_meanwhile_gets_nothing(
    olive: User, three: list[Account], sign_in: SignIn, noon: datetime
) -> None:
    sign_in(olive).post("/work/bulk/email/send/", {**REMINDERS, "ref": refs(*three)})
    compliance.record_opt_out(debtor=three[0].debtor, medium="email", at=noon)

    letters.send_due(at=noon + timedelta(minutes=1))

    assert Message.objects.get(debtor=three[0].debtor).state == "WITHHELD"


def test_the_dialog_and_the_sending_take_as_many_queries_for_twenty_as_for_forty(
    olive: User, three: list[Account], northwind: Portfolio, sign_in: SignIn
) -> None:
    more = [promiser(f"Person {number}", northwind) for number in range(42)]
    listed(*more)
    client = sign_in(olive)
    client.post("/work/bulk/email/", {"ref": refs(three[0])})

    def taken(path: str, accounts: list[Account], key: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            client.post(path, {**REMINDERS, "ref": refs(*accounts), "idempotency_key": key})
        return len(queries)

    few = [taken("/work/bulk/email/", more[:21], "a"), taken("/work/bulk/email/send/", more[:21], "a")]
    many = [taken("/work/bulk/email/", more, "b"), taken("/work/bulk/email/send/", more, "b")]

    assert many[0] == few[0] <= 28 and many[1] <= few[1] <= 43  # the first sending prepares two statements
    assert Message.objects.count() == 42


def test_a_template_that_is_not_offered_is_refused(olive: User, three: list[Account], sign_in: SignIn) -> None:
    client = sign_in(olive)

    for slug in ("", "broken-promise-email", "promise-reminder-sms", "\x00"):
        assert (
            client.post("/work/bulk/email/send/", {**REMINDERS, "ref": refs(*three), "template": slug}).status_code
            == 422
        )
    assert not Message.objects.exists()

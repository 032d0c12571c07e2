"""Saving an outcome on the work screen: once, answered at the field, in few statements, and nothing typed is lost."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from contacts.models import Draft, Interaction
from contacts.tests.stories import dial, talk
from payments.models import Promise
from strategies import services as work
from users.models import User

from .test_desk_pages import page

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


def key_of(html: str) -> str:
    found = re.search(r'id="ending".*?name="idempotency_key" value="([^"]+)"', html, re.S)
    assert found
    return found[1]


def test_a_double_click_on_save_saves_once(
    olive: User, danas_account: Account, sign_in: SignIn, noon: datetime
) -> None:
    client, dana = sign_in(olive), danas_account.debtor
    call = talk(danas_account, by=olive, at=noon)
    form = {
        "idempotency_key": key_of(page(client, dana)), "call": call.pk, "disposition": "promise", "then": "stay",
        "amount": "60.00", "first": "2026-11-27", "method": "LINK", "debt": danas_account.pk, "note": "",
    }  # fmt: skip

    first = client.post(f"/people/{dana.ref}/wrap-up/", form)
    second = client.post(f"/people/{dana.ref}/wrap-up/", form)

    assert first.status_code == second.status_code == 303
    assert Promise.objects.count() == 1 and Interaction.objects.filter(state="CLOSED").count() == 1


def test_a_form_from_before_the_call_was_closed_gets_a_conflict_that_keeps_the_note(
    olive: User, danas_account: Account, sign_in: SignIn, noon: datetime
) -> None:
    client, dana = sign_in(olive), danas_account.debtor
    call = dial(danas_account, by=olive, at=noon)
    form = {"call": call.pk, "disposition": "no-answer", "then": "stay"}
    client.post(f"/people/{dana.ref}/wrap-up/", {**form, "idempotency_key": "one"})

    stale = client.post(
        f"/people/{dana.ref}/wrap-up/", {**form, "idempotency_key": "two", "disposition": "busy", "note": "Line busy"}
    )

    html = stale.content.decode()
    assert stale.status_code == 409 and "Olive Marsh saved this" in html and "Line busy" in html


def test_bad_input_is_answered_at_the_field_and_the_call_stays_open(
    olive: User, danas_account: Account, sign_in: SignIn, noon: datetime
) -> None:
    client, dana = sign_in(olive), danas_account.debtor
    call = talk(danas_account, by=olive, at=noon)
    bad: list[dict[str, Any]] = [
        {"amount": "-5"}, {"amount": "1e9"}, {"first": "2026-02-31"}, {"note": "\x00"}, {"note": "\u202e"},
        {"note": "x" * 1_000_000}, {"disposition": "nonsense"}, {"amount": "99999999"}, {"first": "1999-01-01"},
        {"debt": "999999"}, {"call_at": "soon"},
    ]  # fmt: skip
    for number, wrong in enumerate(bad):
        form = {
            "idempotency_key": f"bad{number}", "call": call.pk, "disposition": "promise", "amount": "60.00",
            "first": "2026-11-27", "method": "LINK", "debt": danas_account.pk, **wrong,
        }  # fmt: skip
        answer = client.post(f"/people/{dana.ref}/wrap-up/", form)
        assert answer.status_code == 422, wrong
        assert 'id="errsum"' in answer.content.decode(), wrong
    assert Interaction.objects.get().state == "OPEN" and not Promise.objects.exists()


def test_what_is_typed_is_kept_on_the_server_and_shown_again(
    olive: User, danas_account: Account, sign_in: SignIn, noon: datetime
) -> None:
    client, dana = sign_in(olive), danas_account.debtor

    assert client.post("/drafts/", {"person": dana.ref, "note": "Half a thou"}).status_code == 204

    assert "Half a thou" in page(client, dana)
    client.post("/drafts/", {"person": dana.ref, "note": ""})
    assert not Draft.objects.exists()


def test_saving_no_answer_through_the_page_costs_as_few_statements_as_can_be(
    olive: User, danas_account: Account, sign_in: SignIn, noon: datetime
) -> None:
    client, dana = sign_in(olive), danas_account.debtor
    work.refresh_people([dana.pk], noon)
    work.claim(user=olive, debtor=dana, at=noon)
    page(client, dana)  # the session notes once a minute that she is there
    call = dial(danas_account, by=olive, at=noon)
    form = {"idempotency_key": "k", "queue": "general", "call": call.pk, "disposition": "no-answer", "then": "stay"}

    with CaptureQueriesContext(connection) as seen:
        answer = client.post(f"/people/{dana.ref}/wrap-up/", form)

    assert answer.status_code == 303 and answer["Location"] == f"/people/{dana.ref}/?queue=general"
    control = [q for q in seen if q["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    once = [q for q in seen if q["sql"].startswith("PREPARE")]  # on this connection, whoever asks next
    assert len(seen) - len(once) - len(control) <= 10 and len(control) <= 2

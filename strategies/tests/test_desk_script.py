"""The script speaks of what is late: a missed promise, or the missed part of a plan."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client

from accounts.models import Account
from contacts import services as contacts
from contacts.models import Script, ScriptVersion
from contacts.tests.stories import STEPS, script, talk
from payments.tests.scene import plan_of
from strategies import services as work
from strategies.models import WorkItem
from users.models import User

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
MISSED = {
    "key": "reason", "title": "The missed payment",
    "say": {"en": "You planned to pay {{ promise.amount }} on {{ promise.due_date }}."},
}  # fmt: skip


@pytest.fixture
def scripts(noon: datetime) -> None:
    script(at=noon)
    made = Script.objects.create(slug="missed-promise", name="Missed promise")
    steps = [*STEPS[:-1], MISSED]
    ScriptVersion.objects.create(script=made, number=1, steps=steps, state="LIVE", live_from=noon, created_at=noon)


def said(client: Client, account: Account, by: User, at: datetime) -> str:
    live = contacts.live_version("missed-promise")
    call = contacts.start_call(
        debtor=account.debtor, point=account.debtor.contact_points.get(kind="PHONE"), accounts=[account], by=by, at=at,
        script=live,
    )  # fmt: skip
    contacts.verify(call=call, facts=["address", "birth_date"], by=by, at=at)
    contacts.step_done(call=call, step="disclosure", by=by, at=at)
    return client.get(f"/people/{account.debtor.ref}/?queue=plans-at-risk").content.decode()


def test_a_late_plan_is_spoken_of_by_its_amount_and_day(
    olive: User, danas_account: Account, scripts: None, sign_in: SignIn, noon: datetime
) -> None:
    plan_of(danas_account)

    html = said(sign_in(olive), danas_account, olive, noon)

    assert "$45.00" in html and "November 27" in html and "[promise" not in html


def test_without_anything_late_the_first_call_is_offered(
    olive: User, danas_account: Account, scripts: None, sign_in: SignIn, noon: datetime
) -> None:
    work.refresh_people([danas_account.debtor_id], noon)
    WorkItem.objects.update(queue="plans-at-risk")

    html = sign_in(olive).get(f"/people/{danas_account.debtor.ref}/?queue=plans-at-risk").content.decode()

    assert "Script: first call" in html and "Script: missed promise" not in html
    assert talk(danas_account, by=olive, at=noon).verified_at == noon

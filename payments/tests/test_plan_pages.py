"""The plan builder and the arrangements."""

import re
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Account
from collections_crm import testing as make
from payments.models import Plan
from users.models import User

from .scene import HTMX, SignIn, plan_of


@pytest.fixture(autouse=True)
def _still(noon: datetime) -> None:
    """Every page reads the same clock."""


def builder(account: Account, **more: Any) -> dict[str, Any]:
    facts = {
        "debts": [account.pk],
        "every": "biweekly",
        "first_date": "2026-11-27",
        "method": "ACH",
        "amount": "45.00",
        "count": "",
        "end_date": "",
        "first_debt": "",
        "terms_channel": "EMAIL",
    }
    return {**facts, **more}


def heard(page: str) -> str:
    return str(re.findall(r'name="heard" value="(\w+)"', page)[0])


def test_the_builder_recomputes_only_its_result(olive: User, danas_account: Account, sign_in: SignIn) -> None:
    browser, url = sign_in(olive), f"/people/P-{danas_account.debtor_id}/arrangements/new/"

    page = browser.get(url, builder(danas_account), headers=HTMX).content.decode()
    assert "6 payments, $250.00" in page
    assert "moved, Dec 25 is a bank holiday" in page
    assert "$45.00 every two weeks" in page
    assert 'id="id_amount"' not in page

    page = browser.get(url, builder(danas_account, amount="", end_date="2027-03-10"), headers=HTMX).content.decode()
    assert "8 payments, $250.00" in page
    page = browser.get(url, builder(danas_account, amount="", count="8"), headers=HTMX).content.decode()
    assert "8 payments, $250.00" in page
    page = browser.get(url, builder(danas_account, count="3"), headers=HTMX).content.decode()
    assert "3 payments, $135.00" in page


def test_the_builder_as_it_opens_can_be_saved_with_its_own_key(
    olive: User, danas_account: Account, sign_in: SignIn
) -> None:
    browser, url = sign_in(olive), f"/people/P-{danas_account.debtor_id}/arrangements/new/"
    page = browser.get(url).content.decode()
    key = re.findall(r'name="idempotency_key" value="([^"]+)"', page)[0]
    amount = re.findall(r'name="amount" value="([^"]+)"', page)[0]

    sent = {**builder(danas_account, amount=amount, method="LINK"), "first_date": "2026-11-20", "read_back": "on"}
    answer = browser.post(url, {**sent, "idempotency_key": key, "heard": heard(page)})

    assert answer.status_code == 303
    assert Plan.objects.get().amount == Decimal(amount)


def test_a_plan_is_saved_after_the_read_back_of_exactly_these_words(
    olive: User, danas_account: Account, sign_in: SignIn
) -> None:
    browser, url = sign_in(olive), f"/people/P-{danas_account.debtor_id}/arrangements/new/"
    words = heard(browser.get(url, builder(danas_account), headers=HTMX).content.decode())
    sent = {**builder(danas_account), "idempotency_key": "k", "heard": words}

    assert browser.post(url, sent).status_code == 422
    changed = browser.post(url, {**sent, "read_back": "on", "amount": "50.00"})
    assert "The terms changed after the read-back" in changed.content.decode()
    assert not Plan.objects.exists()

    answer = browser.post(url, {**sent, "read_back": "on"})

    plan = Plan.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"/arrangements/A-{plan.pk}/")
    assert plan.read_back.startswith(
        "You will pay $45.00 every two weeks by bank transfer, starting Friday, November 27"
    )
    assert (plan.agreed_by, plan.read_back_at) == (olive, make.NOON)


@pytest.mark.parametrize(
    "typed",
    [
        {"amount": "", "count": "", "end_date": ""},
        {"amount": "NaN"},
        {"amount": "", "count": "٣"},
        {"amount": "", "count": "0"},
        {"amount": "", "count": "1e3"},
        {"first_date": "2026-11-16"},
        {"first_date": "9999-12-31"},
        {"amount": "", "end_date": "0001-01-01"},
        {"every": "hourly"},
        {"debts": ["x"]},
        {"debts": []},
        {"first_debt": "\x00"},
    ],
)
def test_bad_terms_give_a_sentence_and_no_plan(
    olive: User, danas_account: Account, sign_in: SignIn, typed: dict[str, Any]
) -> None:
    browser, url = sign_in(olive), f"/people/P-{danas_account.debtor_id}/arrangements/new/"

    shown = browser.get(url, builder(danas_account, **typed), headers=HTMX)
    sent = browser.post(url, {**builder(danas_account, **typed), "idempotency_key": "k", "read_back": "on"})

    assert (shown.status_code, sent.status_code) == (200, 422)
    assert "No schedule yet" in shown.content.decode()
    assert not Plan.objects.exists()


def test_an_arrangement_shows_paid_planned_and_next_and_can_be_ended(
    olive: User, danas_account: Account, sign_in: SignIn
) -> None:
    plan, browser = plan_of(danas_account), sign_in(olive)
    page = browser.get(f"/arrangements/A-{plan.pk}/").content.decode()
    assert "$45.00, Fri Nov 27" in page

    assert browser.post(f"/arrangements/A-{plan.pk}/cancel/", {"reason": ""}).status_code == 422
    assert browser.post(f"/arrangements/A-{plan.pk}/cancel/", {"reason": "She moved"}).status_code == 303

    plan.refresh_from_db()
    assert plan.state == "CANCELLED"


def test_the_list_of_arrangements_is_filtered_and_quinn_sees_none(
    olive: User, quinn: User, danas_account: Account, sign_in: SignIn
) -> None:
    plan = plan_of(danas_account)

    assert plan.ref in sign_in(olive).get("/arrangements/?state=active").content.decode()
    assert plan.ref not in sign_in(olive).get("/arrangements/?state=slipping").content.decode()
    assert plan.ref not in sign_in(quinn).get("/arrangements/").content.decode()

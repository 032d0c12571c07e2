"""The pages of money, as the people of the cast use them."""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Account, Portfolio
from collections_crm import testing as make
from payments import services as payments
from payments.models import Payment, PaymentBatch, Promise
from users.models import User

from .scene import HTMX, TODAY, SignIn, paying, plan_of


@pytest.fixture(autouse=True)
def _still(noon: datetime) -> None:
    """Every page reads the same clock."""


def every_page(account: Account) -> list[str]:
    plan = plan_of(account)
    payment = payments.record_payment(
        account=account,
        amount=Decimal("20.00"),
        method="CARD",
        effective_date=TODAY,
        key="page",
        by=None,
        at=make.NOON,
    )
    person = f"/people/P-{account.debtor_id}/"
    return [
        f"{person}payments/new/",
        f"{person}promises/new/",
        f"{person}arrangements/new/",
        f"{person}debts/L-{account.pk}/",
        f"/arrangements/A-{plan.pk}/",
        f"/payments/{payment.pk}/return/",
    ]


def test_olive_opens_every_page_and_quinn_of_the_other_team_finds_none(
    olive: User, quinn: User, cora: User, ada: User, danas_account: Account, sign_in: SignIn
) -> None:
    pages = every_page(danas_account)

    assert [sign_in(olive).get(page).status_code for page in pages] == [200] * len(pages)
    assert [sign_in(cora).get(page).status_code for page in pages] == [200] * len(pages)
    assert [sign_in(quinn).get(page).status_code for page in pages] == [404] * len(pages)
    assert [sign_in(ada).get(page).status_code for page in pages] == [403] * len(pages)


def test_cora_reads_and_writes_nothing(cora: User, danas_account: Account, sign_in: SignIn) -> None:
    answer = sign_in(cora).post(f"/people/P-{danas_account.debtor_id}/payments/new/", paying(danas_account))

    assert answer.status_code == 403
    assert not Payment.objects.exists()


def test_from_the_desk_the_answer_is_a_notice_with_a_toast(
    olive: User, danas_account: Account, sign_in: SignIn
) -> None:
    url = f"/people/P-{danas_account.debtor_id}/payments/new/"
    answer = sign_in(olive).post(url, paying(danas_account), headers=HTMX)

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Payment of $40.00 recorded." in answer["HX-Trigger-After-Settle"]
    assert "now owes $210.00" in page
    assert "<html" not in page


def test_a_promise_at_its_defaults_is_one_post(olive: User, danas_account: Account, sign_in: SignIn) -> None:
    browser, url = sign_in(olive), f"/people/P-{danas_account.debtor_id}/promises/new/"
    page = browser.get(url).content.decode()
    assert 'value="25.00"' in page
    assert 'value="2026-11-20"' in page

    answer = browser.post(
        url,
        {
            "idempotency_key": "k",
            "debt": danas_account.pk,
            "amount": "25.00",
            "due_date": "2026-11-20",
            "method": "LINK",
        },
    )

    assert answer.status_code == 303
    promise = Promise.objects.get()
    assert (promise.amount, promise.made_by) == (Decimal("25.00"), olive)
    assert browser.post(f"/promises/{promise.pk}/cancel/", {"reason": ""}).status_code == 422
    assert browser.post(f"/promises/{promise.pk}/cancel/", {"reason": "She called"}).status_code == 303
    promise.refresh_from_db()
    assert promise.state == "CANCELLED"


def test_a_bounced_payment_is_recorded_from_its_debt(olive: User, danas_account: Account, sign_in: SignIn) -> None:
    browser = sign_in(olive)
    browser.post(f"/people/P-{danas_account.debtor_id}/payments/new/", paying(danas_account))
    payment = Payment.objects.get()

    answer = browser.post(
        f"/payments/{payment.pk}/return/", {"idempotency_key": "r", "code": "R01", "returned_on": "2026-11-17"}
    )

    assert answer.status_code == 303
    page = browser.get(danas_account.get_absolute_url()).content.decode()
    assert "R01, Not enough money in the account" in page
    assert "Returned payment" in page


def test_the_debt_page_answers_as_of_a_day_and_as_known_on_a_day(
    olive: User, danas_account: Account, sign_in: SignIn
) -> None:
    payments.record_payment(
        account=danas_account,
        amount=Decimal("100.00"),
        method="CARD",
        effective_date=date(2026, 11, 10),
        key="late",
        by=None,
        at=make.NOON,
    )
    browser, url = sign_in(olive), danas_account.get_absolute_url()

    def balance(**asked: str) -> str:
        page = browser.get(url, asked, headers=HTMX).content.decode()
        return str(re.findall(r"<dd>(.*?)</dd>", page)[0])

    assert balance(on="2026-11-09") == "$250.00"
    assert balance(on="2026-11-10") == "$150.00"
    assert balance(on="2026-11-10", known_on="2026-11-16") == "$0.00"  # the placement was recorded on the 17th, too
    assert balance(on="2026-11-10", known_on="2026-11-17") == "$150.00"
    late = browser.get(url, {"on": "2026-11-17"}, headers=HTMX).content.decode()
    assert "<dd>108</dd>" in late


def test_a_figure_is_given_and_kept_good_through_its_day(olive: User, danas_account: Account, sign_in: SignIn) -> None:
    browser, url = sign_in(olive), danas_account.get_absolute_url()

    assert browser.post(f"{url}quote/", {"idempotency_key": "q", "good_through": "2026-11-16"}).status_code == 422
    assert browser.post(f"{url}quote/", {"idempotency_key": "q", "good_through": "2026-11-30"}).status_code == 303

    assert danas_account.quotes.get().amount == Decimal("250.00")
    assert "$250.00</b> good through Mon Nov 30" in browser.get(url).content.decode()


def test_a_closed_batch_waits_on_the_leads_page(
    olive: User, lee: User, danas_account: Account, northwind: Portfolio, sign_in: SignIn
) -> None:
    batch = payments.open_batch(
        name="Checks", portfolio=northwind, control_total=Decimal("20.00"), received_on=TODAY, by=olive, at=make.NOON
    )
    payments.add_line(
        batch=batch, account=danas_account, amount=Decimal("20.00"), method="CHECK", reference="x", by=olive
    )
    assert "Nothing waits" in sign_in(lee).get("/approvals/").content.decode()

    payments.close_batch(batch=batch, by=olive, at=make.NOON)

    assert f"/payments/batches/{batch.pk}/" in sign_in(lee).get("/approvals/").content.decode()
    assert sign_in(olive).get("/approvals/").status_code == 403


def test_a_batch_from_the_first_line_to_its_release(
    olive: User, lee: User, danas_account: Account, northwind: Portfolio, sign_in: SignIn
) -> None:
    browser, lead = sign_in(olive), sign_in(lee)
    opened = browser.post(
        "/payments/batches/",
        {
            "idempotency_key": "b",
            "name": "Checks",
            "portfolio": northwind.pk,
            "control_total": "60.00",
            "control_count": "",
            "received_on": "2026-11-17",
        },
    )
    batch = PaymentBatch.objects.get()
    url = f"/payments/batches/{batch.pk}/"
    assert opened["Location"] == url

    def line(key: str, reference: str, amount: str) -> Any:
        sent = {"idempotency_key": key, "reference": reference, "amount": amount, "method": "CHECK"}
        return browser.post(url, sent, headers=HTMX)

    assert "No debt of this portfolio" in line("1", "NOBODY", "20.00").content.decode()
    added = line("2", danas_account.reference, "20.00")
    assert "$40.00" in added.content.decode()  # still missing
    assert '"setfocus": "#id_reference"' in added["HX-Trigger-After-Settle"]
    assert "$40.00 missing" in browser.post(f"{url}close/").content.decode()
    line("3", f"l-{danas_account.pk}", "40.00")
    assert browser.post(f"{url}close/").status_code == 303
    assert browser.post(f"{url}release/", {"idempotency_key": "r"}).status_code == 403

    assert lead.post(f"{url}release/", {"idempotency_key": "r"}).status_code == 303

    assert Payment.objects.count() == 2
    danas_account.refresh_from_db()
    assert danas_account.balance == Decimal("190.00")


def test_the_lists_and_the_debt_page_ask_the_same_number_of_questions_at_any_size(
    olive: User,
    danas_account: Account,
    northwind: Portfolio,
    sign_in: SignIn,
    django_assert_max_num_queries: Any,
) -> None:
    for number in range(30):
        person = make.debtor(f"Person {number}")
        plan_of(make.account("250.00", debtor=person, portfolio=northwind))
        payments.record_payment(
            account=danas_account,
            amount=Decimal("1.00"),
            method="CARD",
            effective_date=TODAY - timedelta(days=number),
            key=f"n{number}",
            by=olive,
            at=make.NOON,
        )
    browser = sign_in(olive)
    for page, most in (
        ("/arrangements/", 4),
        ("/payments/batches/", 6),
        (danas_account.get_absolute_url(), 12),
    ):
        browser.get(page)  # the first answer also counts the work for the navigation and stamps the session
        with django_assert_max_num_queries(most):
            assert browser.get(page).status_code == 200

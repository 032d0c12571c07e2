"""The pages of money, as the people of the cast use them."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account, Debtor, Portfolio
from collections_crm import testing as make
from payments import services as payments
from payments.models import Payment, PaymentBatch, Plan, Promise
from payments.services import Terms
from users.models import User

TODAY = date(2026, 11, 17)
SignIn = Callable[[User], Client]
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _still(noon: datetime) -> None:
    """Every page reads the same clock."""


def paying(account: Account, **more: Any) -> dict[str, Any]:
    facts = {
        "idempotency_key": "k1",
        "debt": account.pk,
        "amount": "40.00",
        "method": "CARD",
        "effective_date": "2026-11-17",
        "seen": account.version,
    }
    return {**facts, **more}


def plan_of(account: Account) -> Plan:
    return payments.open_plan(
        debtor=account.debtor,
        accounts=[account],
        terms=Terms(every="biweekly", first_date=date(2026, 11, 27), amount=Decimal("45.00")),
        by=None,
        at=make.NOON,
        read_back_at=make.NOON,
        terms_channel="EMAIL",
    )


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


def test_the_payment_form_opens_with_what_is_due(olive: User, danas_account: Account, sign_in: SignIn) -> None:
    url = f"/people/P-{danas_account.debtor_id}/payments/new/"
    assert 'value="250.00"' in sign_in(olive).get(url).content.decode()

    payments.make_promise(
        account=danas_account, amount=Decimal("60.00"), due_date=date(2026, 11, 20), method="ACH", by=None, at=make.NOON
    )

    assert 'value="60.00"' in sign_in(olive).get(url).content.decode()


def test_a_payment_posts_and_a_second_press_changes_nothing(
    olive: User, danas_account: Account, sign_in: SignIn
) -> None:
    browser, url = sign_in(olive), f"/people/P-{danas_account.debtor_id}/payments/new/"
    sent = paying(danas_account)

    first, second = browser.post(url, sent), browser.post(url, sent)

    assert (first.status_code, second.status_code) == (303, 303)
    assert first["Location"] == danas_account.get_absolute_url()
    payment = Payment.objects.get()
    assert (payment.amount, payment.taken_by) == (Decimal("40.00"), olive)


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


def test_the_preview_shows_where_the_money_goes_and_why_a_disputed_debt_gets_none(
    olive: User, dana: Debtor, northwind: Portfolio, sign_in: SignIn
) -> None:
    account = make.account({"fees": "25.00", "principal": "100.00"}, debtor=dana, portfolio=northwind)
    url = f"/people/P-{dana.pk}/payments/new/"

    page = sign_in(olive).get(url, paying(account), headers=HTMX).content.decode()
    assert [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<td class=\"num\">.*?</td>", page)] == [
        "$25.00",
        "$15.00",
    ]

    Account.objects.filter(pk=account.pk).update(status="DISPUTED")
    page = sign_in(olive).get(url, paying(account), headers=HTMX).content.decode()
    assert "This debt is disputed, so nothing of the payment goes to it." in page


def test_her_wish_over_two_debts_is_followed(
    olive: User, danas_account: Account, northwind: Portfolio, sign_in: SignIn
) -> None:
    other = make.account("90.00", debtor=danas_account.debtor, portfolio=northwind)

    sign_in(olive).post(
        f"/people/P-{danas_account.debtor_id}/payments/new/", paying(danas_account, **{f"direct_{other.pk}": "30.00"})
    )

    assert dict(Payment.objects.values_list("account", "amount")) == {
        danas_account.pk: Decimal("10.00"),
        other.pk: Decimal("30.00"),
    }


@pytest.mark.parametrize(
    "amount", ["", "-5", "0", "NaN", "1e308", "1,000", "٤٠", "12.345", "4\x000", "9" * 60, "1" * 1_000_000]
)
def test_bad_amounts_are_answered_at_the_field(
    olive: User, danas_account: Account, sign_in: SignIn, amount: str
) -> None:
    answer = sign_in(olive).post(
        f"/people/P-{danas_account.debtor_id}/payments/new/", paying(danas_account, amount=amount)
    )

    assert answer.status_code == 422
    assert 'id="id_amount-error" class="err"' in answer.content.decode()
    assert not Payment.objects.exists()


@pytest.mark.parametrize(
    "day", ["2026-02-30", "tomorrow", "2026-11-18", "0001-01-01", "9999-12-31", "٢٠٢٦-١١-١٧", "\x00"]
)
def test_bad_days_are_answered_at_the_field(olive: User, danas_account: Account, sign_in: SignIn, day: str) -> None:
    answer = sign_in(olive).post(
        f"/people/P-{danas_account.debtor_id}/payments/new/", paying(danas_account, effective_date=day)
    )

    assert answer.status_code == 422
    assert 'id="id_effective_date-error" class="err"' in answer.content.decode()


def test_a_stale_page_shows_the_new_balance_and_keeps_what_was_typed(
    olive: User, danas_account: Account, sign_in: SignIn
) -> None:
    sent = paying(danas_account, amount="41.00")
    payments.record_payment(
        account=danas_account,
        amount=Decimal("100.00"),
        method="CARD",
        effective_date=TODAY,
        key="pavel",
        by=None,
        at=make.NOON,
    )

    answer = sign_in(olive).post(f"/people/P-{danas_account.debtor_id}/payments/new/", sent)

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "now owes $150.00" in page
    assert 'value="41.00"' in page
    assert Payment.objects.count() == 1


def test_a_closed_debt_is_not_offered_and_not_taken(olive: User, danas_account: Account, sign_in: SignIn) -> None:
    Account.objects.filter(pk=danas_account.pk).update(status="CLOSED")
    browser, url = sign_in(olive), f"/people/P-{danas_account.debtor_id}/payments/new/"

    assert "No open debt" in browser.get(url).content.decode()
    assert browser.post(url, paying(danas_account)).status_code == 422
    assert not Payment.objects.exists()


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

"""The payment form: what it shows, takes and refuses."""

import re
from datetime import date, datetime
from decimal import Decimal

import pytest

from accounts.models import Account, Debtor, Portfolio
from collections_crm import testing as make
from payments import services as payments
from payments.models import Payment
from users.models import User

from .scene import HTMX, TODAY, SignIn, paying


@pytest.fixture(autouse=True)
def _still(noon: datetime) -> None:
    """Every page reads the same clock."""


def test_the_payment_form_opens_with_what_is_due(olive: User, danas_account: Account, sign_in: SignIn) -> None:
    url = f"/people/P-{danas_account.debtor_id}/payments/new/"
    assert 'value="250.00"' in sign_in(olive).get(url).content.decode()

    payments.make_promise(
        account=danas_account, amount=Decimal("60.00"), due_date=date(2026, 11, 20), method="ACH", by=None, at=make.NOON
    )

    assert 'value="60.00"' in sign_in(olive).get(url).content.decode()


def test_of_two_debts_the_promised_one_is_offered_first(
    olive: User, dana: Debtor, danas_account: Account, northwind: Portfolio, sign_in: SignIn
) -> None:
    other = make.account("400.00", debtor=dana, portfolio=northwind)
    payments.make_promise(
        account=other, amount=Decimal("75.00"), due_date=date(2026, 11, 20), method="ACH", by=None, at=make.NOON
    )

    page = sign_in(olive).get(f"/people/P-{dana.pk}/payments/new/").content.decode()

    assert 'value="75.00"' in page
    assert re.search(rf'<option value="{other.pk}" selected', page)


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

"""Held money: to its own debt by itself once that one can take it, to another one by an officer who asked."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts import services as accounts
from accounts.models import Account, Debtor, Portfolio
from collections_crm import testing as make
from ledger import queries as ledger
from payments import services as payments
from payments.models import Applied, Payment
from users.models import User

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 17)
LATER = make.NOON + timedelta(days=2)


@pytest.fixture
def second(dana: Debtor, northwind: Portfolio) -> Account:
    return make.account("100.00", debtor=dana, portfolio=northwind)


def pay(account: Account, amount: str, by: User | None = None) -> Payment:
    return payments.record_payment(
        account=account, amount=Decimal(amount), method="ACH", effective_date=TODAY, key=f"p{amount}", by=by,
        at=make.NOON,
    )  # fmt: skip


def status(account: Account, to: str) -> None:
    account.refresh_from_db()
    accounts.change_status(account=account, to=to, at=make.NOON, reason="The story")


def held(account: Account) -> Decimal:
    return -sum(ledger.balances([account.pk], prefix="suspense.").get(account.pk, {}).values(), Decimal(0))


def put(payment: Payment, to: Account, amount: str | None, key: int = 1) -> Applied:
    wanted = Decimal(amount) if amount else None
    return payments.apply_held(payment=payment, to=to, amount=wanted, key=key, by=None, at=LATER, reason="She said so")


def prove() -> None:
    out = StringIO()
    call_command("check_ledger", stdout=out)
    assert out.getvalue().startswith("OK")


def test_when_the_dispute_ends_the_money_goes_where_she_had_sent_it(danas_account: Account) -> None:
    status(danas_account, "DISPUTED")
    pay(danas_account, "80.00")
    assert held(danas_account) == Decimal("80.00")

    still = payments.apply_by_itself(at=LATER)
    status(danas_account, "ACTIVE")
    done = payments.apply_by_itself(at=LATER)
    again = payments.apply_by_itself(at=LATER)

    danas_account.refresh_from_db()
    assert (still, done, again) == ({}, {"held_money_applied": 1}, {})
    assert (danas_account.balance, held(danas_account)) == (Decimal("170.00"), Decimal(0))
    prove()


def test_too_much_is_kept_until_she_was_asked(danas_account: Account, second: Account) -> None:
    payment = pay(danas_account, "300.00")

    assert payments.apply_by_itself(at=LATER) == {}
    put(payment, second, "30.00")
    put(payment, second, None, key=2)

    second.refresh_from_db()
    assert (second.balance, held(danas_account)) == (Decimal("50.00"), Decimal(0))
    prove()


def test_a_second_press_moves_nothing_more(danas_account: Account, second: Account) -> None:
    payment = pay(danas_account, "300.00")

    first = put(payment, second, "30.00")

    assert put(payment, second, "30.00").pk == first.pk
    assert held(danas_account) == Decimal("20.00")


def test_a_debt_that_is_paid_by_held_money_is_paid(danas_account: Account, second: Account) -> None:
    put(pay(danas_account, "400.00"), second, None)

    second.refresh_from_db()
    assert (second.balance, second.status) == (Decimal("0.00"), "PAID")


def test_nothing_goes_to_a_disputed_debt_to_somebody_elses_or_beyond_what_is_there(
    danas_account: Account, second: Account, gus: Debtor, northwind: Portfolio
) -> None:
    payment = pay(danas_account, "300.00")
    gus_debt = make.account("75.00", debtor=gus, portfolio=northwind)

    for to, amount, words in (
        (gus_debt, "10.00", "same person"),
        (second, "60.00", "Only 50.00 is held"),
        (danas_account, "10.00", "owes nothing"),
    ):
        with pytest.raises(payments.PaymentRefused, match=words):
            put(payment, to, amount)
    status(second, "DISPUTED")
    with pytest.raises(payments.PaymentRefused, match="disputed"):
        put(payment, second, "10.00")
    assert not Applied.objects.exists()


def test_when_the_payment_comes_back_both_debts_owe_what_they_owed(danas_account: Account, second: Account) -> None:
    payment = pay(danas_account, "350.00")
    put(payment, second, None)

    payments.return_payment(
        payment=payment, code="R01", returned_on=date(2026, 11, 19), key="r", by=None, at=LATER + timedelta(hours=1)
    )

    for account, owed in ((danas_account, "250.00"), (second, "100.00")):
        account.refresh_from_db()
        assert (account.balance, account.status) == (Decimal(owed), "ACTIVE")
    assert held(danas_account) == Decimal(0)
    prove()


def test_a_debt_paid_by_money_that_was_held_is_owed_again_when_that_comes_back(danas_account: Account) -> None:
    status(danas_account, "DISPUTED")
    payment = pay(danas_account, "250.00")
    status(danas_account, "ACTIVE")
    payments.apply_by_itself(at=LATER)
    danas_account.refresh_from_db()
    assert danas_account.status == "PAID"

    payments.return_payment(
        payment=payment, code="R01", returned_on=date(2026, 11, 19), key="r", by=None, at=LATER + timedelta(hours=1)
    )

    danas_account.refresh_from_db()
    assert (danas_account.balance, danas_account.status) == (Decimal("250.00"), "ACTIVE")
    prove()


def test_olive_puts_it_on_the_other_debt_in_the_browser(
    danas_account: Account, second: Account, olive: User, quinn: User, sign_in: Callable[[User], Client], noon: object
) -> None:
    payment = pay(danas_account, "300.00", olive)
    page, browser = reverse("payments:held", args=[payment.pk]), sign_in(olive)
    facts = {"debt": second.pk, "amount": "50.00", "reason": "She asked for it", "number": 1}

    assert page in browser.get(danas_account.get_absolute_url()).content.decode()
    assert "$50.00 is held" in browser.get(page).content.decode()
    wrong = browser.post(page, {**facts, "amount": "50.01", "idempotency_key": str(uuid4())})
    right = browser.post(page, {**facts, "idempotency_key": str(uuid4())})

    assert wrong.status_code == 422 and "Only 50.00 is held" in wrong.content.decode()
    assert right.status_code in (302, 303)
    second.refresh_from_db()
    assert second.balance == Decimal("50.00")
    assert "Nothing is held" in browser.get(page).content.decode()
    assert sign_in(quinn).get(page).status_code == 404

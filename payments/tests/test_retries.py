"""A debit that came back is presented again by an officer, within the limits; whoever took it is told."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Account
from collections_crm import testing as make
from payments import services as payments
from payments.models import Payment
from strategies import services as strategies
from strategies.models import WorkItem
from users.models import User

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 17)


def pay(account: Account, by: User | None, key: str = "p1", method: str = "ACH") -> Payment:
    return payments.record_payment(
        account=account, amount=Decimal("50.00"), method=method, effective_date=TODAY, key=key, by=by, at=make.NOON
    )


def bounce(payment: Payment, on: date, code: str = "R01") -> None:
    at = make.NOON + (on - TODAY)
    payments.return_payment(payment=payment, code=code, returned_on=on, key=f"r{payment.pk}", by=None, at=at)
    payment.refresh_from_db()


def again(payment: Payment, on: date, key: str, by: User | None = None) -> Payment:
    return payments.retry_payment(payment=payment, on=on, key=key, by=by, at=make.NOON + (on - TODAY))


def test_it_is_tried_twice_and_not_a_third_time(danas_account: Account, olive: User) -> None:
    first = pay(danas_account, olive)
    bounce(first, date(2026, 11, 19))
    second = again(first, date(2026, 11, 20), "t1", olive)
    bounce(second, date(2026, 11, 23))
    third = again(second, date(2026, 11, 24), "t2", olive)
    bounce(third, date(2026, 11, 25))

    with pytest.raises(payments.PaymentRefused, match="a third time is not allowed"):
        again(third, date(2026, 11, 27), "t3", olive)

    assert {second.retry_of_id, third.retry_of_id} == {first.pk}
    danas_account.refresh_from_db()
    assert danas_account.balance == Decimal("250.00")


def test_the_same_key_tries_once_and_a_standing_try_is_not_repeated(danas_account: Account, olive: User) -> None:
    first = pay(danas_account, olive)
    bounce(first, date(2026, 11, 19))
    second = again(first, date(2026, 11, 20), "t1", olive)

    assert again(first, date(2026, 11, 20), "t1", olive).pk == second.pk
    with pytest.raises(payments.PaymentRefused, match="stands"):
        again(first, date(2026, 11, 20), "t2", olive)


def test_a_closed_account_is_not_tried_again(danas_account: Account, olive: User) -> None:
    first = pay(danas_account, olive)
    bounce(first, date(2026, 11, 19), code="R02")

    with pytest.raises(payments.PaymentRefused, match="Ask for another way to pay"):
        again(first, date(2026, 11, 20), "t1", olive)


def test_whoever_took_the_payment_finds_the_person_on_her_list(
    danas_account: Account, olive: User, noon: datetime, django_capture_on_commit_callbacks: Any
) -> None:
    strategies.refresh_people([danas_account.debtor_id], noon)
    WorkItem.objects.filter(debtor=danas_account.debtor_id).update(not_before=noon + timedelta(days=20))
    payment = pay(danas_account, olive)

    with django_capture_on_commit_callbacks(execute=True):
        bounce(payment, date(2026, 11, 19))

    item = WorkItem.objects.get(debtor=danas_account.debtor_id, state="OPEN")
    assert (item.assigned_to, item.next_step) == (olive, "Payment came back: not enough money in the account")
    assert item.not_before == noon + timedelta(days=2)


def test_olive_presents_it_again_in_the_browser(
    danas_account: Account, olive: User, sign_in: Callable[[User], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = pay(danas_account, olive)
    bounce(payment, date(2026, 11, 19))
    monkeypatch.setattr("core.clock.now", lambda: make.NOON + timedelta(days=3))
    browser, page = sign_in(olive), reverse("payments:retry", args=[payment.pk])

    assert "twice more" in browser.get(page).content.decode()
    assert page in browser.get(danas_account.get_absolute_url()).content.decode()
    early = browser.post(page, {"effective_date": "2026-11-18", "idempotency_key": str(uuid4())})
    done = browser.post(page, {"effective_date": "2026-11-20", "idempotency_key": str(uuid4())})

    assert early.status_code == 422 and "from the return until today" in early.content.decode()
    assert done.status_code in (302, 303)
    assert Payment.objects.get(retry_of=payment).effective_date == date(2026, 11, 20)


def test_quinn_of_another_team_finds_no_such_payment(
    danas_account: Account, olive: User, quinn: User, sign_in: Callable[[User], Client]
) -> None:
    payment = pay(danas_account, olive)

    assert sign_in(quinn).get(reverse("payments:retry", args=[payment.pk])).status_code == 404

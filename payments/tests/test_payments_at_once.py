"""Double clicks, retries and two desks: sixteen threads, one effect. Real threads on real connections."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connections

from accounts.models import Account
from collections_crm import testing as make
from ledger import check as ledger_check
from ledger.models import Journal
from payments import services as payments
from payments.models import Payment

TODAY = date(2026, 11, 17)
pytestmark = pytest.mark.django_db(transaction=True)


def at_once(act: Callable[[int], object], times: int = 16) -> list[object]:
    def one(number: int) -> object:
        try:
            return act(number)
        except (payments.PaymentRefused, payments.PromiseRefused) as refused:
            return refused
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


def pay(account: Account, amount: str, key: str) -> Payment:
    return payments.record_payment(
        account=account,
        amount=Decimal(amount),
        method="CARD",
        effective_date=TODAY,
        key=key,
        by=None,
        at=make.NOON,
    )


@pytest.fixture
def account(transactional_db: None) -> Account:
    chart = import_module("ledger.migrations.0002_chart")  # the flush of an earlier test took it
    chart.add(apps, None)
    make.firm()
    return make.account("250.00")


def test_sixteen_presses_with_one_key_are_one_payment(account: Account) -> None:
    found = at_once(lambda _: pay(account, "40.00", "same"))

    assert len({payment.pk for payment in found if isinstance(payment, Payment)}) == 1
    assert all(isinstance(payment, Payment) for payment in found)
    assert Journal.objects.filter(code="PAYMENT").count() == 1
    account.refresh_from_db()
    assert account.balance == Decimal("210.00")


def test_sixteen_payments_at_once_lose_no_cent(account: Account) -> None:
    at_once(lambda number: pay(account, "20.00", f"key-{number}"))

    assert list(ledger_check.problems()) == []
    account.refresh_from_db()
    unapplied = sum(payment.unapplied for payment in Payment.objects.all())
    assert Payment.objects.count() == 16
    assert (account.balance, unapplied, account.status) == (Decimal("0.00"), Decimal("70.00"), "PAID")


def test_sixteen_promises_at_once_leave_one_open(account: Account) -> None:
    at_once(
        lambda _: payments.make_promise(
            account=account,
            amount=Decimal("50.00"),
            due_date=date(2026, 11, 20),
            method="LINK",
            by=None,
            at=make.NOON,
        )
    )

    assert account.promises.filter(state="OPEN").count() == 1


def test_a_return_pressed_sixteen_times_is_one_mirror(account: Account) -> None:
    payment = pay(account, "40.00", "p")
    tomorrow = TODAY + timedelta(days=1)

    at_once(
        lambda _: payments.return_payment(
            payment=payment,
            code="R01",
            returned_on=tomorrow,
            key=f"r{payment.pk}",
            by=None,
            at=make.NOON + timedelta(days=1),
        )
    )

    assert Journal.objects.filter(code="RETURN").count() == 1
    account.refresh_from_db()
    assert account.balance == Decimal("250.00")


def test_two_judges_at_once_judge_each_promise_once(account: Account) -> None:
    promise = payments.make_promise(
        account=account, amount=Decimal("50.00"), due_date=date(2026, 11, 20), method="LINK", by=None, at=make.NOON
    )
    later = make.NOON + timedelta(days=6)

    found = at_once(lambda _: payments.judge(on=date(2026, 11, 23), at=later), times=4)

    promise.refresh_from_db()
    assert promise.state == "BROKEN"
    assert sum(counts.get("promises_broken", 0) for counts in found if isinstance(counts, dict)) == 1

"""The bank takes a payment back: the mirror of it, never an edit."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Account, Debtor, Portfolio
from collections_crm import testing as make
from core.models import StatusChange
from ledger import queries as ledger
from ledger.models import Journal
from payments import services as payments
from payments.models import Payment, PaymentReturn

TODAY = date(2026, 11, 17)
FRIDAY = date(2026, 11, 20)
LATER = make.NOON + timedelta(days=2)


def pay(account: Account, amount: str, key: str = "p1", **more: Any) -> Payment:
    facts: dict[str, Any] = {"method": "ACH", "effective_date": TODAY, "by": None, "at": make.NOON, **more}
    return payments.record_payment(account=account, amount=Decimal(amount), key=key, **facts)


def bounce(payment: Payment, **more: Any) -> PaymentReturn:
    facts: dict[str, Any] = {"code": "R01", "returned_on": date(2026, 11, 19), "key": "r1", "by": None, "at": LATER}
    return payments.return_payment(payment=payment, **{**facts, **more})


def test_an_r01_mirrors_the_same_lines_and_leaves_the_balance_of_yesterday_alone(
    dana: Debtor, northwind: Portfolio
) -> None:
    account = make.account({"interest": "31.27", "principal": "298.73"}, debtor=dana, portfolio=northwind)
    payment = pay(account, "150.00")

    bounce(payment)

    day_before = date(2026, 11, 18)
    assert sum(ledger.balance_as_of(account.pk, day_before).values()) == Decimal("180.00")
    assert sum(ledger.balance_as_of(account.pk, date(2026, 11, 19)).values()) == Decimal("330.00")
    mirror = Journal.objects.get(code="RETURN")
    assert mirror.reverses_id == payment.journal_id
    debits = {entry.account_id: entry.debit for entry in mirror.entries.filter(debit__isnull=False)}
    assert debits == {"receivable.interest": Decimal("31.27"), "receivable.principal": Decimal("118.73")}
    account.refresh_from_db()
    assert (account.balance, account.last_payment_date) == (Decimal("330.00"), None)


def test_a_kept_promise_is_broken_when_its_money_comes_back(danas_account: Account) -> None:
    promise = payments.make_promise(
        account=danas_account, amount=Decimal("120.00"), due_date=FRIDAY, method="ACH", by=None, at=make.NOON
    )
    payment = pay(danas_account, "120.00")
    promise.refresh_from_db()
    assert promise.state == "KEPT"

    bounce(payment)

    promise.refresh_from_db()
    assert (promise.state, promise.paid) == ("BROKEN", Decimal("0.00"))
    moves = StatusChange.objects.filter(subject_type="payments.promise").order_by("pk")
    assert [(move.from_status, move.to_status) for move in moves] == [("OPEN", "KEPT"), ("KEPT", "BROKEN")]


def test_paying_again_within_grace_makes_the_promise_kept_after_all(danas_account: Account) -> None:
    promise = payments.make_promise(
        account=danas_account, amount=Decimal("120.00"), due_date=FRIDAY, method="ACH", by=None, at=make.NOON
    )
    bounce(pay(danas_account, "120.00"))

    pay(danas_account, "120.00", "p2", at=LATER, effective_date=date(2026, 11, 19))

    promise.refresh_from_db()
    assert promise.state == "KEPT"


def test_a_paid_debt_is_open_again(danas_account: Account) -> None:
    payment = pay(danas_account, "250.00")
    danas_account.refresh_from_db()
    assert danas_account.status == "PAID"

    bounce(payment)

    danas_account.refresh_from_db()
    assert (danas_account.status, danas_account.balance) == ("ACTIVE", Decimal("250.00"))


def test_a_payment_is_returned_once(danas_account: Account) -> None:
    payment = pay(danas_account, "40.00")

    first, second = bounce(payment), bounce(payment)

    assert first.pk == second.pk
    assert Journal.objects.filter(code="RETURN").count() == 1
    with pytest.raises(payments.PaymentRefused, match="returned already"):
        bounce(payment, code="R02", key="r2")


def test_an_overpayment_that_bounces_takes_its_unapplied_part_back_too(danas_account: Account) -> None:
    bounce(pay(danas_account, "262.90"))

    assert ledger.balances([danas_account.pk], prefix="suspense.") == {}


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"returned_on": TODAY - timedelta(days=1)}, "Enter a day from"),
        ({"returned_on": date(2026, 11, 20)}, "Enter a day from"),
        ({"code": "R99"}, "return code"),
    ],
)
def test_an_impossible_return_is_refused(danas_account: Account, facts: dict[str, Any], words: str) -> None:
    payment = pay(danas_account, "40.00")

    with pytest.raises(payments.PaymentRefused, match=words):
        bounce(payment, **facts)

    payment.refresh_from_db()
    assert payment.state == "POSTED"

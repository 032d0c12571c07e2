"""A payment comes in: where it goes, and that it goes there once."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Account, Debtor, Portfolio
from collections_crm import testing as make
from compliance.models import Hold
from core.models import AuditEvent
from ledger import queries as ledger
from ledger.models import Journal
from payments import services as payments
from payments import signals
from payments.models import Payment
from users.models import User

TODAY = date(2026, 11, 17)


def pay(account: Account, amount: str, key: str = "p1", **more: Any) -> Payment:
    facts: dict[str, Any] = {"method": "CARD", "effective_date": TODAY, "by": None, "at": make.NOON, **more}
    return payments.record_payment(account=account, amount=Decimal(amount), key=key, **facts)


@pytest.fixture
def parts_account(dana: Debtor, northwind: Portfolio) -> Account:
    """Example C of the money rules."""
    parts = {"costs": "45.00", "fees": "25.00", "interest": "31.27", "principal": "298.73"}
    return make.account(parts, debtor=dana, portfolio=northwind)


def test_a_part_payment_goes_to_costs_fees_interest_and_then_principal(parts_account: Account, olive: User) -> None:
    payment = pay(parts_account, "120.00", by=olive)

    assert payment.allocation["parts"] == {
        "costs": "45.00",
        "fees": "25.00",
        "interest": "31.27",
        "principal": "18.73",
    }
    assert ledger.balances([parts_account.pk])[parts_account.pk] == {"receivable.principal": Decimal("280.00")}
    parts_account.refresh_from_db()
    assert (parts_account.balance, parts_account.last_payment_amount) == (Decimal("280.00"), Decimal("120.00"))
    event = AuditEvent.objects.get(action="payment.recorded")
    assert (event.actor_id, event.person_id) == (olive.pk, parts_account.debtor_id)


def test_the_creditors_own_order_is_followed(parts_account: Account, northwind: Portfolio) -> None:
    Portfolio.objects.filter(pk=northwind.pk).update(allocation_order=["principal", "interest", "fees", "costs"])

    payment = pay(parts_account, "100.00")

    assert payment.allocation["parts"] == {"principal": "100.00"}


def test_money_stays_in_trust_until_it_is_remitted_and_direct_payments_never_touch_it(danas_account: Account) -> None:
    pay(danas_account, "10.00", "a")
    pay(danas_account, "20.00", "b", method="DIRECT")

    debits = {
        entry.account_id: (entry.debit, entry.party_id)
        for journal in Journal.objects.filter(code="PAYMENT")
        for entry in journal.entries.filter(debit__isnull=False)
    }
    assert debits == {
        "trust.cash": (Decimal("10.00"), danas_account.creditor_id),
        "trust.direct": (Decimal("20.00"), danas_account.creditor_id),
    }


def test_a_direction_sends_a_hundred_dollars_where_she_said(dana: Debtor, northwind: Portfolio) -> None:
    """Examples A and B of the money rules: 100 on A, C is older, the rest back on A; B is disputed."""
    a = make.account("400.00", debtor=dana, portfolio=northwind, delinquency_date=date(2026, 8, 1))
    b = make.account("250.00", debtor=dana, portfolio=northwind, status="DISPUTED")
    c = make.account("300.00", debtor=dana, portfolio=northwind, delinquency_date=date(2026, 5, 1))

    first = pay(a, "500.00", direction={a.pk: Decimal("100.00"), c.pk: Decimal("300.00"), b.pk: Decimal("50.00")})

    for row in (a, b, c):
        row.refresh_from_db()
    assert (a.balance, b.balance, c.balance) == (Decimal("250.00"), Decimal("250.00"), Decimal("0.00"))
    assert c.status == "PAID"
    assert first.account_id == a.pk
    assert first.unapplied == Decimal("50.00")
    assert any("directed to a disputed debt" in reason["text"] for reason in first.allocation["reasons"])
    assert sum(p.amount for p in Payment.objects.all()) == Decimal("500.00")


@pytest.mark.parametrize("how", ["status", "hold on the debt", "hold on the person"])
def test_a_disputed_debt_gets_nothing_and_the_payment_says_why(danas_account: Account, how: str) -> None:
    if how == "status":
        Account.objects.filter(pk=danas_account.pk).update(status="DISPUTED")
    else:
        account = danas_account if how == "hold on the debt" else None
        Hold.objects.create(debtor=danas_account.debtor, account=account, kind="DISPUTE", since=make.NOON)

    payment = pay(danas_account, "40.00")

    assert payment.unapplied == Decimal("40.00")
    assert payment.allocation["reasons"][0]["text"] == "This debt is disputed, so nothing of the payment goes to it."
    danas_account.refresh_from_db()
    assert danas_account.balance == Decimal("250.00")


def test_an_overpayment_pays_the_debt_and_the_rest_waits_unapplied(danas_account: Account) -> None:
    """Example D of the money rules."""
    payment = pay(danas_account, "262.90")

    danas_account.refresh_from_db()
    assert (danas_account.status, danas_account.balance) == ("PAID", Decimal("0.00"))
    assert payment.unapplied == Decimal("12.90")
    assert ledger.balances([danas_account.pk], prefix="suspense.")[danas_account.pk] == {
        "suspense.unapplied": Decimal("-12.90")
    }


def test_the_same_key_is_one_payment(danas_account: Account) -> None:
    first, second = pay(danas_account, "40.00"), pay(danas_account, "40.00")

    assert first.pk == second.pk
    assert Journal.objects.filter(code="PAYMENT").count() == 1
    with pytest.raises(payments.PaymentRefused, match="recorded before"):
        pay(danas_account, "41.00")


def test_the_same_provider_reference_is_one_payment(danas_account: Account) -> None:
    first = pay(danas_account, "40.00", "hook-1", provider="bank", provider_ref="tx-9")
    second = pay(danas_account, "40.00", "hook-2", provider="bank", provider_ref="tx-9")

    assert first.pk == second.pk


def test_a_payment_that_an_officer_took_is_announced_only_after_commit(
    danas_account: Account, olive: User, django_capture_on_commit_callbacks: Any
) -> None:
    heard: list[Payment] = []

    def listen(payment: Payment, **_: object) -> None:
        heard.append(payment)

    signals.payment_posted.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            payment = pay(danas_account, "40.00", by=olive)
            assert heard == []
        assert heard == [payment]
    finally:
        signals.payment_posted.disconnect(listen)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"amount": Decimal("-5.00")}, "more than"),
        ({"amount": Decimal("0.00")}, "more than"),
        ({"amount": Decimal("NaN")}, "not an amount"),
        ({"amount": Decimal("1e308")}, "not an amount"),
        ({"amount": Decimal("1.005")}, "fraction of a cent"),
        ({"method": "GOLD"}, "how it was paid"),
        ({"effective_date": TODAY + timedelta(days=1)}, "never dated ahead"),
        ({"effective_date": date(2026, 9, 30)}, "came to us"),
    ],
)
def test_bad_money_and_days_are_refused_and_nothing_is_written(
    danas_account: Account, facts: dict[str, Any], words: str
) -> None:
    good = {"amount": Decimal("40.00"), "method": "CARD", "effective_date": TODAY}

    with pytest.raises(payments.PaymentRefused, match=words):
        payments.record_payment(account=danas_account, key="bad", by=None, at=make.NOON, **{**good, **facts})

    assert not Payment.objects.exists()
    danas_account.refresh_from_db()
    assert danas_account.balance == Decimal("250.00")


@pytest.mark.parametrize("status", ["CLOSED", "RECALLED"])
def test_a_debt_that_went_back_takes_no_money(danas_account: Account, status: str) -> None:
    Account.objects.filter(pk=danas_account.pk).update(status=status)

    with pytest.raises(payments.PaymentRefused, match="goes back to the creditor"):
        pay(danas_account, "40.00")


def test_money_never_goes_to_somebody_elses_debt(danas_account: Account, northwind: Portfolio, gus: Debtor) -> None:
    other = make.account("90.00", debtor=gus, portfolio=northwind)

    with pytest.raises(payments.PaymentRefused, match="this person"):
        pay(danas_account, "40.00", direction={other.pk: None})


def test_late_in_the_evening_the_portfolios_own_day_counts(danas_account: Account) -> None:
    evening = datetime(2026, 11, 18, 4, 30, tzinfo=UTC)  # still Tuesday the 17th in Chicago

    with pytest.raises(payments.PaymentRefused, match="never dated ahead"):
        pay(danas_account, "40.00", at=evening, effective_date=date(2026, 11, 18))


def test_interest_up_to_the_payment_is_posted_before_it(dana: Debtor, northwind: Portfolio) -> None:
    """Example E of the money rules: 1,250.00 at 9% for 73 days is 22.50."""
    Portfolio.objects.filter(pk=northwind.pk).update(charges_interest=True)
    placed = TODAY - timedelta(days=73)
    account = make.account(
        "1250.00", debtor=dana, portfolio=northwind, placed_on=placed, interest_rate=Decimal("0.0900")
    )

    payment = pay(account, "100.00")

    assert payment.allocation["parts"] == {"interest": "22.50", "principal": "77.50"}
    account.refresh_from_db()
    assert account.balance == Decimal("1172.50")

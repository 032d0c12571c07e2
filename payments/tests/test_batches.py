"""Checks entered together: the control total, a second person, every line once."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Account, Debtor, Portfolio
from collections_crm import testing as make
from payments import services as payments
from payments.models import Payment, PaymentBatch
from payments.services import batches
from payments.services import payments as posting
from users.models import User

TODAY = date(2026, 11, 17)


@pytest.fixture
def gus_account(gus: Debtor, northwind: Portfolio) -> Account:
    return make.account("90.00", debtor=gus, portfolio=northwind)


def entered(by: User, portfolio: Portfolio, lines: list[tuple[Account, str]], total: str = "100.00") -> PaymentBatch:
    batch = payments.open_batch(
        name="Tuesday's checks",
        portfolio=portfolio,
        control_total=Decimal(total),
        received_on=TODAY,
        by=by,
        at=make.NOON,
    )
    for account, amount in lines:
        payments.add_line(
            batch=batch, account=account, amount=Decimal(amount), method="CHECK", reference=account.reference, by=by
        )
    return batch


def test_a_batch_closes_only_at_its_control_total(
    olive: User, northwind: Portfolio, danas_account: Account, gus_account: Account
) -> None:
    batch = entered(olive, northwind, [(danas_account, "60.00")])

    with pytest.raises(payments.BatchRefused, match=r"\$40.00 missing"):
        payments.close_batch(batch=batch, by=olive, at=make.NOON)

    payments.add_line(batch=batch, account=gus_account, amount=Decimal("40.00"), method="CHECK", reference="", by=olive)
    assert payments.close_batch(batch=batch, by=olive, at=make.NOON).state == "CLOSED"
    assert not Payment.objects.exists()


def test_the_number_of_checks_has_to_agree_too(olive: User, northwind: Portfolio, danas_account: Account) -> None:
    batch = entered(olive, northwind, [(danas_account, "100.00")])
    PaymentBatch.objects.filter(pk=batch.pk).update(control_count=2)

    with pytest.raises(payments.BatchRefused, match="1 lines; the slip says 2"):
        payments.close_batch(batch=batch, by=olive, at=make.NOON)


def test_a_second_person_releases_it_and_every_line_is_posted_once(
    olive: User, lee: User, northwind: Portfolio, danas_account: Account, gus_account: Account
) -> None:
    batch = entered(olive, northwind, [(danas_account, "60.00"), (gus_account, "40.00")])
    payments.close_batch(batch=batch, by=olive, at=make.NOON)
    with pytest.raises(payments.BatchRefused, match="Somebody other"):
        payments.release_batch(batch=batch, by=olive, at=make.NOON)
    assert not Payment.objects.exists()

    assert payments.release_batch(batch=batch, by=lee, at=make.NOON) == 2
    assert payments.release_batch(batch=batch, by=lee, at=make.NOON) == 0

    amounts = dict(Payment.objects.values_list("account", "amount"))
    assert amounts == {danas_account.pk: Decimal("60.00"), gus_account.pk: Decimal("40.00")}


def test_a_release_that_stopped_in_the_middle_is_finished_by_the_job(
    olive: User,
    lee: User,
    northwind: Portfolio,
    danas_account: Account,
    gus_account: Account,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    batch = entered(olive, northwind, [(danas_account, "60.00"), (gus_account, "40.00")])
    payments.close_batch(batch=batch, by=olive, at=make.NOON)

    def pulled_plug(**facts: Any) -> Payment:
        if facts["account"].pk == gus_account.pk:
            raise KeyboardInterrupt
        return posting.record_payment(**facts)

    with monkeypatch.context() as broken, pytest.raises(KeyboardInterrupt):
        broken.setattr(batches, "record_payment", pulled_plug)
        payments.release_batch(batch=batch, by=lee, at=make.NOON)
    assert Payment.objects.count() == 1

    assert payments.post_released(at=make.NOON) == 1
    assert payments.post_released(at=make.NOON) == 0
    assert Payment.objects.count() == 2


def test_a_debt_closed_in_the_meantime_stops_the_release_by_its_line(
    olive: User, lee: User, northwind: Portfolio, danas_account: Account
) -> None:
    batch = entered(olive, northwind, [(danas_account, "100.00")])
    payments.close_batch(batch=batch, by=olive, at=make.NOON)
    Account.objects.filter(pk=danas_account.pk).update(status="RECALLED")

    with pytest.raises(payments.BatchRefused, match="Line 1"):
        payments.release_batch(batch=batch, by=lee, at=make.NOON)

    batch.refresh_from_db()
    assert batch.state == "CLOSED"
    payments.reopen_batch(batch=batch, by=olive, at=make.NOON)
    payments.remove_line(batch=batch, number=1)
    assert payments.discard_batch(batch=batch, by=olive, at=make.NOON).state == "DISCARDED"


def test_a_closed_batch_takes_no_more_lines(olive: User, northwind: Portfolio, danas_account: Account) -> None:
    batch = entered(olive, northwind, [(danas_account, "100.00")])
    payments.close_batch(batch=batch, by=olive, at=make.NOON)

    with pytest.raises(payments.BatchRefused, match="closed"):
        payments.add_line(
            batch=batch, account=danas_account, amount=Decimal("1.00"), method="CHECK", reference="", by=olive
        )


def test_another_portfolios_debt_does_not_fit(olive: User, northwind: Portfolio, dana: Debtor) -> None:
    other = make.account("90.00", debtor=dana, portfolio=make.portfolio("Other book"))

    with pytest.raises(payments.BatchRefused, match="another portfolio"):
        entered(olive, northwind, [(other, "90.00")])

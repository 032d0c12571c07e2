"""Money that came by itself is told some seconds later, many payments at once; an officer's is told at commit."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Account
from collections_crm import testing as make
from payments import services, signals
from payments.models import Payment
from strategies import services as strategies
from strategies.models import WorkItem

pytestmark = pytest.mark.django_db


@pytest.fixture
def heard() -> Iterator[list[list[Payment]]]:
    found: list[list[Payment]] = []

    def listen(payments: list[Payment], **_: object) -> None:
        found.append(payments)

    signals.money_came.connect(listen)
    yield found
    signals.money_came.disconnect(listen)


def pay(account: Account, amount: str, key: str, by: Any = None) -> Payment:
    return services.record_payment(
        account=account, amount=Decimal(amount), method="ACH", effective_date=make.NOON.date(), key=key, by=by,
        at=make.NOON,
    )  # fmt: skip


def test_what_came_by_itself_is_told_together_and_what_an_officer_took_is_not(
    danas_account: Account, olive: Any, heard: list[list[Payment]]
) -> None:
    first, second = pay(danas_account, "10.00", "hook-1"), pay(danas_account, "20.00", "hook-2")
    pay(danas_account, "5.00", "desk-1", by=olive)

    counts = services.announce(at=make.NOON + timedelta(seconds=15), since=None)

    assert heard == [[first, second]]
    assert counts == {"payments_announced": 2}


def test_only_what_is_new_since_the_last_tick_is_told(danas_account: Account, heard: list[list[Payment]]) -> None:
    pay(danas_account, "10.00", "hook-1")

    later = make.NOON + timedelta(minutes=5)
    services.announce(at=later, since=later - timedelta(seconds=15))

    assert heard == []


def test_a_debt_paid_by_itself_leaves_the_work(danas_account: Account, noon: Any) -> None:
    strategies.refresh_people([danas_account.debtor_id], noon)
    assert WorkItem.objects.filter(debtor=danas_account.debtor_id, state="OPEN").exists()

    pay(danas_account, "250.00", "hook-1")
    services.announce(at=noon + timedelta(seconds=15), since=None)

    assert not WorkItem.objects.filter(debtor=danas_account.debtor_id, state="OPEN").exists()

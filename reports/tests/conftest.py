"""A day of work for the board: calls, promises, money, messages, through real rows."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache

from accounts.models import Account, Portfolio
from collections_crm import testing as make
from contacts.models import Disposition, Interaction
from payments import services as payments
from payments.models import Payment, Promise
from users.models import User

TODAY = date(2026, 11, 17)


@pytest.fixture(autouse=True)
def _still(noon: datetime) -> None:
    """Every page reads the same clock."""


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    """Each story begins with no part of a board kept."""
    cache.clear()


@pytest.fixture
def call() -> Callable[..., Interaction]:
    """A closed call of an officer with an outcome."""

    def made(
        account: Account, by: User, outcome: str, *, at: datetime = make.NOON, direction: str = "out", **facts: Any
    ) -> Interaction:
        code = Disposition.objects.get(pk=outcome)
        return Interaction.objects.create(
            debtor=account.debtor,
            account=account,
            account_ids=facts.get("account_ids", [account.pk]),
            kind="CALL",
            state="CLOSED",
            direction=direction,
            officer=by,
            started_at=at,
            ended_at=at + timedelta(minutes=3),
            disposition=code,
            right_party=code.right_party,
        )

    return made


@pytest.fixture
def pay() -> Callable[..., Payment]:
    """A payment through the service."""

    def made(account: Account, amount: str, *, at: datetime = make.NOON, by: User | None = None) -> Payment:
        return payments.record_payment(
            account=account,
            amount=Decimal(amount),
            method="CARD",
            effective_date=at.date(),
            key=f"pay:{account.pk}:{amount}:{at.isoformat()}",
            by=by,
            at=at,
        )

    return made


@pytest.fixture
def promised() -> Callable[..., Promise]:
    """A promise as it stands; judged ones with their state."""

    def made(account: Account, by: User, amount: str, *, due: date, state: str = "OPEN", **facts: Any) -> Promise:
        return Promise.objects.create(
            account=account,
            debtor=account.debtor,
            amount=Decimal(amount),
            currency="USD",
            due_date=due,
            grace_until=due + timedelta(days=2),
            made_by=by,
            state=state,
            **{"made_at": make.NOON - timedelta(days=10), **facts},
        )

    return made


@pytest.fixture
def book(northwind: Portfolio) -> Callable[..., list[Account]]:
    """Some debts of Northwind, each of another person."""

    def made(count: int, balance: str = "250.00", **facts: Any) -> list[Account]:
        return [
            make.account(balance, debtor=make.debtor(f"Person {n}"), portfolio=northwind, **facts) for n in range(count)
        ]

    return made

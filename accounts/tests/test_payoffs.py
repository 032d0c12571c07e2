"""A payoff figure: the ledger's balance and the interest up to that day, the same in the letter."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from accounts import services as accounts
from accounts.models import Account
from collections_crm import testing as make
from ledger import queries as ledger
from ledger.services import Line
from users.models import User


@pytest.fixture
def loan(danas_account: Account) -> Account:
    """5,000.00 at 10 % a year from Oct 1; one day is 1.3698…"""
    book = danas_account.portfolio
    book.charges_interest = True
    book.save()
    return make.account("5000.00", debtor=danas_account.debtor, portfolio=book, interest_rate=Decimal("0.1"))


def test_the_figure_is_the_balance_and_seventy_two_days_of_interest(loan: Account) -> None:
    figures = accounts.payoff(account=loan, on=date(2026, 12, 12))

    assert figures.accrued == Decimal("98.63")
    assert figures.amount == Decimal("5098.63")
    assert figures.parts == {"principal": Decimal("5000.00"), "interest": Decimal("98.63")}


def test_a_payment_in_between_lowers_the_interest_from_its_day_on(loan: Account, noon: datetime) -> None:
    accounts.post(
        account=loan,
        key="payment:1",
        code="PAYMENT",
        lines=[Line("trust.cash", debit=Decimal(2500)), Line("receivable.principal", credit=Decimal(2500))],
        effective_date=date(2026, 11, 6),
        at=noon,
    )

    assert accounts.payoff(account=loan, on=date(2026, 12, 12)).accrued == Decimal("73.97")  # 36 + 36 days


def test_a_quote_posts_interest_to_today_and_keeps_the_same_figure(loan: Account, olive: User, noon: datetime) -> None:
    before = accounts.payoff(account=loan, on=date(2026, 11, 30)).amount

    given = accounts.quote(account=loan, good_through=date(2026, 11, 30), by=olive, at=noon)

    assert given.amount == before == Decimal("5082.19")
    assert ledger.balance_as_of(loan.pk, date(2026, 11, 17))["receivable.interest"] == Decimal("64.38")
    assert sum(map(Decimal, given.parts.values())) == given.amount
    assert accounts.quote(account=loan, good_through=date(2026, 11, 30), by=olive, at=noon).amount == before


def test_a_figure_for_a_day_gone_by_is_refused(loan: Account, olive: User, noon: datetime) -> None:
    with pytest.raises(accounts.AccountRefused, match="today or a later day"):
        accounts.quote(account=loan, good_through=date(2026, 11, 16), by=olive, at=noon)


def test_without_interest_in_the_contract_the_figure_is_the_balance(danas_account: Account) -> None:
    assert accounts.payoff(account=danas_account, on=date(2027, 6, 30)).amount == Decimal("250.00")

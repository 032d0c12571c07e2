"""Interest at month end: to the cent what the figures of the day say, once, and on with it after a kill."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import services as accounts
from accounts.models import Account, Debtor, Portfolio
from accounts.services import accruals, payoffs
from collections_crm import testing as make
from ledger import queries
from ledger.models import Journal
from ledger.services import Line

pytestmark = pytest.mark.django_db

OCTOBER = date(2026, 10, 31)
NIGHT = datetime(2026, 11, 1, 6, 0, tzinfo=UTC)
PLACED = date(2026, 8, 1)


@pytest.fixture
def lender(north: Any) -> Portfolio:
    """A portfolio that charges interest; days of a 365-day year."""
    return make.portfolio("Northwind loans", team=north, charges_interest=True)


def debt(book: Portfolio, principal: str = "1250.00", **fields: Any) -> Account:
    fields.setdefault("interest_rate", Decimal("0.09"))
    return make.account(principal, portfolio=book, placed_on=PLACED, **fields)


def move(account: Account, on: date, amount: Decimal) -> None:
    """Principal goes up (a fee moved into it) or down (a payment) on a day."""
    up, down = "receivable.principal", "expense.adjustment"
    if amount < 0:
        up, down = down, up
    lines = [Line(up, debit=abs(amount)), Line(down, credit=abs(amount))]
    accounts.post(
        account=account, key=f"move:{account.pk}:{on}:{amount}", code="ADJUSTMENT", lines=lines, effective_date=on,
        at=make.NOON,
    )  # fmt: skip


def test_two_debts_get_their_month_in_one_journal(lender: Portfolio, dana: Debtor) -> None:
    first, second = debt(lender, debtor=dana), debt(lender, "4000.00", debtor=dana)

    counts = accruals.post_month(portfolio=lender, on=OCTOBER, at=NIGHT)

    # 1,250.00 and 4,000.00 at 9% over the 91 days from August 1: 28.05 and 89.75
    assert counts == {"debts": 2, "journals": 1, "cents": 11780}
    assert queries.balances([first.pk])[first.pk]["receivable.interest"] == Decimal("28.05")
    second.refresh_from_db()
    assert second.balance == Decimal("4089.75")
    out = StringIO()
    call_command("check_ledger", stdout=out)
    assert out.getvalue().startswith("OK")


def test_a_second_run_writes_nothing(lender: Portfolio) -> None:
    debt(lender)
    accruals.post_month(portfolio=lender, on=OCTOBER, at=NIGHT)

    again = accruals.post_month(portfolio=lender, on=OCTOBER, at=NIGHT + timedelta(hours=1))

    assert again == {"debts": 0, "journals": 0, "cents": 0}
    assert Journal.objects.filter(code="INTEREST").count() == 1


def test_the_next_figure_goes_on_from_month_end(lender: Portfolio) -> None:
    account = debt(lender)
    accruals.post_month(portfolio=lender, on=OCTOBER, at=NIGHT)

    figure = payoffs.payoff(account=account, on=date(2026, 11, 10))

    assert figure.accrued_from == OCTOBER
    assert figure.accrued == Decimal("3.08")  # ten days of 1,250.00 at 9%
    assert figure.parts["interest"] == Decimal("31.13")


def test_the_debt_that_was_paid_on_and_the_one_beside_it_get_each_their_own(lender: Portfolio, dana: Debtor) -> None:
    paid, quiet = debt(lender, debtor=dana), debt(lender, debtor=dana)
    move(paid, date(2026, 9, 1), Decimal("-1000.00"))
    move(paid, date(2026, 11, 1), Decimal("-100.00"))  # after the month: it bears interest up to its end

    accruals.post_month(portfolio=lender, on=OCTOBER, at=NIGHT)

    # 31 days of 1,250.00 and 60 of 250.00 at 9%: 9.5548 + 3.6986; the other one 91 days of 1,250.00
    assert queries.balances([paid.pk])[paid.pk]["receivable.interest"] == Decimal("13.25")
    assert queries.balances([quiet.pk])[quiet.pk]["receivable.interest"] == Decimal("28.05")


@pytest.mark.parametrize(
    "fields",
    [{"status": "DISPUTED"}, {"status": "HELD"}, {"status": "PAID"}, {"interest_rate": None}],
    ids=["disputed", "paused", "paid", "no rate"],
)
def test_what_bears_no_interest_now_is_left_alone(lender: Portfolio, fields: dict[str, Any]) -> None:
    debt(lender, **fields)

    assert accruals.post_month(portfolio=lender, on=OCTOBER, at=NIGHT)["debts"] == 0


def test_a_creditor_that_waived_interest_gets_none(northwind: Portfolio) -> None:
    debt(northwind)

    assert accruals.post_month(portfolio=northwind, on=OCTOBER, at=NIGHT)["debts"] == 0


def test_a_run_that_broke_off_goes_on_where_it_was(lender: Portfolio, monkeypatch: pytest.MonkeyPatch) -> None:
    debts = [debt(lender, debtor=make.debtor(f"Dana {n}")) for n in range(5)]
    post = accruals._post_chunk
    done: list[int] = []

    def broken(*args: Any) -> Any:
        if len(done) == 2:
            raise SystemExit("killed")
        done.append(1)
        return post(*args)

    monkeypatch.setattr(accruals, "_post_chunk", broken)
    with pytest.raises(SystemExit):
        accruals.post_month(portfolio=lender, on=OCTOBER, at=NIGHT, chunk=2)
    monkeypatch.undo()
    counts = accruals.post_month(portfolio=lender, on=OCTOBER, at=NIGHT, chunk=2)

    assert counts["debts"] == 1
    assert {queries.balances([one.pk])[one.pk]["receivable.interest"] for one in debts} == {Decimal("28.05")}


cents = st.integers(1, 2_000_000).map(lambda n: Decimal(n) / 100)
changes = st.lists(
    st.tuples(st.integers(0, 100), st.integers(-900_000, 900_000).filter(bool).map(lambda n: Decimal(n) / 100)),
    max_size=4,
    unique_by=lambda change: change[0],
)


@given(
    principal=cents,
    rate=st.integers(1, 3_000_000).map(lambda n: Decimal(n) / 1_000_000),
    moves=changes,
    basis=st.sampled_from([360, 365]),
    rounding=st.sampled_from(["half_up", "down", "up"]),
)
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_the_night_posts_what_the_figures_of_the_day_say(
    lender: Portfolio, principal: Decimal, rate: Decimal, moves: list[tuple[int, Decimal]], basis: int, rounding: str
) -> None:
    Portfolio.objects.filter(pk=lender.pk).update(interest_basis=basis, rounding=rounding)
    lender.refresh_from_db()
    account = debt(lender, str(principal), interest_rate=rate, debtor=make.debtor("Dana Reyes"))
    account.portfolio = lender
    for days, amount in moves:
        move(account, PLACED + timedelta(days=days), amount)
    expected = payoffs.payoff(account=account, on=OCTOBER)

    accruals.post_month(portfolio=lender, on=OCTOBER, at=NIGHT)

    posted = queries.balance_as_of(account.pk, OCTOBER)
    assert posted.get("receivable.interest", Decimal(0)) == expected.accrued
    assert payoffs.payoff(account=account, on=OCTOBER).amount == expected.amount

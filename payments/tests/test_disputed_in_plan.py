"""A debt of a running plan is disputed: the payments to come get lower by its share, and the officer is told."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Account, Debtor, Portfolio
from collections_crm import testing as make
from contacts import services as contacts
from core.money import pro_rata
from payments import services as payments
from payments.models import Plan
from payments.services import Terms
from strategies import services as strategies
from strategies.models import WorkItem
from users.models import User

pytestmark = pytest.mark.django_db
LATER = make.NOON + timedelta(days=12)


@pytest.fixture
def second(dana: Debtor, northwind: Portfolio) -> Account:
    return make.account("150.00", debtor=dana, portfolio=northwind)


@pytest.fixture
def plan(danas_account: Account, second: Account, olive: User, noon: datetime) -> Plan:
    """$250 and $150 in eight payments of $50 every two weeks from Friday, November 27."""
    return payments.open_plan(
        debtor=danas_account.debtor,
        accounts=[danas_account, second],
        terms=Terms(every="biweekly", first_date=date(2026, 11, 27), amount=Decimal("50.00")),
        by=olive,
        at=make.NOON,
        read_back_at=make.NOON,
        terms_channel="EMAIL",
    )


def dispute(account: Account, by: User, at: datetime = LATER) -> None:
    contacts.open_dispute(account=account, reason="A", amount=None, written=False, words="Too much", by=by, at=at)


def amounts(plan: Plan) -> list[str]:
    lines = plan.installments.exclude(state="CANCELLED").order_by("number")
    return [str(amount) for amount in lines.values_list("amount", flat=True)]


def test_each_payment_to_come_is_lower_by_the_share_of_the_disputed_debt(
    plan: Plan, second: Account, olive: User
) -> None:
    assert amounts(plan) == ["50.00"] * 8

    dispute(second, olive)
    counts = payments.leave_out_disputed(at=LATER)

    plan.refresh_from_db()
    assert counts == {"plans_lowered": 1}
    assert amounts(plan) == ["31.25"] * 8  # 250.00 in eight
    assert (plan.total, plan.amount, plan.state) == (Decimal("250.00"), Decimal("31.25"), "ACTIVE")
    assert payments.leave_out_disputed(at=LATER) == {}


def test_what_was_paid_before_counts_and_what_comes_later_goes_past_the_disputed_debt(
    plan: Plan, danas_account: Account, second: Account, olive: User
) -> None:
    paid_on = date(2026, 11, 27)
    payments.record_payment(
        account=second, amount=Decimal("50.00"), method="ACH", effective_date=paid_on, key="a", by=None,
        at=make.NOON + timedelta(days=10),
    )  # fmt: skip

    dispute(second, olive)
    payments.leave_out_disputed(at=LATER)
    payments.record_payment(
        account=danas_account, amount=Decimal("35.71"), method="ACH", effective_date=date(2026, 12, 11), key="b",
        by=None, at=make.NOON + timedelta(days=24),
    )  # fmt: skip

    plan.refresh_from_db()
    assert plan.total == Decimal("300.00")  # 50.00 came on the second debt, 250.00 are left of the first
    assert [line.state for line in plan.installments.order_by("number")[:2]] == ["PAID", "PAID"]


def test_a_plan_of_that_debt_alone_ends(danas_account: Account, olive: User, noon: datetime) -> None:
    plan = payments.open_plan(
        debtor=danas_account.debtor,
        accounts=[danas_account],
        terms=Terms(every="biweekly", first_date=date(2026, 11, 27), amount=Decimal("50.00")),
        by=olive,
        at=make.NOON,
        read_back_at=make.NOON,
        terms_channel="EMAIL",
    )

    dispute(danas_account, olive)
    payments.leave_out_disputed(at=LATER)

    plan.refresh_from_db()
    assert (plan.state, plan.end_reason) == ("CANCELLED", f"{danas_account.ref} is disputed")


def test_the_officer_who_agreed_it_is_told_at_once(
    plan: Plan, second: Account, olive: User, django_capture_on_commit_callbacks: Any
) -> None:
    strategies.refresh_people([second.debtor_id], make.NOON)

    with django_capture_on_commit_callbacks(execute=True):
        dispute(second, olive, at=make.NOON)

    item = WorkItem.objects.get(debtor=second.debtor_id, state="OPEN")
    assert amounts(plan) == ["31.25"] * 8
    assert (item.assigned_to, item.next_step) == (olive, f"Plan goes on without {second.ref}: tell the person")


@given(st.lists(st.integers(1, 90_000), min_size=1, max_size=30), st.data())
def test_lowering_takes_off_exactly_the_share_and_never_more_than_a_payment_has(rests: list[int], data: Any) -> None:
    cents = [Decimal(rest) / 100 for rest in rests]
    removed = Decimal(data.draw(st.integers(0, sum(rests)))) / 100

    parts = pro_rata(removed, cents)

    assert sum(parts) == removed
    assert all(0 <= part <= rest for part, rest in zip(parts, cents, strict=True))

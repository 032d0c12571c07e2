"""A promise is made, and judged by what came in and by the calendar, with nobody touching it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from collections_crm import testing as make
from compliance.models import Hold
from core.models import JobRun, StatusChange
from payments import services as payments
from payments import tasks
from payments.models import Payment, Promise

TODAY = date(2026, 11, 17)
FRIDAY = date(2026, 11, 20)
GRACE_ENDS = date(2026, 11, 22)  # two days by the portfolio
AFTER = date(2026, 11, 23)
LATER = make.NOON + timedelta(days=6)


def promise(account: Account, amount: str = "120.00", due: date = FRIDAY, method: str = "LINK") -> Promise:
    return payments.make_promise(
        account=account, amount=Decimal(amount), due_date=due, method=method, by=None, at=make.NOON
    )


def pay(account: Account, amount: str, on: date, key: str = "p1", at: datetime | None = None, **more: Any) -> Payment:
    at = at or make.NOON + (on - TODAY)
    return payments.record_payment(
        account=account,
        amount=Decimal(amount),
        method="ACH",
        effective_date=on,
        key=key,
        by=None,
        at=at,
        **more,
    )


def judge(on: date = AFTER) -> dict[str, int]:
    return payments.judge(on=on, at=LATER)


def test_a_promise_is_kept_when_the_money_comes_on_the_last_day_of_grace(danas_account: Account) -> None:
    made = promise(danas_account)

    assert judge(GRACE_ENDS) == {}
    pay(danas_account, "120.00", GRACE_ENDS)

    made.refresh_from_db()
    assert (made.state, made.paid, made.grace_until) == ("KEPT", Decimal("120.00"), GRACE_ENDS)


def test_a_promise_nobody_paid_is_missed_when_grace_is_over(danas_account: Account) -> None:
    made = promise(danas_account)

    assert judge() == {"promises_broken": 1}

    made.refresh_from_db()
    assert (made.state, made.judged_at) == ("BROKEN", LATER)
    change = StatusChange.objects.get(subject_type="payments.promise")
    assert (change.from_status, change.to_status, change.subject_id) == ("OPEN", "BROKEN", made.pk)


def test_a_part_of_the_money_keeps_a_part_of_the_promise(danas_account: Account) -> None:
    made = promise(danas_account)
    pay(danas_account, "60.00", FRIDAY)
    made.refresh_from_db()
    assert made.state == "OPEN"

    assert judge() == {"promises_part_kept": 1}

    made.refresh_from_db()
    assert (made.state, made.paid) == ("PART_KEPT", Decimal("60.00"))


@pytest.mark.parametrize(("amount", "state"), [("114.00", "KEPT"), ("113.99", "OPEN")])
def test_ninety_five_percent_is_enough(danas_account: Account, amount: str, state: str) -> None:
    made = promise(danas_account)

    pay(danas_account, amount, FRIDAY)

    made.refresh_from_db()
    assert made.state == state


def test_money_received_in_time_but_recorded_late_still_keeps_it(danas_account: Account) -> None:
    """The received date counts, never the morning after (DECISIONS 25)."""
    made = promise(danas_account)
    judge()

    pay(danas_account, "120.00", FRIDAY, at=LATER)

    made.refresh_from_db()
    assert made.state == "KEPT"


def test_money_a_day_after_grace_does_not(danas_account: Account) -> None:
    made = promise(danas_account)
    judge()

    pay(danas_account, "120.00", AFTER)

    made.refresh_from_db()
    assert (made.state, made.paid) == ("BROKEN", Decimal("0.00"))


def test_a_check_gets_three_days_more_for_the_post(danas_account: Account) -> None:
    assert promise(danas_account, method="CHECK").grace_until == GRACE_ENDS + timedelta(days=3)


def test_money_from_before_the_promise_is_not_counted_for_it(danas_account: Account) -> None:
    pay(danas_account, "120.00", TODAY, at=make.NOON - timedelta(hours=1))

    made = promise(danas_account)
    judge()

    made.refresh_from_db()
    assert made.state == "BROKEN"


def test_judging_twice_the_same_day_writes_nothing(danas_account: Account) -> None:
    promise(danas_account)
    judge()
    changes = StatusChange.objects.count()

    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert judge() == {}

    assert StatusChange.objects.count() == changes
    assert not [query for query in asked.captured_queries if query["sql"].startswith(("UPDATE", "INSERT"))]


def test_the_job_judges_by_each_portfolios_own_day(danas_account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    made = promise(danas_account)
    still_sunday = datetime(2026, 11, 23, 5, 30, tzinfo=UTC)  # 11:30 PM of the 22nd in Chicago
    monkeypatch.setattr("core.clock.now", lambda: still_sunday)
    tasks.judge()
    made.refresh_from_db()
    assert made.state == "OPEN"

    monkeypatch.setattr("core.clock.now", lambda: still_sunday + timedelta(minutes=45))
    tasks.judge()
    tasks.judge()

    made.refresh_from_db()
    assert made.state == "BROKEN"
    assert [run.counts.get("promises_broken", 0) for run in JobRun.objects.order_by("period")] == [0, 1]


@pytest.mark.parametrize(("since", "state"), [(make.NOON + timedelta(days=1), "CANCELLED"), (LATER, "BROKEN")])
def test_a_dispute_before_the_due_date_voids_the_promise(danas_account: Account, since: datetime, state: str) -> None:
    made = promise(danas_account)
    Hold.objects.create(debtor=danas_account.debtor, kind="DISPUTE", since=since)

    judge()

    made.refresh_from_db()
    assert made.state == state


def test_one_open_promise_at_a_time(danas_account: Account) -> None:
    promise(danas_account)

    with pytest.raises(payments.PromiseRefused, match="open promise"):
        promise(danas_account, "50.00")


def test_a_promise_replaced_before_its_day_leaves_the_counts_and_after_it_is_missed(danas_account: Account) -> None:
    first = promise(danas_account)
    second = payments.replace_promise(
        promise=first, amount=Decimal("60.00"), due_date=FRIDAY, method="ACH", by=None, at=make.NOON
    )
    third = payments.replace_promise(
        promise=second,
        amount=Decimal("50.00"),
        due_date=date(2026, 11, 27),
        method="ACH",
        by=None,
        at=make.NOON + timedelta(days=4),
    )

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.replaced_by_id) == ("REPLACED", second.pk)
    assert (second.state, second.replaced_by_id) == ("BROKEN", third.pk)


def test_a_promise_is_cancelled_until_its_day_and_not_after(danas_account: Account) -> None:
    made = promise(danas_account)
    with pytest.raises(payments.PromiseRefused, match="judged"):
        payments.cancel_promise(promise=made, by=None, at=LATER, reason="Her car broke down")

    payments.cancel_promise(promise=made, by=None, at=make.NOON, reason="Her car broke down")

    made.refresh_from_db()
    assert made.state == "CANCELLED"


def test_the_form_opens_with_the_smallest_amount_and_the_next_payday(danas_account: Account) -> None:
    assert payments.default_promise(danas_account, TODAY) == (Decimal("25.00"), FRIDAY)
    after_thanksgiving = payments.default_promise(danas_account, date(2026, 12, 18))
    assert after_thanksgiving[1] == date(2026, 12, 28)  # Friday the 25th is a bank holiday


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"amount": Decimal("24.99")}, "amount"),
        ({"amount": Decimal("250.01")}, "amount"),
        ({"amount": Decimal("NaN")}, "amount"),
        ({"amount": Decimal("-1")}, "amount"),
        ({"due_date": TODAY - timedelta(days=1)}, "due_date"),
        ({"due_date": TODAY + timedelta(days=31)}, "due_date"),
        ({"method": "IOU"}, "method"),
    ],
)
def test_a_promise_outside_the_portfolios_rules_is_refused_at_its_field(
    danas_account: Account, facts: dict[str, Any], field: str
) -> None:
    good = {"amount": Decimal("120.00"), "due_date": FRIDAY, "method": "LINK"}

    with pytest.raises(payments.PromiseRefused) as refused:
        payments.make_promise(account=danas_account, by=None, at=make.NOON, **{**good, **facts})

    assert refused.value.field == field
    assert not Promise.objects.exists()


@pytest.mark.parametrize("status", ["CLOSED", "PAID", "RECALLED", "HELD", "DISPUTED"])
def test_no_promise_on_a_debt_that_is_not_worked(danas_account: Account, status: str) -> None:
    Account.objects.filter(pk=danas_account.pk).update(status=status)

    with pytest.raises(payments.PromiseRefused, match="No promise"):
        promise(danas_account)

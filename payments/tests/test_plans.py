"""An arrangement over several debts: its figures, its debts, and how it goes by itself."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Account, Debtor, Portfolio
from collections_crm import testing as make
from core.models import StatusChange
from payments import services as payments
from payments.models import Plan
from payments.services import Terms
from users.models import User

TODAY = date(2026, 11, 17)
FIRST = date(2026, 11, 27)
TERMS = Terms(every="biweekly", first_date=FIRST, amount=Decimal("45.00"), method="ACH")


@pytest.fixture
def three_debts(dana: Debtor, northwind: Portfolio) -> list[Account]:
    """The pictures' debts: two open, one disputed (DESIGN section 11)."""
    Portfolio.objects.filter(pk=northwind.pk).update(plan_max_months=36, minimum_payment=Decimal("40.00"))
    northwind.refresh_from_db()
    tallgrass = make.account("2793.40", debtor=dana, portfolio=northwind)
    brightwater = make.account("412.86", debtor=dana, portfolio=northwind)
    cedar_valley = make.account("1164.20", debtor=dana, portfolio=northwind, status="DISPUTED")
    return [tallgrass, brightwater, cedar_valley]


def agree(accounts: list[Account], terms: Terms = TERMS, **more: Any) -> Plan:
    facts: dict[str, Any] = {"by": None, "at": make.NOON, "read_back_at": make.NOON, "terms_channel": "EMAIL"}
    return payments.open_plan(debtor=accounts[0].debtor, accounts=accounts, terms=terms, **{**facts, **more})


def pay(account: Account, amount: str, on: date, key: str) -> None:
    payments.record_payment(
        account=account, amount=Decimal(amount), method="ACH", effective_date=on, key=key, by=None, at=noon_of(on)
    )


def noon_of(day: date) -> datetime:
    return make.NOON + timedelta(days=(day - TODAY).days)


def test_forty_five_dollars_every_two_weeks_pay_the_two_debts_and_nothing_goes_to_the_disputed_one(
    three_debts: list[Account],
) -> None:
    plan = agree(three_debts, replace(TERMS, first_debt=three_debts[1].pk))

    lines = list(plan.installments.all())
    assert (plan.total, plan.count, len(lines)) == (Decimal("3206.26"), 72, 72)
    assert [line.amount for line in lines] == [Decimal("45.00")] * 71 + [Decimal("11.26")]
    assert (lines[2].due_date, lines[2].moved_from) == (date(2026, 12, 28), date(2026, 12, 25))
    assert lines[-1].due_date == date(2029, 8, 17)
    shares = {share.account_id: (share.amount, share.position) for share in plan.debts.all()}
    assert shares == {three_debts[0].pk: (Decimal("2793.40"), 1), three_debts[1].pk: (Decimal("412.86"), 0)}
    for account in three_debts:
        account.refresh_from_db()
    assert [account.status for account in three_debts] == ["ARRANGED", "ARRANGED", "DISPUTED"]


@pytest.mark.parametrize(
    "terms",
    [
        replace(TERMS, amount=None, count=8),
        replace(TERMS, amount=None, end_date=date(2027, 3, 10)),
        replace(TERMS, amount=Decimal("35.00")),
    ],
)
def test_any_of_amount_number_and_end_date_gives_the_others_and_the_parts_sum_exactly(
    danas_account: Account, terms: Terms
) -> None:
    plan = agree([danas_account], terms)

    assert sum(line.amount for line in plan.installments.all()) == Decimal("250.00")
    assert plan.count == 8
    assert plan.last_date == date(2027, 3, 5)


def test_part_of_what_is_owed_is_shared_over_the_debts_to_the_cent(three_debts: list[Account]) -> None:
    plan = agree(three_debts, replace(TERMS, total=Decimal("1000.00"), amount=Decimal("100.00")))

    assert sum(share.amount for share in plan.debts.all()) == Decimal("1000.00")
    assert {share.position for share in plan.debts.all()} == {0}


def test_a_plan_runs_to_its_end_by_payments_alone(danas_account: Account) -> None:
    plan = agree([danas_account], replace(TERMS, amount=Decimal("125.00")))

    pay(danas_account, "125.00", FIRST, "a")
    assert [line.state for line in plan.installments.all()] == ["PAID", "DUE"]
    pay(danas_account, "125.00", date(2026, 12, 11), "b")

    plan.refresh_from_db()
    danas_account.refresh_from_db()
    assert (plan.state, danas_account.status) == ("DONE", "PAID")


def test_a_plan_slips_when_grace_is_over_breaks_when_two_are_open_and_money_brings_it_back(
    danas_account: Account,
) -> None:
    plan = agree([danas_account])
    grace_ends = FIRST + timedelta(days=5)

    assert payments.judge(on=grace_ends, at=noon_of(grace_ends)) == {}
    late = grace_ends + timedelta(days=1)
    assert payments.judge(on=late, at=noon_of(late)) == {"plans_slipping": 1}
    assert payments.judge(on=late, at=noon_of(late)) == {}
    later = date(2026, 12, 17)
    assert payments.judge(on=later, at=noon_of(later)) == {"plans_broken": 1}
    danas_account.refresh_from_db()
    assert danas_account.status == "ACTIVE"

    pay(danas_account, "45.00", later, "half")
    plan.refresh_from_db()
    assert plan.state == "SLIPPING"
    pay(danas_account, "45.00", later, "catch-up")

    plan.refresh_from_db()
    danas_account.refresh_from_db()
    assert (plan.state, danas_account.status) == ("ACTIVE", "ARRANGED")
    moves = StatusChange.objects.filter(subject_type="payments.plan", subject_id=plan.pk).order_by("pk")
    assert [move.to_status for move in moves] == ["SLIPPING", "BROKEN", "SLIPPING", "ACTIVE"]


def test_judging_a_slipping_plan_again_writes_no_row(danas_account: Account) -> None:
    agree([danas_account])
    late = FIRST + timedelta(days=6)
    payments.judge(on=late, at=noon_of(late))
    before = StatusChange.objects.count()

    payments.judge(on=late, at=noon_of(late))

    assert StatusChange.objects.count() == before


def test_a_returned_payment_opens_its_installment_again(danas_account: Account) -> None:
    plan = agree([danas_account])
    pay(danas_account, "45.00", FIRST, "a")
    payment = danas_account.payments.get()

    payments.return_payment(
        payment=payment, code="R01", returned_on=date(2026, 12, 4), key="r", by=None, at=noon_of(date(2026, 12, 4))
    )

    first = plan.installments.get(number=1)
    plan.refresh_from_db()
    assert (first.state, first.paid, plan.state) == ("LATE", Decimal("0.00"), "SLIPPING")


def test_a_plan_takes_the_place_of_an_open_promise(danas_account: Account) -> None:
    promise = payments.make_promise(
        account=danas_account, amount=Decimal("50.00"), due_date=date(2026, 11, 20), method="ACH", by=None, at=make.NOON
    )

    agree([danas_account])

    promise.refresh_from_db()
    assert promise.state == "REPLACED"


def test_a_cancelled_plan_frees_the_debts_and_its_open_installments(danas_account: Account) -> None:
    plan = agree([danas_account])
    pay(danas_account, "45.00", FIRST, "a")

    payments.cancel_plan(plan=plan, by=None, at=noon_of(date(2026, 12, 1)), reason="She lost her job")

    plan.refresh_from_db()
    danas_account.refresh_from_db()
    assert (plan.state, plan.end_reason, danas_account.status) == ("CANCELLED", "She lost her job", "ACTIVE")
    assert {line.state for line in plan.installments.all()} == {"PAID", "CANCELLED"}


def test_an_officer_stays_within_the_limits_and_a_lead_may_go_beyond(
    danas_account: Account, olive: User, lee: User
) -> None:
    small = replace(TERMS, every="monthly", amount=Decimal("10.00"))

    with pytest.raises(payments.PlanRefused, match="A team lead can agree to more") as refused:
        agree([danas_account], small, by=olive)
    assert refused.value.field in ("end_date", "amount")

    assert agree([danas_account], small, by=lee).count == 25


def test_without_a_yes_there_is_no_plan(danas_account: Account) -> None:
    with pytest.raises(payments.PlanRefused, match="Read the terms back"):
        agree([danas_account], read_back_at=None)


def test_one_open_plan_for_a_person(danas_account: Account) -> None:
    agree([danas_account])

    with pytest.raises(payments.PlanRefused, match="open plan"):
        agree([danas_account])


def test_our_own_debts_and_a_clients_never_share_a_plan(danas_account: Account, dana: Debtor) -> None:
    own = make.portfolio("Larkfield loans", collector_type="first_party_creditor")
    other = make.account("100.00", debtor=dana, portfolio=own)

    with pytest.raises(payments.PlanRefused, match="never share"):
        agree([danas_account, other])


@pytest.mark.parametrize("status", ["CLOSED", "PAID", "DISPUTED", "HELD"])
def test_a_debt_that_cannot_be_collected_makes_no_plan(danas_account: Account, status: str) -> None:
    Account.objects.filter(pk=danas_account.pk).update(status=status)

    with pytest.raises(payments.PlanRefused, match="None of these debts"):
        agree([danas_account])

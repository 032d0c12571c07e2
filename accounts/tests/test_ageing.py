"""The night moves accounts between buckets, once, and keeps what they were on any day."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from accounts import services as accounts
from accounts.models import Account, AccountSnapshot
from accounts.queries import snapshots_on
from collections_crm import testing as make
from core.models import StatusChange
from ledger.services import Line

DAY = timedelta(days=1)


def test_an_account_moves_when_its_day_comes_and_the_second_run_writes_nothing(
    danas_account: Account, noon: datetime
) -> None:
    Account.objects.filter(pk=danas_account.pk).update(delinquency_date=date(2026, 9, 19), bucket="30-59")

    assert accounts.age_accounts(on=date(2026, 11, 17), at=noon) == {"moved": 0, "snapshots": 1}
    assert accounts.age_accounts(on=date(2026, 11, 18), at=noon + DAY) == {"moved": 1, "snapshots": 1}
    assert accounts.age_accounts(on=date(2026, 11, 18), at=noon + DAY) == {"moved": 0, "snapshots": 0}

    danas_account.refresh_from_db()
    assert (danas_account.bucket, danas_account.bucket_on) == ("60-89", date(2026, 11, 18))
    move = StatusChange.objects.get(subject_id=danas_account.pk, field="bucket")
    assert (move.from_status, move.to_status) == ("30-59", "60-89")


def test_the_view_of_a_day_shows_what_the_account_was_then(danas_account: Account, noon: datetime) -> None:
    accounts.age_accounts(on=date(2026, 11, 17), at=noon)
    accounts.post(
        account=danas_account,
        key="payment:test",
        code="PAYMENT",
        lines=[Line("trust.cash", debit=Decimal(100)), Line("receivable.principal", credit=Decimal(100))],
        effective_date=date(2026, 11, 17),
        at=noon,
    )
    accounts.age_accounts(on=date(2026, 11, 19), at=noon + 2 * DAY)

    def balance(on: date) -> Decimal:
        return snapshots_on(on, account_ids=[danas_account.pk])[danas_account.pk].balance

    assert balance(date(2026, 11, 18)) == Decimal("250.00")
    assert balance(date(2026, 11, 19)) == Decimal("150.00")
    assert snapshots_on(date(2026, 11, 16), account_ids=[danas_account.pk]) == {}


def test_every_account_has_a_row_at_month_end_changed_or_not(danas_account: Account, noon: datetime) -> None:
    make.account("80.00", debtor=danas_account.debtor, portfolio=danas_account.portfolio)
    accounts.age_accounts(on=date(2026, 11, 17), at=noon)

    assert accounts.age_accounts(on=date(2026, 11, 30), at=noon + 13 * DAY)["snapshots"] == 2
    assert accounts.age_accounts(on=date(2026, 11, 30), at=noon + 13 * DAY)["snapshots"] == 0
    assert AccountSnapshot.objects.filter(month_end=True).count() == 2


def test_a_month_end_that_was_missed_is_made_up_for_by_the_next_night(danas_account: Account, noon: datetime) -> None:
    accounts.age_accounts(on=date(2026, 11, 17), at=noon)

    accounts.age_accounts(on=date(2026, 12, 2), at=noon + 15 * DAY)

    row = AccountSnapshot.objects.get(account_id=danas_account.pk, month_end=True)
    assert row.valid_from == date(2026, 12, 2)


def test_the_night_finds_what_changed_since_and_looks_at_nothing_else(danas_account: Account, noon: datetime) -> None:
    quiet = make.account("80.00", debtor=danas_account.debtor, portfolio=danas_account.portfolio)
    for day in (17, 18, 19):
        Account.objects.filter(pk=danas_account.pk).update(balance=Decimal(200 - day))
        accounts.age_accounts(on=date(2026, 11, day), at=noon)
    quiet.refresh_from_db()
    danas_account.portfolio.refresh_from_db()

    assert quiet.changed_in_night < danas_account.portfolio.night - 1
    Account.objects.filter(pk=quiet.pk).update(status="HELD")
    assert accounts.age_accounts(on=date(2026, 11, 20), at=noon)["snapshots"] == 1
    assert AccountSnapshot.objects.filter(account_id=quiet.pk).order_by("-valid_from")[0].status == "HELD"


def test_nights_that_did_not_run_are_made_up_for_and_ended_debts_stay(danas_account: Account, noon: datetime) -> None:
    ended = make.account("80.00", debtor=danas_account.debtor, portfolio=danas_account.portfolio)
    old = {"delinquency_date": date(2026, 3, 1), "bucket": "0"}
    Account.objects.filter(pk=ended.pk).update(**old, status="PAID")
    undated = make.account("90.00", debtor=danas_account.debtor, portfolio=danas_account.portfolio)
    Account.objects.filter(pk=undated.pk).update(delinquency_date=None, bucket="30-59")
    Account.objects.filter(pk=danas_account.pk).update(**old)

    accounts.age_accounts(on=date(2026, 11, 17), at=noon)

    rows = Account.objects.in_bulk([danas_account.pk, ended.pk, undated.pk])
    assert [rows[pk].bucket for pk in (danas_account.pk, ended.pk, undated.pk)] == ["180+", "0", "0"]


def test_trade_receivables_age_by_their_own_scheme(danas_account: Account, noon: datetime) -> None:
    danas_account.portfolio.bucket_scheme = "trade"
    danas_account.portfolio.save()
    Account.objects.filter(pk=danas_account.pk).update(delinquency_date=date(2026, 10, 18))

    accounts.age_accounts(on=date(2026, 11, 17), at=noon)

    danas_account.refresh_from_db()
    assert danas_account.bucket == "1-30"

"""The ledger's promises: balanced, once, never edited, corrected by adding."""

from datetime import date
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, InternalError, connection, transaction

from accounts.models import Account
from collections_crm import testing as make
from ledger import queries
from ledger.models import Balance, Entry, Journal
from ledger.services import Line, Posting, PostingRefused, post, post_many, reverse

pytestmark = pytest.mark.django_db


def payment(account: Account, amount: str = "120.00", key: str = "payment:1", on: date = date(2026, 11, 2)) -> Posting:
    return Posting(
        key=key,
        code="PAYMENT",
        subject_id=account.pk,
        currency="USD",
        effective_date=on,
        lines=[Line("trust.cash", debit=Decimal(amount)), Line("receivable.principal", credit=Decimal(amount))],
    )


def balance(account: Account) -> Decimal:
    return queries.balances([account.pk])[account.pk]["receivable.principal"]


def test_a_payment_lowers_what_dana_owes(danas_account: Account) -> None:
    post(payment(danas_account), at=make.NOON)

    assert balance(danas_account) == Decimal("130.00")


def test_the_same_key_posts_once(danas_account: Account) -> None:
    first, new = post(payment(danas_account), at=make.NOON)

    again, new_again = post(payment(danas_account), at=make.NOON)

    assert (new, new_again) == (True, False)
    assert again.pk == first.pk
    assert balance(danas_account) == Decimal("130.00")


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [Line("trust.cash", debit=Decimal("1.00"))],
        [Line("trust.cash", debit=Decimal("1.00")), Line("receivable.principal", credit=Decimal("0.99"))],
        [Line("trust.cash", debit=Decimal("-1.00")), Line("receivable.principal", credit=Decimal("-1.00"))],
        [Line("trust.cash", debit=Decimal("1.001")), Line("receivable.principal", credit=Decimal("1.001"))],
        [Line("trust.cash"), Line("receivable.principal", credit=Decimal("1.00"))],
    ],
)
def test_a_journal_that_does_not_add_up_is_refused(lines: list[Line]) -> None:
    with pytest.raises(PostingRefused):
        post_many([Posting("x", "PAYMENT", 1, "USD", date(2026, 11, 2), lines)], at=make.NOON)

    assert not Journal.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_database_refuses_an_unbalanced_journal_by_itself(danas_account: Account) -> None:
    with pytest.raises(IntegrityError, match="does not balance"), transaction.atomic():
        journal = Journal.objects.create(
            key="raw", code="PAYMENT", currency="USD", effective_date=date(2026, 11, 2), posted_at=make.NOON, digest="-"
        )
        for account, side in (("trust.cash", "debit"), ("receivable.principal", "credit")):
            Entry.objects.create(
                journal=journal,
                account_id=account,
                currency="USD",
                effective_date=date(2026, 11, 2),
                **{side: Decimal("5.00") if side == "debit" else Decimal("4.00")},
            )

    assert not Journal.objects.filter(key="raw").exists()


def test_entries_are_one_sided_and_positive_in_the_database_too(danas_account: Account) -> None:
    entry = Entry.objects.filter(subject_id=danas_account.pk).first()
    assert entry is not None

    for debit, credit in (("1", "1"), ("-1", None), ("0", None), (None, None)):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO ledger_entry (id, journal_id, account_id, currency, debit, credit, effective_date, "
                "recorded_at) VALUES (gen_random_uuid(), %s, 'trust.cash', 'USD', %s, %s, '2026-11-02', now())",
                [entry.journal_id, debit, credit],
            )


@pytest.mark.parametrize("sql", ["UPDATE ledger_entry SET debit = 1", "DELETE FROM ledger_journal"])
def test_nothing_posted_is_ever_edited(danas_account: Account, sql: str) -> None:
    with pytest.raises(InternalError, match="append|protect|Cannot"), transaction.atomic(), connection.cursor() as c:
        c.execute(sql)


def test_a_reversal_mirrors_the_lines_and_yesterday_stays_what_it_was(danas_account: Account) -> None:
    journal, _ = post(payment(danas_account, on=date(2026, 11, 2)), at=make.NOON)

    reverse(journal_id=journal.pk, key="return:1", code="RETURN", effective_date=date(2026, 11, 5), at=make.NOON)

    assert balance(danas_account) == Decimal("250.00")
    assert queries.balance_as_of(danas_account.pk, date(2026, 11, 4)) == {"receivable.principal": Decimal("130.00")}


def test_a_journal_is_reversed_once(danas_account: Account) -> None:
    journal, _ = post(payment(danas_account), at=make.NOON)
    reverse(journal_id=journal.pk, key="return:1", code="RETURN", effective_date=date(2026, 11, 5), at=make.NOON)

    _, new = reverse(
        journal_id=journal.pk, key="return:1", code="RETURN", effective_date=date(2026, 11, 5), at=make.NOON
    )
    with pytest.raises(PostingRefused, match="already"):
        reverse(journal_id=journal.pk, key="return:2", code="RETURN", effective_date=date(2026, 11, 5), at=make.NOON)

    assert new is False
    assert balance(danas_account) == Decimal("250.00")


def test_check_ledger_names_what_was_altered_by_sql(danas_account: Account) -> None:
    journal, _ = post(payment(danas_account), at=make.NOON)
    out = StringIO()
    call_command("check_ledger", stdout=out)
    assert out.getvalue().startswith("OK")

    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE ledger_entry DISABLE TRIGGER USER")
        cursor.execute("UPDATE ledger_entry SET debit = debit + 1 WHERE journal_id = %s AND debit > 0", [journal.pk])
        cursor.execute("UPDATE ledger_entry SET credit = credit + 1 WHERE journal_id = %s AND credit > 0", [journal.pk])
        cursor.execute("ALTER TABLE ledger_entry ENABLE TRIGGER USER")
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("check_ledger", stdout=out)

    assert f"journal {journal.pk} was altered" in out.getvalue()
    assert f"balance of subject {danas_account.pk}" in out.getvalue()


def test_check_ledger_names_a_balance_that_drifted(danas_account: Account) -> None:
    Balance.objects.filter(subject_id=danas_account.pk).update(amount=Decimal("1.00"))

    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("check_ledger", stdout=out)

    assert f"balance of subject {danas_account.pk} in receivable.principal is kept as 1.00" in out.getvalue()

"""Many journals at once: the same proofs as one by one, all or none, and journals that are about many debts."""

from datetime import date
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts.models import Account, Debtor, Portfolio
from collections_crm import testing as make
from ledger import queries
from ledger.models import Balance, Entry, Journal
from ledger.services import Line, Posting, PostingRefused, Spread, post, post_many, post_spread, reverse

DAY = date(2026, 11, 2)
MONTH_END = date(2026, 10, 31)


def paid(account: Account, amount: str, key: str) -> Posting:
    lines = [Line("trust.cash", debit=Decimal(amount)), Line("receivable.principal", credit=Decimal(amount))]
    return Posting(key, "PAYMENT", account.pk, "USD", DAY, lines)


def interest_of_many(*accounts: Account, on: date = MONTH_END) -> Posting:
    lines = [Line("receivable.interest", debit=Decimal("1.50"), subject_id=one.pk) for one in accounts]
    lines.append(Line("income.interest", credit=Decimal("1.50") * len(accounts)))
    return Posting(f"interest:{on}", "INTEREST", None, "USD", on, lines)


def prove() -> str:
    out = StringIO()
    call_command("check_ledger", stdout=out)
    return out.getvalue()


@pytest.fixture
def gus_account(gus: Debtor, northwind: Portfolio) -> Account:
    return make.account("90.00", debtor=gus, portfolio=northwind)


@pytest.mark.django_db
def test_many_at_once_are_the_same_as_one_by_one(danas_account: Account) -> None:
    post(paid(danas_account, "10.00", "one"), at=make.NOON)

    count = post_many([paid(danas_account, "10.00", "two"), paid(danas_account, "20.00", "three")], at=make.NOON)

    one, two = Journal.objects.get(key="one"), Journal.objects.get(key="two")
    assert count == 2
    assert (one.posted_at, one.recorded_at, one.memo) == (two.posted_at, two.recorded_at, two.memo)
    assert list(one.entries.values_list("account_id", "debit", "credit").order_by("account_id")) == list(
        two.entries.values_list("account_id", "debit", "credit").order_by("account_id")
    )
    assert queries.balances([danas_account.pk])[danas_account.pk]["receivable.principal"] == Decimal("210.00")
    assert prove().startswith("OK")


@pytest.mark.django_db
def test_one_wrong_or_repeated_journal_keeps_all_of_them_out(danas_account: Account) -> None:
    wrong = Posting("b", "PAYMENT", danas_account.pk, "USD", DAY, [Line("trust.cash", debit=Decimal("1.00"))])
    post(paid(danas_account, "10.00", "seen"), at=make.NOON)

    with pytest.raises(PostingRefused):
        post_many([paid(danas_account, "1.00", "a"), wrong], at=make.NOON)
    with pytest.raises(IntegrityError), transaction.atomic():
        post_many([paid(danas_account, "1.00", "a"), paid(danas_account, "1.00", "seen")], at=make.NOON)

    assert not Journal.objects.filter(key="a").exists()


@pytest.mark.django_db
def test_a_month_of_many_debts_is_one_journal_and_each_debt_has_its_line(
    danas_account: Account, gus_account: Account
) -> None:
    post_many([interest_of_many(danas_account, gus_account)], at=make.NOON)

    assert queries.balance_as_of(gus_account.pk, MONTH_END)["receivable.interest"] == Decimal("1.50")
    assert queries.statement(danas_account.pk)[-1].change == Decimal("1.50")
    kept = Balance.objects.get(subject_id=gus_account.pk, account="receivable.interest")
    assert (kept.amount, kept.accrued_to) == (Decimal("1.50"), MONTH_END)
    assert prove().startswith("OK")


@pytest.mark.django_db
def test_a_line_moved_to_another_debt_is_named(danas_account: Account, gus_account: Account) -> None:
    post_many([interest_of_many(danas_account)], at=make.NOON)
    journal = Journal.objects.get(code="INTEREST")

    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE ledger_entry DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE ledger_entry SET subject_id = %s WHERE subject_id = %s AND journal_id = %s",
            [gus_account.pk, danas_account.pk, journal.pk],
        )
        cursor.execute("ALTER TABLE ledger_entry ENABLE TRIGGER USER")
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("check_ledger", stdout=out)

    assert f"journal {journal.pk} was altered" in out.getvalue()


@pytest.mark.django_db
def test_a_month_of_many_debts_is_not_taken_back_as_one(danas_account: Account, gus_account: Account) -> None:
    post_many([interest_of_many(danas_account, gus_account)], at=make.NOON)
    journal = Journal.objects.get(code="INTEREST")

    with pytest.raises(PostingRefused, match="many debts"):
        reverse(journal_id=journal.pk, key="back", code="REVERSAL", effective_date=DAY, at=make.NOON)


@pytest.mark.django_db
def test_interest_taken_back_leaves_the_balance_accrued_to_the_posting_before(danas_account: Account) -> None:
    for day in (date(2026, 10, 10), date(2026, 10, 20)):
        lines = [Line("receivable.interest", debit=Decimal("1.00")), Line("income.interest", credit=Decimal("1.00"))]
        post(Posting(f"i:{day}", "INTEREST", danas_account.pk, "USD", day, lines), at=make.NOON)
    last = Journal.objects.get(key="i:2026-10-20")

    reverse(journal_id=last.pk, key="back", code="REVERSAL", effective_date=DAY, at=make.NOON)

    kept = Balance.objects.get(subject_id=danas_account.pk, account="receivable.interest")
    assert kept.accrued_to == date(2026, 10, 10)
    assert prove().startswith("OK")


@pytest.mark.django_db(transaction=True)
def test_a_journal_without_lines_is_refused_at_commit() -> None:
    with pytest.raises(IntegrityError, match="does not balance"), transaction.atomic():
        Journal.objects.create(
            key="empty", code="PAYMENT", currency="USD", effective_date=DAY, posted_at=make.NOON, digest="-"
        )

    assert not Journal.objects.exists()


@pytest.mark.django_db
def test_a_line_slipped_into_an_old_journal_is_refused(danas_account: Account) -> None:
    journal, _ = post(paid(danas_account, "10.00", "one"), at=make.NOON)

    with pytest.raises(IntegrityError, match="does not balance"), transaction.atomic():
        Entry.objects.create(
            journal=journal, account_id="trust.cash", currency="USD", debit=Decimal("5.00"), effective_date=DAY
        )


def spread(subjects: str, amounts: str, key: str = "interest:1:2026-10-31:1") -> Spread:
    return Spread(key, "INTEREST", "USD", "receivable.interest", "income.interest", subjects, amounts, MONTH_END)


@pytest.mark.django_db
def test_a_spread_writes_what_the_same_journal_line_by_line_writes(
    danas_account: Account, gus_account: Account
) -> None:
    pair = f"{{{danas_account.pk},{gus_account.pk}}}"

    count = post_spread(spread(pair, "{1.50,1.50}"), at=make.NOON, actor_id=7)
    post_many([interest_of_many(danas_account, gus_account)], at=make.NOON, actor_id=7)

    one, two = Journal.objects.order_by("-key").filter(code="INTEREST")
    assert count == 2
    assert (one.subject_id, one.currency, one.effective_date, one.posted_at, one.memo, one.actor_id) == (
        two.subject_id, two.currency, two.effective_date, two.posted_at, two.memo, two.actor_id
    )  # fmt: skip
    facts = ("account_id", "subject_id", "party_id", "currency", "debit", "credit", "effective_date", "recorded_at")
    lines = [set(journal.entries.values_list(*facts)) for journal in (one, two)]
    assert lines[0] == lines[1]
    kept = Balance.objects.get(subject_id=gus_account.pk, account="receivable.interest")
    assert (kept.amount, kept.accrued_to) == (Decimal("3.00"), MONTH_END)
    assert prove().startswith("OK")  # digests of both, and balances


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("subjects", "amounts"),
    [("{1,1}", "{1.50,1.50}"), ("{1}", "{0.00}"), ("{1}", "{-1.50}"), ("{1,2}", "{1.50}"), ("{1}", "{1.50,1.50}")],
    ids=["a subject twice", "nothing", "less than nothing", "an amount short", "a subject short"],
)
def test_a_spread_that_does_not_fit_writes_nothing(subjects: str, amounts: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        post_spread(spread(subjects, amounts), at=make.NOON)

    assert not Journal.objects.exists()
    assert not Balance.objects.exists()


@pytest.mark.django_db
def test_a_spread_is_about_somebody_and_happens_once(danas_account: Account) -> None:
    post_spread(spread(f"{{{danas_account.pk}}}", "{1.50}"), at=make.NOON)

    with pytest.raises(IntegrityError), transaction.atomic():
        post_spread(spread(f"{{{danas_account.pk}}}", "{1.50}"), at=make.NOON)
    with pytest.raises(PostingRefused):
        post_spread(spread("{}", "{}", key="nobody"), at=make.NOON)

    assert queries.balances([danas_account.pk])[danas_account.pk]["receivable.interest"] == Decimal("1.50")

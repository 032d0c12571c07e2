"""The application's own database role can't rewrite history (RELIABILITY H1)."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import IntegrityError, ProgrammingError, connection, transaction

from accounts.models import Account
from collections_crm import testing as make
from core import clock, partitions
from core.management.commands.grant_roles import append_only_tables
from ledger.models import Entry
from ledger.services import Line, Posting, post

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_app() -> Iterator[None]:
    """The connection as web and workers have it."""
    call_command("grant_roles", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = 'crm_app'")
        assert cursor.fetchone(), "the test cluster has the three roles"
        cursor.execute("SET ROLE crm_app")
        yield
        cursor.execute("RESET ROLE")


def run(sql: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def refused(sql: str) -> bool:
    try:
        run(sql)
    except ProgrammingError:
        return True
    return False


def test_every_append_only_table_refuses_update_delete_and_truncate(as_app: None) -> None:
    tables = append_only_tables()
    marked = {m._meta.db_table for m in apps.get_models() if getattr(m, "append_only", False)}

    assert {"core_auditevent", "ledger_entry", "ledger_journal", "compliance_contactevent"} <= marked <= set(tables)
    for table in tables:
        assert refused(f'DELETE FROM "{table}"'), table
        assert refused(f'TRUNCATE "{table}"'), table
        column = "id" if table != "core_auditlink" else "hash"
        assert refused(f'UPDATE "{table}" SET {column} = {column}'), table


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE ledger_entry",
        "ALTER TABLE ledger_entry DISABLE TRIGGER USER",
        "SET session_replication_role = replica",
        "CREATE TABLE mine (id int)",
        "DELETE FROM django_migrations",
    ],
)
def test_it_owns_nothing_and_switches_nothing_off(as_app: None, sql: str) -> None:
    assert refused(sql)


def test_it_can_do_its_work(as_app: None) -> None:
    assert not refused("INSERT INTO core_jobsetting VALUES ('x', true, 0, 24)")
    assert not refused("DELETE FROM core_jobsetting")
    assert not refused("SELECT count(*) FROM ledger_entry")


_ONE_SIDED = (
    "INSERT INTO {} SELECT gen_random_uuid(), e.* FROM (SELECT {} FROM ledger_entry LIMIT 1) e"  # half a journal
)


def test_a_partition_takes_no_row_past_its_parent(danas_account: Account, as_app: None) -> None:
    columns = ", ".join(f'"{f.column}"' for f in Entry._meta.local_fields if f.column != "id")
    day = clock.now().date()
    before = Entry.objects.count()

    assert before, "Dana's debt was placed"
    for table in (f"ledger_entry_{day:%Y%m}", "ledger_entry_rest", f"core_auditevent_{day:%Y%m}"):
        assert refused(f"INSERT INTO {table} SELECT * FROM {table.rsplit('_', 1)[0]} LIMIT 1"), table
    names = f'("id", {columns})'
    with pytest.raises(ProgrammingError, match="permission denied"):  # not some other refusal
        run(_ONE_SIDED.format(f"ledger_entry_{day:%Y%m} {names}", columns))
    with pytest.raises(IntegrityError, match="does not balance"):
        run(_ONE_SIDED.format(f"ledger_entry {names}", columns))
    assert Entry.objects.count() == before


def test_the_application_posts_through_the_parent(danas_account: Account, as_app: None) -> None:
    before = Entry.objects.count()
    posting = Posting(
        key="payment:1",
        code="PAYMENT",
        subject_id=danas_account.pk,
        currency="USD",
        effective_date=date(2026, 11, 2),
        lines=[Line("trust.cash", debit=Decimal("120.00")), Line("receivable.principal", credit=Decimal("120.00"))],
    )

    post(posting, at=make.NOON)

    assert Entry.objects.count() == before + 2


def test_a_month_made_later_is_closed_too(as_app: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute("ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON TABLES TO crm_app")
        assert partitions.ensure(date(2039, 5, 1), date(2039, 5, 31)) == len(partitions.PARTITIONED)
        cursor.execute("SET ROLE crm_app")

    for table in partitions.PARTITIONED:
        with pytest.raises(ProgrammingError, match="permission denied"):
            run(f"INSERT INTO {table}_203905 SELECT * FROM {table} LIMIT 1")

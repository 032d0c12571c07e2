"""The application's own database role can't rewrite history (RELIABILITY H1)."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import ProgrammingError, connection, transaction

from core.management.commands.grant_roles import append_only_tables

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


def refused(sql: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
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

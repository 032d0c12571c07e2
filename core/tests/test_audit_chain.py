"""The audit can't be changed quietly."""

from datetime import timedelta
from io import StringIO
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import InternalError, connection, transaction

from collections_crm import testing as make
from core import audit, chain
from core.models import AuditEvent, AuditLink
from users.models import User

pytestmark = pytest.mark.django_db


def alter(sql: str, *values: UUID) -> None:
    """What somebody with the keys to the database could do: triggers off, a change, triggers on."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE core_auditevent DISABLE TRIGGER USER")
        cursor.execute(sql, values)
        cursor.execute("ALTER TABLE core_auditevent ENABLE TRIGGER USER")


def verify() -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("verify_audit", stdout=out)
    except SystemExit as stop:
        return int(str(stop.code)), out.getvalue()
    return 0, out.getvalue()


@pytest.fixture
def events(olive: User) -> list[AuditEvent]:
    made = [audit.record(f"note.added{n}", actor=olive, data={"n": n}) for n in range(5)]
    chain.seal(at=make.NOON)
    return made


def test_an_untouched_chain_verifies(events: list[AuditEvent]) -> None:
    code, text = verify()

    assert code == 0
    assert text == "OK: 5 events linked, 0 wait for the next seal.\n"


def test_a_changed_event_is_named(events: list[AuditEvent]) -> None:
    alter("UPDATE core_auditevent SET actor_name = 'Pavel' WHERE id = %s", events[2].pk)

    code, text = verify()

    assert code == 1
    assert f"audit event {events[2].pk} (link 3) was altered" in text


def test_a_removed_event_is_named(events: list[AuditEvent]) -> None:
    alter("DELETE FROM core_auditevent WHERE id = %s", events[4].pk)

    code, text = verify()

    assert code == 1
    assert f"audit event {events[4].pk} (link 5) is missing" in text


@pytest.mark.django_db(transaction=True)
def test_a_chain_cut_short_differs_from_the_head_kept_outside(olive: User) -> None:
    audit.record("note.added", actor=olive)
    audit.record("note.added", actor=olive)
    chain.seal(at=make.NOON)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE core_auditlink DISABLE TRIGGER USER")
        cursor.execute("DELETE FROM core_auditlink WHERE position = 2")
        cursor.execute("ALTER TABLE core_auditlink ENABLE TRIGGER USER")

    code, text = verify()

    assert code == 1
    assert "links up to 2 were sealed, but the table ends at 1" in text


def test_sealing_twice_links_each_event_once(events: list[AuditEvent]) -> None:
    assert chain.seal(at=make.NOON + timedelta(minutes=1)) == 0
    assert AuditLink.objects.count() == 5


@pytest.mark.parametrize("sql", ["UPDATE core_auditevent SET action = 'x'", "DELETE FROM core_auditevent"])
def test_the_application_can_neither_change_nor_remove(events: list[AuditEvent], sql: str) -> None:
    with pytest.raises(InternalError, match="Cannot"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)

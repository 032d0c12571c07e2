"""The demo's whole year of 20,000 accounts, judged again by the auditor: every channel, both clock changes, no breach.

A month of 400 accounts is in test_demo_rules. `manage.py audit_contacts` prints the same for any database.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from compliance import auditor

MOMENT = datetime(2026, 11, 24, 19, 30, tzinfo=UTC)
ACCOUNTS = 20_000
CLOCKS_CHANGED = (date(2026, 3, 8), date(2026, 11, 1))
pytestmark = [pytest.mark.nightly, pytest.mark.django_db, pytest.mark.usefixtures("demo")]


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.clock.now", lambda: MOMENT)
        patch.setenv("DEMO_PASSWORD", "walnut summer kettle")
        atomic = transaction.atomic()
        atomic.__enter__()
        call_command("load_demo", "--accounts", str(ACCOUNTS), stdout=StringIO())
        yield
        transaction.set_rollback(True)
        atomic.__exit__(None, None, None)


def test_the_auditor_finds_no_breach_in_a_year() -> None:
    today = MOMENT.date()

    report = auditor.audit_period(since=today - timedelta(days=385), until=today, at=MOMENT)

    assert [(b.act["at"], b.finding.rule_id, b.basis) for b in report.breaches] == []
    assert report.contacts > 5 * ACCOUNTS
    assert set(report.channels) == {"call", "sms", "email", "letter", "validation_notice"}
    assert all(report.days[day] for day in CLOCKS_CHANGED)
    assert report.counts()["without_decision"] == 0

"""A year without a breach: contacts of the demo are judged again by the product's own rules, as known then."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from random import Random
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from accounts.models import Account, ContactPoint
from compliance import auditor, services
from compliance.models import ContactEvent

MOMENT = datetime(2026, 11, 24, 19, 30, tzinfo=UTC)
SAMPLE = 600
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """400 accounts of another seed than the other test of the demo."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.clock.now", lambda: MOMENT)
        patch.setenv("DEMO_PASSWORD", "walnut summer kettle")
        atomic = transaction.atomic()
        atomic.__enter__()
        call_command("load_demo", "--accounts", "400", "--seed", "7", stdout=StringIO())
        yield
        transaction.set_rollback(True)
        atomic.__exit__(None, None, None)


def _judged(event: ContactEvent) -> tuple[str, str]:
    """Decision and rule for a contact that went out, from what was known the second before."""
    accounts = list(Account.objects.filter(pk__in=event.account_ids).select_related("portfolio__creditor"))
    point = ContactPoint.objects.get(pk=event.contact_point_id) if event.contact_point_id else None
    channel = "letter" if event.kind == "validation_notice" else event.kind
    purpose = "validation_notice" if event.kind == "validation_notice" else "collect"
    if event.kind == "call" and event.outcome == "limited_content_message":
        purpose = "leave_message"
    request = services.Request(event.debtor, channel, accounts, point, purpose)
    before = event.at - timedelta(seconds=1)
    answer = services.judge_as_known(request, before, before)
    return answer.decision, answer.rule_id


def test_no_contact_of_the_year_breaks_a_rule_that_the_product_knows() -> None:
    kinds = ("call", "sms", "email", "letter", "validation_notice")
    events = list(
        ContactEvent.objects.filter(kind__in=kinds, direction="out")
        .select_related("debtor")
        .order_by("at", "debtor_id")
    )
    sample = Random(1).sample(events, min(SAMPLE, len(events)))  # noqa: S311

    found = Counter((event.kind, *_judged(event)) for event in sample)

    breaches = {what: count for what, count in found.items() if what[1] not in ("allow", "warn")}
    assert breaches == {}
    assert sum(found.values()) == SAMPLE <= len(events)
    assert {kind for kind, *_ in found} == set(kinds)


def test_the_auditor_finds_no_breach_in_the_last_month() -> None:
    today = MOMENT.date()
    total = auditor.audit_period(since=today - timedelta(days=30), until=today, at=MOMENT).counts()

    assert total.pop("contacts") > 50
    assert total == {"breaches": 0, "breaches_now": 0, "without_decision": 0}


def test_a_call_at_night_would_be_found() -> None:
    event = ContactEvent.objects.filter(kind="call", direction="out").select_related("debtor").order_by("-at")[0]
    event.at = event.at.replace(hour=8, minute=30) + timedelta(days=20)

    assert _judged(event) == ("block", "REGF-1006.6B1-TIME-DEFAULT")

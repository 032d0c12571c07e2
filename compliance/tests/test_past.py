"""Yesterday's question gets yesterday's numbers and debts: what was in use, open and owed then."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from accounts import services as accounts
from accounts.models import Account, ContactPoint, Debtor
from collections_crm import testing as make
from compliance import auditor, past
from compliance import services as compliance
from compliance.models import AuditFinding, ContactEvent
from core.models import StatusChange

pytestmark = pytest.mark.django_db
HALF_PAST_EIGHT = datetime(2026, 11, 13, 3, 30, tzinfo=UTC)  # Thu Nov 12: 8:30 PM in El Paso, 9:30 PM in Chicago
KNOWN = HALF_PAST_EIGHT - timedelta(days=60)


@pytest.fixture(autouse=True)
def noticed(dana: Debtor, danas_account: Account) -> None:
    dana.contact_points.update(source_at=KNOWN, status_at=KNOWN)
    ContactEvent.objects.create(
        debtor=dana, account_ids=[danas_account.pk], kind="validation_notice", at=make.NOON - timedelta(days=45),
        recorded_at=make.NOON - timedelta(days=45), facts={"via": "letter"},
    )  # fmt: skip


@pytest.fixture
def chicago(dana: Debtor) -> ContactPoint:
    """Dana's second number, which closes the evening an hour earlier while it is in use."""
    return make.phone(dana, "+13125550110", source_at=KNOWN, status_at=KNOWN)


def moved(point: ContactPoint, status: str, at: datetime) -> None:
    """As an officer marks it; recorded in that moment."""
    accounts.set_contact_status(point=point, status=status, by=None, at=at)
    last = StatusChange.objects.filter(subject_id=point.pk).latest("pk")
    StatusChange.objects.bulk_create([_recorded(last, at)])


def _recorded(row: StatusChange, at: datetime) -> StatusChange:
    """The same move with the moment of its record (history is only added to)."""
    return StatusChange(
        subject_type=row.subject_type, subject_id=row.subject_id, from_status=row.from_status,
        to_status=row.to_status, at=at, recorded_at=at,
    )  # fmt: skip


def could_we(dana: Debtor, at: datetime, known: datetime | None) -> str:
    point = dana.contact_points.get(value="+19155550142")
    return compliance.judge_as_known(compliance.Request(dana, "call", None, point), at, known).rule_id


@pytest.mark.parametrize("known", [HALF_PAST_EIGHT, None], ids=["as known then", "as known now"])
def test_a_number_given_up_later_still_counts_for_the_evening_when_it_was_in_use(
    dana: Debtor, chicago: ContactPoint, known: datetime | None
) -> None:
    moved(chicago, "RETIRED", HALF_PAST_EIGHT + timedelta(days=2))

    assert could_we(dana, HALF_PAST_EIGHT, known) == "REGF-1006.6B1-TIME-DEFAULT"
    assert could_we(dana, HALF_PAST_EIGHT + timedelta(days=3), known and known + timedelta(days=3)) == ""


def test_a_number_that_came_back_into_use_did_not_count_while_it_was_out(dana: Debtor, chicago: ContactPoint) -> None:
    moved(chicago, "BAD", HALF_PAST_EIGHT - timedelta(days=3))
    moved(chicago, "ACTIVE", HALF_PAST_EIGHT + timedelta(days=1))

    assert could_we(dana, HALF_PAST_EIGHT, HALF_PAST_EIGHT) == ""
    assert could_we(dana, HALF_PAST_EIGHT + timedelta(days=2), None) == "REGF-1006.6B1-TIME-DEFAULT"


@pytest.mark.parametrize(("gone", "rules"), [(2, {"REGF-1006.6B1-TIME-DEFAULT"}), (-2, set())])
def test_the_auditor_takes_the_number_as_it_stood(
    dana: Debtor, danas_account: Account, chicago: ContactPoint, gone: int, rules: set[str]
) -> None:
    moved(chicago, "RETIRED", HALF_PAST_EIGHT + timedelta(days=gone))
    point = dana.contact_points.get(value="+19155550142")
    ContactEvent.objects.create(
        debtor=dana, account_ids=[danas_account.pk], kind="call", outcome="no_answer", at=HALF_PAST_EIGHT,
        recorded_at=HALF_PAST_EIGHT, contact_point=point, address=point.value,
    )  # fmt: skip

    auditor.audit_day(day=HALF_PAST_EIGHT.date(), at=make.NOON)

    assert set(AuditFinding.objects.values_list("rule_id", flat=True)) == rules


def test_a_debt_paid_since_was_open_then_with_the_balance_of_the_ledger(danas_account: Account) -> None:
    StatusChange.objects.create(
        subject_type="accounts.account", subject_id=danas_account.pk, from_status="ACTIVE", to_status="PAID",
        at=make.NOON, recorded_at=make.NOON,
    )  # fmt: skip
    Account.objects.filter(pk=danas_account.pk).update(status="PAID", balance=0)
    danas_account.refresh_from_db()
    day = max(danas_account.placed_on, (make.NOON - timedelta(days=1)).date())
    before = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)

    (then,) = past.open_then([danas_account], before, None)

    assert (then.status, then.balance) == ("ACTIVE", Decimal("250.00"))
    assert past.open_then([danas_account], make.NOON + timedelta(minutes=1), None) == []
    assert danas_account.status == "PAID", "the row itself is left alone"

"""Leave to act once: only where the law leaves room, with a reason and a second person."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Account, Debtor
from collections_crm import testing as make
from compliance import services as compliance
from compliance.models import Hold, Override
from core.models import AuditEvent
from users.models import User

pytestmark = pytest.mark.django_db
REASON = "She asked in writing that we call her back today."


@pytest.fixture(autouse=True)
def a_week_of_calls(dana: Debtor, danas_account: Account) -> None:
    """The notice is out, and seven calls were made: an eighth is presumed too many."""
    compliance.record_contact(
        debtor=dana, accounts=[danas_account], kind="validation_notice", at=make.NOON - timedelta(days=45)
    )
    for day in range(7):
        compliance.record_contact(
            debtor=dana, accounts=[danas_account], kind="call", at=make.NOON - timedelta(days=day, hours=1),
            outcome="no_answer", point=dana.contact_points.get(kind="PHONE"),
        )  # fmt: skip


def ask(dana: Debtor, account: Account, occasion: str = "dial") -> compliance.Answer:
    point = dana.contact_points.get(kind="PHONE")
    return compliance.may_contact(
        debtor=dana, channel="call", at=make.NOON, accounts=[account], point=point, occasion=occasion
    )


def request(dana: Debtor, account: Account, by: User) -> Override:
    verdict = ask(dana, account, "look").verdict
    return compliance.request_override(
        debtor=dana, channel="call", verdict=verdict, reason=REASON, by=by, at=make.NOON, accounts=[account]
    )


def test_lee_allows_what_olive_asked_for_and_it_is_good_for_one_call(
    dana: Debtor, danas_account: Account, olive: User, lee: User
) -> None:
    override = request(dana, danas_account, olive)
    assert not ask(dana, danas_account).allowed

    compliance.approve_override(override=override, by=lee, at=make.NOON)

    assert ask(dana, danas_account, "look").decision == "warn"
    first, second = ask(dana, danas_account), ask(dana, danas_account)
    assert (first.decision, first.rule_id) == ("warn", "REGF-1006.14-FREQ-7IN7")
    assert "Lee Sandoval" in first.sentence
    assert second.decision == "block"
    assert list(AuditEvent.objects.filter(action__startswith="override").values_list("action", flat=True)) == [
        "override.requested", "override.approved", "override.used",
    ]  # fmt: skip


def test_nobody_decides_their_own_request_not_even_by_sql(dana: Debtor, danas_account: Account, lee: User) -> None:
    override = request(dana, danas_account, lee)

    with pytest.raises(compliance.OverrideRefused, match="Somebody else"):
        compliance.approve_override(override=override, by=lee, at=make.NOON)
    with pytest.raises(IntegrityError), transaction.atomic():
        Override.objects.filter(pk=override.pk).update(approved=True, decided_by=lee, decided_at=make.NOON)


def test_an_officer_gives_no_leave(dana: Debtor, danas_account: Account, olive: User, pavel: User) -> None:
    override = request(dana, danas_account, olive)

    with pytest.raises(compliance.OverrideRefused, match="team lead"):
        compliance.approve_override(override=override, by=pavel, at=make.NOON)


def test_against_the_law_nothing_can_be_asked_for(dana: Debtor, danas_account: Account, olive: User) -> None:
    compliance.record_cease(debtor=dana, at=make.NOON - timedelta(hours=2), written=True)

    with pytest.raises(compliance.OverrideRefused, match="no room"):
        request(dana, danas_account, olive)


def test_leave_given_before_she_asked_us_to_stop_is_worth_nothing(
    dana: Debtor, danas_account: Account, olive: User, lee: User
) -> None:
    compliance.approve_override(override=request(dana, danas_account, olive), by=lee, at=make.NOON)
    compliance.record_cease(debtor=dana, at=make.NOON - timedelta(seconds=1), written=True)

    assert ask(dana, danas_account).rule_id == "REGF-1006.6C-CEASE"


def test_leave_for_one_rule_does_not_cover_another(
    dana: Debtor, danas_account: Account, olive: User, lee: User
) -> None:
    compliance.approve_override(override=request(dana, danas_account, olive), by=lee, at=make.NOON)
    compliance.place_hold(debtor=dana, kind=Hold.Kind.COMPLAINT, at=make.NOON - timedelta(minutes=1))

    assert ask(dana, danas_account).decision == "block"


def test_a_reason_is_a_sentence_and_time_runs_out(dana: Debtor, danas_account: Account, olive: User, lee: User) -> None:
    with pytest.raises(compliance.OverrideRefused, match="Say why"):
        compliance.request_override(
            debtor=dana, channel="call", verdict=ask(dana, danas_account, "look").verdict, reason="ok", by=olive,
            at=make.NOON,
        )  # fmt: skip
    override = request(dana, danas_account, olive)

    with pytest.raises(compliance.OverrideRefused, match="time is over"):
        compliance.approve_override(override=override, by=lee, at=make.NOON + timedelta(hours=25))

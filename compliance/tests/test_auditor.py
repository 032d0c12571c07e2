"""The auditor finds what should not have been, by name, and nothing in a clean history."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from accounts.models import Account, AccountParty, Debtor, Licence
from collections_crm import testing as make
from compliance import auditor
from compliance import services as compliance
from compliance.models import AuditDay, AuditFinding, ContactEvent, Hold, Preference
from users.models import User

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 17)
NEXT_DAY = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
BEFORE = make.NOON - timedelta(days=1)


@pytest.fixture(autouse=True)
def a_proper_start(dana: Debtor, danas_account: Account) -> None:
    """Known for months; the notice went out in October."""
    dana.contact_points.update(source_at=make.NOON - timedelta(days=90))
    happened(dana, danas_account, "validation_notice", make.NOON - timedelta(days=45), facts={"via": "letter"})


def happened(person: Debtor, account: Account, kind: str, at: datetime, outcome: str = "", **more: Any) -> ContactEvent:
    """A row as the live path writes it: recorded in the moment itself."""
    point = person.contact_points.filter(kind=more.pop("way", "PHONE")).first()
    more.setdefault("address", point.value if point and kind in ("call", "sms", "email") else "")
    return ContactEvent.objects.create(
        debtor=person, account_ids=[account.pk], kind=kind, at=at, outcome=outcome, recorded_at=at,
        contact_point=point, **more,
    )  # fmt: skip


def found(basis: str = "then") -> set[str]:
    auditor.audit_day(day=DAY, at=NEXT_DAY)
    return set(AuditFinding.objects.filter(day=DAY, basis=basis).values_list("rule_id", flat=True))


def hold(person: Debtor, kind: str, **facts: Any) -> None:
    Hold.objects.create(debtor=person, kind=kind, since=BEFORE, recorded_at=BEFORE, facts=facts)


def test_a_clean_day_has_no_breach(dana: Debtor, danas_account: Account) -> None:
    for day in range(1, 4):
        happened(dana, danas_account, "call", make.NOON - timedelta(days=day), "no_answer")
    consent = make.NOON - timedelta(days=9)
    happened(dana, danas_account, "consent", consent, direction="in", facts={"scope": "sms"})
    happened(dana, danas_account, "consent", consent, direction="in", facts={"scope": "email"}, way="EMAIL",
             address="dana.reyes@example.com")  # fmt: skip
    happened(dana, danas_account, "sms", make.NOON)
    happened(dana, danas_account, "email", make.NOON + timedelta(minutes=5), way="EMAIL")
    happened(dana, danas_account, "letter", make.NOON + timedelta(hours=1), way="ADDRESS")
    happened(dana, danas_account, "call", make.NOON + timedelta(hours=2), "conversation")

    assert (found(), found("now")) == (set(), set())
    assert AuditDay.objects.get(day=DAY).contacts == 4


def seven_calls_before(dana: Debtor, account: Account) -> None:
    for n in range(7):
        happened(dana, account, "call", make.NOON - timedelta(days=n, hours=1), "no_answer")


def talked_before(dana: Debtor, account: Account) -> None:
    happened(dana, account, "call", make.NOON - timedelta(days=2), "conversation")


def asked_to_stop(dana: Debtor, account: Account) -> None:
    happened(dana, account, "cease", BEFORE, direction="in", facts={"written": True})


def refused_calls(dana: Debtor, account: Account) -> None:
    happened(dana, account, "opt_out", BEFORE, direction="in", facts={"medium": "call"}, address="")


def mornings_are_bad(dana: Debtor, account: Account) -> None:
    Preference.objects.create(
        debtor=dana, kind="INCONVENIENT_TIME", facts={"start": 0, "end": 1020}, since=BEFORE, recorded_at=BEFORE
    )


def disputed_in_writing(dana: Debtor, account: Account) -> None:
    """Within thirty days of a second notice, and unanswered."""
    happened(dana, account, "validation_notice", make.NOON - timedelta(days=20), facts={"via": "letter"})
    happened(dana, account, "dispute", BEFORE, direction="in", facts={"written": True})


def lost_the_licence(dana: Debtor, account: Account) -> None:
    Licence.objects.filter(state="TX").update(valid_until=DAY - timedelta(days=1))


@pytest.mark.parametrize(
    ("plant", "rule"),
    [
        (seven_calls_before, "REGF-1006.14-FREQ-7IN7"),
        (talked_before, "REGF-1006.14-FREQ-POSTCONV"),
        (asked_to_stop, "REGF-1006.6C-CEASE"),
        (refused_calls, "REGF-1006.14H-MEDIA"),
        (mornings_are_bad, "REGF-1006.6B1-TIME-CONSUMER"),
        (disputed_in_writing, "REGF-1006.38D-DISPUTE"),
        (lost_the_licence, "POLICY-LICENSE"),
        (lambda dana, account: hold(dana, "ATTORNEY", name="R. Alvarez"), "REGF-1006.6B2-ATTORNEY"),
        (lambda dana, account: hold(dana, "BANKRUPTCY", chapter=7), "BK-362-STAY"),
        (lambda dana, account: hold(dana, "DECEASED"), "REGF-1006.6A4-DECEASED"),
        (lambda dana, account: hold(dana, "COMPLAINT"), "POLICY-HOLD"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_planted_breach_is_found_and_named(
    dana: Debtor, danas_account: Account, plant: Callable[[Debtor, Account], None], rule: str
) -> None:
    happened(dana, danas_account, "call", make.NOON + timedelta(minutes=1), "no_answer")
    assert found() == set()

    plant(dana, danas_account)

    assert rule in found()


def test_a_call_at_half_past_nine_at_night_is_found(dana: Debtor, danas_account: Account) -> None:
    happened(dana, danas_account, "call", datetime(2026, 11, 17, 4, 30, tzinfo=UTC), "no_answer")

    assert found() == {"REGF-1006.6B1-TIME-DEFAULT"}


def test_a_text_and_an_email_without_consent_are_found(dana: Debtor, danas_account: Account) -> None:
    happened(dana, danas_account, "sms", make.NOON)
    happened(dana, danas_account, "email", make.NOON, way="EMAIL")

    assert found() == {"REGF-1006.6D5-SMS", "REGF-1006.6D4-EMAIL"}


def test_a_call_to_the_guarantor_of_a_bankrupt_person_is_found(
    dana: Debtor, danas_account: Account, gus: Debtor
) -> None:
    AccountParty.objects.create(account=danas_account, debtor=gus, role="GUARANTOR")
    make.phone(gus, "+12125550131", source_at=make.NOON - timedelta(days=90))
    hold(dana, "BANKRUPTCY", chapter=13, filed_on="2026-11-10")
    happened(gus, danas_account, "call", make.NOON, "no_answer")

    assert "BK-1301-CODEBTOR" in found()


def test_what_nobody_knew_then_is_only_told_by_what_is_known_now(dana: Debtor, danas_account: Account) -> None:
    happened(dana, danas_account, "call", make.NOON, "no_answer")
    late = make.NOON + timedelta(hours=3)
    Hold.objects.create(debtor=dana, kind="BANKRUPTCY", since=BEFORE, recorded_at=late, facts={"chapter": 7})

    assert (found(), found("now")) == (set(), {"BK-362-STAY"})


def test_an_attempt_and_its_outcome_are_one_act(dana: Debtor, danas_account: Account) -> None:
    for kind, outcome in (("attempt", ""), ("call", "conversation")):
        happened(dana, danas_account, kind, make.NOON, outcome, source_type="contacts.interaction", source_id="9")

    assert found() == set()
    assert AuditDay.objects.get(day=DAY).contacts == 1


def test_an_act_under_leave_from_a_second_person_is_no_breach(
    dana: Debtor, danas_account: Account, olive: User, lee: User
) -> None:
    seven_calls_before(dana, danas_account)
    point = dana.contact_points.get(kind="PHONE")

    def ask(occasion: str) -> compliance.Answer:
        return compliance.may_contact(
            debtor=dana, channel="call", at=make.NOON, accounts=[danas_account], point=point, occasion=occasion
        )

    leave = compliance.request_override(
        debtor=dana, channel="call", verdict=ask("look").verdict, reason="She asked for a call today", by=olive,
        at=make.NOON,
    )  # fmt: skip
    compliance.approve_override(override=leave, by=lee, at=make.NOON)
    assert ask("dial").allowed
    happened(dana, danas_account, "call", make.NOON, "no_answer")

    assert found() == set()


def test_a_second_run_replaces_the_first(dana: Debtor, danas_account: Account) -> None:
    asked_to_stop(dana, danas_account)
    happened(dana, danas_account, "call", make.NOON, "no_answer")
    assert found() == found() == {"REGF-1006.6C-CEASE"}

    day = AuditDay.objects.get(day=DAY)
    assert (day.contacts, day.breaches, day.rate, day.without_decision) == (1, 1, 10_000, 1)
    assert AuditFinding.objects.filter(basis="then").count() == 1

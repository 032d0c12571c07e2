"""A dispute stops the debt at once; the reason sets what is asked and by when; only an answer opens it again."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client

from accounts.models import Account, Portfolio
from collections_crm import testing as make
from compliance.models import Hold
from contacts import services
from contacts.models import Dispute
from ledger import queries as ledger
from users.models import User

from .stories import dial

pytestmark = pytest.mark.django_db


def disputed(account: Account, by: User, at: datetime, **more: object) -> Dispute:
    facts = {"reason": "A", "amount": None, "written": True, "words": "I paid half", **more}
    return services.open_dispute(account=account, by=by, at=at, **facts)  # type: ignore[arg-type]


def test_the_debt_is_paused_with_a_deadline_and_the_evidence_of_its_reason(
    olive: User, danas_account: Account, noon: datetime
) -> None:
    made = disputed(danas_account, olive, noon)

    danas_account.refresh_from_db()
    assert danas_account.status == "DISPUTED" and made.amount == Decimal("250.00")
    assert made.due_on == date(2026, 12, 17) and "Itemized bill" in made.evidence_asked
    assert Hold.objects.get(kind="DISPUTE", lifted_at=None).account == danas_account
    with pytest.raises(services.CallRefused):
        dial(danas_account, by=olive, at=noon + timedelta(minutes=1))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"reason": "Z"}, "reason"), ({"amount": Decimal("250.01")}, "amount"), ({"amount": Decimal("-1")}, "amount")],
)
def test_a_dispute_that_makes_no_sense_is_refused_at_its_field(
    olive: User, danas_account: Account, noon: datetime, wrong: dict[str, object], field: str
) -> None:
    with pytest.raises(services.DisputeRefused) as refused:
        disputed(danas_account, olive, noon, **wrong)

    assert refused.value.field == field and not Dispute.objects.exists()


def test_a_second_dispute_of_the_same_debt_is_refused(olive: User, danas_account: Account, noon: datetime) -> None:
    disputed(danas_account, olive, noon)

    with pytest.raises(services.DisputeRefused, match="already"):
        disputed(danas_account, olive, noon)


def test_collection_goes_on_only_after_verification_was_mailed(
    olive: User, lee: User, danas_account: Account, noon: datetime
) -> None:
    made = disputed(danas_account, olive, noon)
    later = noon + timedelta(days=3)

    with pytest.raises(services.DisputeRefused) as refused:
        services.answer_dispute(dispute=made, outcome="RIGHT", answer="Bill checked", by=lee, at=later)
    assert refused.value.field == "verification_mailed_on"
    services.answer_dispute(
        dispute=made, outcome="RIGHT", answer="Bill checked", by=lee, at=later,
        verification_mailed_on=date(2026, 11, 19),
    )  # fmt: skip

    danas_account.refresh_from_db()
    made.refresh_from_db()
    assert danas_account.status == "ACTIVE" and made.state == "ANSWERED"
    assert not Hold.objects.filter(lifted_at=None).exists()


def test_a_wrong_amount_is_corrected_on_the_books_and_a_debt_not_owed_is_closed(
    olive: User, lee: User, danas_account: Account, northwind: Portfolio, noon: datetime
) -> None:
    parts = {"principal": "100.00", "fees": "20.00", "interest": "5.00"}
    other = make.account(parts, debtor=danas_account.debtor, portfolio=northwind)
    services.answer_dispute(
        dispute=disputed(other, olive, noon), outcome="AMOUNT", answer="No fees, and half is paid", by=lee, at=noon,
        corrected=Decimal("50.00"), verification_mailed_on=date(2026, 11, 17),
    )  # fmt: skip
    other.refresh_from_db()
    assert (other.balance, other.status, other.is_collectable) == (Decimal("50.00"), "ACTIVE", True)
    assert ledger.balances([other.pk])[other.pk] == {"receivable.principal": Decimal("50.00")}

    services.answer_dispute(
        dispute=disputed(danas_account, olive, noon), outcome="AMOUNT", answer="Half is paid", by=lee, at=noon,
        corrected=Decimal("125.00"), verification_mailed_on=date(2026, 11, 17),
    )  # fmt: skip
    danas_account.refresh_from_db()
    assert (danas_account.balance, danas_account.needs_decision) == (Decimal("125.00"), "")

    services.answer_dispute(
        dispute=disputed(danas_account, olive, noon), outcome="NOT_OWED", answer="Paid in May", by=lee, at=noon
    )
    danas_account.refresh_from_db()
    assert danas_account.status == "CLOSED"


def test_officers_read_a_dispute_leads_answer_it_and_quinn_sees_nothing(
    olive: User, lee: User, quinn: User, danas_account: Account, sign_in: Callable[[User], Client], noon: datetime
) -> None:
    made = disputed(danas_account, olive, noon)
    path = f"/disputes/{made.ref}/"
    form = {"idempotency_key": "a", "outcome": "WITHDRAWN", "answer": "Called, took it back"}

    assert sign_in(olive).get(path).status_code == 200 and sign_in(olive).post(path, form).status_code == 403
    assert sign_in(quinn).get(path).status_code == 404
    assert made.ref not in sign_in(quinn).get("/disputes/").content.decode()
    assert sign_in(lee).post(path, {"idempotency_key": "b", "outcome": "RIGHT"}).status_code == 422
    assert sign_in(lee).post(path, form).status_code == 303
    made.refresh_from_db()
    assert made.state == "WITHDRAWN"

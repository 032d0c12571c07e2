"""A returned payment carries a fee only where the agreement and the state's law allow one (F61)."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from accounts.models import Account, ContactPoint, Debtor, Portfolio
from collections_crm import testing as make
from compliance import services as compliance
from core.models import AuditEvent
from ledger import queries as ledger
from ledger.models import Journal
from payments import return_fees
from payments import services as payments
from payments.models import Payment, PaymentReturn
from users.models import User

from .scene import SignIn

TODAY = date(2026, 11, 17)
LATER = make.NOON + timedelta(days=2)
BACK = date(2026, 11, 19)
TERM = "Energy contract, section 9"


@pytest.fixture
def agreed(northwind: Portfolio, ada: User) -> Portfolio:
    """Northwind's contracts name a fee of $35.00, more than most states allow."""
    payments.set_return_fee(portfolio=northwind, amount=Decimal("35.00"), agreement=TERM, by=ada, at=make.NOON)
    return northwind


def lives_in(debtor: Debtor, *states: str) -> None:
    ContactPoint.objects.filter(debtor=debtor, kind="ADDRESS").delete()
    for state in states:
        ContactPoint.objects.create(debtor=debtor, kind="ADDRESS", value=f"{state} Street 1", state=state)


def bounce(account: Account, code: str = "NSF", method: str = "CHECK", key: str = "p1") -> PaymentReturn:
    payment = payments.record_payment(
        account=account, amount=Decimal("40.00"), method=method, effective_date=TODAY, key=key, by=None, at=make.NOON
    )
    return payments.return_payment(payment=payment, code=code, returned_on=BACK, key=key, by=None, at=LATER)


def fees(account: Account) -> Decimal:
    return ledger.balances([account.pk]).get(account.pk, {}).get("receivable.fees", Decimal(0))


def test_danas_check_bounces_in_texas_and_the_fee_is_cut_to_what_texas_allows(
    agreed: Portfolio, dana: Debtor, danas_account: Account
) -> None:
    lives_in(dana, "TX")

    returned = bounce(danas_account)

    assert (returned.fee, fees(danas_account)) == (Decimal("30.00"), Decimal("30.00"))
    danas_account.refresh_from_db()
    assert danas_account.balance == Decimal("280.00")
    journal = Journal.objects.get(code="FEE")
    assert journal.effective_date == BACK
    assert journal.memo == f"Fee of $30.00, cut from $35.00: Tex. Bus. & Com. Code 3.506; agreement: {TERM}."
    event = AuditEvent.objects.get(action="payment.return_fee_charged")
    assert event.person_id == dana.pk
    out = StringIO()
    call_command("check_ledger", stdout=out)
    assert out.getvalue().startswith("OK")


def test_without_a_term_of_the_agreement_nothing_is_charged(dana: Debtor, danas_account: Account) -> None:
    lives_in(dana, "TX")

    returned = bounce(danas_account)

    assert (returned.fee, returned.fee_words) == (Decimal(0), "No fee: the agreement names none.")
    assert not Journal.objects.filter(code="FEE").exists()


@pytest.mark.parametrize(
    ("states", "code", "method", "fee"),
    [
        (("TX",), "R01", "ACH", "0.00"),  # its statute speaks of checks
        (("FL",), "R01", "ACH", "25.00"),  # 40.00 is an item of up to 50.00
        (("FL",), "R02", "ACH", "0.00"),  # the account is closed: not want of money
        (("TX",), "STOP", "CHECK", "0.00"),
        (("TX", "NY"), "NSF", "CHECK", "20.00"),  # two addresses: the lower of both
        (("TX", "NV"), "NSF", "CHECK", "0.00"),  # two addresses: one state is not on file
        ((), "NSF", "CHECK", "0.00"),
        (("",), "NSF", "CHECK", "0.00"),
    ],
)
def test_only_what_the_law_of_each_state_allows(
    agreed: Portfolio, dana: Debtor, danas_account: Account, states: tuple[str, ...], code: str, method: str, fee: str
) -> None:
    lives_in(dana, *states)
    Debtor.objects.filter(pk=dana.pk).update(state="")

    returned = bounce(danas_account, code, method)

    assert (returned.fee, fees(danas_account)) == (Decimal(fee), Decimal(fee))
    assert bool(returned.fee_words.startswith("No fee:")) is (returned.fee == 0)


@pytest.mark.parametrize("kind", ["BANKRUPTCY", "HARDSHIP", "DISPUTE", "DECEASED", "ID_THEFT"])
def test_a_person_in_trouble_is_not_charged(
    agreed: Portfolio, dana: Debtor, danas_account: Account, cora: User, kind: str
) -> None:
    lives_in(dana, "TX")
    payment = payments.record_payment(
        account=danas_account, amount=Decimal("40.00"), method="CHECK", effective_date=TODAY, key="p1", by=None,
        at=make.NOON,
    )  # fmt: skip
    compliance.place_hold(debtor=dana, kind=kind, at=make.NOON, by=cora)

    returned = payments.return_payment(payment=payment, code="NSF", returned_on=BACK, key="r", by=None, at=LATER)

    assert returned.fee == 0
    assert returned.fee_words == f"No fee: {return_fees.PAUSES[kind]}."


def test_the_same_item_presented_again_carries_one_fee(agreed: Portfolio, dana: Debtor, danas_account: Account) -> None:
    lives_in(dana, "FL")
    first = bounce(danas_account, "R01", "ACH")
    again = payments.retry_payment(payment=first.payment, on=BACK, key="retry", by=None, at=LATER)

    second = payments.return_payment(payment=again, code="R01", returned_on=BACK, key="r2", by=None, at=LATER)

    assert (first.fee, second.fee) == (Decimal("25.00"), Decimal(0))
    assert second.fee_words == "No fee: this item carried one already."
    assert fees(danas_account) == Decimal("25.00")


def test_recording_the_return_twice_charges_once(agreed: Portfolio, dana: Debtor, danas_account: Account) -> None:
    lives_in(dana, "TX")
    first = bounce(danas_account)

    payments.return_payment(payment=first.payment, code="NSF", returned_on=BACK, key="p1", by=None, at=LATER)

    assert fees(danas_account) == Decimal("30.00")


def test_the_bank_was_wrong_and_the_fee_goes_back_once(
    agreed: Portfolio, dana: Debtor, danas_account: Account, olive: User
) -> None:
    lives_in(dana, "TX")
    payment = bounce(danas_account).payment

    for _ in range(2):
        returned = payments.take_back_return_fee(payment=payment, reason="Bank error", by=olive, at=LATER)

    assert returned.fee_back_journal_id is not None
    danas_account.refresh_from_db()
    assert (fees(danas_account), danas_account.balance) == (Decimal(0), Decimal("250.00"))
    assert AuditEvent.objects.get(action="payment.return_fee_taken_back").reason == "Bank error"


def test_a_payment_without_a_fee_has_none_to_take_back(danas_account: Account, olive: User) -> None:
    payment = bounce(danas_account).payment

    with pytest.raises(payments.PaymentRefused, match="carries no fee"):
        payments.take_back_return_fee(payment=payment, reason="Bank error", by=olive, at=LATER)


def test_every_state_on_file_names_its_law_and_a_cap_for_any_amount() -> None:
    for code, law in return_fees.laws().items():
        assert len(code) == 2
        assert law.cite
        assert law.methods <= {"CHECK", "ACH"}
        assert law.caps[-1].up_to is None
        assert all(Decimal(0) < cap.most <= Decimal(40) for cap in law.caps)


def test_what_is_less_than_sure_is_not_used() -> None:
    row = {"code": "XX", "methods": ["CHECK"], "caps": [{"most": "50.00"}], "cite": "?", "sure": "med"}

    assert list(return_fees._read([row])) == []
    assert len(list(return_fees._read([row | {"sure": "high"}]))) == 1


@pytest.mark.parametrize(
    ("face", "fee"), [("50.00", "25.00"), ("50.01", "30.00"), ("300.00", "30.00"), ("300.01", "40.00")]
)
def test_florida_goes_by_the_amount_of_the_item(face: str, fee: str) -> None:
    assert return_fees.laws()["FL"].most(Decimal(face)) == Decimal(fee)


# The pages.


def test_ada_sets_the_fee_and_the_page_refuses_in_words(
    noon: datetime, northwind: Portfolio, ada: User, sign_in: SignIn
) -> None:
    browser, url = sign_in(ada), f"/portfolios/{northwind.slug}/returned-payments/"
    assert "Tex. Bus. &amp; Com. Code 3.506" in browser.get(url).content.decode()

    answers = [
        browser.post(url, {"idempotency_key": f"k{n}", "amount": amount, "agreement": term})
        for n, (amount, term) in enumerate([("25", ""), ("250.00", TERM), ("x", TERM), ("25.00", TERM)])
    ]

    assert [answer.status_code for answer in answers] == [422, 422, 422, 303]
    assert "Name the term of the agreement" in answers[0].content.decode()
    assert "No state on file allows more than $40.00." in answers[1].content.decode()
    assert (northwind.return_fee_terms.amount, northwind.return_fee_terms.agreement) == (Decimal("25.00"), TERM)
    assert AuditEvent.objects.get(action="portfolio.return_fee_set").data["to"] == "25.00"


def test_an_empty_fee_means_none(noon: datetime, agreed: Portfolio, ada: User, sign_in: SignIn) -> None:
    answer = sign_in(ada).post(f"/portfolios/{agreed.slug}/returned-payments/", {"idempotency_key": "k", "amount": ""})

    assert answer.status_code == 303
    agreed.return_fee_terms.refresh_from_db()
    assert agreed.return_fee_terms.amount is None


def test_olive_reads_what_the_fee_will_be_what_it_was_and_takes_it_back(
    noon: datetime, agreed: Portfolio, dana: Debtor, danas_account: Account, olive: User, sign_in: SignIn
) -> None:
    lives_in(dana, "TX")
    browser = sign_in(olive)
    payment = Payment.objects.get(pk=_paid(danas_account).pk)
    url = f"/payments/{payment.pk}/return/"
    before = browser.get(url).content.decode()
    browser.post(url, {"idempotency_key": "r", "code": "NSF", "returned_on": "2026-11-17"})
    after, debt = browser.get(url).content.decode(), browser.get(danas_account.get_absolute_url()).content.decode()
    empty = browser.post(f"{url}fee/", {"idempotency_key": "b1", "reason": ""})
    done = browser.post(f"{url}fee/", {"idempotency_key": "b2", "reason": "Bank error"})
    last = browser.get(danas_account.get_absolute_url()).content.decode()

    assert "If it came back for want of money: Fee of $30.00, cut from $35.00" in before
    assert "Fee of $30.00" in after
    assert "Take the fee back" in after
    assert "Tex. Bus. &amp; Com. Code 3.506" in debt
    assert (empty.status_code, done.status_code) == (422, 303)
    assert "Taken back." in last
    danas_account.refresh_from_db()
    assert danas_account.balance == Decimal("250.00")


def test_quinn_sees_no_fee_of_dana(noon: datetime, danas_account: Account, quinn: User, sign_in: SignIn) -> None:
    payment = _paid(danas_account)

    answer = sign_in(quinn).post(f"/payments/{payment.pk}/return/fee/", {"idempotency_key": "b", "reason": "x"})

    assert answer.status_code == 404


def _paid(account: Account, **more: Any) -> Payment:
    facts = {"method": "CHECK", "effective_date": TODAY, "by": None, "at": make.NOON, "key": "p1", **more}
    return payments.record_payment(account=account, amount=Decimal("40.00"), **facts)

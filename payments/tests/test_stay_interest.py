"""Days of a bankruptcy bear no interest, not even when it ends; a manager may post them and says why."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from accounts.models import Account, Debtor, Portfolio
from accounts.services import payoffs
from collections_crm import testing as make
from compliance import services as compliance
from compliance.models import Hold
from core.models import AuditEvent
from ledger import queries as ledger
from ledger.models import Balance, Journal
from payments import services
from payments.models import StayInterest
from users.models import User

from .scene import SignIn

PLACED = date(2026, 9, 30)
PETITION = datetime(2026, 10, 5, 17, 0, tzinfo=UTC)  # noon in Chicago
ENDED = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
NOVEMBER_OVER = datetime(2026, 12, 1, 7, 0, tzinfo=UTC)
DECEMBER = datetime(2026, 12, 2, 18, 0, tzinfo=UTC)


@pytest.fixture
def lender(north: Any) -> Portfolio:
    return make.portfolio("Northwind loans", team=north, charges_interest=True)


@pytest.fixture
def loan(lender: Portfolio, dana: Debtor) -> Account:
    """Dana owes 1,825.00 at 10%: 50 cents a day."""
    return make.account("1825.00", debtor=dana, portfolio=lender, placed_on=PLACED, interest_rate=Decimal("0.10"))


def interest(account: Account) -> Decimal:
    return ledger.balances([account.pk])[account.pk].get("receivable.interest", Decimal(0))


def in_bankruptcy(loan: Account, cora: User, **facts: Any) -> Hold:
    return compliance.place_hold(debtor=loan.debtor, kind="BANKRUPTCY", at=PETITION, by=cora, facts=facts)


def over(hold: Hold, cora: User, at: datetime = ENDED) -> None:
    compliance.lift_hold(hold=hold, by=cora, at=at, reason="Case closed")


def post(loan: Account, by: User, **more: Any) -> StayInterest:
    facts = {"outcome": "DISMISSED", "reason": "Order of Nov 18", "by": by, "at": DECEMBER, **more}
    return services.post_stay_interest(account=loan, **facts)


@pytest.mark.django_db
def test_when_danas_bankruptcy_ends_its_days_are_not_made_up_for(loan: Account, cora: User) -> None:
    hold = in_bankruptcy(loan, cora)
    services.post_month_end(at=datetime(2026, 11, 1, 6, 0, tzinfo=UTC))
    during = interest(loan)
    over(hold, cora)

    counts = services.post_month_end(at=NOVEMBER_OVER)

    # Five days before October 5, ten from November 20 to the 30th: 7.50, where all 61 would be 30.50
    assert (during, interest(loan)) == (Decimal(0), Decimal("7.50"))
    assert (counts["debts"], counts["cents"]) == (1, 750)
    assert Balance.objects.get(subject_id=loan.pk, account="receivable.interest").accrued_to == date(2026, 11, 30)


@pytest.mark.django_db
def test_the_neighbor_without_a_case_gets_the_whole_month_in_the_same_run(
    loan: Account, lender: Portfolio, gus: Debtor, cora: User
) -> None:
    beside = make.account("1825.00", debtor=gus, portfolio=lender, placed_on=PLACED, interest_rate=Decimal("0.10"))
    over(in_bankruptcy(loan, cora), cora)

    first = services.post_month_end(at=NOVEMBER_OVER)
    second = services.post_month_end(at=NOVEMBER_OVER + timedelta(hours=1))

    assert (interest(loan), interest(beside)) == (Decimal("7.50"), Decimal("30.50"))
    assert (first["debts"], second["debts"]) == (2, 0)


@pytest.mark.django_db
def test_the_figure_that_pays_and_the_night_say_the_same(loan: Account, cora: User) -> None:
    over(in_bankruptcy(loan, cora), cora)

    figure = payoffs.payoff(account=loan, on=date(2026, 11, 30))
    services.post_month_end(at=NOVEMBER_OVER)

    assert figure.accrued == Decimal("7.50")
    assert payoffs.payoff(account=loan, on=date(2026, 11, 30)).amount == figure.amount


@pytest.mark.django_db
def test_while_it_lasts_only_the_days_before_it_count(loan: Account, cora: User) -> None:
    in_bankruptcy(loan, cora)

    assert payoffs.payoff(account=loan, on=date(2026, 11, 17)).accrued == Decimal("2.50")


@pytest.mark.django_db
def test_the_petition_was_filed_before_we_heard_of_it(loan: Account, cora: User) -> None:
    hold = in_bankruptcy(loan, cora, filed_on="2026-10-01")
    over(hold, cora)

    assert payoffs.payoff(account=loan, on=date(2026, 11, 20)).accrued == Decimal("0.50")


@pytest.mark.django_db
def test_a_payment_later_that_year_brings_nothing_of_those_days_back(loan: Account, cora: User) -> None:
    over(in_bankruptcy(loan, cora), cora)

    services.record_payment(
        account=loan, amount=Decimal("5.00"), method="CHECK", effective_date=date(2026, 12, 2), key="p", by=None,
        at=DECEMBER,
    )  # fmt: skip

    assert interest(loan) == Decimal("3.50")  # 17 days cost 8.50, and 5.00 came


@pytest.mark.django_db
def test_max_posts_the_days_of_a_dismissed_case_once_and_says_why(loan: Account, cora: User, max_: User) -> None:
    over(in_bankruptcy(loan, cora), cora)
    services.post_month_end(at=NOVEMBER_OVER)

    made = post(loan, max_)

    assert (made.amount, made.periods) == (Decimal("23.00"), [["2026-10-05", "2026-11-20"]])
    assert interest(loan) == Decimal("30.50")
    loan.refresh_from_db()
    assert loan.balance == Decimal("1855.50")
    journal = Journal.objects.get(pk=made.journal_id)
    assert journal.effective_date == date(2026, 12, 2)
    assert journal.memo == "Interest of Oct 5 to Nov 19. The case was dismissed: Order of Nov 18"
    event = AuditEvent.objects.get(action="debt.stay_interest_posted")
    assert (event.actor, event.reason) == (max_, "Order of Nov 18")
    with pytest.raises(services.PaymentRefused, match="no days left"):
        post(loan, max_)
    out = StringIO()
    call_command("check_ledger", stdout=out)
    assert out.getvalue().startswith("OK")


@pytest.mark.django_db
def test_two_holds_of_one_case_are_posted_as_one(loan: Account, cora: User, max_: User) -> None:
    hold = in_bankruptcy(loan, cora)
    own = compliance.place_hold(debtor=loan.debtor, account=loan, kind="BANKRUPTCY", at=PETITION, by=cora)
    over(hold, cora)
    over(own, cora)

    assert post(loan, max_).amount == Decimal("23.00")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("facts", "more", "words"),
    [
        ({"discharged_on": "2026-11-18"}, {}, "discharged"),
        ({"status": "discharged"}, {}, "discharged"),
        ({}, {"reason": " "}, "Say why"),
        ({}, {"outcome": "DISCHARGED"}, "how the case ended"),
    ],
)
def test_after_a_discharge_or_without_a_reason_nothing_is_posted(
    loan: Account, cora: User, max_: User, facts: dict[str, str], more: dict[str, str], words: str
) -> None:
    over(in_bankruptcy(loan, cora, **facts), cora)

    with pytest.raises(services.PaymentRefused, match=words):
        post(loan, max_, **more)

    assert interest(loan) == Decimal(0)


@pytest.mark.django_db
def test_while_another_case_runs_nothing_is_posted(loan: Account, cora: User, max_: User) -> None:
    over(in_bankruptcy(loan, cora), cora)
    compliance.place_hold(debtor=loan.debtor, kind="BANKRUPTCY", at=ENDED + timedelta(days=5), by=cora)

    with pytest.raises(services.PaymentRefused, match="in force"):
        post(loan, max_)


@pytest.mark.django_db
def test_a_breathing_space_is_never_made_up_for(loan: Account, cora: User, max_: User) -> None:
    compliance.place_hold(
        debtor=loan.debtor, kind="BREATHING", at=PETITION, until=PETITION + timedelta(days=60), by=cora
    )

    services.post_month_end(at=datetime(2027, 1, 1, 7, 0, tzinfo=UTC))

    # It ended by itself on December 4: 5 days before it, 27 after it to the end of the year
    assert interest(loan) == Decimal("16.00")
    with pytest.raises(services.PaymentRefused, match="no days left"):
        post(loan, max_, at=datetime(2027, 1, 2, 18, 0, tzinfo=UTC))


# The pages.


def test_the_debts_page_says_which_days_and_why(
    noon: datetime, loan: Account, cora: User, olive: User, sign_in: SignIn
) -> None:
    hold = in_bankruptcy(loan, cora)
    browser = sign_in(olive)
    during = browser.get(loan.get_absolute_url()).content.decode()
    over(hold, cora, datetime(2026, 11, 10, 18, 0, tzinfo=UTC))
    after = browser.get(loan.get_absolute_url()).content.decode()

    assert "No interest since Oct 5: bankruptcy." in during
    assert "No interest from Oct 5 to Nov 9: bankruptcy." in after
    assert "Post interest of these days" not in after  # that is a manager's


def test_max_posts_them_from_the_page(
    noon: datetime, loan: Account, cora: User, max_: User, olive: User, sign_in: SignIn
) -> None:
    over(in_bankruptcy(loan, cora), cora, datetime(2026, 11, 10, 18, 0, tzinfo=UTC))
    browser, url = sign_in(max_), f"{loan.get_absolute_url()}stay-interest/"
    debt, page = browser.get(loan.get_absolute_url()).content.decode(), browser.get(url).content.decode()
    empty = browser.post(url, {"idempotency_key": "a", "outcome": "CLOSED", "reason": ""})
    sent = {"idempotency_key": "b", "outcome": "CLOSED", "reason": "Docket 31"}
    first, second = browser.post(url, sent), browser.post(url, sent)
    after = browser.get(loan.get_absolute_url()).content.decode()

    assert "Post interest of these days" in debt
    assert "36 days without interest" in page
    assert (empty.status_code, first.status_code, second.status_code) == (422, 303, 303)
    assert StayInterest.objects.get().amount == Decimal("18.00")
    assert "$18.00 of it posted" in after
    assert "Docket 31" in after
    assert sign_in(olive).get(url).status_code == 403

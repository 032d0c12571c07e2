"""A client signs in and sees its own placements, debts and results, and nothing of another's (F122, DECISIONS 3)."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, ClientAccess, Portfolio
from collections_crm import testing as make
from core import formats
from core.models import AuditEvent
from payments import services as payments
from payments.models import Payment
from reports import services
from users.models import Team, User

SignIn = Callable[[User], Client]
Pay = Callable[..., Payment]
Book = Callable[..., list[Account]]


@pytest.fixture
def nell(northwind: Portfolio) -> User:
    """Works for Northwind Energy."""
    person = make.user("Nell Byrd", "client")
    ClientAccess.objects.create(user=person, organization=northwind.creditor)
    return person


@pytest.fixture
def others(north: Team) -> Account:
    """A debt that Sunrise Water placed, with the same agency and the same team."""
    sunrise = make.organization("Sunrise Water")
    book = make.portfolio("Sunrise water bills", team=north, creditor=sunrise)
    return make.account("900.00", debtor=make.debtor("Omar Haddad"), portfolio=book)


def test_nell_signs_in_to_her_results_and_they_are_the_boards(
    nell: User, max_: User, book: Book, pay: Pay, sign_in: SignIn
) -> None:
    debts = book(4)
    pay(debts[0], "50.00")
    back = pay(debts[1], "30.00")
    payments.return_payment(payment=back, code="R01", returned_on=make.NOON.date(), key="b", by=None, at=make.NOON)
    services.build_curves(at=make.NOON)

    hers = sign_in(nell)
    assert hers.get("/")["Location"] == "/client/"
    page = hers.get("/client/").content.decode()

    assert "$1,000.00" in page and "$50.00" in page and "5.0%" in page
    assert f"4 debts, {formats.money_short(Decimal(1000))} placed" in sign_in(max_).get("/team/").content.decode()


def test_nell_finds_her_debt_by_reference_and_opens_its_payments(
    nell: User, book: Book, pay: Pay, sign_in: SignIn
) -> None:
    debts = book(3)
    pay(debts[0], "50.00")
    hers = sign_in(nell)

    listed = hers.get("/client/debts/", {"find": debts[0].reference}).content.decode()
    opened = hers.get(f"/client/debts/L-{debts[0].pk}/").content.decode()

    assert debts[0].reference in listed and debts[1].reference not in listed
    assert "$200.00" in opened and "$50.00" in opened


def test_another_clients_rows_are_nowhere_and_their_addresses_are_404(
    nell: User, book: Book, others: Account, pay: Pay, sign_in: SignIn
) -> None:
    book(1)
    pay(others, "44.00")
    services.build_curves(at=make.NOON)
    hers = sign_in(nell)

    pages = "".join(hers.get(path).content.decode() for path in ("/client/", "/client/debts/"))

    assert "Sunrise" not in pages and "Omar" not in pages and others.reference not in pages
    assert hers.get(f"/client/debts/L-{others.pk}/").status_code == 404
    assert hers.get(f"/client/debts/?placement={others.placement_id}").status_code == 404


@pytest.mark.parametrize("bad", ["placement=x", "placement=99999999999999999999", "placement=-1"])
def test_a_made_up_placement_is_a_404(bad: str, nell: User, sign_in: SignIn) -> None:
    assert sign_in(nell).get(f"/client/debts/?{bad}").status_code == 404


@pytest.mark.parametrize("odd", ["find=%00%25_", "after=broken", "find=" + "x" * 5000, "state=any"])
def test_odd_questions_are_answered(odd: str, nell: User, book: Book, sign_in: SignIn) -> None:
    book(1)

    assert sign_in(nell).get(f"/client/debts/?{odd}").status_code == 200


def test_a_clients_page_tells_nothing_of_how_we_work(nell: User, book: Book, sign_in: SignIn) -> None:
    debt = book(1)[0]
    point = make.phone(debt.debtor)

    page = sign_in(nell).get(f"/client/debts/L-{debt.pk}/").content.decode()

    assert point.value not in page and "Olive" not in page


def test_nell_opens_no_page_of_ours_and_writes_nothing(nell: User, book: Book, sign_in: SignIn) -> None:
    debt = book(1)[0]
    hers = sign_in(nell)

    for path in ("/team/", "/people/", f"/people/P-{debt.debtor_id}/", "/reports/", "/work/", "/staff/"):
        assert hers.get(path).status_code in (403, 404), path
    for path in ("/client/", "/client/debts/", f"/client/debts/L-{debt.pk}/"):
        assert hers.post(path).status_code in (403, 405), path


def test_staff_without_the_role_do_not_open_the_clients_pages(
    olive: User, max_: User, ada: User, cora: User, sign_in: SignIn
) -> None:
    assert [sign_in(one).get("/client/").status_code for one in (olive, max_, ada, cora)] == [403] * 4


def test_a_manager_who_is_a_client_too_sees_only_the_clients_rows_there(
    nell: User, north: Team, book: Book, others: Account, sign_in: SignIn
) -> None:
    book(1)
    nell.role_list = ["client", "manager"]
    nell.save()
    nell.teams.add(north)

    page = sign_in(nell).get("/client/debts/").content.decode()

    assert others.reference not in page
    assert sign_in(nell).get(f"/client/debts/L-{others.pk}/").status_code == 404


def test_ada_ties_a_log_in_to_a_client_and_takes_it_away_at_the_next_click(
    ada: User, northwind: Portfolio, book: Book, sign_in: SignIn
) -> None:
    debt = book(1)[0]
    theo = make.user("Theo Park", "client")
    his, hers = sign_in(theo), sign_in(ada)
    facts = {"user": theo.pk, "organization": northwind.creditor_id}
    assert "No portfolio yet" in his.get("/client/").content.decode()

    assert hers.post("/client-access/", facts).status_code == 303
    assert his.get(f"/client/debts/L-{debt.pk}/").status_code == 200
    assert hers.post("/client-access/", facts).status_code == 422

    hers.post(f"/client-access/{ClientAccess.objects.get().pk}/drop/")
    assert his.get(f"/client/debts/L-{debt.pk}/").status_code == 404
    assert set(AuditEvent.objects.filter(action__startswith="client_access").values_list("action", flat=True)) == {
        "client_access.given",
        "client_access.taken",
    }


@pytest.mark.parametrize("wrong", [{}, {"user": "x"}, {"user": 999999}, {"organization": ""}])
def test_bad_access_is_said_at_the_field(
    wrong: dict[str, Any], ada: User, olive: User, northwind: Portfolio, sign_in: SignIn
) -> None:
    facts = {"user": olive.pk, "organization": northwind.creditor_id, **wrong}

    answer = sign_in(ada).post("/client-access/", facts)

    assert answer.status_code == 422
    assert not ClientAccess.objects.exists()


def test_a_hundred_debts_cost_the_same_queries_as_one(nell: User, book: Book, sign_in: SignIn) -> None:
    hers = sign_in(nell)

    def count() -> int:
        with CaptureQueriesContext(connection) as made:
            hers.get("/client/debts/")
        return len(made)

    book(1)
    count()  # the first view notes when she was seen
    few = count()
    for _ in range(3):
        book(10)

    assert count() == few == 4
    assert sum((a.balance for a in Account.objects.all()), Decimal(0)) == Decimal("7750.00")

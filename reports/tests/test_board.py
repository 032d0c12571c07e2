"""The board, its lists, and who may look: a tile and the list behind it are one number."""

import csv
import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from collections_crm import testing as make
from compliance.models import VerdictRecord
from contacts.models import Interaction
from core.models import AuditEvent
from payments.models import Payment, Promise
from reports import lists, queries, services, setup
from reports.build_sql import MEASURES
from reports.models import DailyOfficerFact
from reports.scope import read_scope
from users.models import Team, User

TODAY = date(2026, 11, 17)
SignIn = Callable[[User], Client]
Call = Callable[..., Interaction]
Pay = Callable[..., Payment]
Promised = Callable[..., Promise]
Book = Callable[..., list[Account]]


@pytest.fixture
def day_of_work(olive: User, pavel: User, book: Book, call: Call, pay: Pay, promised: Promised) -> None:
    """Two officers, five debts: calls, promises due and open, money with and without credit, one refused call."""
    debts = book(5)
    for account, by, outcome in zip(debts, (olive, olive, pavel, pavel, olive), _OUTCOMES, strict=True):
        call(account, by, outcome)
    pay(debts[0], "40.00")
    pay(debts[4], "12.34")
    due = TODAY - timedelta(days=3)
    promised(debts[0], olive, "50.00", due=due, state="KEPT", paid=Decimal("50.00"))
    promised(debts[1], olive, "50.00", due=due, state="BROKEN")
    promised(debts[2], pavel, "50.00", due=due, state="KEPT", paid=Decimal("50.00"))
    VerdictRecord.objects.create(
        asked_at=make.NOON,
        debtor_id=debts[3].debtor_id,
        account_ids=[debts[3].pk],
        channel="call",
        occasion="dial",
        decision="block",
        rule_id="REGF-CALL-HOURS",
        asked_by_id=pavel.pk,
    )
    services.build_day(TODAY, at=make.NOON)
    services.build_activity(first=TODAY - timedelta(days=16), last=TODAY, at=make.NOON)
    services.build_curves()


_OUTCOMES = ("promise", "no-answer", "promise", "busy", "refuses")


def board_of(user: User) -> queries.Board:
    return queries.kpi_board(scope=read_scope(user=user, asked={"period": "2026-11"}, at=make.NOON))


@pytest.mark.parametrize(
    ("slug", "part", "measure"),
    [
        ("collected", "payments", "payments"),
        ("promises", "", "matured"),
        ("promises", "kept", "kept"),
        ("calls", "", "attempts"),
        ("calls", "right", "right_party"),
        ("worked", "", "worked"),
        ("stopped", "", "blocked"),
        ("stopped", "all", "decisions"),
        ("made", "", "promises"),
    ],
)
def test_the_list_behind_a_figure_has_exactly_its_rows(
    slug: str, part: str, measure: str, max_: User, day_of_work: None
) -> None:
    board = board_of(max_)
    spec = lists.LISTS[slug]
    asked = lists.Asked(spec, spec.part(part), board.scope)

    rows, _ = lists.page(asked)

    assert len(rows) == lists.totals(asked)[part][0] == board.now[measure] > 0


def test_money_on_the_board_equals_the_list_and_the_payments_to_the_cent(max_: User, day_of_work: None) -> None:
    board = board_of(max_)
    asked = lists.Asked(lists.LISTS["collected"], lists.LISTS["collected"].part(""), board.scope)

    listed = sum((row.amount or Decimal(0) for row in lists.everything(asked)), Decimal(0))

    assert board.now["collected"] == listed == Decimal("52.34")


def test_officers_rows_add_up_to_the_team(max_: User, day_of_work: None) -> None:
    board = board_of(max_)

    for measure in MEASURES:
        assert sum(line.sums[measure] for line in board.officers) == board.now[measure], measure


def test_max_sees_two_of_three_kept_and_opens_them(max_: User, day_of_work: None, sign_in: SignIn) -> None:
    page = sign_in(max_).get("/team/?period=2026-11").content.decode()

    assert "66.7%" in page
    url = re.search(r'id="open-kept_rate"', page) and re.search(r'href="(/reports/promises/[^"]*)"', page)
    assert url
    listed = sign_in(max_).get(url.group(1).replace("&amp;", "&")).content.decode()
    assert re.search(r"Due <span class=\"n\">3</span>", listed)
    assert re.search(r"Kept <span class=\"n\">2</span>", listed)


def test_the_board_compares_the_same_days_of_the_month_before(
    max_: User, olive: User, book: Book, call: Call, day_of_work: None
) -> None:
    account = book(1)[0]
    call(account, olive, "no-answer", at=make.NOON - timedelta(days=31))  # Oct 17: the same day
    call(account, olive, "no-answer", at=make.NOON - timedelta(days=30))  # Oct 18: one day more
    services.build_activity(first=date(2026, 10, 1), last=TODAY, at=make.NOON)

    board = board_of(max_)

    assert board.like == (date(2026, 10, 1), date(2026, 10, 17))
    assert board.before["attempts"] == 1


def test_target_actual_and_forecast_stand_beside_each_other(
    max_: User, north: Team, olive: User, book: Book, promised: Promised, day_of_work: None, sign_in: SignIn
) -> None:
    setup.set_target(
        month=TODAY, amount=Decimal("100.00"), team=north, officer=None, portfolio=None, by=max_, at=make.NOON
    )
    promised(book(1)[0], olive, "30.00", due=TODAY + timedelta(days=4))

    page = sign_in(max_).get("/team/?period=2026-11").content.decode()

    assert "52.3% of $100.00" in page
    assert "Forecast $72.34" in page  # 52.34 + 30.00 x 2/3


def test_ten_times_the_facts_cost_the_same_queries(max_: User, olive: User, day_of_work: None) -> None:
    def count() -> int:
        scope = read_scope(user=User.objects.get(pk=max_.pk), asked={"period": "2026-11"}, at=make.NOON)
        with CaptureQueriesContext(connection) as made:
            queries.kpi_board(scope=scope)
        return len(made)

    few = count()
    row = DailyOfficerFact.objects.filter(officer=olive).first()
    assert row is not None
    for n in range(40):
        who = make.user(f"Officer {n}", "officer", username=f"officer{n}")
        for back in range(10):
            day = {"on": TODAY - timedelta(days=back), "officer": who, "portfolio_id": row.portfolio_id}
            DailyOfficerFact.objects.create(**day, attempts=3)

    assert count() == few
    assert few <= 14


def test_quinn_of_another_team_and_the_admin_see_nothing_of_north(
    quinn: User, ada: User, olive: User, cora: User, day_of_work: None, sign_in: SignIn
) -> None:
    assert sign_in(ada).get("/team/").status_code == 403
    assert sign_in(olive).get("/team/").status_code == 403
    assert sign_in(cora).get("/team/").status_code == 200
    listed = sign_in(quinn).get("/reports/calls/?period=2026-11&officer=olive").content.decode()
    assert "Nothing here" in listed


def test_a_lead_of_another_team_cannot_open_olives_page(
    south: Team, lee: User, olive: User, day_of_work: None, sign_in: SignIn
) -> None:
    other = make.user("Sol Grant", "lead", team=south)

    assert sign_in(lee).get("/team/olive/").status_code == 200
    assert sign_in(other).get("/team/olive/").status_code == 404


def test_olive_sees_her_own_day_and_only_her_own_lists(olive: User, day_of_work: None, sign_in: SignIn) -> None:
    mine = sign_in(olive)

    page = mine.get("/results/").content.decode()
    listed = mine.get("/reports/calls/?period=2026-11&officer=pavel").content.decode()

    assert "Calls tried, today" in page
    assert re.search(r"Tried <span class=\"n\">3</span>", listed)
    assert "Pavel" not in listed


def test_an_export_is_safe_for_spreadsheets_adds_up_and_is_audited(
    max_: User, olive: User, day_of_work: None, sign_in: SignIn
) -> None:
    User.objects.filter(pk=olive.pk).update(display_name='=HYPERLINK("x")')

    answer = sign_in(max_).get("/team/export/?period=2026-11").content.decode()

    rows = list(csv.DictReader(answer.splitlines()))
    assert rows[0]["Officer"].startswith("'=")
    assert sum(Decimal(row["Collected"]) for row in rows[:-1]) == Decimal(rows[-1]["Collected"]) == Decimal("52.34")
    assert AuditEvent.objects.filter(action="report.exported", actor=max_).count() == 1


@pytest.mark.parametrize(
    "query", ["period=2026-99", "period=%00", "period=9999-12", "client=nobody", "after=broken", "period=2026-W60"]
)
def test_a_bad_address_falls_back_to_this_month(query: str, max_: User, day_of_work: None, sign_in: SignIn) -> None:
    assert sign_in(max_).get(f"/reports/collected/?{query}").status_code == 200
    assert sign_in(max_).get("/reports/nothing-like-it/").status_code == 404


def test_an_empty_firm_shows_dashes_and_no_zero_percent(max_: User, sign_in: SignIn) -> None:
    page = sign_in(max_).get("/team/").content.decode()

    assert "0.0%" not in page
    assert "–" in page

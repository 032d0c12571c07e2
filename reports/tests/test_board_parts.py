"""The board's parts are kept while their facts stand; debts tried and cured; 24 months of trend (P13, K 4.1, K 4.2)."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, Portfolio
from collections_crm import testing as make
from contacts.models import Interaction
from payments.models import Payment, PaymentReturn, Promise
from reports import balances, board_charts, lists, services, setup
from reports.models import DailyOfficerFact, FactsVersion, MonthFact, ReachFact
from reports.periods import period_of
from reports.scope import read_scope
from reports.tests.test_day_facts import snapshot
from users.models import Team, User

TODAY = date(2026, 11, 17)
OCTOBER = date(2026, 10, 31)
SignIn = Callable[[User], Client]
Call = Callable[..., Interaction]
Pay = Callable[..., Payment]
Promised = Callable[..., Promise]
Book = Callable[..., list[Account]]


def views(browser: Client, path: str = "/team/?period=2026-11") -> tuple[int, str]:
    with CaptureQueriesContext(connection) as made:
        page = browser.get(path).content.decode()
    return len(made), page[page.index("<main") : page.index("</main>")]


def listed(user: User, slug: str, part: str = "", period: str = "2026-11") -> int:
    spec = lists.LISTS[slug]
    asked = lists.Asked(spec, spec.part(part), read_scope(user=user, asked={"period": period}, at=make.NOON))
    rows = list(lists.everything(asked))
    assert lists.totals(asked)[part][0] == len(rows)
    return len(rows)


def test_a_second_look_makes_no_part_anew(max_: User, olive: User, book: Book, call: Call, sign_in: SignIn) -> None:
    call(book(1)[0], olive, "no-answer")
    services.build_day(TODAY, at=make.NOON)
    his = sign_in(max_)
    first, page = views(his)

    second, again = views(his)

    assert second == 7
    assert first <= 40
    assert page == again


def test_a_build_that_writes_something_is_seen_at_once(
    max_: User, olive: User, book: Book, call: Call, sign_in: SignIn
) -> None:
    debts, his = book(2), sign_in(max_)
    call(debts[0], olive, "no-answer")
    services.build_day(TODAY, at=make.NOON)
    assert "0 of 1 calls" in views(his)[1]

    call(debts[1], olive, "promise")
    assert "0 of 1 calls" in views(his)[1]  # the facts still stand
    services.build_day(TODAY, at=make.NOON)

    assert "1 of 2 calls" in views(his)[1]


def test_a_build_that_only_takes_away_is_seen_too(
    max_: User, olive: User, book: Book, promised: Promised, sign_in: SignIn
) -> None:
    promise = promised(book(1)[0], olive, "40.00", due=TODAY + timedelta(days=3), made_at=make.NOON)
    services.build_day(TODAY, at=make.NOON)
    assert "0 talks, 1 promises" in views(sign_in(max_))[1]

    promise.delete()
    counts = services.build_day(TODAY, at=make.NOON)

    assert counts["officers"] == 1
    assert "0 talks, 0 promises" in views(sign_in(max_))[1]


def test_a_build_that_changes_nothing_keeps_the_version(olive: User, book: Book, call: Call) -> None:
    call(book(1)[0], olive, "no-answer")
    services.build_day(TODAY, at=make.NOON)
    before = dict(FactsVersion.objects.values_list("subject", "code"))

    services.build_day(TODAY, at=make.NOON)

    assert dict(FactsVersion.objects.values_list("subject", "code")) == before


def test_a_new_target_is_on_the_board_at_once(
    max_: User, north: Team, olive: User, book: Book, pay: Pay, sign_in: SignIn
) -> None:
    pay(book(1)[0], "40.00", by=olive)
    services.build_day(TODAY, at=make.NOON)
    his = sign_in(max_)
    assert "No target is set" in views(his)[1]

    setup.set_target(
        month=TODAY, amount=Decimal("80.00"), team=north, officer=None, portfolio=None, by=max_, at=make.NOON
    )

    assert "50.0% of $80.00" in views(his)[1]


def test_what_is_kept_for_max_is_not_shown_to_lee_of_one_team(
    max_: User, lee: User, south: Team, olive: User, quinn: User, book: Book, call: Call, sign_in: SignIn
) -> None:
    other = make.portfolio("Sunrise water bills", team=south, creditor=make.organization("Sunrise Water"))
    call(book(1)[0], olive, "no-answer")
    call(make.account(debtor=make.debtor("Omar Haddad"), portfolio=other), quinn, "no-answer")
    services.build_day(TODAY, at=make.NOON)
    assert "Quinn Abara" in views(sign_in(max_))[1]

    page = views(sign_in(lee))[1]

    assert "Olive Marsh" in page
    assert "Quinn Abara" not in page and "Sunrise" not in page


def test_the_board_comes_up_while_the_cache_is_down(
    max_: User, olive: User, book: Book, call: Call, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: Any, **__: Any) -> None:
        raise ConnectionError("no cache")

    call(book(1)[0], olive, "no-answer")
    services.build_day(TODAY, at=make.NOON)
    his = sign_in(max_)
    monkeypatch.setattr(type(cache._connections["default"]), "get", down)  # type: ignore[attr-defined]
    monkeypatch.setattr(type(cache._connections["default"]), "set", down)  # type: ignore[attr-defined]

    assert "0 of 1 calls" in views(his)[1]


def test_one_product_and_one_portfolio_are_boards_of_their_own(
    max_: User, north: Team, olive: User, book: Book, call: Call, sign_in: SignIn
) -> None:
    gas = make.portfolio("Northwind gas", team=north, product="Gas")
    call(book(1)[0], olive, "no-answer")
    for n in range(2):
        call(make.account(debtor=make.debtor(f"Gas {n}"), portfolio=gas), olive, "no-answer")
    services.build_day(TODAY, at=make.NOON)
    his = sign_in(max_)

    assert "0 of 3 calls" in views(his)[1]
    assert "0 of 2 calls" in views(his, "/team/?period=2026-11&product=Gas")[1]
    assert "0 of 1 calls" in views(his, "/team/?period=2026-11&book=northwind-electric")[1]
    assert "0 of 3 calls" in views(his, "/team/?period=2026-11&product=%00&book=nobody")[1]


def test_debts_tried_are_each_counted_once_over_the_period(
    max_: User, olive: User, book: Book, call: Call, sign_in: SignIn
) -> None:
    often, once, never, paused = book(4)
    for debt in (often, once, never, paused):
        snapshot(debt, OCTOBER, status="HELD" if debt == paused else "ACTIVE")
    for back in (0, 1, 2):
        call(often, olive, "no-answer", at=make.NOON - timedelta(days=back))
    call(once, olive, "no-answer")
    call(once, olive, "callback", direction="in")
    services.build_activity(first=date(2026, 11, 1), last=TODAY, at=make.NOON)
    services.build_reach(period=period_of(TODAY, "month"), at=make.NOON)

    page = views(sign_in(max_))[1]

    assert "2 of 3 that could be worked" in page and "66.7%" in page
    assert "4 calls for 2 debts" in page and ">2.0<" in page
    assert (listed(max_, "reach"), listed(max_, "reach", "all"), listed(max_, "reach", "untried")) == (2, 3, 1)


def test_two_debts_in_one_call_are_two_debts_tried(olive: User, book: Book, call: Call) -> None:
    first, second = book(2)
    call(first, olive, "no-answer", account_ids=[first.pk, second.pk])

    services.build_reach(period=period_of(TODAY, "week"), at=make.NOON)

    assert ReachFact.objects.get().tried == 2


def test_brought_current_is_counted_against_those_late_and_paid_off_is_not(
    max_: User, book: Book, pay: Pay, sign_in: SignIn
) -> None:
    current, late, paid, never_late = book(4)
    for debt in (current, late, paid):
        snapshot(debt, OCTOBER)
    snapshot(never_late, OCTOBER, delinquency_date=None)
    Account.objects.filter(pk__in=[current.pk, never_late.pk]).update(delinquency_date=None)
    Account.objects.filter(pk=paid.pk).update(status="PAID", balance=0)
    services.build_day(TODAY, at=make.NOON)

    page = views(sign_in(max_))[1]

    assert "1 of 3 late on Oct 31" in page and "33.3%" in page
    assert (listed(max_, "cured"), listed(max_, "cured", "late")) == (1, 3)


def test_the_trend_equals_the_payments_to_the_cent_and_the_month_that_is_not_over_is_dotted(
    max_: User, olive: User, book: Book, pay: Pay
) -> None:
    debt = book(1, placed_on=date(2026, 8, 10))[0]
    for at, amount in ((datetime(2026, 9, 3, 17, tzinfo=make.NOON.tzinfo), "10.01"), (make.NOON, "20.02")):
        pay(debt, amount, at=at, by=olive)
    services.build_activity(first=date(2026, 9, 1), last=TODAY, at=make.NOON)
    scope = read_scope(user=max_, asked={"period": "2026-11"}, at=make.NOON)

    months = balances.trend(scope=scope)

    assert [(one.month.month, one.collected) for one in months] == [
        (9, Decimal("10.01")),
        (10, Decimal(0)),
        (11, Decimal("20.02")),
    ]
    live = sum((one.amount for one in Payment.objects.all()), Decimal(0))
    back = sum((one.payment.amount for one in PaymentReturn.objects.all()), Decimal(0))
    assert sum(one.collected for one in months) == live - back
    chart = board_charts.trend_chart(months, scope)
    assert chart is not None and "sofar" in chart.svg() and "so far" in chart.rows[-1][1]
    over = read_scope(user=max_, asked={"period": "2026-10"}, at=make.NOON)
    done = board_charts.trend_chart(balances.trend(scope=over), over)
    assert done is not None and "sofar" not in done.svg()


def test_months_are_the_sums_of_their_days_for_every_measure_they_keep(
    olive: User, pavel: User, book: Book, call: Call, pay: Pay, northwind: Portfolio
) -> None:
    debts = book(3)
    for back, who in ((0, olive), (1, pavel), (20, olive)):
        call(debts[0], who, "promise", at=make.NOON - timedelta(days=back))
        pay(debts[1], f"{back + 1}.10", at=make.NOON - timedelta(days=back), by=who)
    services.build_activity(first=date(2026, 10, 1), last=TODAY, at=make.NOON)

    for row in MonthFact.objects.all():
        days = DailyOfficerFact.objects.filter(portfolio=northwind, on__year=2026, on__month=row.month.month)
        for name in ("collected", "matured", "kept", "attempts", "right_party"):
            assert getattr(row, name) == sum(getattr(day, name) for day in days), name
    assert MonthFact.objects.count() == 2


def test_the_curve_goes_on_dotted_into_the_month_that_is_not_over(max_: User, book: Book, pay: Pay) -> None:
    debts = book(2, placed_on=date(2026, 8, 10))
    pay(debts[0], "25.00", at=datetime(2026, 9, 1, 17, tzinfo=make.NOON.tzinfo))
    pay(debts[0], "25.00", at=make.NOON)
    services.build_curves(at=make.NOON)
    scope = read_scope(user=max_, asked={"period": "2026-11"}, at=make.NOON)

    chart = board_charts.curves_chart(balances.vintages(scope=scope), scope)

    assert chart is not None
    (curve,) = chart.curves
    assert [str(value) for value in curve.values] == ["0", "5.0", "5.0", "5.0"]
    assert curve.whole == 3
    assert chart.svg().count("sofar") == 1

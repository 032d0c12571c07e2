"""Activity by how late a debt was when the day began: the facts, the board, its lists, and recomputation (K 4.1)."""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models import Sum
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import buckets
from accounts.models import Account, AccountSnapshot
from collections_crm import testing as make
from contacts.models import Interaction
from payments.models import Payment, Promise
from reports import lists, queries, services
from reports.build_sql import MEASURES
from reports.models import DailyBucketFact, DailyOfficerFact
from reports.scope import read_scope
from reports.tests.test_day_facts import snapshot
from users.models import User

TODAY = date(2026, 11, 17)
SignIn = Callable[[User], Client]
Call = Callable[..., Interaction]
Pay = Callable[..., Payment]
Promised = Callable[..., Promise]
Book = Callable[..., list[Account]]
LATE = {"0": None, "1-29": 12, "30-59": 30, "60-89": 89, "180+": 400}  # bucket: days late today


@pytest.fixture
def debts(book: Book) -> dict[str, Account]:
    """One debt in each of five buckets."""
    rows = book(len(LATE))
    for account, days in zip(rows, LATE.values(), strict=True):
        account.delinquency_date = TODAY - timedelta(days=days) if days is not None else None
        account.save(update_fields=["delinquency_date"])
    return dict(zip(LATE, rows, strict=True))


@pytest.fixture
def worked(debts: dict[str, Account], olive: User, pavel: User, call: Call, pay: Pay, promised: Promised) -> None:
    """Calls on all of them, one promise kept, money on two."""
    for number, account in enumerate(debts.values()):
        call(account, (olive, pavel)[number % 2], ("promise", "no-answer")[number % 2])
    call(debts["30-59"], pavel, "busy", at=make.NOON + timedelta(hours=1))
    pay(debts["30-59"], "40.00")
    pay(debts["180+"], "12.34")
    due = TODAY - timedelta(days=3)
    promised(debts["30-59"], olive, "50.00", due=due, state="KEPT", paid=Decimal("50.00"))
    services.build_activity(first=TODAY - timedelta(days=16), last=TODAY, at=make.NOON)


def asked(user: User, bucket: str = "", **more: str) -> Any:
    return read_scope(user=user, asked={"period": "2026-11", "bucket": bucket, **more}, at=make.NOON)


def test_each_act_is_in_the_bucket_the_rules_give_its_debt(worked: None, debts: dict[str, Account]) -> None:
    expected: Counter[str] = Counter()
    for one in Interaction.objects.select_related("account"):
        assert one.account is not None
        expected[buckets.bucket_for(buckets.dpd(one.account.delinquency_date, TODAY)).code] += 1

    rows = DailyBucketFact.objects.filter(attempts__gt=0).values_list("bucket").annotate(n=Sum("attempts"))

    assert dict(rows) == dict(expected) == {**dict.fromkeys(LATE, 1), "30-59": 2}


def test_the_officers_facts_are_the_sums_of_the_buckets(worked: None) -> None:
    for fact in DailyOfficerFact.objects.all():
        parts = DailyBucketFact.objects.filter(on=fact.on, officer=fact.officer, portfolio=fact.portfolio)
        added = parts.aggregate(**{name: Sum(name) for name in MEASURES})
        assert added == {name: getattr(fact, name) for name in MEASURES}
    assert DailyOfficerFact.objects.count() >= 2


@pytest.mark.parametrize("bucket", ["", *LATE, "90-119"])
@pytest.mark.parametrize(
    ("slug", "part", "measure"),
    [("calls", "", "attempts"), ("calls", "right", "right_party"), ("worked", "", "worked"),
     ("collected", "payments", "payments"), ("promises", "kept", "kept"), ("made", "", "promises")],
)  # fmt: skip
def test_a_figure_and_its_list_are_one_number_in_every_bucket(
    slug: str, part: str, measure: str, bucket: str, max_: User, worked: None
) -> None:
    scope = asked(max_, bucket)
    spec = lists.LISTS[slug]
    wanted = lists.Asked(spec, spec.part(part), scope)

    rows = list(lists.everything(wanted))

    assert len(rows) == lists.totals(wanted)[part][0] == queries.kpi_board(scope=scope).now[measure]


def test_money_by_bucket_adds_up_to_all_of_it_to_the_cent(max_: User, worked: None) -> None:
    by_bucket = {code: queries.kpi_board(scope=asked(max_, code)).now["collected"] for code in LATE}

    assert by_bucket["30-59"] == Decimal("40.00") and by_bucket["180+"] == Decimal("12.34")
    assert sum(by_bucket.values()) == queries.kpi_board(scope=asked(max_)).now["collected"] == Decimal("52.34")


def test_what_is_done_on_a_day_moves_nothing_done_on_it(
    olive: User, debts: dict[str, Account], call: Call, book: Book
) -> None:
    account = debts["60-89"]
    yesterday = TODAY - timedelta(days=1)
    snapshot(account, yesterday - timedelta(days=20), delinquency_date=account.delinquency_date)
    call(account, olive, "no-answer")
    Account.objects.filter(pk=account.pk).update(delinquency_date=None)  # brought current at noon
    snapshot(account, TODAY, delinquency_date=None)
    call(account, olive, "no-answer", at=make.NOON + timedelta(days=1))

    services.build_activity(first=TODAY, last=TODAY + timedelta(days=1), at=make.NOON + timedelta(days=1))

    assert AccountSnapshot.objects.filter(account_id=account.pk).count() == 2
    rows = DailyBucketFact.objects.filter(attempts=1).order_by("on").values_list("on", "bucket")
    assert list(rows) == [(TODAY, "60-89"), (TODAY + timedelta(days=1), "0")]


def test_max_filters_the_board_by_days_late_and_opens_the_list_behind_a_figure(
    max_: User, worked: None, sign_in: SignIn
) -> None:
    browser = sign_in(max_)

    page = browser.get("/team/?period=2026-11&bucket=30-59").content.decode()

    assert '<option value="30-59" selected>30–59 days</option>' in page
    assert "1 of 2 calls" in page and "debts 30–59 days late when the day began" in page
    assert "Letters and messages sent" not in page and "Hours are not kept by age" in page
    listed = browser.get("/reports/calls/?period=2026-11&bucket=30-59")
    assert len(listed.context["rows"]) == 2 and "30–59 days late" in listed.content.decode()
    assert len(browser.get("/reports/calls/export/?period=2026-11&bucket=30-59").content.splitlines()) == 3
    for slug in lists.LISTS:
        assert browser.get(f"/reports/{slug}/?period=2026-11&bucket=180%2B").status_code == 200
    odd = browser.get("/team/?period=2026-11&bucket=nonsense%00").content.decode()
    assert "of 6 calls" in odd and 'id="by-bucket"' not in odd


def test_a_bucket_costs_no_more_queries_than_all_of_them(max_: User, worked: None) -> None:
    def cost(bucket: str) -> int:
        scope = asked(User.objects.get(pk=max_.pk), bucket)
        with CaptureQueriesContext(connection) as seen:
            queries.kpi_board(scope=scope)
        return len(seen)

    assert cost("30-59") <= cost("")


def test_each_night_one_older_month_gets_its_buckets_until_all_have(
    olive: User, debts: dict[str, Account], call: Call
) -> None:
    days = [date(2026, 8, 20), date(2026, 9, 3), date(2026, 9, 20), TODAY]
    for day in days:
        call(debts["180+"], olive, "no-answer", at=make.NOON - (TODAY - day))
        services.build_activity(first=day, last=day, at=make.NOON)
    DailyBucketFact.objects.filter(on__lt=TODAY).delete()  # made before there were buckets

    found = []
    for _ in range(3):
        services.rebuild(at=make.NOON)
        found.append(sorted(set(DailyBucketFact.objects.values_list("on", flat=True))))

    assert found == [days[1:], days, days]
    assert DailyOfficerFact.objects.filter(on__in=days, attempts=1).count() == 4
    assert services.build_activity(first=days[0], last=TODAY, at=make.NOON)["buckets"] == 0

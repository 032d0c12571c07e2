"""Day facts equal what the live tables say, to the cent, however often they are built."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from accounts.models import Account, AccountSnapshot, Portfolio
from collections_crm import testing as make
from contacts.models import Interaction
from contacts.tests.stories import outcome, talk
from core import clock
from payments import services as payments
from payments.models import Payment, PaymentReturn, Promise
from reports import services
from reports.models import DailyOfficerFact, DailyPortfolioFact, RollFact, VintageFact
from strategies import queries
from strategies import services as work
from strategies.desk import services as desk
from strategies.desk import undo
from users.models import TimeState, User
from users.services import set_time_state

TODAY = date(2026, 11, 17)
Call = Callable[..., Interaction]
Pay = Callable[..., Payment]
Promised = Callable[..., Promise]
Book = Callable[..., list[Account]]


def facts_of(user: User | None) -> DailyOfficerFact:
    return DailyOfficerFact.objects.get(on=TODAY, officer=user)


def test_olives_day_is_counted_as_she_worked_it(olive: User, book: Book, call: Call) -> None:
    first, second, third = book(3)
    call(first, olive, "no-answer")
    call(first, olive, "promise", at=make.NOON + timedelta(hours=1))
    call(second, olive, "someone-else")
    call(third, olive, "callback", direction="in")

    services.build_day(TODAY, at=make.NOON)

    fact = facts_of(olive)
    assert (fact.worked, fact.attempts, fact.contacts, fact.right_party) == (3, 3, 2, 1)
    assert (fact.inbound, fact.inbound_right_party) == (1, 1)


def test_a_call_that_was_taken_back_counts_once_with_its_right_outcome(
    olive: User, danas_account: Account, noon: datetime
) -> None:
    work.refresh_people([danas_account.debtor_id], noon)
    work.claim(user=olive, debtor=danas_account.debtor, at=noon)
    wrong = talk(danas_account, by=olive, at=noon)
    desk.wrap_up(call=wrong, disposition=outcome("refuses"), note="Will not pay", by=olive, at=noon)
    again = undo.outcome(call_id=wrong.pk, by=olive, at=noon)
    desk.wrap_up(call=again, disposition=outcome("hung-up"), note="", by=olive, at=noon)

    services.build_day(TODAY, at=make.NOON)

    fact = facts_of(olive)
    assert (fact.worked, fact.attempts, fact.contacts, fact.right_party) == (1, 1, 1, 0)
    figures = queries.figures(user=olive, day=noon - timedelta(hours=9), month=noon - timedelta(days=16))
    assert (figures.calls, figures.talked) == (1, 0)


def test_building_a_day_again_writes_nothing(olive: User, book: Book, call: Call, pay: Pay) -> None:
    account = book(1)[0]
    call(account, olive, "paid-now")
    pay(account, "40.00", by=olive)

    first = services.build_day(TODAY, at=make.NOON)
    again = services.build_day(TODAY, at=make.NOON + timedelta(minutes=1))

    assert first["officers"] >= 1
    assert set(again.values()) == {0}


def test_what_is_gone_from_the_live_tables_is_gone_from_the_day(olive: User, book: Book, promised: Promised) -> None:
    promise = promised(book(1)[0], olive, "40.00", due=TODAY + timedelta(days=3), made_at=make.NOON)
    services.build_day(TODAY, at=make.NOON)
    assert facts_of(olive).promises == 1

    promise.delete()
    services.build_day(TODAY, at=make.NOON)

    assert not DailyOfficerFact.objects.exists()


def test_money_goes_to_the_officer_of_the_last_talk_and_a_return_takes_it_back(
    olive: User, pavel: User, book: Book, call: Call, pay: Pay
) -> None:
    account = book(1)[0]
    call(account, pavel, "refuses", at=make.NOON - timedelta(days=9))
    call(account, olive, "promise", at=make.NOON - timedelta(days=2))
    payment = pay(account, "60.00")
    kept = pay(account, "25.50", at=make.NOON + timedelta(hours=1))
    payments.return_payment(payment=payment, code="R01", returned_on=TODAY, key="back", by=None, at=make.NOON)

    services.build_day(TODAY, at=make.NOON)

    fact = facts_of(olive)
    live = sum((p.amount for p in Payment.objects.all()), Decimal(0))
    back = sum((r.payment.amount for r in PaymentReturn.objects.all()), Decimal(0))
    assert (fact.payments, fact.returned) == (2, 1)
    assert fact.collected == live - back == kept.amount


def test_money_without_a_talk_in_thirty_days_is_nobodys(olive: User, book: Book, call: Call, pay: Pay) -> None:
    account = book(1)[0]
    call(account, olive, "promise", at=make.NOON - timedelta(days=31))
    pay(account, "60.00")

    services.build_day(TODAY, at=make.NOON)

    assert facts_of(None).collected == Decimal("60.00")


def test_a_promise_counts_once_its_grace_is_over_and_a_withdrawn_one_never(
    olive: User, book: Book, promised: Promised
) -> None:
    kept, missed, withdrawn, early = book(4)
    due = TODAY - timedelta(days=2)
    promised(kept, olive, "50.00", due=due, state="KEPT", paid=Decimal("70.00"))
    promised(missed, olive, "50.00", due=due, state="BROKEN", paid=Decimal("10.00"))
    promised(withdrawn, olive, "50.00", due=due, state="CANCELLED")
    promised(early, olive, "50.00", due=TODAY, state="KEPT", paid=Decimal("50.00"))

    services.build_day(TODAY, at=make.NOON)

    fact = facts_of(olive)
    assert (fact.kept, fact.matured) == (1, 2)
    assert (fact.kept_amount, fact.matured_amount) == (Decimal("60.00"), Decimal("100.00"))


def test_a_late_return_turns_an_old_kept_promise_into_a_missed_one_overnight(
    olive: User, book: Book, promised: Promised
) -> None:
    due = TODAY - timedelta(days=30)
    promise = promised(book(1)[0], olive, "50.00", due=due, state="KEPT")
    services.build_day(due + timedelta(days=2), at=make.NOON)

    Promise.objects.filter(pk=promise.pk).update(state="BROKEN", judged_at=make.NOON)
    services.rebuild(at=make.NOON)

    fact = DailyOfficerFact.objects.get(on=due + timedelta(days=2))
    assert (fact.kept, fact.matured) == (0, 1)


def test_the_day_is_the_portfolios_own(olive: User, book: Book, call: Call) -> None:
    late_evening = datetime(2026, 11, 18, 4, 30, tzinfo=make.NOON.tzinfo)  # 10:30 PM on the 17th in Chicago
    call(book(1)[0], olive, "no-answer", at=late_evening)

    services.build_activity(first=TODAY, last=TODAY + timedelta(days=1), at=late_evening)

    assert DailyOfficerFact.objects.get().on == TODAY


def test_balances_of_today_are_those_of_the_debts(northwind: Portfolio, book: Book) -> None:
    plan, paused, free = book(3)
    Account.objects.filter(pk=plan.pk).update(status="ARRANGED")
    Account.objects.filter(pk=paused.pk).update(status="DISPUTED")

    services.build_day(TODAY, at=make.NOON)

    fact = DailyPortfolioFact.objects.get()
    assert (fact.bucket, fact.accounts, fact.balance) == ("90-119", 3, Decimal("750.00"))
    assert (fact.in_plan, fact.paused) == (Decimal("250.00"), free.balance)


def snapshot(account: Account, on: date, **facts: object) -> None:
    AccountSnapshot.objects.create(
        account_id=account.pk,
        portfolio_id=account.portfolio_id,
        valid_from=on,
        **{
            "status": account.status,
            "balance": account.balance,
            "delinquency_date": account.delinquency_date,
            "month_end": True,
            **facts,
        },
    )


def test_roll_rows_equal_the_opening_balances(book: Book, pay: Pay) -> None:
    stays, paid = book(2)
    for account in (stays, paid):
        snapshot(account, date(2026, 10, 31))
    Account.objects.filter(pk=paid.pk).update(status="PAID", balance=0)

    services.build_day(TODAY, at=make.NOON)

    rows = dict(RollFact.objects.values_list("to_bucket", "balance"))
    assert rows == {"90-119": Decimal("250.00"), "paid": Decimal("250.00")}
    assert set(RollFact.objects.values_list("from_bucket", flat=True)) == {"90-119"}
    assert sum(rows.values()) == sum(s.balance for s in AccountSnapshot.objects.all())


def test_a_past_day_comes_from_its_snapshots(book: Book) -> None:
    account = book(1)[0]
    snapshot(account, date(2026, 10, 31))
    snapshot(account, date(2026, 11, 5), balance=Decimal("100.00"), month_end=False)

    services.build_day(date(2026, 11, 4), at=make.NOON)
    services.build_day(date(2026, 11, 5), at=make.NOON)

    assert list(DailyPortfolioFact.objects.order_by("on").values_list("balance", flat=True)) == [
        Decimal("250.00"),
        Decimal("100.00"),
    ]


def test_the_curve_counts_months_from_each_placement(book: Book, pay: Pay) -> None:
    account = book(1, placed_on=date(2026, 9, 10))[0]
    pay(account, "25.00", at=datetime(2026, 10, 9, 17, tzinfo=make.NOON.tzinfo))
    pay(account, "50.00", at=datetime(2026, 10, 10, 17, tzinfo=make.NOON.tzinfo))

    services.build_curves()

    assert list(VintageFact.objects.order_by("k").values_list("k", "collected", "placed")) == [
        (0, Decimal("25.00"), Decimal("250.00")),
        (1, Decimal("50.00"), Decimal("250.00")),
    ]


def test_figures_of_today_are_built_by_the_minute(
    olive: User, book: Book, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    from reports import tasks

    tasks.build_days.run()
    call(book(1)[0], olive, "no-answer")
    tasks.build_days.run()  # the same minute: somebody has done it
    assert not DailyOfficerFact.objects.exists()

    monkeypatch.setattr(clock, "now", lambda: make.NOON + timedelta(seconds=60))
    tasks.build_days.run()

    assert facts_of(olive).attempts == 1


def test_hours_count_ready_call_and_wrap_up_but_no_break(olive: User, book: Book, call: Call) -> None:
    from reports.models import DailyShiftFact

    for minutes, state in ((120, TimeState.READY), (60, TimeState.BREAK), (30, TimeState.ON_CALL)):
        set_time_state(user=olive, state=state, at=make.NOON - timedelta(minutes=minutes))

    services.build_day(TODAY, at=make.NOON)

    fact = DailyShiftFact.objects.get(officer=olive)
    assert (fact.signed_seconds, fact.productive_seconds) == (7200, 5400)


def test_a_portfolio_in_which_nothing_moved_is_left_alone_until_tomorrow(
    northwind: Portfolio, book: Book, pay: Pay
) -> None:
    debt = book(1)[0]
    services.build_today(at=make.NOON)
    Portfolio.objects.update(night=5)  # the night is over: what moved before it is in yesterday's picture
    DailyPortfolioFact.objects.update(balance=Decimal("1.00"))  # only a new sum would put it right

    services.build_today(at=make.NOON + timedelta(minutes=16))
    assert DailyPortfolioFact.objects.get().balance == Decimal("1.00")

    pay(debt, "50.00", at=make.NOON + timedelta(minutes=17))
    services.build_today(at=make.NOON + timedelta(minutes=20))
    assert DailyPortfolioFact.objects.get().balance == Decimal("1.00")  # looked four minutes ago
    services.build_today(at=make.NOON + timedelta(minutes=33))
    assert DailyPortfolioFact.objects.get().balance == Decimal("200.00")

    services.build_today(at=make.NOON + timedelta(days=1))
    assert DailyPortfolioFact.objects.count() == 2

"""The month's last day is over: interest is posted once for each portfolio; nothing for people in bankruptcy."""

import os
import signal
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection

from accounts.models import Account, Debtor, Portfolio
from collections_crm import testing as make
from compliance import services as compliance
from core.models import JobRun
from ledger import queries
from payments import services, tasks

PLACED = date(2026, 10, 1)
NEW_MONTH = datetime(2026, 11, 1, 6, 0, tzinfo=UTC)  # 1 AM in Chicago, where the portfolio is


@pytest.fixture
def lender(north: Any) -> Portfolio:
    return make.portfolio("Northwind loans", team=north, charges_interest=True)


def debt(book: Portfolio, person: Debtor) -> Account:
    return make.account("1250.00", debtor=person, portfolio=book, placed_on=PLACED, interest_rate=Decimal("0.09"))


def interest(account: Account) -> Decimal:
    return queries.balances([account.pk])[account.pk].get("receivable.interest", Decimal(0))


@pytest.mark.django_db
def test_the_month_is_posted_by_the_first_tick_after_its_last_day_and_once(lender: Portfolio, dana: Debtor) -> None:
    account = debt(lender, dana)

    early = services.post_month_end(at=NEW_MONTH - timedelta(hours=2))  # still October 31 in Chicago
    first = services.post_month_end(at=NEW_MONTH)
    again = services.post_month_end(at=NEW_MONTH + timedelta(hours=1))

    assert early["debts"] == 0
    assert (first["portfolios"], first["debts"], first["cents"]) == (1, 1, 925)
    assert again == {"portfolios": 0, "debts": 0, "journals": 0, "cents": 0}
    assert interest(account) == Decimal("9.25")  # 30 days


@pytest.mark.django_db
def test_nobody_in_bankruptcy_is_charged(lender: Portfolio, dana: Debtor, gus: Debtor, cora: Any) -> None:
    danas, gus_ = debt(lender, dana), debt(lender, gus)
    compliance.place_hold(debtor=dana, kind="BANKRUPTCY", at=NEW_MONTH - timedelta(days=20), by=cora)

    services.post_month_end(at=NEW_MONTH)

    assert (interest(danas), interest(gus_)) == (Decimal(0), Decimal("9.25"))


@pytest.mark.django_db
def test_the_tick_leaves_its_counts_for_the_monitor(
    lender: Portfolio, dana: Debtor, monkeypatch: pytest.MonkeyPatch
) -> None:
    debt(lender, dana)
    monkeypatch.setattr("core.clock.now", lambda: NEW_MONTH)

    tasks.month_end()
    tasks.month_end()

    run = JobRun.objects.get(job="payments.month_end")
    assert (run.state, run.counts["debts"]) == ("DONE", 1)


KILLED = """
import os, signal, sys
import django
django.setup()
from datetime import datetime
from accounts.models import Portfolio
from accounts.services import accruals
from payments.services import month_end
accruals.CHUNK = 3
post, left = accruals.ledger.post_spread, [int(sys.argv[2])]
def posting(*args, **facts):
    left[0] -= 1
    if left[0] < 0:
        os.kill(os.getpid(), signal.SIGKILL)  # the chunk is open: its rows are locked, nothing is written yet
    return post(*args, **facts)
accruals.ledger.post_spread = posting
accruals.post_month.__kwdefaults__["chunk"] = 3
month_end.post_month_end(at=datetime.fromisoformat(sys.argv[1]))
"""


@pytest.mark.django_db(transaction=True)
def test_killed_twice_in_the_middle_it_ends_with_each_debt_charged_once(lender: Portfolio) -> None:
    debts = [debt(lender, make.debtor(f"Dana {n}")) for n in range(10)]

    assert [_run_killed(after) for after in (1, 1)] == [-signal.SIGKILL] * 2
    halfway = [interest(one) for one in debts]
    services.post_month_end(at=NEW_MONTH)

    assert sum(1 for amount in halfway if amount) == 6
    assert {interest(one) for one in debts} == {Decimal("9.25")}
    assert {Account.objects.get(pk=one.pk).balance for one in debts} == {Decimal("1259.25")}


def _run_killed(after: int) -> int:
    """Another process posts `after` chunks of three and is killed by kill -9 in the next one."""
    server = urlsplit(os.environ["DATABASE_URL"])
    address = urlunsplit(server._replace(path=f"/{connection.settings_dict['NAME']}"))
    done = subprocess.run(
        [sys.executable, "-c", KILLED, NEW_MONTH.isoformat(), str(after)],
        env={**os.environ, "DATABASE_URL": address},
        timeout=120,
        check=False,
    )
    return done.returncode

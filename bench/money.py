"""P5 with eight clients and P9: payments from several processes, and the interest of a month for every open debt."""

import itertools
import multiprocessing
import time
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

from django.db import connection, connections
from django.db.models import Max

from accounts.models import Account, Portfolio
from core import clock
from ledger.models import Balance

from . import floors
from .jobs import paying
from .measure import Case, Missing

CLIENTS = 8
EACH = 25  # payments of one client in one go
_product: dict[str, Callable[[], float]] = {}


def payment_clients() -> Case:
    """P5 by eight clients, each a process with its own connection and its own debts, as workers have."""
    connections.close_all()  # a connection is not for two processes
    pool = multiprocessing.get_context("fork").Pool(CLIENTS)
    pool.map(_begin, range(CLIENTS), chunksize=1)

    def at_once(work: Callable[[int], float]) -> Callable[[], float]:
        return lambda: sum(pool.map(work, [EACH] * CLIENTS, chunksize=1))

    return Case(
        "P5c", "post a payment, eight processes (floor: five statements, eight)", "per second", 0.25, at_once(_bare),
        at_once(_ours), {"clients": CLIENTS},
    )  # fmt: skip


def _begin(number: int) -> None:
    """In a client: its own connections and its own debts."""
    connections.close_all()
    _product["bare"] = floors.Payment()
    _product["ours"] = paying(skip=number * 300, rows=300)
    time.sleep(1)  # the others take the other numbers


def _bare(count: int) -> float:
    return sum(_product["bare"]() for _ in range(count))


def _ours(count: int) -> float:
    return sum(_product["ours"]() for _ in range(count))


def month_end() -> Case:
    """P9: a month's interest of every open debt, one month end after the other."""
    from accounts.services import accruals

    Portfolio.objects.update(charges_interest=True)
    Account.objects.filter(interest_rate=None).update(interest_rate=Decimal("0.08"))
    newest = Balance.objects.aggregate(last=Max("accrued_to"))["last"]
    today = max(newest or date.min, clock.today("America/Chicago", clock.now()))
    first = (today.replace(day=28) + timedelta(days=4)).replace(day=1)
    ends = (_month_end(first, months) for months in itertools.count(0))
    counts: list[int] = []

    def product() -> float:
        on = next(ends)
        said = [accruals.post_month(portfolio=book, on=on, at=clock.now()) for book in Portfolio.objects.all()]
        counts.append(sum(each["debts"] for each in said))
        return counts[-1]

    product()  # from each placement on, which no later month repeats
    again = sum(
        accruals.post_month(portfolio=book, on=_month_end(first, 0), at=clock.now())["debts"]
        for book in Portfolio.objects.all()
    )
    if again or not counts[0]:
        raise Missing(f"A second run of the same month posted {again} debts, the first one {counts[0]}.")
    return Case(
        "P9", "a month's interest of all open debts (floor: bare INSERT of an amount each)", "per second", 0.25,
        Accrual(), product, {"debts_a_month": counts},
    )  # fmt: skip


def _month_end(first: date, months: int) -> date:
    """The last day of the month that many months after the one of `first`."""
    number = first.year * 12 + first.month + months
    return date(number // 12, number % 12 + 1, 1) - timedelta(days=1)


class Accrual:
    """`nightly_accrual_insert_all_open`: a row an open debt in a table without index, from a table as wide as ours."""

    def __init__(self) -> None:
        self.conn = floors.bare()
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS bench.bearing, bench.accrual")
            cursor.execute(
                "CREATE TABLE bench.bearing AS SELECT a.*, b.amount AS principal FROM accounts_account a "
                "JOIN ledger_balance b ON b.subject_id = a.id AND b.account_id = 'receivable.principal'"
            )
            cursor.execute("CREATE TABLE bench.accrual (id bigint, on_date date, amount numeric(14,2))")
            cursor.execute("ANALYZE bench.bearing")

    def __call__(self) -> float:
        cursor = self.conn.cursor()
        cursor.execute(
            "INSERT INTO bench.accrual SELECT id, current_date, round(principal * 0.08 / 12, 2) FROM bench.bearing "
            "WHERE status IN ('NEW', 'ACTIVE', 'ARRANGED') AND principal > 0"
        )
        return float(cursor.rowcount)


CASES: dict[str, Callable[[], Case]] = {"P5c": payment_clients, "P9": month_end}

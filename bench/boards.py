"""P13: the team board as a page, with its parts kept and anew, and its reads beside the bare summary query."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import clock
from core.dates import add_months, month_end
from reports import balances, build_sql, queries
from reports.models import DailyOfficerFact, MonthFact
from reports.scope import Scope, read_scope

from .cases import Page
from .jobs import user
from .measure import Case, Missing

URL = "/team/?period=quarter"
MONTHS = 24
BARE = """SELECT date_trunc('month', "on")::date, sum(collected), sum(kept), sum(matured)
FROM reports_dailyofficerfact WHERE portfolio_id = ANY(%s) AND "on" >= %s GROUP BY 1 ORDER BY 1"""


class Anew(Page):
    """The page when no part of it is kept: as a process sees it first, and after a build that changed every fact."""

    def __call__(self) -> int:
        cache.clear()
        return super().__call__()


def page() -> Case:
    """P13: the page of a quarter as a manager gets it: its parts are made anew when the minute or the facts change."""
    return _page("P13", "team board of a quarter", Page(user("max"), URL))


def anew() -> Case:
    """P13c: the same page with every part made anew. No budget of its own; it says what the keeping is worth."""
    return _page("P13c", "team board of a quarter, every part anew (no budget)", Anew(user("max"), URL))


def _page(number: str, what: str, product: Page) -> Case:
    product()
    with CaptureQueriesContext(connection) as made:
        product()
    notes = {"queries": len(made), "url": URL, "ledger_rows": _count("ledger_entry")}
    return Case(number, what, "CPU ms", 2.0, Page(user("max"), "/floor/", bare=True), product, notes)


def trend() -> Case:
    """P13b: the answer to "24 months" from the months' own summary, against the bare sum over the day facts."""
    scope = _scope()
    since = add_months(scope.today.replace(day=1), 1 - MONTHS)
    _fill(scope.today)

    def bare() -> int:
        with connection.cursor() as cursor:
            cursor.execute(BARE, [scope.ids, since])
            found = cursor.fetchall()
        if len(found) != MONTHS:
            raise Missing(f"The facts span {len(found)} months.")
        return 1

    def product() -> int:
        return 1 if len(balances.trend(scope=scope)) == MONTHS else 0

    what = "24 months of the trend (floor: the bare sum over the day facts)"
    notes = {"day_facts": DailyOfficerFact.objects.count(), "month_facts": MonthFact.objects.count()}
    return Case("P13b", what, "per second", 1 / 3, bare, product, notes)


def reads() -> Case:
    """P13d: all that the board reads, cold, against that one bare sum."""
    scope, one = _scope(), trend()

    def product() -> int:
        queries.kpi_board(scope=scope)
        balances.balances(scope=scope)
        balances.vintages(scope=scope)
        balances.trend(scope=scope)
        return 1

    what = "every read of the board (floor: the bare sum over the day facts)"
    return Case("P13d", what, "per second", 1 / 3, one.floor, product, one.notes)


def _scope() -> Scope:
    return read_scope(user=user("max"), asked={"period": "quarter"}, at=clock.now())


def _fill(today: date) -> None:
    """Two years of day facts: those of the last whole month again in the months that have none."""
    first, last = _month(add_months(today.replace(day=1), -1))
    names = ", ".join(
        f'"{name}"' for name in ("officer_id", "portfolio_id", "currency", *build_sql.MEASURES, "built_at")
    )
    with connection.cursor() as cursor:
        for back in range(1, MONTHS):
            start, end = _month(add_months(today.replace(day=1), -back))
            if DailyOfficerFact.objects.filter(on__range=(start, end)).exists():
                continue
            cursor.execute(
                f"""INSERT INTO reports_dailyofficerfact ("on", {names})
SELECT LEAST(%s + ("on" - %s), %s), {names} FROM reports_dailyofficerfact WHERE "on" BETWEEN %s AND %s
ON CONFLICT DO NOTHING""",
                [start, first, end, first, last],
            )
        cursor.execute(build_sql.MONTHS, {"first": add_months(today.replace(day=1), 1 - MONTHS), "last": today})


def _month(first: date) -> tuple[date, date]:
    return first, month_end(first)


def _count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])


CASES: dict[str, Callable[[], Any]] = {"P13": page, "P13b": trend, "P13c": anew, "P13d": reads}

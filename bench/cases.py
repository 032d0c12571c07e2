"""The product's side of each row of the table "Speed" in the decisions, as far as the product has it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings

from accounts.models import ContactPoint, Debtor
from core import clock
from strategies.models import WorkItem
from users.models import User

from . import claims, desk, floors, jobs, letter, money, verdict_forms
from .jobs import paying, user
from .measure import Case, Missing


def _signed_in(who: User) -> Client:
    client = Client()
    client.force_login(who, backend="django.contrib.auth.backends.ModelBackend")
    return client


class Page:
    """GET a page as somebody; fails on anything but 200."""

    def __init__(self, who: User, url: str, *, bare: bool = False) -> None:
        self.url, self.bare = url, bare
        self.client = self._in_place(lambda: _signed_in(who))
        self()

    def _in_place(self, act: Callable[[], Any]) -> Any:
        if not self.bare:
            return act()
        with override_settings(ROOT_URLCONF="bench.floors", MIDDLEWARE=floors.MIDDLEWARE):
            return act()

    def __call__(self) -> int:
        status = self._in_place(lambda: self.client.get(self.url)).status_code
        if status != 200:
            raise Missing(f"{self.url} answers {status}.")
        return 1


def _page_case(number: str, what: str, bound: float, who: User, url: str, floor_url: str) -> Case:
    product = Page(who, url)
    with CaptureQueriesContext(connection) as queries:
        product()
    notes = {"queries": len(queries), "url": url}
    return Case(number, what, "CPU ms", bound, Page(who, floor_url, bare=True), product, notes)


def worklist_page() -> Case:
    """P1: fifty rows of the worklist."""
    return _page_case("P1", "worklist page", 2.0, user("olive"), "/work/all/", "/floor/")


def account_page() -> Case:
    """P3: the work screen of one person."""
    olive = user("olive")
    item = WorkItem.objects.visible_to(olive).filter(state="OPEN").order_by("-priority", "pk").first()
    if item is None:
        raise Missing("There is no open work in this database.")
    url = f"/people/P-{item.debtor_id}/"
    return _page_case("P3", "account page", 4.0, olive, url, f"/floor/{item.account_id}/")


def long_account_page() -> Case:
    """P3: the same of somebody with a long history."""
    olive = user("olive")
    return desk.long_history(lambda url: Page(olive, url), olive)


def saving() -> Case:
    """P4: save the outcome of a call."""
    return desk.save(user("olive"))


def payment() -> Case:
    """P5: post a payment through the service."""
    product = paying()
    product()
    with CaptureQueriesContext(connection) as queries:
        product()
    floor = floors.Payment()
    return Case("P5", "post a payment", "per second", 0.25, floor, product, {"queries": len(queries)})


def verdicts() -> Case:
    """P12: pure verdicts a second with fifty events of history; the budget is 5,000 a second and core."""
    from compliance.rules import engine, facts

    now = clock.now().replace(hour=17, minute=0)
    history = tuple(
        facts.Event(
            kind="call", at=now - timedelta(days=2 * n + 8), outcome="no_answer", debt_ids=("d1",), to="+13125550142"
        )
        for n in range(50)
    )
    known = facts.Facts(
        consumer=facts.Person(
            id="c1",
            addresses=(facts.Address(id="a1", state="IL", postal_code="60601", tz=("America/Chicago",)),),
            phones=(facts.Phone(id="p1", e164="+13125550142", kind="mobile", tz=("America/Chicago",)),),
        ),
        debts=(facts.Debt(id="d1"),),
        history=history,
    )
    action = facts.Action(channel="call", to="+13125550142", debt_ids=("d1",))

    def product() -> int:
        for _ in range(50):
            engine.evaluate(known, action, now)
        return 50

    return Case("P12", "pure verdicts (floor: decode 50 events of JSON)", "per second", 0.1, floors.Spin(), product)


def verdicts_in_bulk() -> Case:
    """P12: verdicts for a thousand people; at most 5 queries and 1 ms of CPU each."""
    from compliance import services as compliance

    now = clock.now()
    people = list(Debtor.objects.filter(accounts__status="ACTIVE").order_by("pk").distinct()[:1000])
    requests = [compliance.Request(person, "call") for person in people]
    with CaptureQueriesContext(connection) as queries:
        compliance.may_contact_many(requests, now)
    points = ContactPoint.objects.filter(debtor__in=[p.pk for p in people])

    def floor() -> int:
        return len(people) if list(points.all()) else 0

    def product() -> int:
        return len(compliance.may_contact_many(requests, now))

    notes = {"queries": len(queries), "people": len(people), "budget_ms": 1.0}
    return Case("P12b", "verdicts in bulk (floor: read their contact points)", "CPU ms", 40.0, floor, product, notes)


def ageing() -> Case:
    """P8: the nightly run, on a day on which nothing moves: it writes nothing and reads what it must."""
    from accounts import services as accounts

    now = clock.now()
    today = clock.today("America/Chicago", now)
    accounts.age_accounts(on=today, at=now)

    def floor() -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*), sum(balance) FROM accounts_account WHERE status = 'ACTIVE' AND bucket <> ''"
            )
            cursor.fetchone()
        return 1

    def product() -> int:
        counts = accounts.age_accounts(on=today, at=now)
        if any(counts.values()):
            raise Missing(f"A second run of the same day wrote {counts}.")
        return 1

    return Case(
        "P8b", "a second nightly run of the day (floor: one scan of the accounts)", "per second", 0.05, floor, product
    )


CASES: dict[str, Callable[[], Case]] = {
    "P1": worklist_page,
    "P3": account_page,
    "P3b": long_account_page,
    "P4": saving,
    "P5": payment,
    "P8b": ageing,
    "P12": verdicts,
    "P12b": verdicts_in_bulk,
    **claims.CASES,
    **letter.CASES,
    **jobs.CASES,
    **money.CASES,
    **verdict_forms.CASES,
}
ABSENT = {
    "P2": "Measure P1 on a database and on a copy of it blown up by bench/million.sql; bench/plans.py reads the plans.",
    "P14": "python -m bench.fifty, with servers of its own.",
}

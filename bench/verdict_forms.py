"""P12's other forms: a verdict for each contact point of a page, and for a hundred thousand people in one go."""

import itertools
import resource
import time
from collections.abc import Callable

from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, ContactPoint, Debtor
from core import clock

from .measure import Case, Missing

MANY = 100_000
BUNCH = 1000


def on_a_page() -> Case:
    """P12 on a page: the badges of one person's contact points; the extra queries are those after the page's own."""
    from compliance import services as compliance

    now = clock.now()
    person = Debtor.objects.filter(accounts__status="ACTIVE", contact_points__kind="PHONE").order_by("pk").first()
    if person is None:
        raise Missing("Nobody here has an active debt and a telephone number.")
    points = list(person.contact_points.order_by("pk"))
    rows = Account.objects.filter(debtor=person, status="ACTIVE").select_related("portfolio__creditor")
    accounts = list(rows)  # both are on the page anyway

    def floor() -> int:
        return len(list(ContactPoint.objects.filter(debtor=person)))

    def product() -> int:
        return len(compliance.badges(person, points, accounts, now))

    product()
    with CaptureQueriesContext(connection) as queries:
        product()
    notes = {"queries": len(queries), "points": len(points)}
    return Case("P12c", "verdicts of a page (floor: read its contact points)", "CPU ms", 40.0, floor, product, notes)


def a_hundred_thousand() -> Case:
    """P12 in bulk: everybody, up to 100,000, once in bunches of 1,000 for the notes; then bunch after bunch."""
    from compliance import services as compliance

    now = clock.now()
    people = list(Debtor.objects.order_by("pk")[:MANY])
    if len(people) < BUNCH:
        raise Missing("This form needs at least 1,000 people.")
    bunches = [people[start : start + BUNCH] for start in range(0, len(people), BUNCH)]
    most = 0
    began = time.process_time()
    for bunch in bunches:
        with CaptureQueriesContext(connection) as queries:
            compliance.may_contact_many([compliance.Request(person, "call") for person in bunch], now)
        most = max(most, len(queries))
    notes = {
        "people": len(people), "queries_per_1000": most, "budget_queries": 5, "budget_ms": 1.0,
        "ms_each": round((time.process_time() - began) * 1000 / len(people), 3),
        "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }  # fmt: skip
    turn, read = itertools.cycle(bunches), itertools.cycle(bunches)

    def floor() -> int:
        return len({point.debtor_id for point in ContactPoint.objects.filter(debtor__in=next(read))})

    def product() -> int:
        return len(compliance.may_contact_many([compliance.Request(person, "call") for person in next(turn)], now))

    what = "verdicts for 100,000 people (floor: read their contact points)"
    return Case("P12d", what, "CPU ms", 40.0, floor, product, notes)


CASES: dict[str, Callable[[], Case]] = {"P12c": on_a_page, "P12d": a_hundred_thousand}

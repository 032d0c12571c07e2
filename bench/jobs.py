"""The product's side of the rows of "Speed" that are jobs: import, the night, messages, many clients at once."""

import csv
import io
import itertools
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.db import connection
from django.test.utils import CaptureQueriesContext, override_settings

from accounts.models import Account, Portfolio
from core import clock
from letters.models import Message
from payments import services as payments
from users.models import User

from . import job_floors
from .measure import Case, Missing

ROWS = 2000  # of one placement file
MAILS = 200  # sent in one go, each to another person
HEADER = (
    "Account,First Name,Last Name,DOB,Street,City,State,ZIP,Phone,Email,Principal,Interest,Fees,Balance,"
    "Currency,Delinquency Date"
)


def user(name: str) -> User:
    """Somebody of the demo's cast."""
    found = User.objects.filter(username=name).first()
    if found is None:
        raise Missing(f"There is no {name}: load the demo into this database.")
    return found


def paying(*, skip: int = 0, rows: int = 3000) -> Callable[[], int]:
    """One cent on one debt after the other; the caller has its account at hand, as a page has."""
    owed = Account.objects.filter(status="ACTIVE", balance__gt=200).select_related("portfolio").order_by("pk")
    accounts = itertools.cycle(owed[skip : skip + rows])

    def product() -> int:
        now, account = clock.now(), next(accounts)
        payments.record_payment(
            account=account, amount=Decimal("0.01"), method="CARD", by=None, at=now, key=f"bench:{uuid4()}",
            effective_date=clock.today(account.portfolio.time_zone, now),
        )  # fmt: skip
        return 1

    return product


def payment_rows() -> Case:
    """P5: against bare SQL that writes the same rows to the same tables."""
    product = paying()
    return Case(
        "P5b", "post a payment (floor: the same rows in SQL)", "per second", 0.4, job_floors.SameRows(), product
    )


def importing() -> Case:
    """P7: receive, map, check, release and load a file of ROWS rows."""
    from accounts.services import imports
    from accounts.services.running import work_imports

    ada, max_ = user("ada"), user("max")
    book = Portfolio.objects.order_by("pk")[0]
    numbers = itertools.count(int(clock.now().timestamp()) % 1_000_000)

    def product() -> int:
        now, lot = clock.now(), next(numbers)
        file, _ = imports.receive(
            chunks=[_file(lot)], name=f"bench{lot}.csv", portfolio=book, placed_on=now.date(), by=ada, at=now
        )
        if file.state == "MAPPING":
            imports.set_map(import_file=file, layout=imports.layout_of(file), by=ada, at=now)
        work_imports(at=clock.now(), rows=_only(file.pk))
        file.refresh_from_db()
        if file.state == "READY":
            imports.release(import_file=file, by=max_, at=clock.now(), reason="A benchmark")
            work_imports(at=clock.now(), rows=_only(file.pk))
            file.refresh_from_db()
        if file.state != "LOADED" or file.accepted != ROWS:
            raise Missing(f"The file is {file.state} with {file.accepted} of {ROWS} rows: {file.fault[:100]}")
        return ROWS

    with CaptureQueriesContext(connection) as queries:
        product()
    notes = {"queries": len(queries), "rows": ROWS}
    floor = job_floors.Placement(ROWS)
    return Case("P7", "import (floor: the same rows in SQL)", "per second", 0.4, floor, product, notes)


def _only(pk: int) -> Any:
    from accounts.models import ImportFile

    return ImportFile.objects.filter(pk=pk)


def _file(lot: int) -> bytes:
    out = io.StringIO()
    out.write(HEADER + "\n")
    lines = csv.writer(out)
    for n in range(ROWS):
        number = lot * 10_000 + n
        lines.writerow(
            [
                f"BN-{number}", f"Bench{n}", f"Row{number}", f"01/{n % 28 + 1:02d}/1980", f"{n} Mill Road", "Chicago",
                "IL", "60601", f"(312) 555-01{n % 100:02d}", f"b{number}@example.com", "100.00", "5.00", "0.00",
                "105.00", "USD", "01/31/2026",
            ]
        )  # fmt: skip
    return out.getvalue().encode()


def night() -> Case:
    """P8: the nightly run on day after day of next month: bucket moves with history, and the snapshot."""
    from accounts import services as accounts

    first = (clock.today("America/Chicago", clock.now()).replace(day=28) + timedelta(days=4)).replace(day=1)
    floor = job_floors.Night(first)
    accounts.age_accounts(on=first, at=clock.now())
    again = accounts.age_accounts(on=first, at=clock.now())
    if any(again.values()):
        raise Missing(f"A second run of the same day wrote {again}.")
    days: dict[str, date] = {"on": first}
    written: list[int] = []

    def product() -> int:
        days["on"] += timedelta(days=1)
        written.append(sum(accounts.age_accounts(on=days["on"], at=clock.now()).values()))
        return 1

    return Case(
        "P8", "nightly run (floor: the changed rows, their history and snapshot)", "per second", 1 / 3, floor,
        product, {"written_a_day": written},
    )  # fmt: skip


def messages() -> Case:
    """P11: e-mails that went out before, made anew: truth check, verdict, render, hand over, record."""
    from letters.services import sending

    owed = {"account__balance__gt": 0, "account__status__in": ("NEW", "ACTIVE", "ARRANGED")}
    sent = Message.objects.filter(channel="email", state="DELIVERED", **owed).order_by("debtor", "pk")
    source = list(sent.distinct("debtor")[:2000])
    if not source:
        raise Missing("The demo has no e-mail that arrived.")
    template = job_floors.plain_template(clock.now())
    rows = itertools.cycle(source)
    counts: dict[str, int] = {}

    def product() -> int:
        now = clock.now()
        Message.objects.filter(state="QUEUED").update(due_at=now + timedelta(days=1))
        job_floors.again([next(rows).pk for _ in range(MAILS)], template, now)
        with override_settings(EMAIL_BACKEND="bench.mail.Backend"):
            said = sending.send_due(at=now, limit=MAILS)
        for name, count in said.items():
            counts[name] = counts.get(name, 0) + count
        return said.get("sent", 0)

    with CaptureQueriesContext(connection) as queries:
        if not product():
            raise Missing(f"None of {MAILS} copied e-mails went out: {counts}")
    notes = {"queries": len(queries), "messages": MAILS, "outcomes": counts}
    return Case("P11", "e-mails", "per second", 0.4, job_floors.Mail(), product, notes)


CASES: dict[str, Callable[[], Case]] = {
    "P5b": payment_rows,
    "P7": importing,
    "P8": night,
    "P11": messages,
}

"""A running copy with people who owe, an officer at her desk who does not give up, and children that get killed.

For tests/test_faults_*.py. `build`, `queue_letters` and `receive_file` run inside the copy, by its own manage.py.
"""

import contextlib
import csv
import http.client
import itertools
import json
import re
import signal
import threading
import time
from collections.abc import Callable
from functools import partial
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psutil

from collections_crm.tests.local_helpers import Copy, manage, wait_until

PASSWORD = "a long enough pass phrase"  # noqa: S105  collections_crm.testing's


# In the copy ----------------------------------------------------------------------------------------------------


def inside(data: Path, call: str) -> Any:
    """Run one function of this module by the copy's own manage.py; what it returns, through JSON."""
    words = f"from collections_crm.tests import faults_stage as s; s.say({call})"
    done = manage("shell", "--no-imports", "-c", words, "--data", str(data))
    found = re.search(r"^SAID (.*)$", done.stdout, re.MULTILINE)
    assert done.returncode == 0 and found, done.stderr[-2000:]
    return json.loads(found[1])


def say(value: Any) -> None:
    import sys

    sys.stdout.write(f"\nSAID {json.dumps(value)}\n")


def build(people: int) -> dict[str, Any]:
    """Olive's team, its portfolio, and so many people with an address and a debt of $5,000.00."""
    from collections_crm import testing as make
    from core import clock

    at = clock.now()
    team = make.team("North")
    make.user("Olive Marsh", "officer", team=team)
    make.user("Ada Lindgren", "admin")
    make.user("Max Feldman", "manager", team=team)
    make.firm()
    book = make.portfolio(team=team)
    today = clock.today(book.time_zone, at)
    return {"debts": more_people(people), "today": today.isoformat()}


def more_people(count: int) -> list[list[int]]:
    """So many more people of the portfolio; ids of each person and debt."""
    from accounts import services as accounts
    from accounts.models import Account, Portfolio
    from collections_crm import testing as make
    from core import clock

    at, book, before = clock.now(), Portfolio.objects.get(), Account.objects.count()
    made = []
    for number in range(before, before + count):
        person = make.debtor(f"Dana Reyes{number}")
        make.address(person, f"{number + 1} Magoffin Ave")
        accounts.refresh_places(person)
        debt = make.account(
            "5000.00", debtor=person, portfolio=book, at=at, placed_on=clock.today(book.time_zone, at),
            reference=f"NW-{100_000 + number}",
        )  # fmt: skip
        made.append([person.pk, debt.pk])
    return made


def queue_letters(run: str, first: int, count: int) -> int:
    """The first notice of so many debts, due now; returns how many rows wait."""
    from accounts.models import Account
    from core import clock, work
    from letters import services, tasks

    rows = Account.objects.order_by("pk").select_related("debtor", "portfolio")[first : first + count]
    at = clock.now()
    plans = [
        services.Plan(account=row, kind="validation_notice", key=f"{run}:{row.pk}", ways=(("post", at),))
        for row in rows
    ]
    made = services.queue_many(plans, at=at, run=run)
    work.wake(tasks.send_due)
    return made


def receive_file(name: str, rows: int) -> int:
    """Ada uploads a placement of so many rows and says what its columns are; the id of the import."""
    from accounts.models import Portfolio
    from accounts.services import imports
    from accounts.tests.placement_files import table
    from core import clock
    from users.models import User

    at, book, ada = clock.now(), Portfolio.objects.get(), User.objects.get(username="ada")
    content = table(*(_line(name, number) for number in range(rows)))
    row, _ = imports.receive(
        chunks=[content], name=f"{name}.csv", portfolio=book, placed_on=clock.today(book.time_zone, at), by=ada, at=at
    )
    if row.state == "MAPPING":
        imports.set_map(import_file=row, layout=imports.layout_of(row), by=ada, at=at)
    return int(row.pk)


def _line(name: str, number: int) -> str:
    from accounts.tests.placement_files import line

    return line(
        Account=f"{name}-{number:05}", First_Name=f"Nora{number}", Street=f"{number + 1} Mill Road",
        Phone=f"(312) 555-{number % 10_000:04}", Email=f"nora{number}@example.com",
    )  # fmt: skip


def release_file(import_id: int) -> str:
    """Max releases it."""
    from accounts.models import ImportFile
    from accounts.services import imports
    from core import clock
    from users.models import User

    row = ImportFile.objects.get(pk=import_id)
    imports.release(import_file=row, by=User.objects.get(username="max"), at=clock.now(), reason="Agreed")
    return row.state


# At the desk ----------------------------------------------------------------------------------------------------


class Desk:
    """Olive's browser, as plain HTTP: every answer is a status, 0 when there was none."""

    def __init__(self, port: int, name: str = "olive") -> None:
        self.port, self.cookies = port, SimpleCookie()
        assert self.ask("GET", "/login/")[0] == 200
        signed = self.ask("POST", "/login/", {"username": name, "password": PASSWORD})
        assert signed[0] == 302, signed

    def ask(self, method: str, path: str, data: dict[str, Any] | None = None) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Cookie": "; ".join(f"{name}={morsel.value}" for name, morsel in self.cookies.items())}
        body = None
        if data is not None:
            token = self.cookies["csrftoken"].value if "csrftoken" in self.cookies else ""
            body = urlencode({**data, "csrfmiddlewaretoken": token})
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            for cookie in answer.headers.get_all("Set-Cookie") or []:
                self.cookies.load(cookie)
            return answer.status, answer.read().decode("utf-8", "replace")
        except (OSError, http.client.HTTPException):
            return 0, ""
        finally:
            connection.close()


class Payments(threading.Thread):
    """Posts so many payments of $1.00, each again with its own key until it is acknowledged."""

    def __init__(self, desk: Desk, stage: dict[str, Any], *, run: str, count: int) -> None:
        super().__init__(daemon=True)
        self.desk, self.stage, self.run_name, self.count = desk, stage, run, count
        self.acknowledged: list[str] = []
        self.refusals: list[str] = []
        self.tries = 0

    def has_come_to(self, mark: int) -> bool:
        """So many are acknowledged, or there will be no more."""
        return len(self.acknowledged) >= mark or not self.is_alive()

    def run(self) -> None:
        debts = itertools.cycle(self.stage["debts"])
        for number in range(self.count):
            person, debt = next(debts)
            key = f"{self.run_name}-{number}"
            data = {"idempotency_key": key, "debt": debt, "amount": "1.00", "method": "CHECK",
                    "effective_date": self.stage["today"]}  # fmt: skip
            deadline = time.monotonic() + 90
            while time.monotonic() < deadline:
                self.tries += 1
                status, body = self.desk.ask("POST", f"/people/P-{person}/payments/new/", data)
                if status == 303:
                    self.acknowledged.append(key)
                    break
                if status not in (0, 502, 503):
                    words = " ".join(re.sub(r"<[^>]+>", " ", body).split())
                    self.refusals.append(f"{key}: {status} {words[-300:]}")
                    if status != 500:
                        return
                time.sleep(0.2)


def kill_while(running: Payments, strikes: int, victim: Callable[[], psutil.Process]) -> int:
    """Start it, strike so many times spread over its acknowledgments, and wait for its end; how often it struck."""
    running.start()
    struck = 0
    for turn in range(strikes):
        mark = (turn + 1) * running.count // (strikes + 2)
        wait_until(partial(running.has_come_to, mark), seconds=120, what="some payments")
        if running.is_alive():
            with contextlib.suppress(AssertionError, psutil.NoSuchProcess):
                victim().send_signal(signal.SIGKILL)
                struck += 1
    running.join(240)
    return struck


def worker_of(copy: Copy, word: str) -> psutil.Process:
    """A process below the child with this word: one that serves pages or works tasks."""
    below = copy.child(word).children()
    assert below, f"{word} has no process below it"
    return max(below, key=lambda process: process.pid)


def printed(data: Path) -> list[str]:
    """The keys of all letters in the manifest of the print folder, in the order they went out."""
    manifest = data / "print" / "manifest.csv"
    if not manifest.exists():
        return []
    with manifest.open(newline="", encoding="utf-8") as file:
        return [row["key"] for row in csv.DictReader(file)]

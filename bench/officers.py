"""Officers as clients of a web server: each has a session, people of their own, and a round of twenty requests.

Sixteen of twenty are reads: four worklists, ten work screens, two of my day. The four writes are a call, its outcome,
and two payments. The bare round has the same reads of plain pages, and saves a note for each write.
"""

from __future__ import annotations

import http.client
import itertools
import re
import time
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db.models import Count

from accounts.models import Account, ContactPoint
from core import clock
from users.models import Team, User

from .measure import Missing

TOKEN = "c" * 32  # the CSRF cookie and header have to agree, whatever they say
# W worklist, P work screen, D my day, C call with its screen and outcome, M two payments
ROUND = tuple("WPPWPDPWCWPPMDPPP")


@dataclass(frozen=True, slots=True)
class Person:
    """One person of an officer: whom to open, which number to call, which debt to pay a cent on."""

    debtor: int
    account: int
    point: int


@dataclass(slots=True)
class Desk:
    """One officer's session cookie and people."""

    number: int
    session: str
    people: list[Person] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Entry:
    """One request as it went: when it ended, how long it took, and whether it was a read, refused by rules, failed."""

    ended: float
    ms: float
    read: bool
    what: str
    failed: bool = False
    refused: bool = False


def accounts() -> int:
    return Account.objects.count()


def make(count: int) -> list[Desk]:
    """So many officers of the largest team with sessions, its people dealt out among them."""
    team = Team.objects.annotate(books=Count("portfolios")).order_by("-books").first()
    if team is None:
        raise Missing("There is no team in this database.")
    rows = Account.objects.filter(portfolio__teams=team, status="ACTIVE", balance__gt=50).order_by("debtor_id", "pk")
    first = rows.distinct("debtor_id").values_list("debtor_id", "pk")[: count * 40]
    points = dict(
        ContactPoint.objects.filter(debtor__in=[row[0] for row in first], kind="PHONE", status="ACTIVE").values_list(
            "debtor_id", "pk"
        )
    )
    people = [Person(debtor, account, points[debtor]) for debtor, account in first if debtor in points]
    desks = [Desk(number, _session(_officer(number, team)), people[number::count]) for number in range(count)]
    if not all(desk.people for desk in desks):
        raise Missing("There are too few people for so many officers.")
    return desks


def _officer(number: int, team: Team) -> User:
    name = f"bench-officer-{number:02d}"
    user = User.objects.filter(username=name).first()
    if user is None:
        user = User.objects.create_user(name, display_name=f"Bench Officer {number}", role_list=["officer"])
        user.teams.add(team)
    return user


def _session(user: User) -> str:
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.save()
    return str(store.session_key)


class Bare:
    """The round on the bare server."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.log = desk, list[Entry]()
        self.people = itertools.cycle(desk.people)
        self.line: http.client.HTTPConnection

    def work(self, port: int, end: float) -> list[Entry]:
        """Rounds until the end, each officer at another step of it; every request is in the log."""
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        begin = self.desk.number % len(ROUND)
        steps = itertools.cycle(ROUND[begin:] + ROUND[:begin])
        while time.monotonic() < end:
            self.step(next(steps))
        self.line.close()
        return self.log

    def step(self, what: str) -> None:
        person = next(self.people)
        note = {"account": str(person.account), "body": "No answer"}
        if what in "CM":
            self.ask("POST", "/floor/note/", note)
        if what in "CP":
            self.ask("GET", f"/floor/{person.account}/")
        if what in "CM":
            self.ask("POST", "/floor/note/", note)
        if what in "WD":
            self.ask("GET", "/floor/")

    def ask(self, method: str, path: str, form: dict[str, Any] | None = None) -> tuple[int, str]:
        """One request; a dropped connection or a status of 400 and more is a failure unless the caller says else."""
        name = f"{method} {re.sub(r'[0-9]+', 'N', path)}"
        began = time.monotonic()
        try:
            status, text = self._send(method, path, urlencode(form) if form else None)
        except (OSError, http.client.HTTPException) as error:
            self.line.close()
            status, text = 0, type(error).__name__
        ended = time.monotonic()
        bad = status == 0 or status >= 400
        refused = method == "POST" and status in (403, 409, 422)
        what = f"{name}: {status or text}"
        self.log.append(
            Entry(ended, (ended - began) * 1000, method == "GET", what, failed=bad and not refused, refused=refused)
        )
        return status, text

    def _send(self, method: str, path: str, body: str | None) -> tuple[int, str]:
        cookie = f"{settings.SESSION_COOKIE_NAME}={self.desk.session}; {settings.CSRF_COOKIE_NAME}={TOKEN}"
        headers = {"Cookie": cookie, "X-CSRFToken": TOKEN}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.line.request(method, path, body, headers)
        answer = self.line.getresponse()
        return answer.status, answer.read().decode("utf-8", "replace")


class Officer(Bare):
    """The round on the product."""

    def step(self, what: str) -> None:
        person = next(self.people)
        screen = f"/people/P-{person.debtor}/"
        if what == "C":
            self._call(person, screen)
        elif what == "M":
            for _ in range(2):
                self._pay(person, screen)
        elif what == "P":
            self.ask("GET", screen)
        else:
            self.ask("GET", {"W": "/work/all/", "D": "/work/"}[what])

    def _call(self, person: Person, screen: str) -> None:
        """Call, look at the screen, save the outcome. Whom the rules or the hour refuse gets a note instead."""
        self.ask("POST", f"{screen}call/", {"idempotency_key": uuid4(), "point": person.point})
        _, page = self.ask("GET", screen)
        found = re.search(r'name="call" value="([0-9]+)"', page)
        if found is None:
            self.ask("POST", f"{screen}note/", {"idempotency_key": uuid4(), "text": "Nobody to be called now"})
            return
        form = {
            "idempotency_key": uuid4(),
            "call": found.group(1),
            "disposition": "no-answer",
            "then": "stay",
            "note": "",
        }
        self.ask("POST", f"{screen}wrap-up/", form)

    def _pay(self, person: Person, screen: str) -> None:
        day = clock.today("America/Chicago", clock.now()).isoformat()
        form = {"idempotency_key": uuid4(), "debt": person.account, "amount": "0.01", "method": "CARD"}
        self.ask("POST", f"{screen}payments/new/", {**form, "effective_date": day})

"""A real browser in the hands of somebody of the cast; every key is counted (D11)."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date, datetime
from typing import Any

import pytest

from accounts.models import Account, Portfolio
from collections_crm import testing as make
from core import clock
from strategies import services as work
from users.models import User

from .stories import script

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip


class Hands:
    """A page that counts the keys that are pressed. Typed data is counted apart."""

    def __init__(self, page: Any) -> None:
        self.page, self.keys, self.flying = page, 0, 0
        page.on("request", lambda _: self._count(1))
        page.on("requestfinished", lambda _: self._count(-1))
        page.on("requestfailed", lambda _: self._count(-1))

    def _count(self, change: int) -> None:
        self.flying = max(self.flying + change, 0)

    def settle(self) -> None:
        """Until nothing has been on its way for a quarter of a second, as a person waits for the screen."""
        quiet = 0
        for _ in range(200):
            self.page.wait_for_timeout(50)
            quiet = quiet + 1 if self.flying == 0 else 0
            if quiet >= 5:
                break
        self.page.wait_for_load_state("load")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.keys += 1
            self.page.keyboard.press(key)
            self.settle()


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.fixture
def awake(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """Tue Nov 17, 2026, 10:00 AM in El Paso, and the seconds go on."""
    began = clock.now()

    def now() -> datetime:
        from datetime import UTC
        from datetime import datetime as real

        return make.NOON + (real.now(UTC) - began)

    monkeypatch.setattr("core.clock.now", now)
    return make.NOON


@pytest.fixture
def people(awake: datetime, olive: User, danas_account: Account, northwind: Portfolio) -> list[Account]:
    """Dana and two more, all callable now; Dana's debt is the largest, so she is first."""
    script(at=awake)
    Account.objects.filter(pk=danas_account.pk).update(delinquency_date=date(2026, 10, 20))
    others = []
    for name, number in (("Gil Reyes", "+19155550144"), ("Hana Reyes", "+19155550146")):
        person = make.debtor(name)
        make.phone(person, number)
        make.address(person)
        others.append(make.account("60.00", debtor=person, portfolio=northwind))
    accounts = [danas_account, *others]
    work.refresh_people([row.debtor_id for row in accounts], awake)
    return accounts


@pytest.fixture
def sit_down(threads: None, live_server: Any) -> Iterator[Callable[[User, str], Hands]]:
    """A page of a browser of one's own, signed in as somebody, at an address."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with ExitStack() as stack:
        playwright = stack.enter_context(sync_api.sync_playwright())
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, headless=True, chromium_sandbox=False, args=FLAGS
        )
        stack.callback(browser.close)

        def sit(person: User, path: str) -> Hands:
            page = browser.new_context(viewport={"width": 1366, "height": 768}).new_page()
            page.goto(f"{live_server.url}/login/")
            page.fill("[name=username]", person.username)
            page.fill("[name=password]", make.PASSWORD)
            page.keyboard.press("Enter")
            page.wait_for_url(lambda url: "/login/" not in url)
            page.wait_for_load_state("networkidle")
            page.goto(f"{live_server.url}{path}")
            both = Hands(page)
            both.settle()
            return both

        yield sit


@pytest.fixture
def hands(sit_down: Callable[[User, str], Hands], people: list[Account], olive: User) -> Hands:
    """Olive at her day."""
    return sit_down(olive, "/work/")

"""A day at Larkfield as new users would have it, through the browser alone (issue 2, "Done when" 2).

Ada uploads a file of twelve people, Max releases it, Olive works from next to next, a payment keeps a promise,
the reminder leaves as a PDF, and the board shows it. The system's clock is moved to a Tuesday noon in El Paso, so
that calls are allowed whenever this runs; it goes on from there.
"""

import csv
import hashlib
import io
import re
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from collections_crm.local.cluster import embedded, urls
from collections_crm.local.folders import Folders
from collections_crm.tests.browser_helpers import PASSWORD, Ask, asking, browser, needs_chromium, sign_in
from collections_crm.tests.local_helpers import Copy, copy, manage, started, wait_until

pytestmark = [pytest.mark.browser, needs_chromium]
TODAY = date(2026, 11, 24)
NOON = "2026-11-24T19:00:00+00:00"  # 1:00 PM in Chicago, noon in El Paso
PERSON = re.compile(r"/people/P-\d+/")
IMPORT = re.compile(r"/imports/\d+/$")
HEADER = ("Account,First Name,Last Name,DOB,Street,City,State,ZIP,Phone,Principal,Interest,Fees,Balance,Currency,"
          "Delinquency Date,Itemization Date,Itemization Kind,Itemization Balance,Interest Since,Fees Since,"
          "Payments Since,Credits Since")  # fmt: skip


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    data = started(tmp_path_factory, "day")
    with copy(data, "--accounts", "20", "--clock", NOON, DEMO_PASSWORD=PASSWORD) as running:
        yield running


def placement() -> str:
    """Twelve invented people of Chicago and El Paso with $600.00 and more each, and what a first notice needs."""
    rows = [HEADER]
    for number in range(12):
        balance = f"{600 + number}.00"
        place = "Chicago,IL,60601,(312) 555" if number % 2 else "El Paso,TX,79901,(915) 555"
        person = f"DAY-{number:03},Nora{chr(97 + number)},Dayton,04/{number + 1:02}/1980,{number + 1} Mill Road"
        money = f"{balance},0.00,0.00,{balance},USD,08/01/2026,09/01/2026,last_statement,{balance},0.00,0.00,0.00,0.00"
        rows.append(f"{person},{place}-01{number + 10},{money}")
    return "\n".join(rows) + "\n"


class Person:
    """Somebody at a browser: goes, types, presses, and reads."""

    def __init__(self, chromium: Any, system: Copy, name: str) -> None:
        self.page = sign_in(chromium, f"http://127.0.0.1:{system.port}", name)
        self.page.set_default_timeout(30_000)
        self.broken: list[str] = []
        self.flying: set[Any] = set()
        self.page.on("request", lambda request: self.flying.add(request))
        self.page.on("requestfinished", lambda request: self.flying.discard(request))
        self.page.on("requestfailed", lambda request: self.flying.discard(request))
        self.page.on("pageerror", lambda error: self.broken.append(str(error)))
        self.page.on(
            "response",
            lambda answer: self.broken.append(f"{answer.status} {answer.url}") if answer.status >= 500 else None,
        )

    def go(self, path: str) -> None:
        self.page.goto(path)

    def press(self, *keys: str) -> None:
        """Each key, then wait until the page has answered."""
        for key in keys:
            self.page.keyboard.press(key)
            self.settle()

    def settle(self) -> None:
        """Until nothing has been under way for half a second: no request, no page that loads."""
        quiet, deadline = 0, time.monotonic() + 60
        while quiet < 5:
            assert time.monotonic() < deadline, f"{self.page.url} does not come to rest"
            self.page.wait_for_timeout(100)
            loaded = not self.flying and self.page.evaluate("document.readyState") == "complete"
            quiet = quiet + 1 if loaded else 0

    def text(self, css: str = "main") -> str:
        return str(self.page.inner_text(css))

    def until(self, path: str, words: str, *, seconds: float, css: str = "main") -> str:
        """Reload the page until the words stand on it."""
        found = ""

        def there() -> bool:
            nonlocal found
            self.go(path)
            found = self.text(css)
            return words in found

        wait_until(there, seconds=seconds, what=f"{words!r} on {path}; it says: {found[-400:]}")
        return found


def test_a_day_from_the_file_to_the_board(system: Copy, tmp_path: Path) -> None:
    ask = asking(urls(embedded(Folders(system.data))).owner)
    with browser() as chromium:
        ada, max_ = Person(chromium, system, "ada"), Person(chromium, system, "max")
        olive = Person(chromium, system, "olive")
        before = board(max_)
        upload(ada, tmp_path)
        release(max_)
        assert ask("SELECT count(*) FROM accounts_account WHERE reference LIKE 'DAY-%'") == 12

        plan_letters(ada)
        notices = "SELECT count(*) FROM letters_message m JOIN accounts_account a ON a.id = m.account_id WHERE"
        sent = f"{notices} m.kind = 'validation_notice' AND m.state = 'SENT' AND a.reference LIKE 'DAY-%'"
        wait_until(lambda: ask(sent) == 12, seconds=120, what="the first notices to leave")

        first = promise_of(olive, "60.00", TODAY + timedelta(days=4))
        second = nobody_answers(olive)
        third = promise_of(olive, "40.00", TODAY + timedelta(days=2))
        assert len({first, second, third}) == 3, "next gives another person each time"

        pay(olive, third, "40.00")
        assert state_of_promise(ask, third) == "KEPT"
        assert state_of_promise(ask, first) == "OPEN"

        letter = reminder_of(ada, max_, ask, first)
        looked_at(max_, system.data, letter)

        collected, promises = board(max_, until=before[0] + 4000)
        assert (collected - before[0], promises - before[1]) == (4000, 2)
        for person in (ada, max_, olive):
            assert person.broken == []
    done = manage("check_ledger", "--data", str(system.data))
    assert done.returncode == 0, done.stdout + done.stderr
    sealed = manage("verify_audit", "--data", str(system.data))
    assert sealed.returncode == 0, sealed.stdout + sealed.stderr


def upload(ada: Person, folder: Path) -> None:
    file = folder / "day.csv"
    file.write_text(placement())
    ada.go("/imports/new/")
    ada.page.select_option("[name=portfolio]", label=northwind(ada.page))
    ada.page.set_input_files("[name=file]", str(file))
    ada.page.fill("[name=placed_on]", TODAY.isoformat())
    ada.page.click("button:has-text('Upload file')")
    ada.page.wait_for_url(IMPORT)
    if ada.page.locator("button:has-text('Check rows')").count():
        ada.page.click("button:has-text('Check rows')")
    path = ada.page.url
    found = ada.until(path, "so somebody else releases it", seconds=90)
    assert "12" in found and "$7,266.00" in found, found


def northwind(page: Any) -> str:
    """The words of the option for Northwind's portfolio."""
    options = page.locator("[name=portfolio] option").all_inner_texts()
    return next(str(words) for words in options if "Northwind" in words)


def release(max_: Person) -> None:
    max_.go("/imports/")
    max_.page.click("a:has-text('day.csv') >> nth=0")
    max_.page.wait_for_url(IMPORT)
    if max_.page.locator("#release-reason").count():
        max_.page.fill("#release-reason", "Agreed with Northwind")
    max_.page.click("button:has-text('Release 12 debts')")
    max_.settle()
    max_.until(max_.page.url, "released by Max Feldman", seconds=90)


def next_new_person(olive: Person) -> int:
    """From my day to the next of the people who are new, unless her page is open already."""
    if "/people/P-" not in olive.page.url or olive.page.locator("#call-first").count() == 0:
        wait_until(lambda: new_ones(olive) > 0, seconds=60, what="new people to work")
        olive.page.click("#next-new")
        olive.page.wait_for_url(PERSON)
    olive.settle()
    for _ in range(20):  # the demo has new people of its own: skip them
        if "Dayton" in olive.text("h1"):
            break
        olive.press("j")
    assert "Dayton" in olive.text("h1")
    return int(olive.page.url.partition("/P-")[2].partition("/")[0])


def new_ones(olive: Person) -> int:
    """Whether my day offers the next of the new people; the counts are at most a minute old."""
    olive.go("/work/")
    return int(olive.page.locator("#next-new").count())


def talk(olive: Person) -> None:
    """Call, the right person, the disclosure read."""
    olive.press("c")
    assert olive.page.locator("#line-end").count() == 1, olive.text("body")[:800]
    olive.press("F1", "F2")
    olive.page.wait_for_selector("#save-next")
    for _ in range(4):
        if olive.page.locator("#step-read").count() == 0 or olive.page.locator("[name=offer]").count():
            break
        olive.press("Space")


def promise_of(olive: Person, amount: str, day: date) -> int:
    person = next_new_person(olive)
    talk(olive)
    olive.page.check("#outcome-promise", force=True)
    olive.settle()
    olive.page.fill("#id_amount", amount)
    olive.page.select_option("#id_every", "")
    olive.page.fill("#id_first", day.isoformat())
    olive.settle()
    olive.press("Control+Enter")
    assert f"/P-{person}/" not in olive.page.url, olive.page.locator("#errsum, .note, .err").all_inner_texts()
    return person


def nobody_answers(olive: Person) -> int:
    person = next_new_person(olive)
    olive.press("c", "1")
    olive.page.wait_for_url(lambda url: f"/P-{person}/" not in url)
    return person


def pay(olive: Person, person: int, amount: str) -> None:
    olive.go(f"/people/P-{person}/payments/new/")
    olive.page.fill("[name=amount]", amount)
    olive.page.select_option("[name=method]", "CHECK")
    olive.settle()
    olive.page.click("#payment-save")
    olive.page.wait_for_selector("#payment-saved")
    assert f"${amount}" in olive.text("#payment-saved")


def state_of_promise(ask: Ask, person: int) -> str:
    return str(ask(f"SELECT p.state FROM payments_promise p JOIN accounts_account a ON a.id = p.account_id"
                   f" WHERE a.debtor_id = {person} ORDER BY p.id DESC LIMIT 1"))  # fmt: skip


def plan_letters(ada: Person) -> None:
    """Ada has the messages that follow from the facts planned now, not at the full hour."""
    ada.go("/jobs/strategies.plan_reminders/")
    ada.page.click("#run")
    ada.settle()


def reminder_of(ada: Person, max_: Person, ask: Ask, person: int) -> int:
    """Ada lets the reminders be planned now; the worker sends what is due. The message's id, once it is sent."""
    plan_letters(ada)
    rows = f"FROM letters_message WHERE kind = 'promise_reminder' AND debtor_id = {person}"
    wait_until(lambda: ask(f"SELECT count(*) {rows} AND state NOT IN ('QUEUED', 'SENDING')") == 1, seconds=150,
               what="the reminder to leave")  # fmt: skip
    assert ask(f"SELECT state || ' ' || channel || ' ' || reason {rows}") == "SENT post "
    found = int(ask(f"SELECT id {rows}"))
    max_.until("/letters/", "Promise reminder", seconds=20)
    return found


def looked_at(max_: Person, data: Path, letter: int) -> None:
    """The outbox opens the very PDF that lies in the print folder."""
    max_.go(f"/letters/{letter}/")
    assert "Promise reminder" in max_.text()
    answer = max_.page.request.get(f"/letters/{letter}/document/")
    paper = answer.body()
    assert answer.status == 200 and paper.startswith(b"%PDF"), answer.status
    assert answer.headers["content-type"] == "application/pdf"
    with (data / "print" / "manifest.csv").open(newline="") as manifest:
        row = next(row for row in csv.DictReader(manifest) if row["key"] == f"message:{letter}")
    assert hashlib.sha256(paper).hexdigest() == row["sha256"]
    assert (data / "print" / row["file"]).read_bytes() == paper
    assert "$60.00" in words_of(paper)


def words_of(pdf: bytes) -> str:
    """Its text, by pdftotext where there is one."""
    import shutil
    import subprocess

    if shutil.which("pdftotext") is None:
        return "$60.00"
    done = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True)
    return done.stdout.decode()


def board(max_: Person, until: int | None = None) -> tuple[int, int]:
    """Cents collected and promises made by everybody today, as the team's board says; it is built each minute."""
    seen = (0, 0)

    def read() -> bool:
        nonlocal seen
        max_.go("/team/?period=day")
        total = max_.page.locator("table:has(tfoot) tfoot td").all_inner_texts()
        heads = [words.strip() for words in max_.page.locator("table:has(tfoot) thead th").all_inner_texts()][1:]
        found = dict(zip(heads, total, strict=False))
        seen = cents(found.get("Collected", "0")), int(found.get("Promises made", "0").replace(",", "") or 0)
        return until is None or seen[0] >= until

    wait_until(read, seconds=150, what=f"the board to say {until}")
    return seen


def cents(words: str) -> int:
    return round(float(words.replace("$", "").replace(",", "").strip() or 0) * 100)


def test_the_file_of_the_day_reads_as_twelve_debts() -> None:
    rows = list(csv.DictReader(io.StringIO(placement())))
    assert len(rows) == len({row["Account"] for row in rows}) == 12
    assert sum(cents(row["Balance"]) for row in rows) == 726_600

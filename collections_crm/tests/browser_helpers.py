"""What the browser, fault and input tests share: a chromium, a signed-in page, and real ids for every route."""

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from collections_crm.tests.routes import Route

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine (set CHROMIUM)")
PASSWORD = "walnut summer kettle"  # noqa: S105  the demo's, given to each copy as DEMO_PASSWORD
LAPTOP = {"width": 1366, "height": 768}

Ask = Callable[[str], Any]

_NORTH = """(SELECT t.portfolio_id FROM accounts_portfolio_teams t JOIN users_team n ON n.id = t.team_id
    WHERE n.slug = '{team}')"""
_PERSON = "(SELECT debtor_id FROM accounts_account WHERE id = ({account}))"
# An open debt of the team whose person has a promise, a call and a phone, if there is one.
_ACCOUNT = """SELECT a.id FROM accounts_account a WHERE a.portfolio_id IN {books} AND a.status IN ('ACTIVE', 'ARRANGED')
    AND NOT EXISTS (SELECT 1 FROM accounts_account o WHERE o.debtor_id = a.debtor_id AND o.portfolio_id NOT IN {books})
    ORDER BY EXISTS (SELECT 1 FROM payments_promise p WHERE p.account_id = a.id) DESC,
             EXISTS (SELECT 1 FROM payments_payment p WHERE p.account_id = a.id) DESC, a.id LIMIT 1"""
# The name of a route's converter → where a real value stands. Names used by several routes are told apart below.
IDS = {
    "account_id": _ACCOUNT,
    "debtor_id": f"SELECT {_PERSON}",
    "point_id": f"SELECT id FROM accounts_contactpoint WHERE kind = 'PHONE' AND debtor_id = {_PERSON} LIMIT 1",
    "promise_id": "SELECT id FROM payments_promise WHERE account_id IN {accounts}"
    " ORDER BY state = 'OPEN' DESC, id DESC LIMIT 1",
    "payment_id": "SELECT id FROM payments_payment WHERE account_id IN {accounts} ORDER BY id DESC LIMIT 1",
    "plan_id": "SELECT plan_id FROM payments_plandebt WHERE account_id IN {accounts} ORDER BY id DESC LIMIT 1",
    "batch_id": "SELECT id FROM payments_paymentbatch WHERE portfolio_id IN {books} ORDER BY id DESC LIMIT 1",
    "dispute_id": "SELECT id FROM contacts_dispute WHERE account_id IN {accounts} ORDER BY id DESC LIMIT 1",
    "call_id": "SELECT id FROM contacts_interaction WHERE kind = 'CALL' AND debtor_id IN {people}"
    " ORDER BY id DESC LIMIT 1",
    "request_id": "SELECT id FROM contacts_leadrequest WHERE account_id IN {accounts} ORDER BY id DESC LIMIT 1",
    "action_id": "SELECT id FROM strategies_bulkaction ORDER BY id DESC LIMIT 1",
    "import_id": "SELECT id FROM accounts_importfile WHERE portfolio_id IN {books} ORDER BY id DESC LIMIT 1",
    "row_id": "SELECT r.id FROM accounts_importrow r JOIN accounts_importfile f ON f.id = r.import_file_id"
    " WHERE f.portfolio_id IN {books} ORDER BY f.id DESC, r.id LIMIT 1",
    "document_id": "SELECT id FROM accounts_document WHERE account_id IN {accounts} ORDER BY id LIMIT 1",
    "message_id": "SELECT id FROM letters_message WHERE account_id IN {accounts}"
    " ORDER BY document_id IS NULL, id DESC LIMIT 1",
    "hold_id": "SELECT id FROM compliance_hold WHERE debtor_id IN {people} ORDER BY id DESC LIMIT 1",
    "override_id": "SELECT id FROM compliance_override ORDER BY id DESC LIMIT 1",
    "sample_id": "SELECT id FROM compliance_evidencesample ORDER BY id DESC LIMIT 1",
    "finding_id": "SELECT id FROM compliance_auditfinding ORDER BY id DESC LIMIT 1",
    "verdict_id": "SELECT id FROM compliance_verdictrecord WHERE debtor_id IN {people} ORDER BY asked_at DESC LIMIT 1",
    "decision_id": "SELECT id FROM compliance_verdictrecord WHERE debtor_id IN {people} ORDER BY asked_at DESC LIMIT 1",
    "record_id": "SELECT id FROM compliance_verdictrecord WHERE debtor_id IN {people} ORDER BY asked_at DESC LIMIT 1",
    "user_id": "SELECT id FROM users_user WHERE username = 'olive'",
    "team_id": "SELECT id FROM users_team WHERE slug = '{team}'",
    "licence_id": "SELECT id FROM accounts_licence ORDER BY id LIMIT 1",
    "preference_id": "SELECT id FROM compliance_preference WHERE debtor_id IN {people} ORDER BY id DESC LIMIT 1",
    "target_id": "SELECT id FROM reports_target ORDER BY id DESC LIMIT 1",
    "username": "SELECT 'olive'",
    "number": "SELECT 1",
    "view": "SELECT 'all'",
    "channel": "SELECT 'call'",
    "field": "SELECT 'born'",
}
_CLIENT = """SELECT slug FROM accounts_organization
    WHERE id IN (SELECT creditor_id FROM accounts_portfolio WHERE id IN {books}) ORDER BY id LIMIT 1"""
# Names that mean something else elsewhere: by the beginning of the route's name, the longest one wins.
_HERE = {
    "contacts:script": {"slug": "SELECT slug FROM contacts_script ORDER BY id LIMIT 1"},
    "desk:drop_view": {"slug": "SELECT slug FROM strategies_savedview ORDER BY id LIMIT 1"},
    "accounts:client": {"slug": _CLIENT},
    "accounts:portfolio_new": {"slug": _CLIENT},
    "payments:return_fee": {"slug": "SELECT slug FROM accounts_portfolio WHERE id IN {books} ORDER BY id LIMIT 1"},
    "accounts:portfolio": {"slug": "SELECT slug FROM accounts_portfolio WHERE id IN {books} ORDER BY id LIMIT 1"},
    "letters:": {"slug": "SELECT slug FROM letters_template ORDER BY id LIMIT 1", "lang": "SELECT 'en'"},
    "letters:fake": {"kind": "SELECT 'sms'"},
    "reports:code": {"code": "SELECT code FROM contacts_disposition ORDER BY code LIMIT 1"},
    "reports:team": {"slug": "SELECT '{team}'"},
    "users:team": {"slug": "SELECT '{team}'"},
    "users:role": {"slug": "SELECT 'officer'"},
    "compliance:pack": {"name": "SELECT 'us_federal'"},
    "compliance:record": {"what": "SELECT 'cease'"},
    "reports:job": {"name": "SELECT 'letters.send_due'"},
    "reports:list": {"slug": "SELECT 'collected'"},
}


@dataclass
class Examples:
    """Real addresses for the routes, read with `ask` (one value of one SELECT) for the people of one team."""

    ask: Ask
    team: str = "north"
    missing: set[str] = field(default_factory=set)
    _kept: dict[str, Any] = field(default_factory=dict)

    def address(self, route: Route) -> str:
        """The route with a real row in every place; what the data has no row for is noted in `missing`."""
        known: dict[str, object] = {}
        for key in route.converters:
            statement = self._here(route.name, key) or IDS.get(key, "")
            value = self.value(statement) if statement else None
            if value is None:
                self.missing.add(f"{route.name}: {key}")
            else:
                known[key] = value
        return route.example(**known)

    def value(self, statement: str) -> Any:
        """One value; `{books}`, `{accounts}`, `{people}` and `{account}` stand for the team's."""
        books = _NORTH.format(team=self.team)
        accounts = f"(SELECT id FROM accounts_account WHERE portfolio_id IN {books})"
        people = f"(SELECT debtor_id FROM accounts_account WHERE portfolio_id IN {books})"
        account = _ACCOUNT.format(books=books)
        words = {"books": books, "accounts": accounts, "people": people, "account": account, "team": self.team}
        full = statement.format(**words)
        if full not in self._kept:
            self._kept[full] = self.ask(full)
        return self._kept[full]

    def forget(self) -> None:
        """Read anew: rows were added."""
        self._kept.clear()
        self.missing.clear()

    @staticmethod
    def _here(name: str, key: str) -> str:
        fitting = [start for start in _HERE if name.startswith(start) and key in _HERE[start]]
        return _HERE[max(fitting, key=len)][key] if fitting else ""


def furnish(examples: Examples) -> None:
    """Rows that the demo doesn't have: a batch, a paper, an import, a saved view, an override, a finding and others."""
    from accounts import documents
    from accounts.models import Account, Portfolio
    from accounts.services import imports
    from compliance import services as compliance
    from compliance.models import AuditDay, AuditFinding, Override
    from contacts import services as contacts
    from contacts.models import Dispute
    from core import clock
    from core.ids import uuid7
    from payments import services as payments
    from strategies.models import BulkAction, SavedView
    from users.models import User

    at = clock.now()
    account = Account.objects.get(pk=examples.value(IDS["account_id"]))
    person, book = account.debtor, Portfolio.objects.get(pk=account.portfolio_id)
    lead, manager = User.objects.get(username="lee"), User.objects.get(username="max")
    today = clock.today(book.time_zone, at)
    batch = payments.open_batch(
        name="Checks of the test", portfolio=book, control_total=Decimal("10.00"), received_on=today, by=lead, at=at
    )
    payments.add_line(
        batch=batch, account=account, amount=Decimal("10.00"), method="CHECK", reference=account.reference, by=lead
    )
    documents.store(
        content=b"%PDF-1.4 of the test", debtor=person, account=account, kind="proof", name="proof.pdf",
        content_type="application/pdf", by=lead, at=at,
    )  # fmt: skip
    imports.receive(
        chunks=[PLACEMENT.encode()], name="placement of the test.csv", portfolio=book, placed_on=today,
        by=User.objects.get(username="ada"), at=at,
    )  # fmt: skip
    compliance.may_contact(debtor=person, channel="letter", at=at, occasion="look", by=lead)
    BulkAction.objects.create(kind="snooze", by=lead, at=at)
    SavedView.objects.create(user=lead, slug="of-the-test", name="Of the test")
    if not Dispute.objects.filter(account__portfolio=book).exists():
        contacts.open_dispute(
            account=account, reason="N", amount=account.balance, written=False, words="Not mine", by=lead, at=at
        )
    olive = User.objects.get(username="olive")
    contacts.ask_lead(debtor=person, account=account, call=None, words="May I waive the fee?", by=olive, at=at)
    Override.objects.create(
        debtor=person, account_ids=[account.pk], channel="call", rule_ids=["house.pause"], reason="They asked for it",
        requested_by=lead, requested_at=at, expires_at=at + timedelta(hours=4),
    )  # fmt: skip
    AuditDay.objects.get_or_create(day=today, defaults={"contacts": 1, "breaches": 1, "run_at": at})
    AuditFinding.objects.create(
        event_id=uuid7(), day=today, at=at, debtor=person, channel="call", rule_id="us.hours", basis="then",
        citation="12 CFR 1006.6(b)", sentence="Outside the hours of the test.", by_id=manager.pk, found_at=at,
    )  # fmt: skip
    compliance.ask_sample(since=today, until=today, size=2, by=User.objects.get(username="cora"), at=at)
    compliance.build_samples(at=at)
    examples.forget()


PLACEMENT = """account_number,first_name,last_name,balance
T-1001,Nora,Test,120.00
T-1002,Omar,Test,-5.00
"""


def furnish_copy(data: Path, team: str = "north") -> None:
    """`furnish` for a running copy, by its own manage.py."""
    from collections_crm.tests.local_helpers import manage

    words = "from collections_crm.tests import browser_helpers as h; h.furnish(h.Examples(h.asking_here, team={!r}))"
    done = manage("shell", "-c", words.format(team), "--data", str(data))
    assert done.returncode == 0, done.stderr[-2000:]


def asking_here(statement: str) -> Any:
    """One value of one SELECT on Django's own connection."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement)
        row = cursor.fetchone()
        return row[0] if row else None


def rule(route: Route, attribute: str = "crm_rule") -> frozenset[str]:
    """Which roles may read it (or with "crm_write_rule" write it), as its decorator says."""
    view = route.view
    target = getattr(view, "cls", None) or getattr(view, "view_class", None) or view
    found: frozenset[str] = getattr(view, attribute, getattr(target, attribute, frozenset()))
    return found


@contextlib.contextmanager
def browser() -> Iterator[Any]:
    """A headless chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=CHROMIUM, headless=True, chromium_sandbox=False, args=FLAGS
        )
        try:
            yield running
        finally:
            running.close()


def sign_in(chromium: Any, address: str, name: str, **context: Any) -> Any:
    """A page on which `name` has signed in by the form, as a person would."""
    page = chromium.new_context(viewport=LAPTOP, base_url=address, **context).new_page()
    page.goto("/login/")
    page.fill("#id_who", name)
    page.fill("#id_password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login/" not in url)
    return page


def asking(url: str) -> Ask:
    """One value of one SELECT on a running copy's database."""
    import psycopg2

    def ask(statement: str) -> Any:
        with contextlib.closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            row = cursor.fetchone() if cursor.description else None
            connection.commit()
            return row[0] if row else None

    return ask

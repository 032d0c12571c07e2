"""Quinn works in another team: no byte of Dana in anything that is sent to her (RELIABILITY_TESTS F2, F5).

And what stands in the data is shown as it is: markup in a name is text on every page (E2, stored), and no cell
of a download begins a formula (E6).
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client

from accounts.models import Account, ContactPoint, Debtor
from collections_crm.tests.browser_helpers import PASSWORD, Examples, asking_here, furnish, rule
from collections_crm.tests.routes import routes
from collections_crm.tests.test_inputs_forms import CAST, encoded, rolled_back
from users.models import User

MOMENT = datetime(2026, 11, 24, 19, 30, tzinfo=UTC)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]
NAME, REFERENCE, STREET = "Zyxcanary", "ZYX-CANARY-REF", "77 Zyxcanary Street"
CANARY = re.compile(r"zyx-?canary|915\)? ?555-?.?0177|9155550177", re.IGNORECASE)
MARKUP = "<b qa-mark>=1+1"


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The demo, in which everybody who owes to a portfolio of the north team alone bears the canary's name."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.clock.now", lambda: MOMENT)
        patch.setenv("DEMO_PASSWORD", PASSWORD)
        with rolled_back():
            call_command("load_demo", "--accounts", "60", stdout=StringIO())
            furnish(Examples(asking_here))
            yield


def browser_of(name: str) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.get(username=name), backend="django.contrib.auth.backends.ModelBackend")
    return client


def mark_the_north() -> int:
    """Names, references, streets and a number of those whom quinn must not see; how many they are."""
    theirs = Account.objects.visible_to(User.objects.get(username="quinn")).values("debtor")
    north = Debtor.objects.filter(accounts__isnull=False).exclude(pk__in=theirs)
    ids = list(north.values_list("pk", flat=True))
    people = Debtor.objects.filter(pk__in=ids)
    people.update(name=f"{NAME} Reyes", first_name=NAME, last_name="Reyes")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_account SET reference = %s || id WHERE debtor_id = ANY(%s)", [REFERENCE, ids])
    ContactPoint.objects.filter(debtor__in=ids, kind="ADDRESS").update(value=STREET)
    ContactPoint.objects.filter(pk__in=_one_each(ids)).update(value="+19155550177")
    return len(ids)


def _one_each(ids: list[int]) -> list[int]:
    points = ContactPoint.objects.filter(debtor__in=ids, kind="PHONE").order_by("debtor_id", "pk")
    return list(points.distinct("debtor_id").values_list("pk", flat=True))


def text_of(answer: Any) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return body.decode("utf-8", "replace") + "".join(f"\n{name}: {value}" for name, value in answer.items())


QUESTIONS: list[dict[str, str]] = [
    {}, {"q": NAME}, {"q": REFERENCE}, {"q": "9155550177"}, {"q": STREET}, {"portfolio": "1"}, {"sort": "name"},
    {"view": "all", "filter": NAME}, {"officer": "1"},
]  # fmt: skip


def test_quinn_gets_no_byte_of_the_people_of_the_north_in_any_page_part_search_or_download() -> None:
    marked = mark_the_north()
    lee, quinn, north = browser_of("lee"), browser_of("quinn"), Examples(asking_here, team="north")
    assert marked > 5
    seen_by_lee, leaks = 0, []
    for route in routes():
        if not {"officer", "lead"} & rule(route):
            continue
        address = north.address(route)
        for question in QUESTIONS:
            full = f"{address}?{urlencode(question)}" if question else address
            for headers in ({}, {"HX-Request": "true"}):
                mine = text_of(quinn.get(full, headers=headers))
                asked = mine
                for words in (*question.values(), address):  # what quinn typed herself may come back
                    asked = (
                        asked.replace(words, "")
                        .replace(words.replace(" ", "+"), "")
                        .replace(urlencode({"q": words})[2:], "")
                    )
                if CANARY.search(asked):
                    leaks.append(f"{route.name} {full}: …{_around(asked)}…")
            seen_by_lee += bool(not question and CANARY.search(text_of(lee.get(full))))
    assert leaks == [], "\n".join(leaks)
    assert seen_by_lee >= 8, "lee of the north sees the canary on her pages, so quinn's silence says something"


def _around(text: str) -> str:
    found = CANARY.search(text)
    assert found
    return text[max(0, found.start() - 60) : found.end() + 30].replace("\n", " ")


def test_quinn_changes_nothing_of_the_north_with_any_form() -> None:
    mark_the_north()
    quinn, north, wrong = browser_of("quinn"), Examples(asking_here, team="north"), []
    for route in routes():
        if "officer" not in rule(route, "crm_write_rule") or route.name.startswith("users:"):
            continue
        person, account = north.value("SELECT {person}".replace("{person}", _PERSON)), north.value("{account}")
        data = {"debt": account, "account": account, "person": person, "debtor": person, "debts": account,
                "ids": person, "people": person, "items": person, "selected": person, "amount": "10.00", "text": "x",
                "note": "x", "idempotency_key": f"canary {route.name}"}  # fmt: skip
        with rolled_back():
            answer = quinn.post(north.address(route), encoded(data), content_type="application/x-www-form-urlencoded")
            if CANARY.search(text_of(answer)):
                wrong.append(f"{route.name}: {answer.status_code} …{_around(text_of(answer))}…")
            if route.converters.keys() & NAMED and answer.status_code not in (404, 405):
                wrong.append(f"{route.name}: {answer.status_code}, neither 404 nor 405")
    assert wrong == [], "\n".join(wrong)


NAMED = {"debtor_id", "account_id", "promise_id", "payment_id", "plan_id", "batch_id", "dispute_id", "message_id"}
_PERSON = "(SELECT debtor_id FROM accounts_account WHERE id = ({account}))"


def test_a_strange_id_and_a_forbidden_one_look_the_same_to_quinn() -> None:
    """404 in both cases, with the same page: nobody learns which numbers exist."""
    mark_the_north()
    quinn, north = browser_of("quinn"), Examples(asking_here, team="north")
    different = []
    for route in routes():
        if "officer" not in rule(route) or not route.converters.keys() & NAMED:
            continue
        theirs, nobodys = quinn.get(north.address(route)), quinn.get(route.example())
        if theirs.status_code == nobodys.status_code == 405:
            continue
        if theirs.status_code != 404 or _plain(theirs) != _plain(nobodys):
            different.append(f"{route.name}: {theirs.status_code}, {nobodys.status_code}")
    assert different == []


def _plain(answer: Any) -> str:
    return re.sub(r"[0-9a-f]{32}|csrf\w+\" value=\"\w+\"|\d{6,}", "", answer.content.decode())


@pytest.mark.parametrize("role", CAST)
def test_markup_and_formulas_in_the_data_are_text_on_every_page_and_in_every_download(role: str) -> None:
    """Somebody's file brought a name with markup that begins like a formula."""
    salt_the_data()
    client, wrong, shown = browser_of(CAST[role]), [], 0
    examples = Examples(asking_here)
    for route in routes():
        if role not in rule(route):
            continue
        answer = client.get(examples.address(route))
        text = text_of(answer)
        if answer.status_code >= 500:
            wrong.append(f"{route.name}: {answer.status_code}")
        if answer.get("Content-Type", "").startswith("text/csv"):
            wrong += [f"{route.name}: cell {cell[:40]!r}" for cell in _formulas(text)]
        elif "<b qa-mark" in text:
            wrong.append(f"{route.name}: …{text[max(0, text.index('<b qa-mark') - 80) :][:140]}…")
        shown += "&lt;b qa-mark" in text
    assert wrong == [], "\n".join(wrong)
    assert shown >= 2 or role == "admin"


def _formulas(text: str) -> list[str]:
    import csv

    body = text.rpartition("\nX-Request-Id")[0] or text
    rows = csv.reader(StringIO(body))
    return [cell for row in rows for cell in row if "qa-mark" in cell and cell.lstrip('"')[:1] in "=+-@\t\r"]


def salt_the_data() -> None:
    """Markup, with a formula's start, in every short text that a person or a file may have written."""
    dangerous = f"={MARKUP}"
    Debtor.objects.update(name=dangerous, first_name=dangerous, last_name=dangerous)
    with connection.cursor() as cursor:
        for table, column in SALTED:
            cursor.execute(f"UPDATE {table} SET {column} = %s || id WHERE {column} IS NOT NULL", [dangerous])
        cursor.execute("UPDATE accounts_account SET reference = %s || id", [dangerous])


SALTED = [
    ("accounts_organization", "name"), ("accounts_portfolio", "product"), ("accounts_account", "product"),
    ("contacts_dispute", "words"), ("users_team", "name"), ("letters_message", "reason"),
    ("accounts_importfile", "name"), ("accounts_contactpoint", "city"), ("compliance_hold", "reason"),
]  # fmt: skip

"""Nasty input into every form, by everybody who may send it: never a broken page, never an echo that runs.

The demo is loaded once; each request runs in a savepoint that is rolled back, so that what one form saves
does not disturb the next. RELIABILITY_TESTS E2, E10, E11, E12, B5.
"""

import contextlib
import inspect
import itertools
import logging
import re
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache, partial
from io import StringIO
from typing import Any
from urllib.parse import urlencode

import pytest
from django import forms
from django.apps import apps
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import transaction
from django.test import Client

from accounts.models import Account, Debtor
from collections_crm.tests.browser_helpers import IDS, PASSWORD, Examples, asking_here, furnish, rule
from collections_crm.tests.nasty import NASTY, complaint, error
from collections_crm.tests.routes import Route, routes
from users.models import User

MOMENT = datetime(2026, 11, 24, 19, 30, tzinfo=UTC)  # Tuesday, 1:30 PM in Chicago: calls are allowed
CAST = {"officer": "olive", "lead": "lee", "manager": "max", "admin": "ada", "compliance": "cora"}
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]

# What a form may expect, by the name of the field; anything else gets "1". `{…}` is read from the demo.
PLAUSIBLE: dict[str, str] = {
    "amount": "10.00", "control_total": "10.00", "control_count": "1", "count": "3", "every": "monthly",
    "method": "CHECK", "effective_date": "2026-11-24", "due_date": "2026-11-27", "first_date": "2026-11-27",
    "first": "2026-11-27", "received_on": "2026-11-24", "returned_on": "2026-11-24", "good_through": "2026-11-27",
    "on": "2026-11-24", "known_on": "2026-11-24", "placed_on": "2026-11-24", "valid_from": "2026-01-01",
    "call_at": "2026-11-25T14:30", "disposition": "no-answer", "reason": "A reason of the test", "code": "R01",
    "note": "A note", "text": "A note", "words": "Not mine", "kind": "PHONE", "value": "+19155550199", "use": "MOBILE",
    "source": "CONSUMER", "state": "ready", "name": "Name of the test", "terms_channel": "EMAIL", "written": "0",
    "which": "all", "then": "stay", "to": "answered", "days": "1", "theme": "dark", "density": "compact",
    "reference": "NW-1", "zone": "America/Chicago", "time_zone": "America/Chicago", "email": "x@example.com",
}  # fmt: skip
READS = {"debt": "account_id", "debts": "account_id", "first_debt": "account_id", "account": "account_id",
         "person": "debtor_id", "ids": "debtor_id", "debtor": "debtor_id", "point": "point_id"}  # fmt: skip


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """60 accounts, loaded once for this module and rolled back after it."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.clock.now", lambda: MOMENT)
        patch.setenv("DEMO_PASSWORD", PASSWORD)
        with rolled_back():
            call_command("load_demo", "--accounts", "60", stdout=StringIO())
            furnish(Examples(asking_here))
            yield


@contextlib.contextmanager
def rolled_back() -> Iterator[None]:
    """What happens inside leaves nothing behind."""
    with contextlib.suppress(_Undo), transaction.atomic():
        yield
        raise _Undo


class _Undo(Exception):
    pass


@pytest.fixture
def examples() -> Examples:
    return Examples(asking_here)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Each refusal is a log record with its request; pytest would keep thousands of them, a megabyte each."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@cache
def browser_of(role: str) -> Client:
    """Signed in once; the session is a row of the module's transaction."""
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.get(username=CAST[role]), backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture(autouse=True)
def _sessions(demo: None) -> Iterator[None]:
    browser_of.cache_clear()
    yield


def unwrapped(view: Any) -> Any:
    return inspect.unwrap(getattr(view, "cls", None) or view)


def _made(form: Any) -> set[str]:
    """The fields of a form that makes them itself, if it can be made without knowing anything."""
    with contextlib.suppress(TypeError):
        return set(form().fields)
    return set()


KEYS = {"idempotency_key", "csrfmiddlewaretoken"}


@cache
def fields_of(view: Any) -> tuple[str, ...]:
    """Every name that a view may read from a form: the fields of the forms it names, and its POST.get(...).

    A view that names no form of its own gets the names of its whole module.
    """
    return _named_in(inspect.getsource(view), view) or _named_in(inspect.getsource(sys.modules[view.__module__]), view)


def _named_in(source: str, view: Any) -> tuple[str, ...]:
    found = set(re.findall(r"POST(?:\.get|\.getlist)?[\[(]\s*\"(\w+)\"", source))
    for name, thing in vars(sys.modules[view.__module__]).items():
        if inspect.isclass(thing) and issubclass(thing, forms.BaseForm) and re.search(rf"\b{name}\b", source):
            found |= (set(getattr(thing, "base_fields", {})) - KEYS) or _made(thing)
    return tuple(sorted(found - KEYS))


def writable() -> list[Route]:
    """The routes that somebody of the cast may POST to, but for signing out."""
    return [r for r in routes() if rule(r, "crm_write_rule") and r.name != "users:logout"]


def first_of(allowed: frozenset[str]) -> str | None:
    """Whose turn it is in the plain run: a view is the same code for everybody whom its rule lets in."""
    return next((name for name in CAST if name in allowed), None)


def plausible(name: str, examples: Examples) -> str:
    if name in READS:
        return str(examples.value(IDS[READS[name]]) or 1)
    return PLAUSIBLE.get(name, "1")


FORM = "application/x-www-form-urlencoded"
QUESTIONS = [
    "q", "sort", "ordering", "after", "before", "page", "on", "known_on", "from", "to", "portfolio", "team", "period",
    "queue", "kind", "tab", "debt", "amount", "officer", "filter", "id__gt", "debtor__name",
]  # fmt: skip
_keys = itertools.count(1)
_turn = itertools.cycle(NASTY.items())  # the plain run: every payload somewhere; --nightly: everywhere


def send(client: Client, address: str, data: dict[str, Any], **headers: Any) -> Any:
    """One POST with a fresh key, undone afterwards."""
    body = encoded({**data, "idempotency_key": f"fuzz-{next(_keys)}"})
    return undone(client, lambda: client.post(address, body, content_type=FORM, **headers))


def undone(client: Client, act: Callable[[], Any]) -> Any:
    """What `act` answers; its rows are rolled back, and with them the session that it may have begun."""
    kept = client.cookies[settings.SESSION_COOKIE_NAME].value
    with rolled_back():
        answer = act()
    client.cookies[settings.SESSION_COOKIE_NAME] = kept
    return answer


def encoded(data: dict[str, Any]) -> str:
    """As a browser, or somebody rude, would write it: lone surrogates as the bytes that they are."""
    return urlencode(data, errors="surrogatepass")


def fuzz(role: str, route: Route, examples: Examples, *, every: bool) -> list[str]:
    """All fields nasty at once, then one at a time among plausible ones: by `every` payload, or by some in turn."""
    client, address = browser_of(role), examples.address(route)
    names = fields_of(unwrapped(route.view))
    good = {name: plausible(name, examples) for name in names}
    wrong = []
    together = list(NASTY.items()) if every else list(itertools.islice(_turn, 3))
    cases = [(f"all fields {label}", dict.fromkeys(names, payload), payload) for label, payload in together]
    for name in names:
        alone = list(NASTY.items()) if every else list(itertools.islice(_turn, 1))
        cases += [(f"{name} {label}", {**good, name: payload}, payload) for label, payload in alone]
    cases.append(("everything plausible", good, ""))
    for label, data, payload in cases:
        found = complaint(send(client, address, data), payload)
        if found:
            wrong.append(f"{role} {route.name}: {label}: {found}")
    return wrong


@pytest.mark.parametrize("role", CAST)
def test_no_form_breaks_or_echoes_whatever_is_typed_into_it(role: str, examples: Examples) -> None:
    wrong: list[str] = []
    for route in writable():
        if role == first_of(rule(route, "crm_write_rule")):
            wrong += fuzz(role, route, examples, every=False)
    assert wrong == [], "\n".join(wrong)


@pytest.mark.nightly
@pytest.mark.parametrize("role", CAST)
def test_no_form_breaks_whichever_field_gets_which_payload(role: str, examples: Examples) -> None:
    wrong: list[str] = []
    for route in writable():
        if role in rule(route, "crm_write_rule"):
            wrong += fuzz(role, route, examples, every=True)
    assert wrong == [], "\n".join(wrong)


@pytest.mark.parametrize("role", CAST)
def test_no_page_breaks_on_nasty_questions_in_its_address(role: str, examples: Examples) -> None:
    wrong = ask_nastily(role, examples, every=False)
    assert wrong == [], "\n".join(wrong)


@pytest.mark.nightly
@pytest.mark.parametrize("role", CAST)
def test_no_page_breaks_on_any_nasty_question_in_its_address(role: str, examples: Examples) -> None:
    wrong = ask_nastily(role, examples, every=True)
    assert wrong == [], "\n".join(wrong)


def ask_nastily(role: str, examples: Examples, *, every: bool) -> list[str]:
    """All that an address may ask, with one payload each time: `every` payload, or one in turn.

    The first role that may read a page always asks three more, those that have broken pages before.
    """
    client, wrong = browser_of(role), []
    for route in routes():
        if role not in rule(route):
            continue
        address = examples.address(route)
        always = ("NUL", "year 9999", "beyond bigint") if role == first_of(rule(route)) else ()
        some = {name: NASTY[name] for name in always} | dict(itertools.islice(_turn, 1))
        for label, payload in (NASTY if every else some).items():
            query = encoded(dict.fromkeys(QUESTIONS, payload[:3000]))
            found = complaint(client.get(f"{address}?{query}"), payload)
            if found:
                wrong.append(f"{role} {route.name}: {label}: {found}")
    return wrong


@pytest.mark.parametrize("role", CAST)
def test_no_number_in_an_address_is_too_large_and_no_word_too_odd(role: str, examples: Examples) -> None:
    wrong = address_oddly(role, examples, every=False)
    assert wrong == [], "\n".join(wrong)


@pytest.mark.nightly
@pytest.mark.parametrize("role", CAST)
def test_no_number_in_an_address_is_too_large_for_anybody(role: str, examples: Examples) -> None:
    wrong = address_oddly(role, examples, every=True)
    assert wrong == [], "\n".join(wrong)


def address_oddly(role: str, examples: Examples, *, every: bool) -> list[str]:
    """The real row in all places but one; that one gets a number beyond bigint, or a word nobody has.

    By `every` role that may come to the route, or by the first one.
    """
    client, wrong = browser_of(role), []
    odd = {"IntConverter": ["0", "9223372036854775808", "9" * 30], "SlugConverter": ["none", "-1", "a" * 300]}
    for route in routes():
        allowed = rule(route) | rule(route, "crm_write_rule")
        if role not in allowed or not (every or role == first_of(allowed)):
            continue
        real = {
            key: str(examples.value(IDS.get(key, "SELECT 1")) or 1) if key != "slug" else "none"
            for key in route.converters
        }
        for key, converter in route.converters.items():
            for word in odd.get(type(converter).__name__, []):
                address = route.example(**{**real, key: word})
                for answer in (client.get(address), send(client, address, {})):
                    if answer.status_code >= 500:
                        wrong.append(f"{role} {route.name} {key}={word[:20]}: {error(answer)}")
    return wrong


def test_no_form_breaks_on_a_file_where_words_are_expected(examples: Examples) -> None:
    wrong = send_files(examples, every=False)
    assert wrong == [], "\n".join(wrong)


@pytest.mark.nightly
def test_no_form_breaks_on_any_file_where_words_are_expected(examples: Examples) -> None:
    wrong = send_files(examples, every=True)
    assert wrong == [], "\n".join(wrong)


FILES = [b"", b"\x00\xff\xfe", b"<svg onload=alert(1)>", b"PK\x03\x04" + b"\0" * 100]


def send_files(examples: Examples, *, every: bool) -> list[str]:
    """Files in all fields: `every` one of them to each form, or two in turn."""
    wrong, turn = [], itertools.cycle(FILES)
    for route in writable():
        role = first_of(rule(route, "crm_write_rule"))
        if role is None:
            continue
        for content in FILES if every else itertools.islice(turn, 2):
            names = fields_of(unwrapped(route.view)) or ("file",)
            files = {name: SimpleUploadedFile("../../x\x00y.csv", content) for name in (*names, "file")}
            client, data = browser_of(role), {**files, "idempotency_key": "a file"}
            answer = undone(client, partial(client.post, examples.address(route), data))
            found = complaint(answer, "")
            if found:
                wrong.append(f"{role} {route.name}: {found}")
    return wrong


# What no form may set by naming it, and on which rows a re-read would show it.
SMUGGLED = {
    "role": "admin", "roles": "admin", "role_list": "admin", "is_staff": "on", "is_superuser": "on",
    "is_active": "", "balance": "0.00", "status": "PAID", "approved_by": "1", "created_by": "1", "released_by": "1",
    "owner": "1", "portfolio_id": "1", "creditor": "1", "placed_amount": "1", "version": "999", "debtor_id": "1",
    "draw": "0.1", "username": "root", "password": "x",
}  # fmt: skip


def _facts() -> tuple[Any, ...]:
    """Who may do what, and what every debt is: the things that smuggled names would change."""
    users = list(
        User.objects.order_by("pk").values_list("username", "is_staff", "is_superuser", "is_active", "role_list")
    )
    debts = list(
        Account.objects.order_by("pk").values_list("pk", "portfolio", "creditor", "debtor", "placed_amount", "draw")
    )
    people = list(Debtor.objects.order_by("pk").values_list("pk", "name"))
    return users, debts, people


def test_a_field_that_no_form_has_changes_nothing(examples: Examples) -> None:
    before, wrong = _facts(), []
    for route in writable():
        role = first_of(rule(route, "crm_write_rule"))
        if role is None or route.name.startswith(("users:staff", "users:user", "users:person")):
            continue  # those forms are for changing people
        names = fields_of(unwrapped(route.view))
        with rolled_back():
            data = {**SMUGGLED, **{name: plausible(name, examples) for name in names}, "idempotency_key": route.name}
            client = browser_of(role)
            kept = client.cookies[settings.SESSION_COOKIE_NAME].value
            client.post(examples.address(route), data)
            client.cookies[settings.SESSION_COOKIE_NAME] = kept
            if _facts() != before:
                wrong.append(f"{role} {route.name}")
    assert wrong == []


def test_every_form_and_route_of_every_app_was_reached() -> None:
    """The sweep finds fields by reading the views' modules: a module whose forms it cannot see would go untested."""
    reading = [r for r in writable() if re.search(r"request\.POST\b|Form\(", inspect.getsource(unwrapped(r.view)))]
    blind = [r.name for r in reading if not fields_of(unwrapped(r.view))]
    assert len(reading) > 25
    assert blind == []
    assert {r.name.partition(":")[0] for r in writable()} >= {"users", "payments", "desk", "contacts"}
    assert apps.ready

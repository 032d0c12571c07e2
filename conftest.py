"""The cast: always the same people (STYLE section 8), and a clock that stands still."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.management.color import no_style
from django.db import connection
from django.test import Client, TransactionTestCase
from pytest_django.plugin import blocking_manager_key

from accounts.models import Account, Debtor, Portfolio
from collections_crm import testing as make
from collections_crm.local.testpg import migrated
from compliance.services import hours
from users.models import Team, User

# The product's own hasher at its lowest cost: thousands of people are made here, 0.2 s of CPU each as shipped.
# Running copies of the system hash as shipped (test_faults_up looks).
Argon2PasswordHasher.time_cost, Argon2PasswordHasher.memory_cost, Argon2PasswordHasher.parallelism = 1, 8, 1


def _empty_tables(_: TransactionTestCase) -> None:
    """As Django's flush after a transactional test, but for the content types, which would only be made again."""
    tables = set(connection.introspection.django_table_names(only_existing=True, include_views=False))
    connection.ops.execute_sql_flush(connection.ops.sql_flush(no_style(), sorted(tables - _KEPT)))


_KEPT = {"django_content_type", "auth_permission"}
TransactionTestCase._fixture_teardown = _empty_tables  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_keepdb: bool, django_db_blocker: Any
) -> None:
    """The migrations run once for all workers: each worker's database is a copy of that one."""
    if django_db_keepdb:  # --reuse-db
        return
    with django_db_blocker.unblock():
        connection.settings_dict["TEST"]["TEMPLATE"] = migrated(connection)


@pytest.fixture(autouse=True)
def _data_folder(settings: Any, tmp_path: Any) -> None:
    """Each test writes files into its own folder."""
    settings.CRM_DATA = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.LETTERS = {
        "POST": {"adapter": "folder", "folder": tmp_path / "print", "base_url": "", "token": ""},
        "EMAIL": {"adapter": "django", "folder": tmp_path / "mail", "from": "letters@example.com"},
        "SMS": {"adapter": "fake", "folder": tmp_path / "sms"},
    }
    settings.EMAIL_FILE_PATH = tmp_path / "mail"


@pytest.fixture(autouse=True)
def _rules_as_shipped() -> None:
    """No list remembers the rule packs of another test."""
    hours.forget()


@pytest.fixture
def noon(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """Tue Nov 17, 2026, 10:00 AM in El Paso, for everything that reads the clock."""
    monkeypatch.setattr("core.clock.now", lambda: make.NOON)
    return make.NOON


@pytest.fixture
def north(db: None) -> Team:
    return make.team("North")


@pytest.fixture
def south(db: None) -> Team:
    return make.team("South")


@pytest.fixture
def olive(north: Team) -> User:
    """Officer; has Dana's account."""
    return make.user("Olive Marsh", "officer", team=north)


@pytest.fixture
def pavel(north: Team) -> User:
    """Officer on Olive's team."""
    return make.user("Pavel Novak", "officer", team=north)


@pytest.fixture
def quinn(south: Team) -> User:
    """Officer of another team; must see nothing of Dana."""
    return make.user("Quinn Abara", "officer", team=south)


@pytest.fixture
def lee(north: Team) -> User:
    """Team lead."""
    return make.user("Lee Sandoval", "lead", team=north)


@pytest.fixture
def max_(north: Team, south: Team) -> User:
    """Manager of both teams."""
    person = make.user("Max Feldman", "manager", team=north)
    person.teams.add(south)
    return person


@pytest.fixture
def ada(db: None) -> User:
    """Administrator; sees imports and settings, no persons."""
    return make.user("Ada Lindgren", "admin")


@pytest.fixture
def cora(db: None) -> User:
    """Compliance; reads all, writes holds, reviews and approvals only."""
    return make.user("Cora Whitfield", "compliance")


@pytest.fixture
def northwind(north: Team) -> Portfolio:
    """Northwind Energy's electric bills, worked by the north team."""
    make.firm()
    return make.portfolio(team=north)


@pytest.fixture
def dana(northwind: Portfolio) -> Debtor:
    """Owes; lives in El Paso, reachable by mobile, e-mail and post."""
    person = make.debtor("Dana Reyes")
    make.phone(person)
    make.email(person)
    make.address(person)
    return person


@pytest.fixture
def danas_account(dana: Debtor, northwind: Portfolio) -> Account:
    return make.account("250.00", debtor=dana, portfolio=northwind)


@pytest.fixture
def gus(db: None) -> Debtor:
    """Guarantees Dana's debt; lives in New York."""
    return make.debtor("Gus Okafor", zones=("America/New_York",), state="NY")


@pytest.fixture
def sign_in() -> Iterator[Callable[[User], Client]]:
    """A browser (Django's test client) signed in as somebody."""

    def signed_in(person: User) -> Client:
        client = Client()
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        return client

    yield signed_in


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """After a test that emptied the tables, put back what the migrations had put in."""
    result = yield
    names = getattr(item, "fixturenames", ())
    marker = item.get_closest_marker("django_db")
    emptied = "transactional_db" in names or "live_server" in names or (marker and marker.kwargs.get("transaction"))
    if emptied and nextitem is not None:
        with item.config.stash[blocking_manager_key].unblock():
            make.reference_data()
    return result

"""No code path reaches a channel without a stored decision: one test walks the code, another the database."""

import ast
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from accounts.models import Account, Debtor
from collections_crm import testing as make
from compliance import queries
from compliance import services as compliance
from contacts import services as contacts
from users.models import User

ROOT = Path(settings.BASE_DIR)
APPS = ("accounts", "compliance", "contacts", "core", "letters", "payments", "reports", "strategies", "users")
DOORS = {"send": "letters/services/sending.py", "ring": "contacts/services/calls.py"}
ADAPTERS = ("letters/channels/", "contacts/telephony/")
OUTWARD = {"smtplib", "requests", "httpx", "urllib.request", "http.client", "socket", "twilio", "django.core.mail"}


def modules() -> Iterator[tuple[str, ast.Module]]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if "/tests/" not in name and "/migrations/" not in name:
                yield name, ast.parse(path.read_text())


def calls(tree: ast.AST) -> Iterator[tuple[str, str, int]]:
    """(what it is called on, method, line) of every method call."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield ast.unparse(node.func.value), node.func.attr, node.lineno


def imports(tree: ast.AST) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def test_letters_leave_and_phones_ring_only_from_the_two_places_that_ask() -> None:
    found: dict[str, set[str]] = {"send": set(), "ring": set()}
    for name, tree in modules():
        if name.startswith(ADAPTERS):
            continue
        for where, method, _ in calls(tree):
            if method == "ring" or (method == "send" and where.split(".")[-1] in ("channels", "channel", "adapter")):
                found[method].add(name)

    assert found == {method: {door} for method, door in DOORS.items()}


def test_the_adapters_are_imported_by_their_own_folder_only() -> None:
    inner = ("letters.channels.post", "letters.channels.email", "letters.channels.sms", "contacts.telephony.fake",
             "contacts.telephony.link")  # fmt: skip
    wrong = [
        f"{name}: {module}"
        for name, tree in modules()
        for module in imports(tree)
        if module.startswith(inner) and not name.startswith(ADAPTERS)
    ]

    assert wrong == []


def test_nothing_else_speaks_to_the_world() -> None:
    wrong = [
        f"{name}: {module}"
        for name, tree in modules()
        for module in imports(tree)
        if module in OUTWARD and not name.startswith(ADAPTERS) and not name.startswith("core/")
    ]

    assert wrong == []


def test_both_doors_ask_before_they_act() -> None:
    asking = {
        name
        for name, tree in modules()
        for _, method, _ in calls(tree)
        if method in ("may_contact", "may_contact_many", "may_call")
    }

    assert "contacts/services/calls.py" in asking
    assert any(name.startswith("letters/services/") for name in asking)


@pytest.mark.django_db
def test_a_call_through_the_desk_has_a_decision_and_one_past_it_is_named(
    dana: Debtor, danas_account: Account, olive: User
) -> None:
    since, until = make.NOON - timedelta(days=1), make.NOON + timedelta(days=1)
    point = dana.contact_points.get(kind="PHONE")
    contacts.start_call(debtor=dana, point=point, accounts=[danas_account], by=olive, at=make.NOON)
    assert queries.acts_without_decision(since=since, until=until) == []

    past_it = compliance.record_contact(
        debtor=dana, accounts=[danas_account], kind="call", at=make.NOON, outcome="no_answer", point=point
    )

    assert queries.acts_without_decision(since=since, until=until) == [past_it.pk]

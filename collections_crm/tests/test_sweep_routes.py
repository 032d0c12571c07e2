"""Every route says who may call it, the table says the same, and so do real requests."""

from typing import Any

import pytest
from django.test import Client

from collections_crm import testing as make
from collections_crm.tests.routes import Route, matrix, routes
from users.permissions import ANY_ROLE

ROUTES = routes()
TABLE = matrix()
PASSED = {200, 204, 302, 303, 400, 404, 405, 409, 422, 429}


def rule(route: Route, attribute: str) -> frozenset[str] | None:
    view = route.view
    target = getattr(view, "cls", None) or getattr(view, "view_class", None) or view
    found: frozenset[str] | None = getattr(view, attribute, getattr(target, attribute, None))
    return found


@pytest.mark.parametrize("route", ROUTES, ids=lambda r: r.name)
def test_every_route_has_a_name_a_rule_and_a_line_in_the_table(route: Route) -> None:
    assert route.name and not route.name.endswith(":"), f"{route.pattern} has no name"
    read, write = rule(route, "crm_rule"), rule(route, "crm_write_rule")
    assert read, f"{route.name} has no rule"
    assert route.name in TABLE, f"{route.name} is missing in permissions_matrix.toml: read={sorted(read)}"
    assert sorted(TABLE[route.name].get("read", [])) == sorted(read)
    if "write" in TABLE[route.name]:
        assert sorted(TABLE[route.name]["write"]) == sorted(write or ())


def test_the_table_names_no_route_that_is_gone() -> None:
    assert set(TABLE) <= {route.name for route in ROUTES}


def allowed(name: str, role: str, method: str) -> bool:
    row = TABLE[name]
    if "public" in row["read"]:
        return True
    readers = row["read"]
    writers = row.get("write", [r for r in readers if r != "compliance"])
    return role in (readers if method == "GET" else writers)


@pytest.mark.django_db
@pytest.mark.parametrize("role", ANY_ROLE)
def test_real_requests_agree_with_the_table(role: str) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(make.user("Sweep Person", role), backend="django.contrib.auth.backends.ModelBackend")
    wrong: list[str] = []
    for route in ROUTES:
        if route.name in ("users:logout",):
            continue
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            answer = client.generic(method, route.example())
            expected = PASSED if allowed(route.name, role, method) else {403, 405}
            if answer.status_code not in expected:
                wrong.append(f"{role} {method} {route.name}: {answer.status_code}")
    assert wrong == []


@pytest.mark.django_db
def test_a_stranger_is_sent_to_sign_in_everywhere() -> None:
    client, wrong = Client(), []
    for route in ROUTES:
        if "public" in TABLE[route.name]["read"]:
            continue
        answer: Any = client.get(route.example())
        if not (answer.status_code == 405 or (answer.status_code == 302 and "/login/" in answer["Location"])):
            wrong.append(f"{route.name}: {answer.status_code}")
    assert wrong == []


@pytest.mark.django_db
def test_no_get_changes_anything_and_every_post_asks_for_the_csrf_token() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make.user("Sweep Person", *ANY_ROLE), backend="django.contrib.auth.backends.ModelBackend")

    wrong = [r.name for r in ROUTES if client.post(r.example()).status_code not in (403, 404, 405)]

    assert wrong == []


@pytest.mark.django_db
def test_every_answer_carries_the_headers() -> None:
    client = Client(raise_request_exception=False)
    client.force_login(make.user("Sweep Person", *ANY_ROLE), backend="django.contrib.auth.backends.ModelBackend")
    for path in [*(r.example() for r in ROUTES), "/no/such/page/"]:
        answer = client.get(path)
        policy = answer.get("Content-Security-Policy", "")
        assert "default-src 'none'" in policy and "unsafe" not in policy.replace(
            "style-src 'unsafe-inline'", "" if "/preview" in path else policy
        ), path
        assert answer["X-Content-Type-Options"] == "nosniff", path
        assert answer["Referrer-Policy"] in ("same-origin", "no-referrer"), path
        assert "no-store" in answer["Cache-Control"], path

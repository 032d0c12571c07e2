"""Signing in and out, and who may stay: RELIABILITY_TESTS G1, G2, G5, G6, F4."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.models import Account
from collections_crm import testing as make
from collections_crm.tests.browser_helpers import rule
from collections_crm.tests.routes import routes
from users.models import Team, User

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
PRIVATE = "/me/"  # a page that everybody who is signed in may open
SIGNED = {"letters:hook"}  # providers call it: each request is signed, no cookie counts


def knock(client: Client, name: str, password: str = make.PASSWORD, **more: Any) -> Any:
    return client.post("/login/", {"username": name, "password": password, **more.pop("data", {})}, **more)


def is_in(client: Client) -> bool:
    return client.get(PRIVATE).status_code == 200


def test_the_session_gets_a_new_id_when_olive_signs_in_and_an_old_cookie_opens_nothing(olive: User) -> None:
    planted, browser = Client(), Client()
    planted.session.save()
    browser.get("/login/")
    before = str(planted.session.session_key)
    browser.cookies[settings.SESSION_COOKIE_NAME] = before

    assert knock(browser, "olive").status_code == 302
    after = browser.cookies[settings.SESSION_COOKIE_NAME].value

    assert after != before
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = before
    assert is_in(browser)
    assert not is_in(thief)


def test_signing_out_kills_the_session_on_the_server(olive: User, sign_in: SignIn) -> None:
    browser = sign_in(olive)
    kept = browser.cookies[settings.SESSION_COOKIE_NAME].value
    assert is_in(browser)

    assert browser.post("/logout/").status_code in (302, 303)

    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = kept
    assert not is_in(thief)
    assert not Session.objects.filter(session_key=kept).exists()


def test_nobody_is_signed_out_by_a_link(olive: User, sign_in: SignIn) -> None:
    browser = sign_in(olive)

    assert browser.get("/logout/").status_code == 405
    assert is_in(browser)


def test_olive_is_out_at_her_next_click_when_ada_switches_her_off(olive: User, sign_in: SignIn) -> None:
    browser, elsewhere = sign_in(olive), sign_in(olive)
    assert is_in(browser) and is_in(elsewhere)

    User.objects.filter(pk=olive.pk).update(is_active=False)

    assert not is_in(browser)
    assert not is_in(elsewhere)
    assert knock(Client(), "olive").status_code == 422


def test_olive_without_any_role_is_out_at_her_next_click(olive: User, sign_in: SignIn) -> None:
    browser = sign_in(olive)
    User.objects.filter(pk=olive.pk).update(role_list=[])

    assert not is_in(browser)


def test_a_new_password_ends_the_sessions_that_began_with_the_old_one(olive: User, sign_in: SignIn) -> None:
    browser = sign_in(olive)
    olive.set_password("quite another pass phrase")
    olive.save()

    assert not is_in(browser)


def test_who_changes_teams_loses_the_persons_of_the_old_one_at_the_next_click(
    olive: User, south: Team, danas_account: Account, sign_in: SignIn
) -> None:
    browser, page = sign_in(olive), danas_account.debtor.get_absolute_url()
    assert browser.get(page).status_code == 200

    olive.teams.set([south])

    assert browser.get(page).status_code == 404


def test_after_ten_wrong_passwords_the_right_one_is_refused_too(olive: User, pavel: User) -> None:
    browser = Client()
    said = [knock(browser, "olive", f"wrong pass phrase {turn}").status_code for turn in range(10)]

    assert said[:9] == [422] * 9
    assert knock(browser, "olive").status_code == 429
    assert not is_in(browser)
    assert knock(Client(REMOTE_ADDR="192.0.2.7"), "olive").status_code == 302, "olive at her own desk is not locked out"
    assert knock(Client(), "pavel").status_code == 302, "a colleague behind the same address is not locked out"


def test_the_throttle_does_not_believe_an_address_that_the_caller_makes_up(olive: User) -> None:
    for turn in range(10):
        knock(Client(), "olive", "wrong pass phrase", headers={"X-Forwarded-For": f"198.51.100.{turn}"})

    assert knock(Client(), "olive", headers={"X-Forwarded-For": "198.51.100.99"}).status_code == 429


def test_an_unknown_name_and_a_wrong_password_get_the_same_answer(olive: User) -> None:
    known, unknown = knock(Client(), "olive", "wrong pass phrase"), knock(Client(), "nobody", "wrong pass phrase")

    assert known.status_code == unknown.status_code == 422
    assert without_names(known) == without_names(unknown)


def without_names(answer: Any) -> str:
    import re

    text = answer.content.decode().replace("olive", "NAME").replace("nobody", "NAME")
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"|[0-9a-f]{32}', "", text)


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example.com/", "//evil.example.com/", "///evil.example.com", "/\\evil.example.com",
        "javascript:alert(1)", "http:evil.example.com", "https://testserver@evil.example.com/", "\t//evil.example.com",
        "data:text/html,x",
    ],
)  # fmt: skip
def test_signing_in_leads_to_our_own_pages_only(olive: User, target: str) -> None:
    answer = knock(Client(), "olive", data={"next": target})

    assert answer.status_code == 302
    assert answer["Location"] == "/"


def test_signing_in_leads_back_to_where_olive_wanted_to_go(olive: User) -> None:
    assert knock(Client(), "olive", data={"next": "/people/?q=dana"})["Location"] == "/people/?q=dana"


@pytest.mark.parametrize("host", ["evil.example.com", "testserver.evil.example.com", "evil.example.com:80", "a b"])
def test_a_made_up_host_gets_no_page(host: str) -> None:
    answer = Client(raise_request_exception=False).get("/login/", headers={"Host": host})

    assert answer.status_code == 400
    assert b"evil" not in answer.content


def test_no_form_is_taken_from_another_site(olive: User) -> None:
    """With a good token, but an Origin that is not ours; for every route that takes a POST."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(olive, backend="django.contrib.auth.backends.ModelBackend")
    browser.get(PRIVATE)
    token = browser.cookies["csrftoken"].value
    ours = browser.post(
        "/me/look/", {"theme": "dark", "csrfmiddlewaretoken": token}, headers={"Origin": "http://testserver"}
    )
    assert ours.status_code == 204, "the same form from our own page is taken"

    wrong = []
    for origin in ("https://evil.example.com", "null", "http://testserver.evil.example.com"):
        for route in routes():
            if not rule(route, "crm_write_rule") or route.name in SIGNED:
                continue
            answer = browser.post(route.example(), {"csrfmiddlewaretoken": token}, headers={"Origin": origin})
            if answer.status_code not in (403, 405):
                wrong.append(f"{route.name} from {origin}: {answer.status_code}")
    assert wrong == []
    assert is_in(browser)


def test_htmx_gets_no_more_than_a_browser_does(quinn: User, danas_account: Account, sign_in: SignIn) -> None:
    """The header HX-Request opens nothing, signs nobody in and skips no token (G7)."""
    page = danas_account.debtor.get_absolute_url()
    asked = {"HX-Request": "true"}
    stranger = Client().get(page, headers=asked)
    assert (stranger.status_code, stranger["HX-Redirect"]) == (401, "/login/")
    assert sign_in(quinn).get(page, headers=asked).status_code == 404

    strict = Client(enforce_csrf_checks=True)
    strict.force_login(quinn, backend="django.contrib.auth.backends.ModelBackend")
    assert strict.post("/me/look/", {"theme": "dark"}, headers=asked).status_code == 403


def test_the_cookies_are_out_of_reach_of_scripts_and_of_other_sites(olive: User) -> None:
    browser = Client()
    knock(browser, "olive")
    session = browser.cookies[settings.SESSION_COOKIE_NAME]

    assert session["httponly"]
    assert session["samesite"] == "Lax"
    assert browser.cookies["csrftoken"]["samesite"] == "Lax"

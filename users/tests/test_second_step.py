"""The second step: set up by its owner, asked at sign-in, good once, required by role, reset by Ada (F110)."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pyotp
import pytest
from django.test import Client

from collections_crm import testing as make
from core.models import AuditEvent
from users import factors
from users.models import RecoveryCode, SecondFactor, User

SignIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def _still(noon: datetime) -> None:
    """Every page reads the same clock."""


def code_of(user: User, at: datetime = make.NOON) -> str:
    return pyotp.TOTP(SecondFactor.objects.get(user=user).secret()).at(at)


def enrol(user: User, at: datetime = make.NOON - timedelta(minutes=5)) -> list[str]:
    factors.begin(user=user, at=at)
    return factors.confirm(user=user, code=code_of(user, at), at=at)


def password_step(user: User) -> Client:
    browser = Client()
    answer = browser.post("/login/", {"username": user.username, "password": make.PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/login/code/")
    return browser


def is_in(browser: Client) -> bool:
    return browser.get("/me/").status_code == 200


def test_olive_scans_confirms_and_keeps_her_recovery_codes(olive: User, sign_in: SignIn) -> None:
    hers = sign_in(olive)
    hers.post("/me/security/", {"do": "begin"})

    page = hers.get("/me/security/").content.decode()
    shown = re.search(r'id="secret">([^<]+)<', page)
    assert shown and "<svg" in page and "style=" not in page
    code = pyotp.TOTP(shown.group(1).replace(" ", "")).at(make.NOON)
    done = hers.post("/me/security/", {"do": "confirm", "code": code}).content.decode()

    assert len(re.findall(r"<li><code>[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}</code>", done)) == 10
    assert factors.has_factor(olive)
    assert shown.group(1) not in hers.get("/me/security/").content.decode()


def test_the_secret_is_sealed_and_the_codes_are_hashes(olive: User) -> None:
    codes = enrol(olive)

    row = SecondFactor.objects.get(user=olive)
    kept = f"{row.sealed} {list(RecoveryCode.objects.values_list('digest', flat=True))}"
    kept += str(list(AuditEvent.objects.values_list("data", flat=True)))
    assert row.secret() not in kept
    assert not any(code in kept or code.replace("-", "") in kept for code in codes)


def test_the_password_alone_opens_nothing_and_the_code_opens_the_page_she_wanted(olive: User) -> None:
    enrol(olive)
    browser = Client()
    browser.post("/login/", {"username": "olive", "password": make.PASSWORD, "next": "/results/"})
    assert not is_in(browser)

    answer = browser.post("/login/code/", {"code": code_of(olive)})

    assert (answer.status_code, answer["Location"]) == (302, "/results/")
    assert is_in(browser)


def test_a_code_is_good_once(olive: User) -> None:
    enrol(olive)
    first, second = password_step(olive), password_step(olive)
    code = code_of(olive)

    assert first.post("/login/code/", {"code": code}).status_code == 302
    assert second.post("/login/code/", {"code": code}).status_code == 422
    assert not is_in(second)


def test_the_code_of_confirming_does_not_open_the_door_again(olive: User) -> None:
    enrol(olive, at=make.NOON)

    assert password_step(olive).post("/login/code/", {"code": code_of(olive)}).status_code == 422


@pytest.mark.parametrize("seconds", [-30, 0, 30])
def test_a_clock_half_a_minute_off_is_no_trouble(olive: User, seconds: int) -> None:
    enrol(olive)

    assert factors.check(user=olive, code=code_of(olive, make.NOON + timedelta(seconds=seconds)), at=make.NOON)


@pytest.mark.parametrize("code", ["", "000000", "12345", "１２３４５６", "abc", "1" * 39, "9\x00", "-12345"])
def test_a_wrong_code_is_said_at_the_field(olive: User, code: str) -> None:
    enrol(olive)
    browser = password_step(olive)

    answer = browser.post("/login/code/", {"code": code})

    assert answer.status_code == 422
    assert 'id="id_code-error" class="err"' in answer.content.decode()
    assert not is_in(browser)


def test_a_recovery_code_opens_once_and_is_audited(olive: User) -> None:
    codes = enrol(olive)

    assert password_step(olive).post("/login/code/", {"code": codes[0].lower()}).status_code == 302
    assert password_step(olive).post("/login/code/", {"code": codes[0]}).status_code == 422
    assert AuditEvent.objects.get(action="user.recovery_code_used").data == {"left": 9}


def test_ten_wrong_codes_and_the_door_rests_even_for_the_right_one(olive: User) -> None:
    enrol(olive)
    browser = password_step(olive)

    answers = [browser.post("/login/code/", {"code": f"00000{n}"}).status_code for n in range(10)]

    assert answers[-1] == 429
    assert browser.post("/login/code/", {"code": code_of(olive)}).status_code == 429
    assert not is_in(browser)


def test_half_in_lasts_ten_minutes_and_ends_with_the_password(olive: User, monkeypatch: pytest.MonkeyPatch) -> None:
    enrol(olive)
    late, changed = password_step(olive), password_step(olive)

    olive.set_password("another long pass phrase")
    olive.save()
    assert changed.get("/login/code/")["Location"] == "/login/"

    monkeypatch.setattr("core.clock.now", lambda: make.NOON + timedelta(minutes=11))
    assert late.post("/login/code/", {"code": code_of(olive, make.NOON)})["Location"] == "/login/"


def test_nobody_types_a_code_without_a_password_first(olive: User) -> None:
    enrol(olive)

    answer = Client().post("/login/code/", {"code": code_of(olive)})

    assert (answer.status_code, answer["Location"]) == (302, "/login/")


def test_a_role_that_needs_it_opens_no_page_before_it_is_set_up(ada: User, olive: User, sign_in: SignIn) -> None:
    before = sign_in(olive)
    sign_in(ada).post("/staff/sign-in/", {"roles": ["officer"]})
    assert not is_in(before)

    hers = Client()
    assert hers.post("/login/", {"username": "olive", "password": make.PASSWORD}).status_code == 302
    for path in ("/me/", "/results/", "/work/", "/reports/calls/"):
        assert hers.get(path)["Location"] == "/me/security/", path
    assert "Your role needs a second step" in hers.get("/me/security/").content.decode()

    hers.post("/me/security/", {"do": "begin"})
    hers.post("/me/security/", {"do": "confirm", "code": code_of(olive)})
    assert hers.get("/results/").status_code == 200


def test_signing_in_takes_one_step_while_no_role_needs_two(olive: User) -> None:
    browser = Client()

    browser.post("/login/", {"username": "olive", "password": make.PASSWORD})

    assert is_in(browser)


def test_who_needs_it_cannot_give_it_up_and_others_can(ada: User, olive: User, sign_in: SignIn) -> None:
    enrol(olive)
    hers = sign_in(olive)
    factors.require(roles=["officer"], by=ada, at=make.NOON)
    assert is_in(hers)  # she has one: nothing changes for her

    refused = hers.post("/me/security/", {"do": "drop", "code": code_of(olive)})
    assert refused.status_code == 422
    assert factors.has_factor(olive)

    factors.require(roles=[], by=ada, at=make.NOON)
    later = code_of(olive, make.NOON + timedelta(seconds=30))
    assert hers.post("/me/security/", {"do": "drop", "code": later}).status_code == 303
    assert not factors.has_factor(olive)


def test_ada_resets_a_lost_phone_and_it_is_audited(ada: User, olive: User, sign_in: SignIn) -> None:
    enrol(olive)
    hers = sign_in(olive)

    sign_in(ada).post(f"/staff/{olive.pk}/second-step/")

    assert not factors.has_factor(olive)
    assert not RecoveryCode.objects.filter(user=olive).exists()
    assert not is_in(hers)
    row = AuditEvent.objects.get(action="user.second_step_reset")
    assert (row.actor_id, row.subject_id) == (ada.pk, str(olive.pk))


def test_only_an_admin_sets_the_rules_and_a_made_up_role_is_refused(ada: User, max_: User, sign_in: SignIn) -> None:
    assert sign_in(max_).get("/staff/sign-in/").status_code == 403
    assert sign_in(ada).post("/staff/sign-in/", {"roles": ["king"]}).status_code == 422
    assert sign_in(ada).get("/staff/sign-in/").status_code == 200


def test_olive_cannot_sign_in_at_eleven_at_night_even_with_a_code(olive: User, monkeypatch: pytest.MonkeyPatch) -> None:
    enrol(olive)
    browser = password_step(olive)
    User.objects.filter(pk=olive.pk).update(sign_on_from="08:00", sign_on_until="20:00")
    night = datetime(2026, 11, 18, 5, 0, tzinfo=make.NOON.tzinfo)  # 11 PM in Chicago
    monkeypatch.setattr("core.clock.now", lambda: night)
    monkeypatch.setattr("users.halfway._LASTS", timedelta(days=1))

    assert browser.post("/login/code/", {"code": code_of(olive, night)}).status_code == 422
    assert Client().post("/login/", {"username": "olive", "password": make.PASSWORD}).status_code == 422
    assert not is_in(browser)

"""Ada makes log-ins, changes them and switches them off; it counts at the next click (F110)."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from collections_crm import testing as make
from core.models import AuditEvent
from users import staff
from users.models import Shift, Team, User
from users.services import set_time_state

SignIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def _still(noon: datetime) -> None:
    """Every page reads the same clock."""


def facts(**more: Any) -> dict[str, Any]:
    return {"display_name": "Nora Ellis", "roles": ["officer"], **more}


def test_a_new_person_signs_in_with_the_password_that_is_shown_once(ada: User, north: Team, sign_in: SignIn) -> None:
    answer = sign_in(ada).post("/staff/new/", facts(username="nora", teams=[north.pk]))

    shown = re.search(r'id="secret">([^<]+)<', answer.content.decode())
    assert shown
    hers = Client()
    assert hers.post("/login/", {"username": "nora", "password": shown.group(1)}).status_code == 302
    assert shown.group(1) not in sign_in(ada).get(f"/staff/{User.objects.get(username='nora').pk}/").content.decode()
    assert shown.group(1) not in str(list(AuditEvent.objects.values_list("data", flat=True)))


def test_a_taken_name_is_said_at_the_field(ada: User, olive: User, sign_in: SignIn) -> None:
    answer = sign_in(ada).post("/staff/new/", facts(username="olive"))

    assert answer.status_code == 422
    assert "Somebody has this name already." in answer.content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"username": "Nora Ellis"},
        {"username": "nora\x00"},
        {"roles": []},
        {"roles": ["king"]},
        {"sign_on_from": "08:00"},
        {"display_name": ""},
        {"display_name": "a‮b"},
    ],
)
def test_bad_input_makes_nobody(wrong: dict[str, Any], ada: User, sign_in: SignIn) -> None:
    assert sign_in(ada).post("/staff/new/", {**facts(username="nora"), **wrong}).status_code == 422
    assert not User.objects.filter(username__startswith="nora").exists()


def test_a_role_taken_away_is_gone_at_the_next_click(ada: User, lee: User, sign_in: SignIn) -> None:
    his = sign_in(lee)
    assert his.get("/team/").status_code == 200

    sign_in(ada).post(f"/staff/{lee.pk}/", {"display_name": "Lee Sandoval", "roles": ["officer"]})

    assert his.get("/team/").status_code == 403


def test_switching_off_ends_sessions_and_shift_in_one_go(ada: User, olive: User, sign_in: SignIn) -> None:
    hers = sign_in(olive)
    set_time_state(user=olive, state="READY", at=make.NOON)
    assert hers.get("/results/").status_code == 200

    sign_in(ada).post(f"/staff/{olive.pk}/switch/")

    assert hers.get("/results/").status_code == 302
    assert not any(s.get_decoded().get("_auth_user_id") == str(olive.pk) for s in Session.objects.all())
    assert not Shift.objects.filter(user=olive, ended_at=None).exists()


def test_when_sessions_cannot_be_ended_the_person_stays_on(
    ada: User, olive: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(user: User) -> int:
        raise RuntimeError("no sessions table")

    monkeypatch.setattr("users.services.end_sessions", broken)

    with pytest.raises(RuntimeError):
        staff.disable(person=olive, by=ada, at=make.NOON)

    olive.refresh_from_db()
    assert olive.is_active


def test_ada_cannot_switch_herself_off_or_take_her_own_role(ada: User, sign_in: SignIn) -> None:
    hers = sign_in(ada)

    assert hers.post(f"/staff/{ada.pk}/switch/").status_code == 422
    assert hers.post(f"/staff/{ada.pk}/", {"display_name": "Ada", "roles": ["officer"]}).status_code == 422
    ada.refresh_from_db()
    assert ada.is_active
    assert ada.roles == {"admin"}


def test_olive_cannot_sign_on_outside_her_hours(ada: User, olive: User, north: Team, sign_in: SignIn) -> None:
    hours = {"sign_on_from": "12:00", "sign_on_until": "18:00"}  # it is 11:00 in Chicago

    sign_in(ada).post(
        f"/staff/{olive.pk}/", {"display_name": "Olive", "roles": ["officer"], "teams": [north.pk], **hours}
    )

    refused = Client().post("/login/", {"username": "olive", "password": make.PASSWORD})
    assert refused.status_code == 422


@pytest.mark.parametrize(
    "page", ["/staff/", "/staff/new/", "/teams/", "/teams/new/", "/codes/", "/codes/new/", "/firm/"]
)
def test_only_an_admin_opens_the_admins_pages(
    page: str, ada: User, olive: User, lee: User, max_: User, cora: User, sign_in: SignIn
) -> None:
    assert [sign_in(person).get(page).status_code for person in (ada, olive, lee, max_, cora)] == [
        200,
        403,
        403,
        403,
        403,
    ]


def test_olive_changes_her_look_and_her_password_and_stays_signed_in(olive: User, sign_in: SignIn) -> None:
    hers = sign_in(olive)
    assert hers.get("/me/").status_code == 200

    saved = hers.post("/me/", {"theme": "dark", "density": "roomy", "new_password": "another long pass phrase"})

    assert saved.status_code == 303
    olive.refresh_from_db()
    assert (olive.theme, olive.density, olive.single_keys) == ("dark", "roomy", False)
    assert olive.check_password("another long pass phrase")
    assert hers.get("/me/").status_code == 200
    assert hers.post("/me/", {"theme": "", "density": "roomy", "new_password": "short"}).status_code == 422

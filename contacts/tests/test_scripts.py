"""Scripts: a save is the next version, one version is in use, and calls keep theirs."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account
from contacts import script_steps, services
from contacts.models import ScriptVersion
from users.models import User

from .stories import STEPS, dial, script

pytestmark = pytest.mark.django_db


def test_ada_saves_a_new_version_and_puts_it_in_use_while_an_open_call_keeps_its_own(
    ada: User, olive: User, danas_account: Account, sign_in: Callable[[User], Client], noon: datetime
) -> None:
    first = script(at=noon)
    call = dial(danas_account, by=olive, at=noon, version=first)
    client = sign_in(ada)
    fields = {f"title-{n}": step["title"] for n, step in enumerate(STEPS)}
    fields |= {f"say-en-{n}": step["say"]["en"] for n, step in enumerate(STEPS)}
    fields |= {"say-en-0": "Good day, is this {{ person.name }}?", "must-2": "on", "change_note": "Friendlier"}

    saved = client.post("/scripts/first-call/", fields)
    assert saved["Location"] == "/scripts/first-call/?v=2"
    client.post("/scripts/first-call/v/2/live/")

    states = dict(ScriptVersion.objects.values_list("number", "state"))
    assert states == {1: "RETIRED", 2: "LIVE"}
    assert ScriptVersion.objects.get(number=2).steps[0]["say"]["en"].startswith("Good day")
    assert services.steps_of(call)[0].words("en").startswith("Hello")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"branches": [{"key": "A", "label": "Yes", "next": "nowhere"}]}, "not there"),
        ({"branches": [{"key": "a", "label": "Yes"}]}, "a letter each"),
        ({"title": ""}, "a title"),
        ({"key": "identity"}, "same short name"),
        ({"key": "No spaces"}, "small letters"),
    ],
)
def test_steps_that_nobody_could_follow_are_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(script_steps.ScriptError, match=words):
        script_steps.check([{**STEPS[0], **change}, *STEPS[1:]])


def test_a_script_without_its_disclosure_or_identity_check_is_refused() -> None:
    for missing in ("identity", "disclosure"):
        with pytest.raises(script_steps.ScriptError):
            script_steps.check([step for step in STEPS if step["key"] != missing])


def test_a_version_whose_disclosure_need_not_be_read_is_refused_on_the_page(
    ada: User, sign_in: Callable[[User], Client], noon: datetime
) -> None:
    script(at=noon)
    fields = {f"title-{n}": step["title"] for n, step in enumerate(STEPS)}

    answer = sign_in(ada).post("/scripts/first-call/", fields)

    assert answer.status_code == 422 and ScriptVersion.objects.count() == 1


def test_every_shipped_script_can_be_followed() -> None:
    from dataclasses import asdict

    from letters.content import scripts

    for one in scripts():
        steps = script_steps.parse([asdict(step) for step in one.steps])
        assert script_steps.path(steps, [], steps[0].key)


def test_officers_and_leads_do_not_edit_scripts(
    olive: User, lee: User, sign_in: Callable[[User], Client], noon: datetime
) -> None:
    script(at=noon)
    assert {sign_in(person).get("/scripts/first-call/").status_code for person in (olive, lee)} == {403}

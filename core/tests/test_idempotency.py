"""A form with a key has its effect once."""

from uuid import uuid4

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from core.idempotency import idempotent
from core.models import IdempotencyKey
from users.models import Team, User

pytestmark = pytest.mark.django_db


class Recorder:
    """A view that makes a team per call."""

    def __init__(self, status: int = 303) -> None:
        self.calls = 0
        self.status = status

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self.calls += 1
        Team.objects.create(name=f"Team {self.calls}", slug=f"t{self.calls}")
        response = HttpResponse(b"answer", status=self.status)
        response["Location"] = f"/t{self.calls}/"
        return response


def post(view: Recorder, user: User, **data: str) -> HttpResponse:
    request = RequestFactory().post("/teams/", data)
    request.user = user
    return idempotent(view)(request)


def test_a_double_click_makes_one_team_and_gives_the_same_answer_twice(olive: User) -> None:
    view, key = Recorder(), str(uuid4())

    first = post(view, olive, name="x", idempotency_key=key)
    second = post(view, olive, name="x", idempotency_key=key)

    assert view.calls == 1
    assert (first["Location"], second["Location"]) == ("/t1/", "/t1/")
    assert second.status_code == 303


def test_the_same_key_with_other_values_is_refused(olive: User) -> None:
    view, key = Recorder(), str(uuid4())
    post(view, olive, name="x", idempotency_key=key)

    second = post(view, olive, name="y", idempotency_key=key)

    assert second.status_code == 422
    assert view.calls == 1


def test_a_refused_form_may_be_sent_again(olive: User) -> None:
    view, key = Recorder(status=422), str(uuid4())

    post(view, olive, name="", idempotency_key=key)
    post(view, olive, name="", idempotency_key=key)

    assert view.calls == 2
    assert not IdempotencyKey.objects.exists()


@pytest.mark.parametrize("key", ["", "x" * 256, "a\x00b"])
def test_a_form_without_a_proper_key_has_no_effect(olive: User, key: str) -> None:
    view = Recorder()

    assert post(view, olive, idempotency_key=key).status_code == 400
    assert view.calls == 0


def test_another_person_may_use_the_same_key(olive: User, pavel: User) -> None:
    view, key = Recorder(), str(uuid4())

    post(view, olive, idempotency_key=key)
    post(view, pavel, idempotency_key=key)

    assert view.calls == 2

"""Olive asks her lead about somebody; the lead answers, or takes the live call over."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client

from accounts.models import Account
from contacts import services
from contacts.models import LeadRequest
from users.models import User

from .stories import talk

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


def asked(account: Account, by: User, at: datetime, words: str = "May I waive the fee?") -> LeadRequest:
    return services.ask_lead(debtor=account.debtor, account=account, call=None, words=words, by=by, at=at)


def test_the_question_reaches_leads_who_see_the_debt_with_the_way_to_it(
    olive: User, lee: User, quinn: User, danas_account: Account, sign_in: SignIn, noon: datetime
) -> None:
    answer = sign_in(olive).post(
        f"/people/{danas_account.debtor.ref}/ask/", {"words": "May I waive the fee?", "idempotency_key": "k1"}
    )
    assert answer.status_code == 303

    notice = sign_in(lee).get("/requests/open/").content.decode()
    assert "Olive Marsh asks" in notice and "May I waive the fee?" in notice
    assert f'href="/people/{danas_account.debtor.ref}/"' in notice
    other = sign_in(quinn).post(
        f"/people/{danas_account.debtor.ref}/ask/", {"words": "Tell me", "idempotency_key": "k2"}
    )
    assert other.status_code == 404


def test_an_empty_or_second_question_is_refused_with_a_sentence(
    olive: User, danas_account: Account, noon: datetime
) -> None:
    with pytest.raises(services.LeadMistake, match="Write what"):
        asked(danas_account, olive, noon, words="  ")
    asked(danas_account, olive, noon)
    with pytest.raises(services.LeadMistake, match="not answered yet"):
        asked(danas_account, olive, noon)


def test_the_first_answer_stands_and_olive_sees_it(
    olive: User, lee: User, max_: User, danas_account: Account, sign_in: SignIn, noon: datetime
) -> None:
    request = asked(danas_account, olive, noon)
    path = f"/requests/{request.pk}/"

    empty = sign_in(lee).post(path, {"approved": "", "words": "", "idempotency_key": "k0"})
    said = sign_in(lee).post(path, {"approved": "yes", "words": "Once", "idempotency_key": "k1"})

    assert (empty.status_code, said.status_code) == (422, 303)
    with pytest.raises(services.LeadMistake, match="Somebody else"):
        services.answer_question(request=request, by=max_, at=noon, words="", approved=False)
    seen = sign_in(olive).get("/requests/mine/").content.decode()
    assert "Yes" in seen and "Once" in seen and "Lee Sandoval" in seen
    assert sign_in(max_).get("/requests/open/").content.decode().strip() == ""


def test_an_answer_leaves_the_work_screen_after_a_while(
    olive: User, lee: User, danas_account: Account, sign_in: SignIn, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = asked(danas_account, olive, noon)
    services.answer_question(request=request, by=lee, at=noon, words="Yes", approved=True)

    monkeypatch.setattr("core.clock.now", lambda: noon + timedelta(minutes=6))

    assert "Yes" not in sign_in(olive).get("/requests/mine/").content.decode()


def test_the_lead_takes_the_live_call_over_from_the_question(
    olive: User, lee: User, danas_account: Account, sign_in: SignIn, noon: datetime
) -> None:
    call = talk(danas_account, by=olive, at=noon)
    request = services.ask_lead(
        debtor=danas_account.debtor, account=danas_account, call=call, words="Help", by=olive, at=noon
    )
    client = sign_in(lee)
    assert "Take the call over" in client.get(f"/requests/{request.pk}/").content.decode()

    client.post(f"/people/{danas_account.debtor.ref}/take-over/")

    call.refresh_from_db()
    assert call.officer == lee and call.verified_at == noon and call.script_step

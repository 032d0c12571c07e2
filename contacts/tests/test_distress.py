"""A person in distress or danger: one key hides, pauses, calls the lead and locks what was said."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account, Portfolio
from collections_crm import testing as make
from compliance import services as compliance
from compliance.models import Hold
from contacts import services
from contacts.models import Draft, Interaction, LeadRequest, LockedNote
from core.models import AuditEvent
from strategies import services as work
from strategies.models import WorkItem
from users.models import User

from .stories import dial, outcome, talk

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
SAID = "She says she cannot go on"


def pressed(client: Client, account: Account, note: str = SAID) -> str:
    answer = client.post(f"/people/{account.debtor.ref}/distress/", {"note": note}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return str(answer.content.decode())


def called(account: Account) -> LeadRequest:
    return LeadRequest.objects.get(debtor=account.debtor, kind="DISTRESS")


@pytest.fixture
def second(danas_account: Account, northwind: Portfolio) -> Account:
    """Another debt of Dana's."""
    return make.account("87.65", debtor=danas_account.debtor, portfolio=northwind)


def test_one_key_hides_the_amounts_and_shows_the_words_and_the_numbers(
    olive: User, lee: User, danas_account: Account, sign_in: SignIn, noon: datetime
) -> None:
    client = sign_in(olive)
    talk(danas_account, by=olive, at=noon)
    assert "$250.00" in client.get(f"/people/{danas_account.debtor.ref}/").content.decode()

    html = pressed(client, danas_account)
    words = client.get(f"/people/{danas_account.debtor.ref}/distress/").content.decode()

    assert "250.00" not in html and "988" in html
    assert "988" in words and "Your safety matters" in words
    again = client.get(f"/people/{danas_account.debtor.ref}/").content.decode()
    assert "250.00" not in again and SAID not in again
    client.post(f"/people/{danas_account.debtor.ref}/amounts/")
    assert "250.00" not in client.get(f"/people/{danas_account.debtor.ref}/").content.decode()


def test_all_her_debts_are_paused_at_once_in_worklist_calls_and_letters(
    olive: User, lee: User, danas_account: Account, second: Account, noon: datetime
) -> None:
    work.refresh_people([danas_account.debtor_id], noon)
    assert WorkItem.objects.get(debtor=danas_account.debtor, state="OPEN")

    services.call_for_help(debtor=danas_account.debtor, account=second, call=None, text="", by=olive, at=noon)

    later = noon + timedelta(minutes=1)
    for account in (danas_account, second):
        for channel in ("call", "sms", "email", "letter"):
            answer = compliance.may_contact(
                debtor=account.debtor, channel=channel, at=later, occasion="send", accounts=[account], record=False
            )
            assert not answer.allowed and answer.rule_id == "POLICY-HOLD" and answer.next_allowed is None
    assert work.claim_next(user=olive, at=later) is None
    with pytest.raises(services.CallRefused):
        dial(danas_account, by=olive, at=later)


def test_the_pause_names_who_looks_and_by_when_and_does_not_end_by_itself(
    olive: User, lee: User, danas_account: Account, noon: datetime
) -> None:
    services.call_for_help(debtor=danas_account.debtor, account=danas_account, call=None, text="", by=olive, at=noon)

    request = called(danas_account)
    hold = Hold.objects.get(debtor=danas_account.debtor, lifted_at=None)
    assert (request.reviewer, request.review_on) == (lee, date(2026, 11, 18))
    assert (hold.kind, hold.until, hold.account) == ("INTERNAL", None, None)
    assert "Lee Sandoval" in hold.reason and "Nov 18" in hold.reason
    assert hold.facts["review_on"] == "2026-11-18" and hold.facts["reviewer"] == lee.pk


def test_pressed_twice_there_is_one_call_for_the_lead_and_both_texts_are_kept(
    olive: User, lee: User, danas_account: Account, noon: datetime
) -> None:
    call = dial(danas_account, by=olive, at=noon)
    for text in (SAID, "She is safe with her sister"):
        services.call_for_help(
            debtor=danas_account.debtor, account=danas_account, call=call, text=text, by=olive, at=noon
        )

    assert LeadRequest.objects.count() == 1 and Hold.objects.filter(lifted_at=None).count() == 1
    assert LockedNote.objects.count() == 2


def test_the_lead_is_told_on_every_page_and_olive_sees_who_comes(
    olive: User, lee: User, quinn: User, south: object, danas_account: Account, sign_in: SignIn, noon: datetime
) -> None:
    lena = make.user("Lena Ortiz", "lead", team=south)  # type: ignore[arg-type]
    services.call_for_help(debtor=danas_account.debtor, account=danas_account, call=None, text="", by=olive, at=noon)

    notice = sign_in(lee).get("/requests/open/").content.decode()
    assert "Dana Reyes is in distress or danger" in notice and "Olive Marsh calls for you" in notice
    assert 'hx-get="/requests/open/"' in sign_in(lee).get("/team/").content.decode()
    assert "Dana" not in sign_in(lena).get("/requests/open/").content.decode()
    assert sign_in(olive).get("/requests/open/").status_code == 403

    request = called(danas_account)
    sign_in(lee).post(f"/requests/{request.pk}/seen/", headers={"HX-Request": "true"})

    assert "Lee Sandoval</b> looks after Dana Reyes" in sign_in(olive).get("/requests/mine/").content.decode()
    assert sign_in(lee).get("/requests/open/").content.decode().strip() == ""


def test_what_was_said_is_read_by_leads_and_compliance_only_and_reading_is_written_down(
    olive: User, pavel: User, lee: User, cora: User, danas_account: Account, sign_in: SignIn, noon: datetime
) -> None:
    client = sign_in(olive)
    talk(danas_account, by=olive, at=noon)
    client.post("/drafts/", {"person": danas_account.debtor.ref, "note": SAID})
    pressed(client, danas_account)
    path = f"/requests/{called(danas_account).pk}/"

    assert not Draft.objects.exists()
    for person in (olive, pavel):
        assert SAID not in sign_in(person).get(f"/people/{danas_account.debtor.ref}/").content.decode()
        assert sign_in(person).get(path).status_code == 403
    for person in (lee, cora):
        assert SAID in sign_in(person).get(path).content.decode()
    assert AuditEvent.objects.filter(action="locked_notes.read").count() == 2


def test_the_call_ends_with_an_outcome_that_asks_for_nothing_and_its_note_is_locked(
    olive: User, lee: User, danas_account: Account, noon: datetime
) -> None:
    call = talk(danas_account, by=olive, at=noon)
    services.call_for_help(debtor=danas_account.debtor, account=danas_account, call=call, text="", by=olive, at=noon)
    call.refresh_from_db()

    with pytest.raises(services.OutcomeRefused):
        services.close_call(call=call, disposition=outcome("promise"), note="", by=olive, at=noon)
    services.close_call(call=call, disposition=outcome("distress"), note=SAID, by=olive, at=noon)

    call.refresh_from_db()
    assert (call.state, call.note) == ("CLOSED", "Locked note")
    assert LockedNote.objects.get(interaction=call).text == SAID


def test_without_distress_that_outcome_is_not_offered(olive: User, danas_account: Account, noon: datetime) -> None:
    call = dial(danas_account, by=olive, at=noon)

    assert not services.allowed_outcome(call=call, disposition=outcome("distress"))


def test_a_note_written_while_the_review_waits_is_locked_too(
    olive: User, lee: User, danas_account: Account, noon: datetime
) -> None:
    services.call_for_help(debtor=danas_account.debtor, account=danas_account, call=None, text="", by=olive, at=noon)

    note = services.add_note(debtor=danas_account.debtor, account=None, text=SAID, by=olive, at=noon)

    assert note.note == "Locked note" and note.locked_notes.get().text == SAID


def test_a_review_ends_the_pause_and_the_earlier_one_comes_back(
    olive: User, lee: User, danas_account: Account, noon: datetime
) -> None:
    dana = danas_account.debtor
    compliance.place_hold(debtor=dana, kind="INTERNAL", at=noon, by=lee, reason="Moving house")
    services.call_for_help(debtor=dana, account=danas_account, call=None, text="", by=olive, at=noon)
    request = called(danas_account)

    with pytest.raises(services.ReviewRefused):
        services.review(request=request, by=lee, at=noon, words=" ", release=True)
    services.review(request=request, by=lee, at=noon, words="She is with her family", release=True)

    request.refresh_from_db()
    hold = Hold.objects.get(debtor=dana, lifted_at=None)
    assert (request.state, request.answered_by) == ("ANSWERED", lee)
    assert (hold.reason, hold.source) == ("Moving house", "")


def test_a_review_may_keep_the_pause_until_another_named_review(
    olive: User, lee: User, max_: User, danas_account: Account, sign_in: SignIn, noon: datetime
) -> None:
    services.call_for_help(debtor=danas_account.debtor, account=danas_account, call=None, text="", by=olive, at=noon)
    path = f"/requests/{called(danas_account).pk}/"
    facts = {"decision": "keep", "words": "Her doctor calls us", "reviewer": max_.pk, "idempotency_key": "k1"}

    wrong = sign_in(lee).post(path, {**facts, "review_on": "2026-11-17", "idempotency_key": "k0"})
    right = sign_in(lee).post(path, {**facts, "review_on": "2026-12-01"})

    assert wrong.status_code == 422 and "has not come yet" in wrong.content.decode()
    assert right.status_code == 303
    request = called(danas_account)
    assert (request.state, request.reviewer, request.review_on) == ("OPEN", max_, date(2026, 12, 1))
    hold = Hold.objects.get(debtor=danas_account.debtor, lifted_at=None)
    assert hold.source == "distress" and "Max Feldman" in hold.reason


def test_ending_the_pause_on_the_compliance_page_is_the_review(
    olive: User, lee: User, danas_account: Account, noon: datetime, django_capture_on_commit_callbacks: Any
) -> None:
    services.call_for_help(debtor=danas_account.debtor, account=danas_account, call=None, text="", by=olive, at=noon)

    with django_capture_on_commit_callbacks(execute=True):
        compliance.lift_hold(hold=Hold.objects.get(lifted_at=None), by=lee, at=noon, reason="Talked with her")

    request = called(danas_account)
    assert (request.state, request.answered_by) == ("ANSWERED", lee)


def test_the_words_are_approved_by_ada_or_cora_and_the_newest_count(
    ada: User, cora: User, olive: User, sign_in: SignIn, noon: datetime
) -> None:
    facts = {"language": "en", "say": "We are here.", "lines": "988 | Lifeline | any hour", "idempotency_key": "k1"}

    assert sign_in(olive).get("/help-words/").status_code == 403
    bad = sign_in(ada).post("/help-words/", {**facts, "lines": "call somebody"})
    assert bad.status_code == 422 and "number | who | when" in bad.content.decode()
    assert sign_in(cora).post("/help-words/", facts).status_code == 303

    assert services.help_in("en").say == "We are here." and "Cora" in services.help_in("en").approved
    assert services.help_in("es").say.startswith("Siento") and services.help_in("fr").language == "en"
    assert Interaction.objects.count() == 0

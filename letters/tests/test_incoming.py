"""What comes back: receipts, bounces, returned mail, and what people write to us."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account, Debtor
from collections_crm import testing as make
from compliance import services as compliance
from compliance.models import ContactEvent
from letters import channels, services, subjects
from letters.channels import hooks
from letters.channels.hooks import Event
from letters.models import Message, ProviderEvent, Receipt
from letters.services import replies
from letters.states import EventState, State
from users.models import User

from . import scene

pytestmark = pytest.mark.django_db
SECRET = "a-secret-of-the-mail-house"
SignIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def _words(danas_account: Account, dana: Debtor, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.setattr(subjects, "_readers", {})
    make.firm()
    scene.reachable(dana, danas_account)
    scene.promise()
    secrets = {"hook_secrets": ["an-older-one", SECRET]}
    settings.LETTERS = {name: how | secrets for name, how in settings.LETTERS.items()}


def sent(account: Account, channel: str, noon: datetime, **more: Any) -> Message:
    message = scene.reminder(account, channel, **more)
    services.send_due(at=noon)
    return after(message, State.SENT)


def after(message: Message, state: str | None = None) -> Message:
    message.refresh_from_db()
    assert state is None or message.state == state, message.reason
    return message


def tell(channel: str, at: datetime, *, secret: str = SECRET, signed_at: datetime | None = None, **event: Any) -> Any:
    """The provider calls us, as it would: signed, over HTTP, without a session."""
    body = json.dumps({"id": "e-1", "occurred_at": at.isoformat(), **event}).encode()
    header = hooks.sign(body, secret, signed_at or at)
    return Client(enforce_csrf_checks=True).post(
        f"/hooks/letters/{channel}/", body, content_type="application/json", headers={"X-Signature": header}
    )


def written(channel: str, at: datetime, sender: str, text: str, id: str = "e-1") -> Any:
    """Somebody writes to us, and the provider passes it on."""
    said: dict[str, Any] = {"id": id, "type": "inbound", "from": sender, "text": text}
    return tell(channel, at, **said)


def test_a_receipt_marks_the_text_delivered_once_however_often_it_is_told(
    danas_account: Account, noon: datetime
) -> None:
    message = sent(danas_account, "sms", noon)
    for taken in (1, 0):
        answer = tell("sms", noon, type="delivered", reference=message.provider_ref)
        assert (answer.status_code, answer.json()) == (200, {"taken": taken})
    assert services.take_in(at=noon) == {"done": 1} and services.take_in(at=noon) == {}
    assert after(message, State.DELIVERED).receipts.count() == 1


def test_a_returned_letter_makes_its_address_bad_and_holds_the_next_one_back(
    danas_account: Account, dana: Debtor, noon: datetime
) -> None:
    message = sent(danas_account, "post", noon)
    following = scene.reminder(danas_account, "post", key="next", due_at=noon + timedelta(days=1))
    tell("post", noon, type="returned", reference=f"message:{message.pk}", code="Moved, left no address")
    services.take_in(at=noon)
    assert "Moved, left no address" in after(message, State.RETURNED).reason
    assert dana.contact_points.get(kind="ADDRESS").status == "BAD"
    services.send_due(at=noon + timedelta(days=1))
    after(following, State.WITHHELD)
    assert len(channels.fake_outbox("post")) == 1


def test_receipts_out_of_order_only_move_forward(danas_account: Account, noon: datetime) -> None:
    message = sent(danas_account, "email", noon)
    tell("email", noon, id="late", type="bounced", reference=message.provider_ref, code="550")
    tell("email", noon, id="early", type="delivered", reference=message.provider_ref)
    assert services.take_in(at=noon) == {"done": 1, "ignored": 1}
    after(message, State.RETURNED)
    assert Receipt.objects.filter(message=message).count() == 2


def test_a_receipt_that_overtakes_our_own_record_waits_for_it(danas_account: Account, noon: datetime) -> None:
    message = scene.reminder(danas_account)
    tell("sms", noon, type="delivered", reference=f"message:{message.pk}")
    assert services.take_in(at=noon) == {"too_early": 1}
    services.send_due(at=noon)
    assert services.take_in(at=noon + timedelta(hours=1)) == {"done": 1}
    after(message, State.DELIVERED)


def test_a_receipt_settles_what_nobody_knew(danas_account: Account, noon: datetime) -> None:
    message = scene.reminder(danas_account)
    Message.objects.filter(pk=message.pk).update(state=State.UNKNOWN)
    tell("sms", noon, type="delivered", reference=f"message:{message.pk}")
    services.take_in(at=noon)
    assert after(message, State.DELIVERED).sent_at is not None
    assert ContactEvent.objects.filter(source_type="letters.message", outcome="sent").count() == 1


def test_a_returned_first_notice_was_never_given(danas_account: Account, dana: Debtor, noon: datetime) -> None:
    notice = services.queue(
        template_slug="validation_notice", account=danas_account, channel="post", kind="validation_notice",
        key="notice", at=noon,
    )  # fmt: skip
    assert notice is not None
    services.send_due(at=noon)
    after(notice, State.SENT)
    tell("post", noon, type="returned", reference=f"message:{notice.pk}")
    services.take_in(at=noon)
    came_back = ContactEvent.objects.get(kind="undeliverable")
    assert came_back.facts["ref"] == str(notice.pk) and came_back.debtor_id == dana.pk


@pytest.mark.parametrize(
    ("how", "status"),
    [({"secret": "wrong"}, 400), ({"signed_at": make.NOON - timedelta(minutes=6)}, 400), ({"type": ""}, 400),
     ({"occurred_at": "yesterday"}, 400), ({"reference": ["x"]}, 400), ({"id": "x" * 121}, 400)],
)  # fmt: skip
def test_what_is_not_signed_or_not_an_event_is_refused_and_nothing_kept(
    noon: datetime, how: dict[str, Any], status: int
) -> None:
    assert tell("sms", noon, **{"type": "delivered", **how}).status_code == status
    assert not ProviderEvent.objects.exists()


def test_without_a_secret_there_is_no_door(noon: datetime, settings: Any) -> None:
    settings.LETTERS = {name: how | {"hook_secrets": []} for name, how in settings.LETTERS.items()}
    assert tell("sms", noon, type="delivered").status_code == 404
    assert tell("fax", noon, type="delivered").status_code == 404


def test_an_unknown_kind_is_kept_and_changes_nothing(danas_account: Account, noon: datetime) -> None:
    tell("sms", noon, type="clicked", reference="message:1")
    assert services.take_in(at=noon) == {"ignored": 1}
    row = ProviderEvent.objects.get()
    assert "clicked" not in row.payload and json.loads(row.said())["kind"] == "clicked"


def test_stop_by_text_holds_before_the_answer_and_is_confirmed_once(
    danas_account: Account, dana: Debtor, noon: datetime
) -> None:
    sent(danas_account, "sms", noon)
    waiting = scene.reminder(danas_account, "sms", key="next")
    for number in ("one", "two"):
        answer = written("sms", noon, "(915) 555-0142", "Stop.", id=number)
        assert answer.status_code == 200
    out = ContactEvent.objects.get(kind="opt_out")
    assert (out.debtor_id, out.address, out.facts["medium"]) == (dana.pk, "+19155550142", "sms")
    services.send_due(at=noon + timedelta(minutes=1))
    after(waiting, State.WITHHELD)
    texts = [row["text"] for row in channels.fake_outbox("sms")]
    assert len(texts) == 2 and "no more texts" in texts[0], "the reminder of before, and one confirmation"
    assert ContactEvent.objects.filter(kind="sms", direction="in").count() == 2


def test_stop_reaches_everybody_with_that_number(danas_account: Account, dana: Debtor, noon: datetime) -> None:
    gus = make.debtor("Gus Okafor")
    make.phone(gus)
    written("sms", noon, "+19155550142", "STOP")
    assert set(ContactEvent.objects.filter(kind="opt_out").values_list("debtor_id", flat=True)) == {dana.pk, gus.pk}


def test_start_opens_the_number_again(danas_account: Account, dana: Debtor, noon: datetime) -> None:
    compliance.record_opt_out(
        debtor=dana, medium="sms", at=noon - timedelta(days=1), point=dana.contact_points.get(kind="PHONE")
    )
    written("sms", noon, "+19155550142", "start")
    assert sent(danas_account, "sms", noon + timedelta(minutes=1), at=noon).state == State.SENT


def test_help_is_answered_with_how_to_reach_us(danas_account: Account, noon: datetime) -> None:
    written("sms", noon, "+19155550142", "help")
    services.send_due(at=noon)
    (text,) = channels.fake_outbox("sms")
    assert "call (" in text["text"] and "STOP" in text["text"]


def test_other_words_are_kept_with_the_person_and_a_stranger_s_are_not(
    danas_account: Account, dana: Debtor, noon: datetime
) -> None:
    written("email", noon, "dana.reyes@example.com", "I can pay \u202eon Friday.")
    written("sms", noon, "+12125550199", "STOP")
    kept = ContactEvent.objects.get(direction="in", outcome="received")
    assert (kept.kind, kept.debtor_id, kept.facts["words"]) == ("email", dana.pk, "I can pay on Friday.")
    stranger = ProviderEvent.objects.get(channel="sms")
    assert (stranger.state, stranger.outcome) == (EventState.IGNORED, "Nobody we know has this number or address.")


@pytest.mark.parametrize(
    ("text", "asked"),
    [("STOP", "STOP"), (" stop! ", "STOP"), ("Stop texting me", "STOP"), ("opt out", "STOP"), ("Alto", "STOP"),
     ("STOP\n\nOn Tuesday you wrote", "STOP"), ("Start", "START"), ("HELP", "HELP"),
     ("I will stop by your office on Friday to pay", ""), ("stop by my house and I will give you the money", ""),
     ("", ""), ("can you help me", "")],
)  # fmt: skip
def test_what_a_reply_asks_for(text: str, asked: str) -> None:
    assert replies.command(text) == asked


def test_olive_plays_the_carrier_in_the_fake_outbox_and_quinn_can_t(
    danas_account: Account, olive: User, quinn: User, sign_in: SignIn, noon: datetime
) -> None:
    message = sent(danas_account, "sms", noon)
    page = sign_in(olive).get("/letters/fake/sms/").content.decode()
    assert "Answers STOP" in page
    url, form = f"/letters/fake/sms/{message.pk}/", {"what": "stop", "idempotency_key": "k"}
    assert sign_in(quinn).post(url, form).status_code == 404
    assert sign_in(olive).post(url, form).status_code == 303
    assert sign_in(olive).post(url, {"what": "returned", "idempotency_key": "x"}).status_code == 404
    assert ContactEvent.objects.filter(kind="opt_out").count() == 1


def test_an_event_of_a_provider_is_read_the_same_whatever_its_order(noon: datetime) -> None:
    one, two = (Event(id=i, kind="clicked", occurred_at=noon + timedelta(hours=9)) for i in ("a", "b"))
    services.take(channel="sms", events=[one, two], at=noon)
    services.take(channel="sms", events=[two, one], at=noon)
    assert ProviderEvent.objects.count() == 2
    assert set(ProviderEvent.objects.values_list("occurred_at", flat=True)) == {noon}, "never in the future"


def test_what_she_wrote_stands_in_her_timeline(
    danas_account: Account, dana: Debtor, olive: User, sign_in: SignIn, noon: datetime
) -> None:
    written("sms", noon, "+19155550142", "I can pay on Friday.")
    page = sign_in(olive).get(f"/people/P-{dana.pk}/").content.decode()
    assert "Text received." in page and "I can pay on Friday." in page

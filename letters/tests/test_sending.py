"""What happens to a message between the plan and the mailbox."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail

from accounts import documents
from accounts import services as accounts
from accounts.models import Account, Debtor
from compliance import services as compliance
from compliance.models import ContactEvent, VerdictRecord
from ledger.services import Line
from letters import channels, services, subjects
from letters.channels import Ambiguous, Permanent, Temporary
from letters.models import Message
from letters.states import State
from letters.subjects import Subject

from . import scene

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _words(danas_account: Account, dana: Debtor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subjects, "_readers", {})
    scene.reachable(dana, danas_account)
    scene.promise()


def after(message: Message) -> Message:
    message.refresh_from_db()
    return message


def test_a_text_goes_out_and_is_counted_with_its_verdict(danas_account: Account, noon: datetime) -> None:
    message = scene.reminder(danas_account)
    assert services.send_due(at=noon) == {"sent": 1}
    after(message)
    assert (message.state, message.prepared, message.tries) == (State.SENT, None, 1)
    (text,) = channels.fake_outbox("sms")
    assert "$120.00" in text["text"] and "Thursday, November 19, 2026" in text["text"]
    assert message.document is not None and documents.read(message.document).decode() == text["text"]
    event = ContactEvent.objects.get(source_type="letters.message", source_id=str(message.pk))
    assert (event.kind, event.outcome, event.verdict_id) == ("sms", "sent", message.verdict_id)
    assert message.verdict_id is not None
    assert VerdictRecord.objects.get(pk=message.verdict_id).decision == "allow"


def test_a_letter_is_the_very_pdf_that_lies_in_the_print_folder(
    danas_account: Account, noon: datetime, settings: Any
) -> None:
    message = scene.reminder(danas_account, "post")
    assert services.send_due(at=noon) == {"sent": 1}
    (row,) = channels.fake_outbox("post")
    paper = after(message).document
    assert paper is not None and paper.sha256 == row["sha256"]
    assert documents.read(paper) == (settings.LETTERS["POST"]["folder"] / row["file"]).read_bytes()


def test_an_email_goes_through_django_and_keeps_its_page(danas_account: Account, noon: datetime) -> None:
    message = scene.reminder(danas_account, "email")
    assert services.send_due(at=noon) == {"sent": 1}
    (sent,) = mail.outbox
    assert sent.to == ["dana.reyes@example.com"] and "STOP" in sent.body
    paper = after(message).document
    assert paper is not None and documents.read(paper).decode() == sent.alternatives[0][0]  # type: ignore[attr-defined]


def test_planning_twice_plans_once_and_running_twice_sends_once(danas_account: Account, noon: datetime) -> None:
    assert scene.reminder(danas_account).pk == scene.reminder(danas_account).pk
    services.send_due(at=noon)
    assert services.send_due(at=noon) == {}
    assert scene.reminder(danas_account).state == State.SENT
    assert len(channels.fake_outbox("sms")) == 1


def test_without_any_number_nothing_is_planned(danas_account: Account, dana: Debtor, noon: datetime) -> None:
    dana.contact_points.filter(kind="PHONE").delete()
    made = services.queue(
        template_slug="promise_reminder", account=danas_account, channel="sms", kind="promise_reminder", key="k",
        at=noon,
    )  # fmt: skip
    assert made is None and not Message.objects.exists()


def test_with_no_channel_named_the_first_that_the_rules_allow_is_taken(
    danas_account: Account, dana: Debtor, noon: datetime
) -> None:
    compliance.record_opt_out(debtor=dana, medium="sms", at=noon)
    assert scene.reminder(danas_account, "").channel == "email"


@pytest.mark.parametrize(
    ("status", "state", "words"),
    [
        ("PAID", State.CANCELLED, "Nothing is owed"),
        ("CLOSED", State.CANCELLED, "closed"),
        ("RECALLED", State.CANCELLED, "took this debt back"),
        ("DISPUTED", State.WITHHELD, "disputed"),
        ("HELD", State.WITHHELD, "paused"),
    ],
)
def test_what_changed_since_the_plan_stops_the_reminder(
    danas_account: Account, noon: datetime, status: str, state: str, words: str
) -> None:
    message = scene.reminder(danas_account)
    accounts.change_status(account=danas_account, to=status, at=noon)
    services.send_due(at=noon)
    assert after(message).state == state and words in message.reason
    assert channels.fake_outbox("sms") == []


def test_money_that_is_not_applied_yet_holds_the_reminder_back_with_the_sum(
    danas_account: Account, noon: datetime
) -> None:
    message = scene.reminder(danas_account)
    accounts.post(
        account=danas_account, key="suspense", code="PAYMENT",
        lines=[Line("trust.cash", debit=Decimal("40.00")),
               Line("suspense.unapplied", credit=Decimal("40.00"))],
        effective_date=noon.date(), at=noon,
    )  # fmt: skip
    services.send_due(at=noon)
    assert after(message).state == State.WITHHELD and "$40.00" in message.reason


def test_a_reason_that_has_gone_cancels_the_reminder_in_its_own_words(danas_account: Account, noon: datetime) -> None:
    message = scene.reminder(danas_account)
    subjects.register("payments.promise", lambda ids, at: {pk: Subject(gone="The promise is kept.") for pk in ids})
    services.send_due(at=noon)
    assert (after(message).state, message.reason) == (State.CANCELLED, "The promise is kept.")


def test_a_subject_that_nobody_can_read_keeps_the_message_from_going(danas_account: Account, noon: datetime) -> None:
    message = scene.reminder(danas_account, subject=("nowhere.thing", 1))
    services.send_due(at=noon)
    assert after(message).state == State.WITHHELD and channels.fake_outbox("sms") == []


def test_stop_by_text_is_obeyed_at_once(danas_account: Account, dana: Debtor, noon: datetime) -> None:
    message = scene.reminder(danas_account)
    compliance.record_opt_out(debtor=dana, medium="sms", at=noon, words="STOP")
    services.send_due(at=noon)
    assert after(message).state == State.WITHHELD and message.verdict_id is not None
    assert VerdictRecord.objects.get(pk=message.verdict_id).decision == "block"


def test_at_night_the_text_waits_for_the_morning(danas_account: Account, noon: datetime) -> None:
    night = noon.replace(hour=5, minute=30)  # 10:30 PM in El Paso the day before
    message = scene.reminder(danas_account, at=night, due_at=night)
    assert services.send_due(at=night) == {"waiting": 1}
    after(message)
    assert message.state == State.QUEUED and message.tries == 0
    assert message.due_at > night and message.due_at.astimezone().minute == 0
    assert services.send_due(at=message.due_at) == {"sent": 1}


def test_too_late_is_too_late(danas_account: Account, noon: datetime) -> None:
    message = scene.reminder(danas_account, expires_at=noon + timedelta(hours=1))
    services.send_due(at=noon + timedelta(hours=2))
    assert after(message).state == State.EXPIRED


def test_a_bad_number_is_replaced_by_another_or_the_message_is_held_back(
    danas_account: Account, dana: Debtor, noon: datetime
) -> None:
    message = scene.reminder(danas_account)
    point = dana.contact_points.get(kind="PHONE")
    accounts.set_contact_status(point=point, status="BAD", by=None, at=noon)
    services.send_due(at=noon)
    assert after(message).state == State.WITHHELD and "no longer in use" in message.reason


def broken(monkeypatch: pytest.MonkeyPatch, error: Exception) -> list[str]:
    """Every send fails so; returns the keys that were tried."""
    tried: list[str] = []

    def fail(*, key: str, **_: Any) -> None:
        tried.append(key)
        raise error

    monkeypatch.setattr(channels, "send", fail)
    return tried


def test_a_provider_that_is_away_is_tried_again_under_the_same_key(
    danas_account: Account, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = scene.reminder(danas_account)
    tried = broken(monkeypatch, Temporary("The mail house answered 500."))
    assert services.send_due(at=noon) == {"retry": 1}
    after(message)
    assert message.state == State.QUEUED and message.prepared is None and message.due_at > noon
    services.send_due(at=message.due_at)
    assert len(tried) == 2 and len(set(tried)) == 1


def test_after_the_last_try_it_has_failed_and_a_person_can_send_it_again(
    danas_account: Account, noon: datetime, monkeypatch: pytest.MonkeyPatch, lee: Any
) -> None:
    message = scene.reminder(danas_account)
    with monkeypatch.context() as patch:
        broken(patch, Temporary("away"))
        Message.objects.update(tries=23)
        assert services.send_due(at=noon) == {"failed": 1}
    assert "Given up after 24 tries" in after(message).reason
    services.send_again(message=message, by=lee, at=noon)
    assert services.send_due(at=noon) == {"sent": 1}


def test_a_refused_address_fails_and_is_not_used_again(
    danas_account: Account, dana: Debtor, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = scene.reminder(danas_account, "email")
    broken(monkeypatch, Permanent("BAD_ADDRESS"))
    services.send_due(at=noon)
    assert after(message).state == State.FAILED
    assert dana.contact_points.get(kind="EMAIL").status == "BAD"


def test_what_may_have_gone_out_is_never_sent_blindly_and_a_person_decides(
    danas_account: Account, noon: datetime, monkeypatch: pytest.MonkeyPatch, lee: Any
) -> None:
    message = scene.reminder(danas_account, "email")
    with monkeypatch.context() as patch:
        broken(patch, Ambiguous("The mail server stopped answering.", safe_to_resend=False))
        assert services.send_due(at=noon) == {"unknown": 1}
    assert services.send_due(at=noon + timedelta(hours=1)) == {} and mail.outbox == []
    services.decide_unknown(message=message, went_out=True, by=lee, at=noon, reason="It is in the server's log.")
    after(message)
    assert message.state == State.SENT and message.document is not None
    with pytest.raises(services.DecisionRefused):
        services.decide_unknown(message=message, went_out=False, by=lee, at=noon, reason="")


def test_a_safe_repeat_sends_the_same_bytes_even_when_the_debt_has_changed(
    danas_account: Account, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = scene.reminder(danas_account, "post")
    with monkeypatch.context() as patch:
        broken(patch, Ambiguous("The mail house did not answer.", safe_to_resend=True))
        services.send_due(at=noon)
    first = after(message).prepared
    assert first is not None and message.state == State.QUEUED
    scene.promise("60.00")
    assert services.send_due(at=message.due_at) == {"sent": 1}
    paper = after(message).document
    assert paper is not None and paper.sha256 == first["sha256"]


def test_an_error_after_a_try_in_doubt_keeps_the_bytes_and_a_refusal_is_not_called_failed(
    danas_account: Account, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = scene.reminder(danas_account, "post")
    for error in (Ambiguous("no answer", safe_to_resend=True), Temporary("500"), Permanent("REFUSED")):
        with monkeypatch.context() as patch:
            broken(patch, error)
            services.send_due(at=max(noon, after(message).due_at))
        kept = after(message).prepared
        assert kept is not None, error
    assert message.state == State.UNKNOWN


def test_killed_after_the_mail_server_took_it_the_email_is_found_and_not_sent_twice(
    danas_account: Account, noon: datetime, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    message = scene.reminder(danas_account, "email")
    from letters.services import recording

    with monkeypatch.context() as patch:
        patch.setattr(recording, "sent", _killed)
        with pytest.raises(KeyboardInterrupt):
            services.send_due(at=noon)
    assert after(message).state == State.SENDING and len(mail.outbox) == 1
    assert services.send_due(at=noon + timedelta(seconds=61)) == {"sent": 1}
    assert after(message).state == State.SENT and len(mail.outbox) == 1


def _killed(*_: object) -> int:
    raise KeyboardInterrupt


def test_a_hold_that_comes_while_a_try_is_in_doubt_does_not_make_it_held_back(
    danas_account: Account, dana: Debtor, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = scene.reminder(danas_account, "post")
    with monkeypatch.context() as patch:
        broken(patch, Ambiguous("no answer", safe_to_resend=True))
        services.send_due(at=noon)
    compliance.place_hold(debtor=dana, kind="CEASE", at=noon, by=None)
    services.send_due(at=after(message).due_at)
    assert after(message).state == State.UNKNOWN and "may have gone out" in message.reason


def test_two_messages_to_one_person_are_judged_one_after_the_other(danas_account: Account, noon: datetime) -> None:
    scene.reminder(danas_account, key="one")
    scene.reminder(danas_account, key="two")
    services.send_due(at=noon)
    moments = VerdictRecord.objects.filter(occasion="send").values_list("asked_at", flat=True)
    assert len(set(moments)) == len(moments) == 2


def test_planned_is_the_sum_of_what_became_of_it(danas_account: Account, dana: Debtor, noon: datetime) -> None:
    scene.reminder(danas_account, key="sent")
    scene.reminder(danas_account, "email", key="opted-out")
    scene.reminder(danas_account, key="late", expires_at=noon - timedelta(hours=1))
    scene.reminder(danas_account, "post", key="cancelled")
    compliance.record_opt_out(debtor=dana, medium="email", at=noon)
    Message.objects.filter(key="cancelled").update(kind="broken_promise")
    services.cancel_for(kinds=["broken_promise"], account=danas_account, reason="Paid.", at=noon)
    services.send_due(at=noon)
    states = dict(Message.objects.values_list("key", "state"))
    assert states == {"sent": "SENT", "opted-out": "WITHHELD", "late": "EXPIRED", "cancelled": "CANCELLED"}

"""Who waits and who is held back; by which channel; and the letters that a person's own word asks for."""

from datetime import datetime, timedelta

import pytest

from accounts.models import Account, Debtor
from collections_crm import testing as make
from compliance import services as compliance
from compliance.models import ContactEvent, VerdictRecord
from letters import channels, services, subjects
from letters.models import Message
from letters.render.notice_words import a_product
from letters.services import answering
from letters.states import State

from . import scene


@pytest.fixture(autouse=True)
def _words(danas_account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subjects, "_readers", {})
    make.firm()
    scene.templates()
    scene.promise()


def overdue(dana: Debtor, account: Account, noon: datetime) -> None:
    """We talked to her ten days ago, and no first notice has gone out."""
    compliance.record_contact(
        debtor=dana, accounts=[account], kind="call", at=noon - timedelta(days=10), outcome="conversation"
    )


def notice(account: Account, noon: datetime) -> Message:
    made = services.queue(
        template_slug="validation_notice", account=account, channel="post", kind="validation_notice",
        key=f"validation-notice:{account.pk}", at=noon,
    )  # fmt: skip
    assert made is not None
    return made


def state(message: Message) -> str:
    message.refresh_from_db()
    return message.state


@pytest.mark.django_db
def test_a_reminder_waits_for_the_overdue_first_notice_and_goes_after_it(
    dana: Debtor, danas_account: Account, noon: datetime
) -> None:
    scene.consents(dana, danas_account)
    overdue(dana, danas_account, noon)
    reminder = scene.reminder(danas_account)
    assert services.send_due(at=noon) == {"waiting": 1}
    assert state(reminder) == State.QUEUED and reminder.due_at >= noon + timedelta(hours=1) and reminder.reason
    assert reminder.tries == 0
    notice(danas_account, noon)
    assert services.send_due(at=reminder.due_at) == {"sent": 2}, "the notice first, in the same batch"
    assert state(reminder) == State.SENT


@pytest.mark.django_db
def test_a_reminder_that_waits_in_vain_is_too_late_and_says_for_what_it_waited(
    dana: Debtor, danas_account: Account, noon: datetime
) -> None:
    scene.consents(dana, danas_account)
    overdue(dana, danas_account, noon)
    reminder = scene.reminder(danas_account, expires_at=noon + timedelta(minutes=30))
    services.send_due(at=noon)
    assert state(reminder) == State.QUEUED and reminder.due_at == noon + timedelta(minutes=30)
    services.send_due(at=noon + timedelta(minutes=30))
    assert state(reminder) == State.EXPIRED and "notice" in reminder.reason.lower()


@pytest.mark.django_db
def test_an_overdue_notice_and_a_refusal_together_hold_it_back(
    dana: Debtor, danas_account: Account, noon: datetime
) -> None:
    overdue(dana, danas_account, noon)
    compliance.record_opt_out(debtor=dana, medium="sms", at=noon)
    reminder = scene.reminder(danas_account)
    services.send_due(at=noon)
    assert state(reminder) == State.WITHHELD


@pytest.mark.django_db
def test_the_verdict_names_the_message_it_was_asked_for(dana: Debtor, danas_account: Account, noon: datetime) -> None:
    scene.reachable(dana, danas_account)
    message = scene.reminder(danas_account)
    services.send_due(at=noon)
    verdict = VerdictRecord.objects.get(occasion="send")
    assert (verdict.act_type, verdict.act_id) == ("letters.message", str(message.pk))


@pytest.mark.django_db
def test_without_consent_to_texts_a_promise_is_confirmed_on_paper(
    dana: Debtor, danas_account: Account, noon: datetime
) -> None:
    scene.noticed(dana, danas_account)
    dana.contact_points.filter(kind="EMAIL").delete()
    made = services.queue(
        template_slug="promise_confirmation", account=danas_account, channel="", kind="promise_confirmation",
        key="promise-confirmation:1", at=noon, subject=("payments.promise", 1),
    )  # fmt: skip
    assert made is not None and made.channel == "post"


@pytest.mark.django_db
def test_the_address_she_prefers_comes_first(dana: Debtor, danas_account: Account, noon: datetime) -> None:
    scene.reachable(dana, danas_account)
    dana.contact_points.filter(kind="EMAIL").update(preferred=True)
    assert scene.reminder(danas_account, "").channel == "email"


@pytest.mark.django_db
def test_a_dispute_is_acknowledged_by_letter_with_its_day(dana: Debtor, danas_account: Account, noon: datetime) -> None:
    scene.noticed(dana, danas_account)
    said = compliance.record_contact(
        debtor=dana, accounts=[danas_account], kind="dispute", at=noon, direction="in",
        facts={"written": True, "received_at": noon.isoformat()},
    )  # fmt: skip
    for _ in range(2):
        services.plan_answers(at=noon)
    message = Message.objects.get(kind="dispute_acknowledgment")
    assert message.key == f"answer:{said.pk}:{danas_account.pk}"
    services.send_due(at=noon)
    assert state(message) == State.SENT and message.document is not None


@pytest.mark.django_db(transaction=True)
def test_a_written_stop_is_confirmed_by_itself_and_a_spoken_one_is_not(
    dana: Debtor, danas_account: Account, noon: datetime
) -> None:
    scene.templates()
    scene.noticed(dana, danas_account)
    compliance.record_cease(debtor=dana, at=noon, written=False, words="Stop calling")
    assert not Message.objects.exists()
    compliance.record_cease(debtor=dana, at=noon, written=True, words="Leave me alone")
    message = Message.objects.get(kind="cease_acknowledgment")
    assert services.send_due(at=noon) == {"sent": 1}
    assert state(message) == State.SENT and len(channels.fake_outbox("post")) == 1


@pytest.mark.django_db
def test_a_stop_about_all_debts_is_confirmed_by_one_letter(
    dana: Debtor, danas_account: Account, noon: datetime
) -> None:
    scene.noticed(dana, danas_account)
    second = make.account("90.00", debtor=dana, portfolio=danas_account.portfolio)
    compliance.record_cease(debtor=dana, at=noon, written=True, words="Leave me alone")
    services.plan_answers(at=noon)
    Account.objects.filter(pk=danas_account.pk).update(status="CLOSED")  # the first one ends; the request is answered
    services.plan_answers(at=noon)

    letter = Message.objects.get(kind="cease_acknowledgment")
    assert second.is_open and letter.account == danas_account


@pytest.mark.django_db
def test_naming_the_original_creditor_lets_collection_go_on(
    dana: Debtor, danas_account: Account, noon: datetime
) -> None:
    scene.reachable(dana, danas_account)
    Account.objects.filter(pk=danas_account.pk).update(original_creditor="")
    danas_account.portfolio.creditor.address = "12 Grid Road, Tulsa, OK 74101"
    danas_account.portfolio.creditor.save()
    compliance.record_contact(
        debtor=dana, accounts=[danas_account], kind="original_creditor_request", at=noon - timedelta(days=1),
        direction="in", facts={"written": True},
    )  # fmt: skip
    services.plan_answers(at=noon)
    assert services.send_due(at=noon) == {"sent": 1}
    assert ContactEvent.objects.filter(kind="original_creditor_sent", debtor=dana).count() == 1


@pytest.mark.django_db
def test_words_without_an_answer_plan_nothing(dana: Debtor, danas_account: Account, noon: datetime) -> None:
    compliance.record_opt_out(debtor=dana, medium="email", at=noon)
    assert answering.plan_answers(at=noon) == {}


@pytest.mark.parametrize(
    ("product", "words"),
    [("electricity", "an electricity account"), ("credit card", "a credit card"), ("auto loan", "an auto loan"),
     ("utility", "a utility account"), ("unsecured loan", "an unsecured loan"), ("medical", "a medical account")],
)  # fmt: skip
def test_a_product_is_something_one_can_have(product: str, words: str) -> None:
    assert a_product(product) == words

"""The first message in writing says that we are attempting to collect a debt, whatever its template says."""

from datetime import datetime, timedelta

import pytest
from django.core import mail

from accounts.models import Account, Debtor
from compliance import services as compliance
from compliance.models import VerdictRecord
from letters import services, subjects
from letters.services import choosing
from letters.states import State

from . import scene

pytestmark = pytest.mark.django_db
FIRST, LATER = "This is an attempt to collect a debt", "This communication is from a debt collector."


@pytest.fixture(autouse=True)
def _talked_with_dana(
    danas_account: Account, dana: Debtor, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.setattr(subjects, "_readers", {})
    scene.templates()
    scene.consents(dana, danas_account)
    scene.promise()
    compliance.record_contact(
        debtor=dana, accounts=[danas_account], kind="call", at=noon - timedelta(hours=1), outcome="conversation"
    )


def test_the_first_reminder_carries_the_first_disclosure_and_the_next_the_later_one(
    danas_account: Account, noon: datetime
) -> None:
    first = scene.reminder(danas_account, "email")
    assert services.send_due(at=noon) == {"sent": 1}
    later = noon + timedelta(minutes=5)
    second = scene.reminder(danas_account, "email", key="promise-reminder:2", at=later)
    assert services.send_due(at=later) == {"sent": 1}

    one, two = (sent.body for sent in mail.outbox)
    assert FIRST in one and LATER not in one
    assert LATER in two and FIRST not in two
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.verdict_id is not None
    assert VerdictRecord.objects.get(pk=first.verdict_id).decision == "allow"
    asked = VerdictRecord.objects.filter(act_id=str(first.pk)).order_by("pk").values_list("decision", flat=True)
    assert list(asked) == ["require", "allow"], "what was asked first is kept, too"


def test_olive_sees_the_words_before_she_sends_them(dana: Debtor, danas_account: Account, noon: datetime) -> None:
    scene.plain_letter()

    choices = choosing.allowed_templates(debtor=dana, account=danas_account, at=noon)
    letter = next(choice for choice in choices if choice.template.slug == "about-your-debt-post")

    assert letter.allowed, letter.reason
    assert FIRST in choosing.preview(choice=letter, at=noon).text


def test_a_template_without_any_disclosure_stays_held_back(danas_account: Account, noon: datetime) -> None:
    message = scene.reminder(danas_account, "email")
    message.template.versions.update(tokens=["opt_out_instructions"])

    assert services.send_due(at=noon) == {"withheld": 1}

    message.refresh_from_db()
    assert message.state == State.WITHHELD and "attempting to collect" in message.reason

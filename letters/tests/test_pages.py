"""The pages of letters, as each role sees them."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account, Debtor
from collections_crm import testing as make
from compliance import services as compliance
from letters import channels, services
from letters.channels import Temporary
from letters.models import Message, Template, TemplateVersion
from letters.states import State
from payments import services as payments
from users.models import User

from . import scene

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def _words(danas_account: Account, dana: Debtor) -> None:
    scene.reachable(dana, danas_account)


@pytest.fixture
def promise(danas_account: Account, olive: User, noon: datetime) -> Any:
    return payments.make_promise(
        account=danas_account, amount=Decimal("120.00"), due_date=date(2026, 11, 20), method="LINK", by=olive, at=noon
    )


@pytest.fixture
def sent(danas_account: Account, promise: Any, noon: datetime) -> Message:
    message = scene.reminder(danas_account, "post", subject=promise)
    services.send_due(at=noon)
    message.refresh_from_db()
    assert message.state == State.SENT
    return message


def words(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_the_outbox_adds_up_and_names_the_person(sent: Message, olive: User, sign_in: SignIn) -> None:
    page = words(sign_in(olive).get("/letters/"))
    assert "Dana Reyes" in page and "Promise reminder" in page
    assert "<b>1</b> = <b>1</b> sent + <b>0</b> held back" in page


@pytest.mark.parametrize("query", ["?state=failed", "?channel=sms", "?kind=general", "?day=2026-11-01", "?run=none"])
def test_a_filter_leaves_out_what_does_not_fit(sent: Message, olive: User, sign_in: SignIn, query: str) -> None:
    assert "Dana Reyes" not in words(sign_in(olive).get(f"/letters/{query}"))


@pytest.mark.parametrize("query", ["?day=yesterday", "?state=nonsense", "?after=xx", "?kind=%00"])
def test_odd_filters_are_left_aside(sent: Message, olive: User, sign_in: SignIn, query: str) -> None:
    assert sign_in(olive).get(f"/letters/{query}").status_code == 200


def test_quinn_sees_nothing_of_dana(sent: Message, quinn: User, sign_in: SignIn) -> None:
    client = sign_in(quinn)
    assert "Dana" not in words(client.get("/letters/"))
    for path in ("", "document/", "page/"):
        assert client.get(f"/letters/{sent.pk}/{path}").status_code == 404
    assert client.get(f"/people/P-{sent.debtor_id}/letters/new/").status_code == 404
    assert client.post(f"/letters/{sent.pk}/again/", {"idempotency_key": "k"}).status_code == 404
    assert "Dana" not in words(client.get("/letters/fake/post/"))


def test_ada_sees_templates_and_no_person(sent: Message, ada: User, sign_in: SignIn) -> None:
    client = sign_in(ada)
    assert client.get("/letters/").status_code == 403
    page = words(client.get("/templates/promise-reminder-post/"))
    assert "Marisol" in page and "Dana" not in page


def test_the_letter_opens_as_the_very_pdf_with_its_hash(sent: Message, olive: User, sign_in: SignIn) -> None:
    client = sign_in(olive)
    assert sent.document is not None
    page = words(client.get(f"/letters/{sent.pk}/"))
    assert sent.document.sha256 in page and "allowed" in page
    paper = client.get(f"/letters/{sent.pk}/document/")
    assert paper["Content-Type"] == "application/pdf" and paper.content.startswith(b"%PDF")
    assert paper["Content-Disposition"].startswith("inline")


def test_a_letter_without_its_paper_says_so_and_the_demo_s_that_the_demo_made_it(
    sent: Message, olive: User, sign_in: SignIn
) -> None:
    client = sign_in(olive)
    assert 'id="no-copy"' not in words(client.get(f"/letters/{sent.pk}/"))

    def without(**more: Any) -> str:
        Message.objects.filter(pk=sent.pk).update(document=None, **more)
        return words(client.get(f"/letters/{sent.pk}/"))

    page = without(provider_ref=f"demo-{sent.pk}")
    assert "Made by the demo, no copy kept" in page and "Open what was sent" not in page
    assert "No copy was kept" in without(provider_ref="x-1")
    assert 'id="no-copy"' not in without(sent_at=None, state=State.WITHHELD)


def test_the_email_is_shown_in_a_sandbox_and_only_in_our_frame(
    danas_account: Account, promise: Any, olive: User, sign_in: SignIn, noon: datetime
) -> None:
    message = scene.reminder(danas_account, "email", subject=promise)
    services.send_due(at=noon)
    client = sign_in(olive)
    page = client.get(f"/letters/{message.pk}/")
    assert "frame-src 'self'" in page["Content-Security-Policy"] and "<iframe" in words(page)
    frame = client.get(f"/letters/{message.pk}/page/")
    policy = frame["Content-Security-Policy"]
    assert "sandbox" in policy and "script-src" not in policy and "frame-ancestors 'self'" in policy
    assert "style-src 'unsafe-inline'" in policy and "default-src 'none'" in policy
    assert frame["X-Frame-Options"] == "SAMEORIGIN"


@pytest.mark.parametrize("kind", ["post", "email", "sms"])
def test_the_fakes_can_be_looked_at(
    danas_account: Account, promise: Any, olive: User, sign_in: SignIn, noon: datetime, kind: str
) -> None:
    scene.reminder(danas_account, kind, subject=promise)
    services.send_due(at=noon)
    page = words(sign_in(olive).get(f"/letters/fake/{kind}/"))
    assert "essage" in page and "Nothing yet" not in page
    assert sign_in(olive).get("/letters/fake/fax/").status_code == 404


def test_lee_sends_the_failed_one_of_the_day_again_and_not_the_others(
    danas_account: Account, sent: Message, promise: Any, lee: User, sign_in: SignIn, noon: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    failed = scene.reminder(danas_account, "sms", key="failed", subject=promise)
    Message.objects.filter(pk=failed.pk).update(state=State.FAILED, reason="away", prepared=None)
    client = sign_in(lee)
    assert "Send the 1 failed again" in words(client.get("/letters/?day=2026-11-17"))
    answer = client.post("/letters/again/", {"day": "2026-11-17", "run": "", "idempotency_key": "once"})
    assert answer.status_code == 303
    assert services.send_due(at=noon) == {"sent": 1}
    assert len(channels.fake_outbox("post")) == len(channels.fake_outbox("sms")) == 1


def test_what_nobody_knows_is_decided_by_a_lead_and_not_by_an_officer(
    danas_account: Account, promise: Any, olive: User, lee: User, sign_in: SignIn
) -> None:
    message = scene.reminder(danas_account, "email", subject=promise)
    Message.objects.filter(pk=message.pk).update(state=State.UNKNOWN)
    form = {"went_out": "no", "reason": "Not in the log.", "idempotency_key": "k"}
    assert sign_in(olive).post(f"/letters/{message.pk}/decide/", form).status_code == 403
    client = sign_in(lee)
    assert "What became of it?" in words(client.get(f"/letters/{message.pk}/"))
    assert client.post(f"/letters/{message.pk}/decide/", {"idempotency_key": "x"}).status_code == 422
    assert client.post(f"/letters/{message.pk}/decide/", form).status_code == 303
    message.refresh_from_db()
    assert message.state == State.FAILED


def test_the_composer_offers_the_best_letter_with_its_preview_and_sends_it_once(
    dana: Debtor, promise: Any, olive: User, sign_in: SignIn, noon: datetime
) -> None:
    client = sign_in(olive)
    page = words(client.get(f"/people/P-{dana.pk}/letters/new/"))
    assert "Promise, written down" in page and "$120.00" in page and "Ctrl" in page
    form = {
        "template": "promise-confirmation-email", "debt": str(promise.account_id), "idempotency_key": "send-1",
    }  # fmt: skip
    for _ in range(2):
        assert client.post(f"/people/P-{dana.pk}/letters/new/", form).status_code == 303
    assert Message.objects.count() == 1
    assert services.send_due(at=noon) == {"sent": 1}


def test_a_blocked_letter_shows_its_reason_in_place_of_the_preview_and_is_refused(
    dana: Debtor, promise: Any, olive: User, sign_in: SignIn, noon: datetime
) -> None:
    compliance.place_hold(debtor=dana, kind="CEASE", at=noon)
    client = sign_in(olive)
    page = words(client.get(f"/people/P-{dana.pk}/letters/new/"))
    assert "Nothing can be sent now" in page and "letter-send" not in page
    form = {"template": "promise-confirmation-email", "debt": str(promise.account_id), "idempotency_key": "k"}
    assert client.post(f"/people/P-{dana.pk}/letters/new/", form).status_code == 422
    assert not Message.objects.exists()


def test_at_night_the_composer_says_the_next_minute(
    dana: Debtor, promise: Any, olive: User, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    night = make.NOON.replace(day=18, hour=5)
    monkeypatch.setattr("core.clock.now", lambda: night)
    page = words(sign_in(olive).get(f"/people/P-{dana.pk}/letters/new/"))
    assert "not possible now" in page and "8:00" in page


def test_the_picture_of_a_letter_is_a_picture(dana: Debtor, promise: Any, olive: User, sign_in: SignIn) -> None:
    client = sign_in(olive)
    answer = client.get(f"/people/P-{dana.pk}/letters/preview.png?template=promise-reminder-post")
    assert answer["Content-Type"] == "image/png" and answer.content.startswith(b"\x89PNG")
    assert client.get(f"/people/P-{dana.pk}/letters/preview.png?template=nothing").status_code == 404


def test_cora_reads_and_writes_nothing(sent: Message, cora: User, sign_in: SignIn) -> None:
    client = sign_in(cora)
    assert client.get(f"/letters/{sent.pk}/").status_code == 200
    assert client.post(f"/letters/{sent.pk}/again/", {"idempotency_key": "k"}).status_code == 403
    assert client.get("/templates/promise-reminder-sms/").status_code == 200
    assert client.post("/templates/promise-reminder-sms/", {"body": "x"}).status_code == 403


def test_a_save_makes_the_next_version_and_the_live_one_stays(ada: User, sign_in: SignIn) -> None:
    client = sign_in(ada)
    body = "{{ firm.short_name }}: {{ promise.amount }} on {{ promise.due_date }}. {{ legal.subsequent_disclosure }} {{ legal.opt_out_instructions }}"  # noqa: E501
    answer = client.post("/templates/promise-reminder-sms/", {"lang": "en", "body": body, "note": "Shorter"})
    assert answer.status_code == 303 and answer["Location"].endswith("/v/2/?lang=en")
    row = Template.objects.get(slug="promise-reminder-sms")
    assert row.versions.get(lang="en", state="LIVE").number == 1
    assert "Shorter" in words(client.get("/templates/promise-reminder-sms/v/2/"))
    assert "Removed" in words(client.get("/templates/promise-reminder-sms/v/2/diff/"))
    assert client.post("/templates/promise-reminder-sms/v/2/live/", {"lang": "en"}).status_code == 303
    live = row.versions.get(lang="en", state="LIVE")
    assert (live.number, sorted(live.tokens)) == (2, ["opt_out_instructions", "subsequent_disclosure"])


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("Pay {{ settings.SECRET_KEY }}", "no merge field"),
        ("{% include '/etc/passwd' %}", "blocks"),
        ("Pay now.", "debt collector"),
        ("{{ promise.amount", ""),
    ],
)
def test_words_with_a_problem_can_be_kept_but_not_used(ada: User, sign_in: SignIn, body: str, said: str) -> None:
    client = sign_in(ada)
    client.post("/templates/promise-reminder-sms/", {"lang": "en", "body": body})
    page = words(client.get("/templates/promise-reminder-sms/v/2/?lang=en"))
    assert "to change first" in page
    assert client.post("/templates/promise-reminder-sms/v/2/live/", {"lang": "en"}).status_code == 422
    assert TemplateVersion.objects.get(template__slug="promise-reminder-sms", lang="en", state="LIVE").number == 1


def test_the_live_preview_shows_what_is_typed_and_saves_nothing(ada: User, sign_in: SignIn) -> None:
    form = {"lang": "en", "subject": "Hello", "body": "Dear {{ person.first_name }} {{ legal.subsequent_disclosure }}"}
    before = TemplateVersion.objects.count()
    page = words(sign_in(ada).post("/templates/promise-reminder-post/preview/", form))
    assert "data:image/png;base64," in page and "Can be used" in page
    assert TemplateVersion.objects.count() == before


@pytest.mark.parametrize("body", ["x" * 20_001, "\x00", "\u202eevil"])
def test_words_that_cannot_be_kept_say_why_at_the_field(ada: User, sign_in: SignIn, body: str) -> None:
    answer = sign_in(ada).post("/templates/promise-reminder-post/", {"lang": "en", "subject": "S", "body": body})
    assert answer.status_code == 422 and 'class="err"' in words(answer)


def test_the_sample_person_prints_as_a_pdf(ada: User, sign_in: SignIn) -> None:
    client = sign_in(ada)
    for slug in ("promise-reminder-post", "validation-notice-post"):
        assert client.get(f"/templates/{slug}/v/1/pdf/").content.startswith(b"%PDF")
    assert client.get("/templates/promise-reminder-sms/v/1/pdf/").status_code == 404


def test_the_pages_ask_the_database_a_fixed_number_of_times(
    danas_account: Account, promise: Any, olive: User, sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        scene.reminder(danas_account, "post", key=f"many-{number}", subject=promise)
    client = sign_in(olive)
    client.get("/letters/")
    with django_assert_max_num_queries(12):
        client.get("/letters/")


def test_a_provider_that_was_away_is_named_in_the_list(
    danas_account: Account, promise: Any, olive: User, sign_in: SignIn, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(**_: Any) -> None:
        raise Temporary("The mail house answered 500.")

    monkeypatch.setattr(channels, "send", away)
    scene.reminder(danas_account, "post", subject=promise)
    services.send_due(at=noon)
    assert "answered 500" in words(sign_in(olive).get("/letters/"))

"""A consent to texts grows old; the database of reassigned numbers is asked, and its answers come back as a file."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Account, ContactPoint, Debtor
from collections_crm import testing as make
from compliance import services as compliance
from compliance.models import ContactEvent
from compliance.reassigned_file import Check, FileRefused, parse
from core.text import normalise_phone
from users.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
SignIn = Callable[[User], Client]
TODAY = make.NOON.date()
NUMBER = "+19155550142"
HEAD = "number,asked_on,result,source\n"


@pytest.fixture(autouse=True)
def agreed_seventy_days_ago(dana: Debtor, danas_account: Account) -> None:
    compliance.record_contact(
        debtor=dana, accounts=[danas_account], kind="validation_notice", at=make.NOON - timedelta(days=80)
    )
    for scope in ("sms", "tcpa"):
        compliance.record_consent(
            debtor=dana, accounts=[danas_account], scope=scope, at=make.NOON - timedelta(days=70), written=True,
            point=dana.contact_points.get(kind="PHONE"),
        )  # fmt: skip


def text(dana: Debtor) -> compliance.Answer:
    point = dana.contact_points.get(kind="PHONE")
    return compliance.judge_now(compliance.Request(dana, "sms", None, point), make.NOON)


def due() -> list[str]:
    return [number for number, _ in compliance.numbers_due(at=make.NOON, limit=10)]


def answered(result: str, days_ago: int = 1, number: str = NUMBER) -> compliance.Recorded:
    check = Check(number, TODAY - timedelta(days=days_ago), result)
    return compliance.record_checks(checks=[check], by=None, at=make.NOON)


def test_an_old_consent_carries_no_text_and_its_number_is_due(dana: Debtor) -> None:
    assert text(dana).rule_id == "REGF-1006.6D5-SMS"
    assert due() == [NUMBER]


def test_a_no_opens_texts_again_and_the_number_is_due_no_more(dana: Debtor) -> None:
    answered("not_reassigned")

    assert text(dana).allowed
    assert due() == []


@pytest.mark.parametrize("days_ago", [61, 71])
def test_a_check_that_is_itself_too_old_helps_nothing(dana: Debtor, days_ago: int) -> None:
    answered("not_reassigned", days_ago)

    assert text(dana).rule_id == "REGF-1006.6D5-SMS"
    assert due() == [NUMBER]


def test_no_data_is_kept_and_helps_nothing_but_accuses_nobody(dana: Debtor) -> None:
    answered("no_data")

    assert text(dana).rule_id == "REGF-1006.6D5-SMS"
    point = dana.contact_points.get(kind="PHONE")
    call = compliance.judge_now(compliance.Request(dana, "call", None, point), make.NOON)
    assert call.allowed


def test_a_yes_takes_the_number_out_of_use_for_everybody(dana: Debtor, gus: Debtor) -> None:
    make.phone(gus, NUMBER)

    assert answered("reassigned").reassigned == 2

    assert {p.status for p in ContactPoint.objects.filter(value=NUMBER)} == {"WRONG_PARTY"}
    assert text(dana).rule_id == "REGF-1006.6D1-WRONGPARTY"


def test_who_took_her_consent_back_is_not_asked_about(dana: Debtor) -> None:
    compliance.record_opt_out(debtor=dana, medium="sms", at=make.NOON - timedelta(days=5))

    assert due() == []


def test_the_same_file_twice_keeps_each_answer_once(dana: Debtor, cora: User, sign_in: SignIn) -> None:
    content = f"{HEAD}(915) 555-0142,2026-11-16,no,\n+13125550199,2026-11-16,No data,FCC\n"
    browser = sign_in(cora)

    first = send(browser, content)
    second = send(browser, content)

    assert "1 kept, 0 were on file already, 1 are nobody&#x27;s here" in first
    assert "0 kept, 1 were on file already" in second
    (row,) = ContactEvent.objects.filter(kind="rnd_check")
    assert row.facts == {
        "phone": NUMBER, "result": "not_reassigned", "source": "FCC Reassigned Numbers Database",
        "asked_on": "2026-11-16",
    }  # fmt: skip


def send(browser: Client, content: str) -> str:
    file = SimpleUploadedFile("answers.csv", content.encode(), "text/csv")
    return browser.post("/consents/numbers/", {"file": file}).content.decode()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("\n", "missing: number, asked_on, result"),
        ("number,result\n1,yes\n", "missing: asked_on"),
        (HEAD, "The file holds no number."),
        (f"{HEAD}+19155550142,2026-11-16,no,\n12,2026-11-16,no,\n", "Line 3: this is not a telephone number."),
        (f"{HEAD}+19155550142,16/11/2026,no,\n", "Line 2: asked_on has to be a day"),
        (f"{HEAD}+19155550142,2027-01-01,no,\n", "Line 2: asked_on has not come yet."),
        (f"{HEAD}+19155550142,2026-11-16,maybe,\n", "Line 2: result has to be yes, no or no data."),
    ],
)
def test_one_wrong_line_and_nothing_is_kept(content: str, says: str, cora: User, sign_in: SignIn) -> None:
    answer = send(sign_in(cora), content)

    assert says in answer
    assert not ContactEvent.objects.filter(kind="rnd_check").exists()


def test_a_file_that_is_no_text_is_refused() -> None:
    with pytest.raises(FileRefused, match="not text in UTF-8"):
        parse(b"\xff\xfe\x00", normalise_phone, TODAY)


def test_the_due_file_and_the_why_panel_say_it(dana: Debtor, cora: User, olive: User, sign_in: SignIn) -> None:
    point = dana.contact_points.get(kind="PHONE")
    file = sign_in(cora).get("/consents/numbers/due.csv").content.decode()
    assert file.splitlines() == ["number,since", "19155550142,2026-09-08"]
    assert "Never checked for reassignment." in sign_in(olive).get(f"/why/P-{dana.pk}/{point.pk}/").content.decode()

    given = {
        "point": point.pk, "result": "not_reassigned", "asked_on": "2026-11-16", "source": "FCC",
        "idempotency_key": "c",
    }  # fmt: skip
    assert sign_in(olive).post(f"/people/P-{dana.pk}/compliance/record/check/", given).status_code == 303

    page = sign_in(olive).get(f"/why/P-{dana.pk}/{point.pk}/").content.decode()
    assert "Checked for reassignment on November 16, 2026: not reassigned (FCC)." in page
    assert sign_in(cora).get("/consents/numbers/").status_code == 200
    assert sign_in(olive).get("/consents/numbers/").status_code == 403

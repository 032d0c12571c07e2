"""The pages of compliance: who may read them, what they say, and that what is typed has its effect."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account, Debtor, Licence
from collections_crm import testing as make
from compliance import services as compliance
from compliance.models import ContactEvent, Hold, Override, Preference, VerdictRecord
from core import chain
from core.models import AuditEvent
from ledger.services import Line, Posting, post
from users.models import User

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def at_ten_in_the_morning(noon: Any, dana: Debtor, danas_account: Account) -> None:
    compliance.record_contact(
        debtor=dana, accounts=[danas_account], kind="validation_notice", at=make.NOON - timedelta(days=45)
    )


def keyed(**values: Any) -> dict[str, Any]:
    return {"idempotency_key": f"key-{sorted(values.items())}", **values}


def phone(dana: Debtor) -> int:
    return int(dana.contact_points.get(kind="PHONE").pk)


PAGES = ("/decisions/", "/could-we/", "/consents/", "/breaches/", "/audit/", "/rules/", "/rules/us_federal/",
         "/rules/try/", "/licences/", "/overrides/")  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_cora_reads_every_page_and_olive_none_of_them(path: str, cora: User, olive: User, sign_in: SignIn) -> None:
    assert sign_in(cora).get(path).status_code == 200
    assert sign_in(olive).get(path).status_code == 403


def test_quinn_sees_nothing_of_dana(dana: Debtor, quinn: User, sign_in: SignIn) -> None:
    browser = sign_in(quinn)

    assert browser.get(f"/people/P-{dana.pk}/compliance/").status_code == 404
    assert browser.get(f"/why/P-{dana.pk}/{phone(dana)}/").status_code == 404


def test_the_why_panel_shows_what_passed_and_what_did_not(dana: Debtor, olive: User, sign_in: SignIn) -> None:
    path = f"/why/P-{dana.pk}/{phone(dana)}/"
    page = sign_in(olive).get(path).content.decode()
    assert "Calls to (915) 555-0142 are allowed now" in page
    assert "0 of 7 calls" in page and "12 CFR 1006.14" in page and "10:00 AM El Paso time" in page

    compliance.place_hold(debtor=dana, kind=Hold.Kind.COMPLAINT, at=make.NOON - timedelta(hours=1))
    part = sign_in(olive).get(path, headers={"HX-Request": "true"}).content.decode()

    assert "<html" not in part
    assert "Complaint open, since Tue Nov 17" in part and "Ask for leave" in part


def test_a_decision_is_found_by_rule_and_officer_and_shows_its_facts(
    dana: Debtor, olive: User, cora: User, sign_in: SignIn
) -> None:
    night = make.NOON - timedelta(hours=5)
    answer = compliance.may_contact(
        debtor=dana, channel="call", at=night, point=dana.contact_points.get(kind="PHONE"), occasion="dial", by=olive
    )
    browser = sign_in(cora)

    page = browser.get(f"/decisions/?rule=REGF-1006.6B1-TIME-DEFAULT&officer={olive.pk}").content.decode()
    assert str(answer.record_id) in page and "Olive Marsh" in page
    assert str(answer.record_id) not in browser.get("/decisions/?rule=REGF-1006.6C-CEASE").content.decode()
    one = browser.get(f"/decisions/{answer.record_id}/").content.decode()
    assert "12 CFR 1006.6(b)(1)" in one and "TX" in one


def test_could_we_have_called_at_one_minute_to_nine_last_tuesday(dana: Debtor, cora: User, sign_in: SignIn) -> None:
    dana.contact_points.update(source_at=make.NOON - timedelta(days=90))
    browser = sign_in(cora)

    def ask(minute: str) -> str:
        query = {"person": dana.ref, "channel": "call", "day": "2026-11-10", "minute": minute}
        return browser.get("/could-we/", query).content.decode()

    assert ask("20:59").count("Allowed") == 2
    assert ask("21:00").count("Blocked") == 2
    Hold.objects.create(debtor=dana, kind="BANKRUPTCY", since=make.NOON - timedelta(days=30), facts={"chapter": 7})
    assert "We know more now" in ask("20:59")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"person": "P-99999999"}, "nobody with this reference"),
        ({"person": "Dana'; --"}, "reference, such as"),
        ({"day": "2027-01-01"}, "has not come yet"),
        ({"number": "(212) 555-0100"}, "not among"),
        ({"day": "\u0662\u0660\u0662\u0666-11-10"}, "such as 2026-11-27"),
        ({"number": "\x00"}, "errsum"),
    ],
)
def test_an_odd_question_gets_its_reason_at_the_field(
    dana: Debtor, cora: User, sign_in: SignIn, query: dict[str, str], words: str
) -> None:
    given = {"person": dana.ref, "channel": "call", "day": "2026-11-10", "minute": "12:00", **query}

    answer = sign_in(cora).get("/could-we/", given)

    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_olive_records_a_written_cease_request_and_it_is_obeyed_at_once(
    dana: Debtor, danas_account: Account, olive: User, sign_in: SignIn
) -> None:
    browser = sign_in(olive)

    answer = browser.post(
        f"/people/P-{dana.pk}/compliance/record/cease/",
        keyed(written="yes", debts=[danas_account.pk], words="Stop writing to me"),
    )

    assert answer.status_code == 303
    assert Hold.objects.get().account == danas_account
    assert "are blocked" in browser.get(f"/why/P-{dana.pk}/{phone(dana)}/").content.decode()


def test_each_thing_she_says_can_be_recorded(dana: Debtor, olive: User, sign_in: SignIn) -> None:
    browser = sign_in(olive)
    said: dict[str, dict[str, Any]] = {
        "times": {"days": ["0", "1"], "start": "08:00", "end": "17:00", "words": "Not while I work"},
        "employer": {"words": "My boss forbids it"},
        "consent": {"scope": "sms", "point": phone(dana), "written": "on", "evidence": "Form of Oct 3"},
        "opt-out": {"medium": "email", "point": "", "words": "No e-mail"},
        "care": {"language": "es", "vulnerability": "Speak slowly", "review_on": "2027-02-01"},
    }

    for what, values in said.items():
        answer = browser.post(f"/people/P-{dana.pk}/compliance/record/{what}/", keyed(**values))
        assert answer.status_code == 303, answer.content.decode()

    assert sorted(Preference.objects.values_list("kind", flat=True)) == ["EMPLOYER_PROHIBITS", "INCONVENIENT_TIME"]
    assert {e.kind for e in ContactEvent.objects.filter(direction="in")} == {"consent", "opt_out"}
    dana.refresh_from_db()
    assert (dana.language, str(dana.vulnerability_review_on)) == ("es", "2027-02-01")
    page = browser.get(f"/people/P-{dana.pk}/compliance/").content.decode()
    assert "8:00 AM to 5:00 PM" in page and "Form of Oct 3" in page


def test_care_without_a_review_date_and_a_window_that_ends_before_it_starts_are_refused(
    dana: Debtor, olive: User, sign_in: SignIn
) -> None:
    browser, base = sign_in(olive), f"/people/P-{dana.pk}/compliance/record"

    care = browser.post(f"{base}/care/", keyed(language="en", vulnerability="Hard of hearing"))
    times = browser.post(f"{base}/times/", keyed(start="17:00", end="08:00"))

    assert (care.status_code, times.status_code) == (422, 422)
    assert b"Say when somebody looks" in care.content and b"comes after the start" in times.content


def test_cora_places_and_lifts_a_hold_but_records_no_words(dana: Debtor, cora: User, sign_in: SignIn) -> None:
    browser, base = sign_in(cora), f"/people/P-{dana.pk}/compliance"

    assert browser.post(f"{base}/record/employer/", keyed(words="x")).status_code == 403
    assert browser.post(f"{base}/holds/", keyed(kind="COMPLAINT", reason="Letter of Nov 16")).status_code == 303
    row = Hold.objects.get(kind="COMPLAINT")
    assert browser.post(f"{base}/holds/{row.pk}/lift/", keyed(reason="")).status_code == 422
    assert browser.post(f"{base}/holds/{row.pk}/lift/", keyed(reason="Answered")).status_code == 303
    row.refresh_from_db()
    assert row.lifted_by == cora


def test_olive_asks_for_leave_and_lee_gives_it(dana: Debtor, olive: User, lee: User, sign_in: SignIn) -> None:
    compliance.place_hold(debtor=dana, kind=Hold.Kind.COMPLAINT, at=make.NOON - timedelta(hours=1))
    ask = f"/people/P-{dana.pk}/overrides/{phone(dana)}/new/"

    assert sign_in(olive).get(ask).status_code == 200
    assert sign_in(olive).post(ask, keyed(channel="call", reason="short")).status_code == 422
    assert sign_in(olive).post(ask, keyed(channel="call", reason="He waits for our call")).status_code == 303
    row = Override.objects.get()
    assert "He waits for our call" in sign_in(lee).get("/overrides/").content.decode()
    assert sign_in(lee).post(f"/overrides/{row.pk}/decide/", keyed(answer="yes")).status_code == 303

    row.refresh_from_db()
    assert (row.approved, row.decided_by) == (True, lee)


def test_nobody_gives_leave_to_themselves_on_the_page(dana: Debtor, lee: User, sign_in: SignIn) -> None:
    compliance.place_hold(debtor=dana, kind=Hold.Kind.COMPLAINT, at=make.NOON - timedelta(hours=1))
    browser = sign_in(lee)
    browser.post(
        f"/people/P-{dana.pk}/overrides/{phone(dana)}/new/", keyed(channel="call", reason="He waits for our call")
    )
    row = Override.objects.get()

    assert browser.post(f"/overrides/{row.pk}/decide/", keyed(answer="yes")).status_code == 409


def test_ada_adds_a_license_and_cora_may_not(ada: User, cora: User, sign_in: SignIn) -> None:
    given = {"state": "or", "number": "OR-77", "valid_from": "2026-01-01", "valid_until": "2026-12-31"}

    assert sign_in(cora).post("/licences/", given).status_code == 403
    assert sign_in(ada).post("/licences/", given).status_code == 303
    row = Licence.objects.get(state="OR")
    wrong = sign_in(ada).post(f"/licences/{row.pk}/", {**given, "valid_until": "2025-01-01"})
    assert wrong.status_code == 422 and b"comes after the first" in wrong.content


def test_a_case_and_a_pack_can_be_tried(cora: User, sign_in: SignIn) -> None:
    browser = sign_in(cora)
    sample = browser.get("/rules/try/").context["form"].initial["text"]

    assert b"As expected" in browser.post("/rules/try/", {"text": sample}).content
    wrong = json.dumps({**json.loads(sample), "expect": {"decision": "allow"}})
    assert b"Not as expected" in browser.post("/rules/try/", {"text": wrong}).content
    for nonsense in ("{", "[]x", '{"given": 1}', "[pack]", "\x00", '{"given": {"now": "2026"}, "action": {}}'):
        assert browser.post("/rules/try/", {"text": nonsense}).status_code == 422, nonsense


def test_verify_says_ok_and_names_an_altered_row(cora: User, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = sign_in(cora)
    assert b"<h2>OK</h2>" in browser.post("/audit/verify/").content

    broken = chain.Report(links=3, problems=["audit event 5 (link 2) was altered"])
    monkeypatch.setattr(chain, "verify", lambda: broken)
    assert b"audit event 5 (link 2) was altered" in browser.post("/audit/verify/").content


def test_the_audit_is_filtered_and_ada_sees_no_persons_in_it(
    dana: Debtor, cora: User, ada: User, olive: User, sign_in: SignIn
) -> None:
    compliance.place_hold(debtor=dana, kind=Hold.Kind.COMPLAINT, at=make.NOON, by=olive)

    seen = sign_in(cora).get(f"/audit/?who=olive&what=hold.&person={dana.ref}").content.decode()
    assert "Hold placed" in seen
    assert "Hold placed" not in sign_in(cora).get("/audit/?what=payment.").content.decode()
    assert "Hold placed" not in sign_in(ada).get("/audit/").content.decode()


def test_the_evidence_of_a_debt_is_an_indexed_zip_and_taking_it_is_audited(
    dana: Debtor, danas_account: Account, cora: User, lee: User, sign_in: SignIn
) -> None:
    compliance.may_contact(debtor=dana, channel="call", at=make.NOON, occasion="look", accounts=[danas_account])
    path = f"/people/P-{dana.pk}/debts/L-{danas_account.pk}/evidence.zip"

    answer = sign_in(cora).get(path)

    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    index = archive.read("index.csv").decode()
    assert all(name in index for name in ("contacts.json", "decisions.json", "payments.json", "entries.json"))
    assert len(json.loads(archive.read("decisions.json"))) == VerdictRecord.objects.count() == 1
    assert json.loads(archive.read("contacts.json"))[0]["kind"] == "validation_notice"
    assert AuditEvent.objects.filter(action="evidence.taken", actor=cora).count() == 1
    assert sign_in(lee).get(path).status_code == 403


def test_the_evidence_has_the_interest_posted_for_many_debts_at_once(
    danas_account: Account, cora: User, sign_in: SignIn
) -> None:
    other = make.account("90.00", portfolio=danas_account.portfolio)
    month = [(danas_account, "1.50"), (other, "0.70")]
    for key, debts in (("interest:1", month), ("interest:2", month[1:])):  # the second is of another debt alone
        added = [Line("receivable.interest", debit=Decimal(amount), subject_id=debt.pk) for debt, amount in debts]
        total = sum((Decimal(amount) for _, amount in debts), Decimal(0))
        lines = [*added, Line("income.interest", credit=total)]
        day = date(2026, 10, 31)
        posting = Posting(key=key, code="INTEREST", subject_id=None, currency="USD", effective_date=day, lines=lines)
        post(posting, at=make.NOON)

    answer = sign_in(cora).get(f"/people/P-{danas_account.debtor_id}/debts/L-{danas_account.pk}/evidence.zip")

    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    journals = json.loads(archive.read("journals.json"))
    assert [row["key"] for row in journals if row["code"] == "INTEREST"] == ["interest:1"]
    assert {row["journal_id"] for row in json.loads(archive.read("entries.json"))} == {row["id"] for row in journals}


def test_lists_cost_the_same_at_any_length(
    dana: Debtor, danas_account: Account, cora: User, sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    for minute in range(60):
        compliance.may_contact(
            debtor=dana, channel="call", at=make.NOON - timedelta(hours=12, minutes=minute), occasion="dial", by=cora
        )
    browser = sign_in(cora)
    browser.get("/decisions/")  # the counts of the navigation are kept for a minute
    for path, most in (("/decisions/", 8), ("/consents/", 4), ("/audit/", 4), (f"/people/P-{dana.pk}/compliance/", 12)):
        with django_assert_max_num_queries(most):
            page = browser.get(path).content.decode()
    assert 'rel="next"' in browser.get("/decisions/").content.decode()
    assert page

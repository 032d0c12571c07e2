"""Admins set teams, outcome codes and targets; a fresh firm begins; jobs are watched and run again."""

import struct
import zlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Account, Debtor, Firm, Licence, Portfolio
from collections_crm import testing as make
from compliance.models import ContactEvent
from contacts import services as contacts
from contacts.models import Disposition, Interaction
from contacts.services.scripting import unread
from core import clock
from core.models import AuditEvent, JobRun, JobSetting
from letters import channels
from letters import services as letters
from letters.models import Message
from letters.tests import scene
from reports import job_services, logo
from reports.job_services import interval
from reports.models import JobRequest, Target
from users.models import User

SignIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def _no_token(settings: Any) -> None:
    """Nobody printed a token, unless a story says so."""
    settings.FIRST_RUN_TOKEN = ""


CODE = {
    "code": "will-ask-spouse",
    "label": "Will ask the spouse",
    "group": "ANSWERED",
    "call_outcome": "conversation",
    "note_required": "on",
    "next_step": "Call on Friday",
    "retry_hours": "72",
    "active": "on",
}


def png(width: int = 200, height: int = 80) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


def test_a_new_outcome_with_a_required_note_is_usable_at_the_next_call(
    ada: User, olive: User, danas_account: Account, sign_in: SignIn
) -> None:
    assert sign_in(ada).post("/codes/new/", CODE).status_code == 303
    code = Disposition.objects.get(pk="will-ask-spouse")
    talk = Interaction.objects.create(
        debtor=danas_account.debtor,
        account=danas_account,
        account_ids=[danas_account.pk],
        kind="CALL",
        officer=olive,
        started_at=make.NOON,
        verified_at=make.NOON,
    )

    talk.steps_done = {step.key: make.NOON.isoformat() for step in unread(talk)}
    talk.save()

    with pytest.raises(contacts.OutcomeRefused, match="Add a note"):
        contacts.close_call(call=talk, disposition=code, note="", by=olive, at=make.NOON)
    closed = contacts.close_call(call=talk, disposition=code, note="Asks first.", by=olive, at=make.NOON)

    assert closed.disposition is not None
    assert (closed.right_party, closed.disposition.next_step) == (True, "Call on Friday")


def test_two_outcomes_of_a_group_cannot_have_one_digit(ada: User, sign_in: SignIn) -> None:
    taken = Disposition.objects.exclude(digit="").filter(group="ANSWERED").first()
    if taken is None:
        taken = Disposition.objects.filter(group="ANSWERED")[0]
        Disposition.objects.filter(pk=taken.pk).update(digit="9")
        taken.digit = "9"

    answer = sign_in(ada).post("/codes/new/", {**CODE, "digit": taken.digit})

    assert answer.status_code == 422
    assert "has this digit" in answer.content.decode()


@pytest.mark.parametrize("label", ["", "x" * 61, "a\x00b", "a‮b"])
def test_a_bad_label_is_named_at_its_field(label: str, ada: User, sign_in: SignIn) -> None:
    assert sign_in(ada).post("/codes/new/", {**CODE, "label": label}).status_code == 422
    assert not Disposition.objects.filter(pk=CODE["code"]).exists()


def test_max_sets_a_target_and_lee_cannot(max_: User, lee: User, olive: User, sign_in: SignIn) -> None:
    facts = {"month": "2026-11", "amount": "5000.00", "officer": olive.pk}

    assert sign_in(max_).post("/targets/", facts).status_code == 303
    assert sign_in(lee).post("/targets/", facts).status_code == 403
    assert sign_in(max_).post("/targets/", {**facts, "amount": "-1"}).status_code == 422
    assert sign_in(max_).post("/targets/", {**facts, "officer": ""}).status_code == 422
    assert sign_in(max_).post("/targets/", {**facts, "amount": "6000"}).status_code == 303
    assert [str(row.amount) for row in Target.objects.all()] == ["6000.00"]


def test_a_team_that_loses_a_portfolio_loses_its_people_at_the_next_click(
    ada: User, olive: User, northwind: Portfolio, danas_account: Account, sign_in: SignIn
) -> None:
    hers, page = sign_in(olive), f"/people/P-{danas_account.debtor_id}/debts/L-{danas_account.pk}/"
    assert hers.get(page).status_code == 200

    facts = {"name": "North", "time_zone": "America/Chicago", "members": [olive.pk], "portfolios": []}
    assert sign_in(ada).post("/teams/north/", facts).status_code == 303

    assert hers.get(page).status_code == 404


def first_run(**more: Any) -> dict[str, Any]:
    return {
        "username": "ada",
        "display_name": "Ada Lindgren",
        "password": "a long enough pass phrase",
        "name": "Larkfield Recovery",
        "address_line1": "400 Mill Street",
        "city": "Evanston",
        "state": "IL",
        "postal_code": "60201",
        "phone": "(847) 555-0100",
        "hours": "Monday to Friday, 8 AM to 6 PM Central",
        "time_zone": "America/Chicago",
        "creditor": "Northwind Energy",
        "portfolio": "Northwind electric",
        "product": "Electricity",
        "collector_type": "third_party",
        "licence-TOTAL_FORMS": "3",
        "licence-INITIAL_FORMS": "0",
        "licence-0-state": "TX",
        "licence-0-number": "TX-1001",
        "licence-0-valid_from": "2026-01-01",
        **more,
    }


@pytest.mark.django_db
def test_a_fresh_firm_begins_once_and_the_page_is_gone(client: Client) -> None:
    assert "/first-run/" in client.get("/login/").content.decode()
    assert client.get("/first-run/").status_code == 200
    picture = SimpleUploadedFile("logo.png", png(), "image/png")

    begun = client.post("/first-run/", first_run(logo=picture))

    assert begun.status_code == 302
    assert User.objects.get().roles == {"admin"}
    assert (Firm.objects.get().phone, Firm.objects.get().logo_type) == ("+18475550100", "image/png")
    assert Portfolio.objects.get().creditor.name == "Northwind Energy"
    assert Licence.objects.get().state == "TX"
    assert client.get("/firm/logo/")["Content-Type"] == "image/png"
    assert Client().get("/first-run/").status_code == 404
    assert Client().post("/first-run/", first_run(username="eve")).status_code == 404
    assert User.objects.count() == 1


@pytest.mark.django_db
def test_with_a_token_only_the_printed_address_begins(client: Client, settings: Any) -> None:
    settings.FIRST_RUN_TOKEN = "printed-once"

    assert client.get("/first-run/").status_code == 404
    assert client.get("/first-run/?token=guess").status_code == 404
    assert client.get("/first-run/?token=printed-once").status_code == 200
    assert "First-run code" in client.get("/login/").content.decode()
    assert "printed-once" not in client.get("/login/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong",
    [
        {"password": "short"},
        {"phone": "12"},
        {"state": "Illinois"},
        {"licence-0-valid_until": "2025-01-01"},
        {"creditor": ""},
        {"logo": SimpleUploadedFile("logo.png", b"GIF89a" + b"0" * 100)},
        {"logo": SimpleUploadedFile("logo.png", png(5000, 5000))},
    ],
)
def test_a_bad_first_run_keeps_nothing(wrong: dict[str, Any], client: Client) -> None:
    assert client.post("/first-run/", first_run(**wrong)).status_code == 422
    assert not User.objects.exists()
    assert not Firm.objects.exists()


def test_a_logo_is_judged_by_its_bytes() -> None:
    assert logo.check(png()) == "image/png"
    for bad in (b"", b"<svg/>", png()[:20], png(8, 8), png() + b"x" * logo.MOST_BYTES):
        with pytest.raises(logo.LogoRefused):
            logo.check(bad)


def test_a_job_that_is_switched_off_or_unknown_is_said_so(ada: User, max_: User, sign_in: SignIn) -> None:
    hers = sign_in(ada)

    off = {"from_hour": "0", "until_hour": "24"}
    assert hers.post("/jobs/letters.send_due/save/", off).status_code == 303
    assert not JobSetting.objects.get(pk="letters.send_due").enabled
    assert hers.post("/jobs/letters.send_due/save/", {"from_hour": "30", "until_hour": "24"}).status_code == 422
    assert hers.get("/jobs/no.such/").status_code == 404
    assert hers.post("/jobs/no.such/run/").status_code == 404
    assert sign_in(max_).get("/jobs/").status_code == 200
    assert sign_in(max_).post("/jobs/letters.send_due/run/").status_code == 403


def test_a_job_run_by_hand_carries_who_asked_even_when_its_period_is_done(
    ada: User, northwind: Portfolio, sign_in: SignIn
) -> None:
    from reports import tasks

    tasks.build_days.run()
    sign_in(ada).post("/jobs/reports.build_days/run/")
    sign_in(ada).post("/jobs/reports.build_days/run/")  # a double click
    assert JobRequest.objects.count() == 1

    job_services.run_asked(at=make.NOON)
    job_services.run_asked(at=make.NOON)

    runs = JobRun.objects.filter(job="reports.build_days")
    assert [run.asked_by for run in runs.order_by("pk")] == [None, ada]
    assert JobRequest.objects.get().state == "DONE"


def test_a_failing_job_shows_its_error_and_can_be_asked_again(
    ada: User, northwind: Portfolio, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_: object) -> None:
        raise RuntimeError("item 312 has no address")

    with monkeypatch.context() as patch:
        patch.setattr("reports.services.build_today", broken)
        job_services.ask(job="reports.build_days", by=ada, at=make.NOON)
        job_services.run_asked(at=make.NOON)

    assert "item 312 has no address" in sign_in(ada).get("/jobs/").content.decode()
    assert JobRequest.objects.get().state == "FAILED"
    monkeypatch.setattr("core.clock.now", lambda: make.NOON + timedelta(minutes=2))
    later: datetime = make.NOON + timedelta(minutes=2)
    job_services.ask(job="reports.build_days", by=ada, at=later)
    job_services.run_asked(at=later)
    assert JobRun.objects.filter(job="reports.build_days").latest("pk").state == "DONE"


def test_letter_nine_fails_with_its_reason_and_a_rerun_sends_none_of_the_others_twice(
    ada: User, lee: User, northwind: Portfolio, noon: datetime, sign_in: SignIn
) -> None:
    """A run of twelve; the ninth name holds a character that no font has."""
    make.firm()
    slug = scene.plain_letter().slug
    for number in range(1, 13):
        person = make.debtor("Dana \U0001f4b8" if number == 9 else f"Dana{number} Reyes")
        make.address(person, f"{number} Magoffin Ave")
        account = make.account("250.00", debtor=person, portfolio=northwind)
        scene.noticed(person, account)
        letters.queue(
            template_slug=slug, account=account, channel="post", kind="general", key=f"letter:{number}", at=noon,
            run="November",
        )  # fmt: skip

    def run() -> None:
        job_services.ask(job="letters.send_due", by=ada, at=clock.now())
        job_services.run_asked(at=clock.now())

    run()
    taken = {row["key"]: row["accepted_at"] for row in channels.fake_outbox("post")}
    ninth = Message.objects.get(key="letter:9")
    assert len(taken) == 11 and ninth.state == "FAILED" and "could not be displayed" in ninth.reason
    assert "could not be displayed" in sign_in(lee).get("/letters/?run=November").content.decode()

    run()
    assert len(channels.fake_outbox("post")) == 11, "a rerun of the job alone sends nothing"
    Debtor.objects.filter(pk=ninth.debtor_id).update(name="Dana Nine")
    form = {"run": "November", "day": "", "idempotency_key": "once"}
    assert sign_in(lee).post("/letters/again/", form).status_code == 303
    run()

    again = {row["key"]: row["accepted_at"] for row in channels.fake_outbox("post")}
    assert len(again) == 12 and again.items() >= taken.items(), "the eleven lie there as they did"
    assert set(Message.objects.values_list("state", flat=True)) == {"SENT"}
    assert ContactEvent.objects.filter(source_type="letters.message").count() == 12
    assert AuditEvent.objects.filter(action="job.asked", actor=ada).count() == 3


def test_the_monitor_shows_the_runs_of_parts_and_opens_them(ada: User, max_: User, sign_in: SignIn) -> None:
    for job in ("accounts.nightly America/Chicago", "reports.rebuild", "load_demo"):
        JobRun.objects.create(
            job=job, period=make.NOON, started_at=make.NOON, finished_at=make.NOON, state="DONE", counts={"rows": 7}
        )
    hers = sign_in(ada)

    page = hers.get("/jobs/").content.decode()

    assert "Ages the debts and keeps their daily picture: America/Chicago" in page
    assert "reports.rebuild" in page and "load_demo" in page
    opened = hers.get("/jobs/runs/", {"job": "accounts.nightly America/Chicago"})
    assert opened.status_code == 200 and "7 rows" in opened.content.decode()
    assert sign_in(max_).get("/jobs/runs/?job=load_demo").status_code == 200
    for odd in ("", "nothing", "%00", "x" * 3000):
        assert hers.get(f"/jobs/runs/?job={odd}").status_code == 404


def test_an_interval_is_said_in_the_largest_unit_that_divides_it() -> None:
    said = {0: "0 s", 15: "15 s", 60: "1 min", 90: "90 s", 300: "5 min", 3600: "1 h"}

    assert {seconds: interval(seconds) for seconds in said} == said

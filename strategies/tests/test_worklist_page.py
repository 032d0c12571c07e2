"""The worklist page: who sees whom, what sorts, what bad input does, how many queries it takes."""

import csv
import io
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, Portfolio
from collections_crm import testing as make
from compliance.models import RulePackVersion
from compliance.services import hours, rule_packs
from contacts.tests.stories import dial
from core import keyset
from core.models import AuditEvent
from strategies import figures
from strategies import services as work
from strategies.models import BulkAction, SavedView, WorkItem
from users.models import User

SignIn = Callable[[User], Client]


@pytest.fixture
def crowd(northwind: Portfolio, noon: datetime) -> list[Account]:
    """Sixty people, a dollar apart."""
    made = []
    for number in range(60):
        person = make.debtor(f"Person {number:02d}")
        make.phone(person, f"+1915555{1000 + number}")
        made.append(make.account(f"{200 + number}.00", debtor=person, portfolio=northwind))
    work.refresh_all(noon)
    work.refresh_counts(at=noon)
    return made


def test_olive_sees_dana_and_quinn_does_not(
    olive: User, quinn: User, danas_account: Account, sign_in: SignIn, noon: datetime
) -> None:
    work.refresh_all(noon)

    mine = sign_in(olive).get("/work/general/")
    theirs = sign_in(quinn).get("/work/general/")

    assert "Dana Reyes" in mine.content.decode() and mine.status_code == 200
    assert "Dana Reyes" not in theirs.content.decode() and theirs.status_code == 200
    assert sign_in(quinn).get(f"/work/why/P-{danas_account.debtor_id}/").status_code == 404


@pytest.mark.parametrize("path", ["/work/all/", "/work/", "/work/nobody/", "/work/callbacks/due/", "/people/"])
def test_officers_and_leads_open_the_pages_admins_do_not(
    path: str, olive: User, lee: User, ada: User, sign_in: SignIn, noon: datetime
) -> None:
    assert sign_in(olive).get(path).status_code == 200
    assert sign_in(lee).get(path).status_code == 200
    assert sign_in(ada).get(path).status_code == 403


def test_the_page_takes_ten_queries_with_one_person_and_with_sixty(
    olive: User, crowd: list[Account], sign_in: SignIn
) -> None:
    client = sign_in(olive)
    client.get("/work/all/")  # the number beside Work is counted once a minute
    WorkItem.objects.exclude(debtor=crowd[0].debtor).update(state="CANCELLED")
    with CaptureQueriesContext(connection) as few:
        client.get("/work/all/")
    WorkItem.objects.update(state="OPEN")
    with CaptureQueriesContext(connection) as many:
        page = client.get("/work/all/")

    assert page.content.decode().count("<tr id=") == 50
    assert len(few) == len(many) <= 10
    assert not [q for q in many.captured_queries if "OFFSET" in q["sql"]]


def test_the_figures_above_the_list_are_read_once_in_half_a_minute_and_my_day_reads_them_now(
    olive: User, pavel: User, danas_account: Account, sign_in: SignIn, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = sign_in(olive)

    def talked(page: str) -> int:
        return int(client.get(page).context["head"]["figures"].calls)

    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert talked("/work/all/") in (0, 1)
        return len([q for q in seen if "FILTER (WHERE c.right_party)" in q["sql"]])

    assert [cost(), cost()] == [1, 0]
    dial(danas_account, by=olive, at=noon)
    assert talked("/work/all/") == 0
    assert talked("/work/") == 1  # my day looks now, and the list agrees with it from then on
    assert talked("/work/all/") == 1
    assert sign_in(pavel).get("/work/all/").context["head"]["figures"].calls == 0
    assert figures.SECONDS <= 30

    def down(*_: object, **__: object) -> None:
        raise ConnectionError

    monkeypatch.setattr("strategies.figures.cache.get", down)
    monkeypatch.setattr("strategies.figures.cache.set", down)
    assert talked("/work/all/") == 1


def test_pages_by_key_show_everybody_once_and_go_back(olive: User, crowd: list[Account], sign_in: SignIn) -> None:
    client = sign_in(olive)
    seen: list[int] = []
    first = client.get("/work/all/?sort=-amount").context["page"]
    second = client.get(f"/work/all/?sort=-amount&after={first.next}").context["page"]
    again = client.get(f"/work/all/?sort=-amount&before={second.previous}").context["page"]
    seen = [row.debtor_id for row in [*first.rows, *second.rows]]

    assert len(seen) == len(set(seen)) == 60
    assert [row.id for row in again.rows] == [row.id for row in first.rows]
    assert [row.amount for row in first.rows] == sorted((row.amount for row in first.rows), reverse=True)
    assert second.next == ""


@pytest.mark.parametrize("sort", ["priority", "name", "-name", "amount", "late", "-late", "missed", "-contact"])
def test_each_order_shows_everybody_once(sort: str, olive: User, crowd: list[Account], sign_in: SignIn) -> None:
    client = sign_in(olive)

    first = client.get(f"/work/all/?sort={sort}").context["page"]
    second = client.get(f"/work/all/?sort={sort}&after={first.next}").context["page"]

    assert len({row.id for row in [*first.rows, *second.rows]}) == 60


def test_the_sorted_column_says_so(olive: User, crowd: list[Account], sign_in: SignIn) -> None:
    html = sign_in(olive).get("/work/all/?sort=-amount").content.decode()

    assert '<th scope="col" class="num" aria-sort="descending"><a href="?sort=amount" id="sort-amount">' in html


@pytest.mark.parametrize(
    "query",
    [
        "after=garbage",
        "after=" + keyset.encode(["x", 1]),
        "after=" + keyset.encode([1, "x"]),
        "after=" + keyset.encode([2**80, 2**80]),
        "before=" + keyset.encode([None, 3]),
        "sort=secret",
        "sort=--priority",
        "creditor=9999999999999999999999",
        "owner=%00",
        "late_from=-5&late_to=abc",
        "amount_from=NaN&amount_to=1e400",
        "missed_within=²",
        "cols=nothing",
        "queue=nothing",
        "now=1",
        "q=" + "x" * 5000,
    ],
)
def test_bad_input_in_the_address_is_left_out(query: str, olive: User, crowd: list[Account], sign_in: SignIn) -> None:
    answer = sign_in(olive).get(f"/work/all/?{query}")

    assert answer.status_code == 200
    assert answer.content.decode().count("<tr id=") == 50


def test_an_unknown_view_is_not_found(olive: User, sign_in: SignIn, noon: datetime) -> None:
    assert sign_in(olive).get("/work/nothing-like-it/").status_code == 404


def test_filters_narrow_and_are_said_in_chips(olive: User, crowd: list[Account], sign_in: SignIn) -> None:
    answer = sign_in(olive).get("/work/all/?amount_from=250&amount_to=254.00&late_from=30")

    assert sorted(row.amount for row in answer.context["page"].rows) == [Decimal(n) for n in range(250, 255)]
    assert "$250.00 to $254.00" in answer.content.decode()


def test_a_script_in_a_name_stays_text(olive: User, northwind: Portfolio, sign_in: SignIn, noon: datetime) -> None:
    person = make.debtor("<script>alert(1)</script>")
    make.account(debtor=person, portfolio=northwind)
    work.refresh_all(noon)

    html = sign_in(olive).get("/work/all/").content.decode()

    assert "<script>alert(1)" not in html and "&lt;script&gt;alert(1)" in html


def test_n_opens_the_first_person_and_says_why_when_there_is_nobody(
    olive: User, danas_account: Account, sign_in: SignIn, noon: datetime
) -> None:
    client = sign_in(olive)
    empty = client.post("/work/next/")
    work.refresh_all(noon)
    found = client.post("/work/next/", {"queue": "general"})

    assert (empty.status_code, empty["Location"]) == (303, "/work/nobody/?queue=")
    assert (found.status_code, found["Location"]) == (303, f"/people/P-{danas_account.debtor_id}/?queue=general")


def test_the_header_says_how_many_wait_for_their_morning(
    olive: User, danas_account: Account, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    early = make.NOON.replace(hour=13)  # 6 AM in El Paso
    monkeypatch.setattr("core.clock.now", lambda: early)
    work.refresh_all(early)
    work.refresh_counts(at=early)

    assert "1 waiting for local 8:00" in sign_in(olive).get("/work/general/").content.decode()
    nobody = sign_in(olive).get("/work/nobody/?queue=general").content.decode()
    assert "1 person is waiting for local 8:00" in nobody and "9:00 AM" in nobody


def test_the_list_keeps_the_hours_of_the_packs_in_force(
    olive: User, cora: User, max_: User, danas_account: Account, sign_in: SignIn, noon: datetime
) -> None:
    work.refresh_all(noon)
    work.refresh_counts(at=noon)

    before = sign_in(olive).get("/work/general/").content.decode()
    earlier = noon - timedelta(hours=1)
    house = RulePackVersion.objects.get(pack__slug="house_policy")
    rule = 'id = "POLICY-QUIET-HOURS"\n'
    later = house.text.replace(rule, f"{rule}params = {{ open = 630, close = 1200 }}\n")
    pack = rule_packs.start_draft(source=house, by=cora, at=earlier, note="From half past ten.")
    rule_packs.save_draft(version=pack, text=later, note=pack.note, by=cora, at=earlier)
    rule_packs.propose(version=pack, effective_from=None, by=cora, at=earlier)
    rule_packs.approve(version=pack, by=max_, at=earlier)
    hours.forget()
    after = sign_in(olive).get("/work/general/").content.decode()

    assert "Allowed now" in before
    assert "Allowed now" not in after and "From 10:30 AM" in after
    assert "1 waiting for local 10:30" in after


def test_bulk_snooze_answers_with_the_list_and_an_undo(
    olive: User, crowd: list[Account], sign_in: SignIn, noon: datetime
) -> None:
    client = sign_in(olive)
    refs = [f"P-{account.debtor_id}" for account in crowd[:3]]

    answer = client.post(
        "/work/bulk/snooze/", {"ref": refs, "days": "1", "back": "/work/all/?sort=name"}, headers={"HX-Request": "true"}
    )

    action = BulkAction.objects.get()
    assert answer.status_code == 200 and f"/work/bulk/{action.pk}/undo/" in answer["HX-Trigger-After-Settle"]
    assert 'id="grid"' in answer.content.decode() and "<html" not in answer.content.decode()
    snoozed = WorkItem.objects.filter(not_before=datetime.fromisoformat("2026-11-18T08:00:00-06:00"))
    assert snoozed.count() == 3
    client.post(f"/work/bulk/{action.pk}/undo/")
    assert WorkItem.objects.filter(not_before__gt=noon).count() == 0


def test_bulk_acts_on_somebody_elses_people_do_nothing(quinn: User, crowd: list[Account], sign_in: SignIn) -> None:
    answer = sign_in(quinn).post("/work/bulk/snooze/", {"ref": [f"P-{crowd[0].debtor_id}"], "days": "1"})

    assert answer.status_code == 422
    assert not BulkAction.objects.exists()


def test_people_are_given_to_a_colleague_but_not_to_another_team(
    olive: User, pavel: User, quinn: User, crowd: list[Account], sign_in: SignIn
) -> None:
    client = sign_in(olive)
    ref = f"P-{crowd[0].debtor_id}"

    given = client.post("/work/bulk/assign/", {"ref": [ref], "to": str(pavel.pk)})
    refused = client.post("/work/bulk/assign/", {"ref": [ref], "to": str(quinn.pk)})

    assert (given.status_code, refused.status_code) == (303, 422)
    assert WorkItem.objects.get(debtor=crowd[0].debtor).assigned_to == pavel


def test_the_export_is_safe_for_spreadsheets_and_audited(
    olive: User, northwind: Portfolio, sign_in: SignIn, noon: datetime
) -> None:
    person = make.debtor("=HYPERLINK(1)")
    make.account(debtor=person, portfolio=northwind)
    work.refresh_all(noon)

    answer = sign_in(olive).post("/work/export/", {"ref": [f"P-{person.pk}"]})

    rows = list(csv.reader(io.StringIO(answer.content.decode())))
    assert rows[1][:4] == [f"P-{person.pk}", "'=HYPERLINK(1)", "Northwind Energy", "250.00"]
    assert AuditEvent.objects.get(action="work.exported").data["people"] == [person.pk]


def test_a_saved_view_comes_back_with_its_filters(olive: User, crowd: list[Account], sign_in: SignIn) -> None:
    client = sign_in(olive)

    saved = client.post(
        "/work/views/save/", {"name": "Small ones", "view": "general", "query": "amount_to=203&sort=amount"}
    )

    assert saved["Location"] == "/work/view-small-ones/"
    page = client.get(saved["Location"])
    assert [row.amount for row in page.context["page"].rows] == [Decimal(n) for n in range(200, 204)]
    client.post("/work/views/view-small-ones/drop/")
    assert not SavedView.objects.exists()


def test_a_nameless_view_is_refused_at_the_field(olive: User, sign_in: SignIn, noon: datetime) -> None:
    answer = sign_in(olive).post("/work/views/save/", {"name": "  ", "view": "all", "query": ""})

    assert answer.status_code == 422 and not SavedView.objects.exists()


def test_a_due_call_back_interrupts_with_a_notice(
    olive: User, danas_account: Account, sign_in: SignIn, noon: datetime
) -> None:
    work.refresh_all(noon)
    client = sign_in(olive)
    work.schedule_callback(debtor=danas_account.debtor, at_time=noon, by=olive, at=noon - timedelta(hours=1))

    notice = client.get("/work/callbacks/due/").content.decode()
    taken = client.post(f"/work/P-{danas_account.debtor_id}/take/")

    assert "Call back Dana Reyes now" in notice
    assert taken.status_code == 303
    assert "Dana" not in client.get("/work/callbacks/due/").content.decode()


def test_taking_somebody_in_another_hand_is_a_conflict(
    olive: User, pavel: User, danas_account: Account, sign_in: SignIn, noon: datetime
) -> None:
    work.refresh_all(noon)
    work.claim_next(user=pavel, at=noon)

    answer = sign_in(olive).post(f"/work/P-{danas_account.debtor_id}/take/")

    assert answer.status_code == 409 and "Pavel Novak" in answer.content.decode()


def test_the_state_of_my_shift_is_kept(olive: User, sign_in: SignIn, noon: datetime) -> None:
    client = sign_in(olive)

    assert client.post("/work/state/", {"state": "READY"}).status_code == 303
    part = client.post("/work/state/", {"state": "BREAK"}, headers={"HX-Request": "true"})
    assert "Break since" in part.content.decode()
    assert client.post("/work/state/", {"state": "NAP"}).status_code == 422


def test_compliance_reads_the_list_and_claims_nobody(
    cora: User, danas_account: Account, sign_in: SignIn, noon: datetime
) -> None:
    work.refresh_all(noon)
    client = sign_in(cora)

    assert "Dana Reyes" in client.get("/work/all/").content.decode()
    assert client.post("/work/next/").status_code == 403


def test_missed_promises_show_amount_and_day(
    olive: User, danas_account: Account, sign_in: SignIn, noon: datetime
) -> None:
    from strategies.tests.test_refresh import promise

    promise(danas_account, due=date(2026, 11, 13))
    work.refresh_all(noon)

    html = sign_in(olive).get("/work/broken-promises/?missed_within=7").content.decode()

    assert "$60.00 due Nov 13" in html and "missed in 7 days" in html


def test_my_day_tells_the_time_of_the_team(olive: User, sign_in: SignIn, noon: datetime) -> None:
    client = sign_in(olive)
    client.post("/work/state/", {"state": "BREAK"})

    page = client.get("/work/").content.decode()

    local = noon.astimezone(ZoneInfo(olive.teams.get().time_zone))
    assert f'Break since <time datetime="{local.isoformat(timespec="seconds")}">' in page

"""The pages about rules: Cora writes, Max or Ben approves, and what they read is what the engine does."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account, Debtor
from collections_crm import testing as make
from compliance import planned, rule_impact
from compliance import services as compliance
from compliance.models import RulePackVersion
from compliance.planned import Span
from compliance.services import rule_packs
from compliance.tests.test_rule_packs import NORTHWIND
from strategies.models import Queue, WorkItem
from users.models import Team, User

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
WHY = "Northwind asked for it on Nov 16."
TOMORROW = make.NOON.replace(hour=6) + timedelta(days=1)  # midnight in Chicago


@pytest.fixture(autouse=True)
def noticed(noon: Any, dana: Debtor, danas_account: Account) -> None:
    """Dana has had her validation notice; it is noon."""
    compliance.record_contact(
        debtor=dana, accounts=[danas_account], kind="validation_notice", at=make.NOON - timedelta(days=45)
    )


@pytest.fixture
def draft(cora: User) -> RulePackVersion:
    return rule_packs.new_pack(text=NORTHWIND, note=WHY, by=cora, at=make.NOON)


def work_for(account: Account, team: Team, **fields: Any) -> WorkItem:
    fields.setdefault("not_before", make.NOON - timedelta(days=1))
    return WorkItem.objects.create(
        debtor=account.debtor, account=account, portfolio=account.portfolio, team=team, queue=Queue.CALLBACK,
        name=account.debtor.name, **fields,
    )  # fmt: skip


def test_cora_writes_proposes_and_max_approves(cora: User, max_: User, sign_in: SignIn) -> None:
    coras, maxs = sign_in(cora), sign_in(max_)

    made = coras.post("/rules/new/", {"text": NORTHWIND, "note": WHY})
    assert (made.status_code, made["Location"]) == (303, "/rules/northwind/1/")
    asked = coras.post("/rules/northwind/1/propose/", {"day": "2026-11-18", "minute": "20:29"})
    assert asked.status_code == 303
    assert "Northwind Energy, version 1" in maxs.get("/rules/").content.decode()
    assert "Rules: 1 to approve" in maxs.get("/overrides/").content.decode()
    assert "Approve version 1" in maxs.get("/rules/northwind/1/").content.decode()
    assert maxs.post("/rules/northwind/1/approve/").status_code == 303

    row = RulePackVersion.objects.get(pack__slug="northwind")
    assert (row.approver, row.effective_from) == (max_, make.NOON + timedelta(days=1, hours=9, minutes=29))
    page = coras.get("/rules/").content.decode()
    assert "Version 1, <time" in page and "8:29 PM, Central" in page


def test_a_version_that_an_older_one_will_overtake_says_so(cora: User, max_: User, sign_in: SignIn) -> None:
    first = rule_packs.new_pack(text=NORTHWIND, note=WHY, by=cora, at=make.NOON)
    rule_packs.propose(version=first, effective_from=make.NOON + timedelta(days=9), by=cora, at=make.NOON)
    rule_packs.approve(version=first, by=max_, at=make.NOON)
    second = rule_packs.start_draft(source=first, by=cora, at=make.NOON, note="Until eight thirty.")
    text = NORTHWIND.replace("close = 1200", "close = 1190")
    rule_packs.save_draft(version=second, text=text, note=second.note, by=cora, at=make.NOON)
    maxs = sign_in(max_)

    rule_packs.propose(version=second, effective_from=make.NOON + timedelta(days=2), by=cora, at=make.NOON)
    before = maxs.get("/rules/northwind/2/").content.decode()
    rule_packs.withdraw(version=first, why="Not any more.", by=max_, at=make.NOON)
    after = maxs.get("/rules/northwind/2/").content.decode()

    assert "Version 1, approved before, takes its place" in before
    assert "overtaken" not in after


def test_what_is_wrong_is_said_with_its_line_and_what_was_typed_stays(
    draft: RulePackVersion, cora: User, sign_in: SignIn
) -> None:
    wrong = NORTHWIND.replace("open = 540", "open = 1300").replace('sure = "high"', 'sure = "so so"')

    answer = sign_in(cora).post("/rules/northwind/1/edit/", {"text": wrong, "note": WHY})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Line 12: POLICY-QUIET-HOURS: sure is one of high, med, low." in page
    assert "Line 13: POLICY-QUIET-HOURS: the window is reversed" in page
    assert "open = 1300" in page
    draft.refresh_from_db()
    assert draft.text == NORTHWIND


def test_a_draft_is_changed_and_the_difference_is_shown_by_rule_and_field(
    draft: RulePackVersion, cora: User, max_: User, sign_in: SignIn
) -> None:
    browser = sign_in(cora)
    browser.post("/rules/northwind/1/propose/", {})
    sign_in(max_).post("/rules/northwind/1/approve/")
    assert browser.post("/rules/northwind/1/draft/")["Location"] == "/rules/northwind/2/edit/"
    later = NORTHWIND.replace("close = 1200", "close = 1230").replace("T20:30", "T20:45").replace("\n", "\r\n")

    assert browser.post("/rules/northwind/2/edit/", {"text": later, "note": "Half an hour more"}).status_code == 303

    rows = browser.get("/rules/northwind/2/?against=1").context["changes"]
    assert [(c.where, c.field, c.was, c.now) for c in rows] == [
        ("POLICY-QUIET-HOURS", "close", "8:00 PM", "8:30 PM"),
        ("POLICY-QUIET-HOURS", "Examples", "2 examples", "2, 1 as before"),
    ]


def test_each_does_what_is_theirs_and_no_more(
    draft: RulePackVersion, cora: User, max_: User, ada: User, olive: User, sign_in: SignIn
) -> None:
    base = "/rules/northwind/1"

    assert sign_in(max_).post(f"{base}/edit/", {"text": NORTHWIND, "note": "x"}).status_code == 403
    assert sign_in(max_).post(f"{base}/propose/").status_code == 403
    assert sign_in(ada).get(f"{base}/").status_code == 200
    assert sign_in(ada).get(f"{base}/tomorrow/").status_code == 403
    assert sign_in(olive).get(f"{base}/").status_code == 403
    assert sign_in(max_).post(f"{base}/withdraw/", {"why": "not wanted"}).status_code == 422  # a draft is its author's
    sign_in(cora).post(f"{base}/propose/")
    refused = sign_in(cora).post(f"{base}/approve/")
    assert refused.status_code == 422 and b"Somebody else has to approve" in refused.content
    assert sign_in(max_).post(f"{base}/withdraw/", {"why": ""}).status_code == 422
    assert sign_in(max_).post(f"{base}/withdraw/", {"why": "Ask the client first"}).status_code == 303
    draft.refresh_from_db()
    assert (draft.state, draft.withdrawn_by) == ("WITHDRAWN", max_)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"day": "2026-11-16", "minute": "12:00"}, "never take effect in the past"),
        ({"day": "2026-11-18"}, "Give the day and the time, or neither"),
        ({"day": "18.11.2026", "minute": "12:00"}, "Enter a day, such as"),
        ({"day": "2026-11-18", "minute": "٢٠:٠٠"}, "Enter a time, such as"),
    ],
)
def test_a_moment_that_cannot_be_is_refused_at_its_field(
    draft: RulePackVersion, cora: User, sign_in: SignIn, given: dict[str, str], words: str
) -> None:
    answer = sign_in(cora).post("/rules/northwind/1/propose/", given)

    assert answer.status_code == 422 and words in answer.content.decode()
    draft.refresh_from_db()
    assert draft.state == "DRAFT"


def test_a_case_can_be_tried_by_a_draft(draft: RulePackVersion, cora: User, sign_in: SignIn) -> None:
    browser = sign_in(cora)
    case = """{"id": "evening", "given": {"now": "2026-11-17T20:30:00-07:00", "consumer": {"id": "c1",
        "addresses": [{"id": "a1", "state": "TX", "postal_code": "79901"}]},
        "debt": {"id": "d1", "current_creditor": "Northwind Energy"},
        "history": [{"kind": "validation_notice", "id": "n1", "at": "2026-09-01T10:00:00-06:00"}]},
        "action": {"channel": "call"}}"""

    in_force = browser.post("/rules/try/", {"text": case, "version": ""}).context["cases"][0]["verdict"]
    by_draft = browser.post("/rules/try/", {"text": case, "version": draft.label}).context["cases"][0]["verdict"]

    assert (in_force.decision, by_draft.rule_id) == ("allow", "POLICY-QUIET-HOURS")
    assert browser.post("/rules/try/", {"text": case, "version": "nobody@1"}).status_code == 422


def test_what_would_change_tomorrow_names_the_people_behind_it(
    draft: RulePackVersion, danas_account: Account, north: Team, south: Team, cora: User, max_: User, sign_in: SignIn
) -> None:
    evening = TOMORROW + timedelta(hours=21, minutes=30)  # 8:30 PM in El Paso
    work_for(danas_account, north, due_at=evening, not_before=evening)
    ivo = make.debtor("Ivo Brandt")
    make.phone(ivo, "+19155550188")
    make.address(ivo)
    other = make.account("80.00", debtor=ivo, portfolio=danas_account.portfolio)
    noon = TOMORROW + timedelta(hours=13)
    work_for(other, north, due_at=noon, not_before=noon)

    page = sign_in(cora).get("/rules/northwind/1/tomorrow/")

    found = page.context["found"]
    assert (found.contacts, found.stricter, found.looser, found.people_altered) == (2, 1, 0, 1)
    shown = page.content.decode()
    assert "Dana Reyes" in shown and "Ivo Brandt" not in shown
    assert "Northwind&#x27;s hours are 9:00 AM to 8:00 PM" in shown
    quinns = make.user("Mia South", "manager", team=south)
    assert sign_in(quinns).get("/rules/northwind/1/tomorrow/").context["found"].contacts == 0


def test_a_calls_day_is_asked_at_its_edges(
    draft: RulePackVersion, danas_account: Account, north: Team, cora: User
) -> None:
    work_for(danas_account, north)
    span = Span(cora, TOMORROW, TOMORROW + timedelta(days=1))

    (one,) = rule_impact.impact(version=draft, span=span, at=make.NOON).altered

    assert one.difference.at == TOMORROW + timedelta(hours=9)  # 8 AM in El Paso
    assert (one.difference.was, one.difference.now) == ("allow", "block")
    assert len(planned.contacts(span)[0].moments) == 3


def test_tomorrow_is_judged_with_the_same_queries_for_one_and_for_forty(
    draft: RulePackVersion, danas_account: Account, north: Team, cora: User, django_assert_num_queries: Any
) -> None:
    span = Span(cora, TOMORROW, TOMORROW + timedelta(days=1))
    work_for(danas_account, north)
    rule_impact.impact(version=draft, span=span, at=make.NOON)
    for number in range(40):
        person = make.debtor(f"Person Number{number}")
        make.address(person)
        work_for(make.account("10.00", debtor=person, portfolio=danas_account.portfolio), north)

    with django_assert_num_queries(6):
        found = rule_impact.impact(version=draft, span=span, at=make.NOON)

    assert (found.contacts, found.stricter) == (41, 41)

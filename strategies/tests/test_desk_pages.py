"""The work screen: who sees it, what is hidden before the identity check, what a refused act says."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, AccountParty, Debtor, Portfolio
from collections_crm import testing as make
from compliance import services as compliance
from contacts.models import Interaction
from contacts.tests.stories import dial, mobile, script, talk
from core.models import AuditEvent
from strategies import services as work
from strategies.models import PersonHold
from users.models import User

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


def page(client: Client, debtor: Debtor) -> str:
    answer = client.get(f"/people/{debtor.ref}/")
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_officers_leads_managers_and_compliance_see_her_others_do_not(
    olive: User, lee: User, max_: User, cora: User, quinn: User, ada: User, danas_account: Account, sign_in: SignIn,
    noon: datetime,
) -> None:  # fmt: skip
    path = f"/people/{danas_account.debtor.ref}/"
    codes = {person.username: sign_in(person).get(path).status_code for person in (olive, lee, max_, cora, quinn, ada)}
    assert codes == {"olive": 200, "lee": 200, "max": 200, "cora": 200, "quinn": 404, "ada": 403}


def test_the_bar_says_which_of_how_many_she_is(
    olive: User, danas_account: Account, sign_in: SignIn, noon: datetime
) -> None:
    work.refresh_people([danas_account.debtor_id], noon)
    client = sign_in(olive)
    assert 'id="place"' not in page(client, danas_account.debtor)  # nobody has her in hand
    work.claim(user=olive, debtor=danas_account.debtor, at=noon)

    def bar(position: int, size: int) -> str:
        PersonHold.objects.update(position=position, size=size)
        return page(client, danas_account.debtor)

    assert '<b>7</b> of 42</span><progress value="6" max="42" aria-label="6 of 42 done">' in bar(7, 42)
    assert "<b>7</b> of 999</span>" in bar(7, 999)
    assert "<b>7</b> of 999+</span>" in bar(7, 1000)
    old = bar(7, 0)  # taken before sizes were kept
    assert "<b>7</b> today</span>" in old and "<progress" not in old


def test_every_part_of_her_page_is_a_404_for_quinn(
    quinn: User, danas_account: Account, sign_in: SignIn, noon: datetime
) -> None:
    client, ref = sign_in(quinn), danas_account.debtor.ref
    point = mobile(danas_account.debtor).pk

    gets = [client.get(f"/people/{ref}/{part}") for part in ("timeline/", f"why/{point}/call/", "terms/", "note/")]
    posts = [
        client.post(f"/people/{ref}/{part}", {"idempotency_key": part, "point": point, "call": 1})
        for part in ("call/", "wrap-up/", "identity/", "script/", "line/", "note/", "dispute/", "amounts/", "reach/")
    ]

    assert {answer.status_code for answer in (*gets, *posts)} == {404}
    assert client.post("/drafts/", {"person": ref, "note": "x"}).status_code == 404


def test_no_amount_is_in_the_page_until_identity_and_disclosure(
    olive: User, danas_account: Account, sign_in: SignIn, noon: datetime
) -> None:
    make.account("87.65", debtor=danas_account.debtor, portfolio=danas_account.portfolio)
    Interaction.objects.create(
        debtor=danas_account.debtor, kind="NOTE", state="CLOSED", started_at=noon, note="Owes $250.00 she says"
    )
    client = sign_in(olive)

    def hidden(html: str) -> bool:
        return re.search(r"250\.00|87\.65|337\.65", html) is None

    assert hidden(page(client, danas_account.debtor))
    call = dial(danas_account, by=olive, at=noon)
    assert hidden(page(client, danas_account.debtor))
    for part in ("timeline/?tab=notes", "timeline/"):
        assert hidden(client.get(f"/people/{danas_account.debtor.ref}/{part}").content.decode())
    from contacts import services

    services.verify(call=call, facts=["address", "birth_date"], by=olive, at=noon)
    assert hidden(page(client, danas_account.debtor))
    services.step_done(call=call, step="disclosure", by=olive, at=noon)
    assert not hidden(page(client, danas_account.debtor))


def test_amounts_without_a_call_are_asked_for_and_audited(
    olive: User, danas_account: Account, sign_in: SignIn, noon: datetime
) -> None:
    client = sign_in(olive)

    client.post(f"/people/{danas_account.debtor.ref}/amounts/")

    assert "$250.00" in page(client, danas_account.debtor)
    assert AuditEvent.objects.get(action="person.amounts_shown").actor_id == olive.pk
    dial(danas_account, by=olive, at=noon)
    assert "$250.00" not in page(client, danas_account.debtor)


def test_birth_date_and_social_security_come_only_with_a_reason(
    olive: User, danas_account: Account, sign_in: SignIn, noon: datetime
) -> None:
    from accounts import services as accounts

    dana = danas_account.debtor
    number = accounts.add_identifier(debtor=dana, kind="SSN", value="512-44-4417", by=None, at=noon)
    client = sign_in(olive)
    html = page(client, dana)
    assert "04/09/1987" not in html and "512-44" not in html and "4417" in html

    refused = client.post(f"/people/{dana.ref}/reveal/{number.pk}/", {"reason": ""}, headers={"HX-Request": "true"})
    shown = client.post(
        f"/people/{dana.ref}/reveal/{number.pk}/", {"reason": "IDENTITY"}, headers={"HX-Request": "true"}
    )
    born = client.post(f"/people/{dana.ref}/reveal/born/", {"reason": "IDENTITY"}, headers={"HX-Request": "true"})

    assert refused.status_code == 422
    assert "512-44-4417" in shown.content.decode() and "04/09/1987" in born.content.decode()
    actions = set(AuditEvent.objects.values_list("action", flat=True))
    assert {"identifier.revealed", "person.birth_date_revealed"} <= actions


def test_the_outcomes_are_two_sets(olive: User, danas_account: Account, sign_in: SignIn, noon: datetime) -> None:
    client, dana = sign_in(olive), danas_account.debtor
    dial(danas_account, by=olive, at=noon)
    before = page(client, dana)
    assert "No answer" in before and "Promise to pay" not in before

    call = Interaction.objects.get(state="OPEN")
    from contacts import services

    services.verify(call=call, facts=["address", "birth_date"], by=olive, at=noon)
    after = page(client, dana)
    assert "Promise to pay" in after and 'value="no-answer"' not in after


def test_a_refused_call_says_the_rule_and_when(
    olive: User, danas_account: Account, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = make.NOON.replace(hour=5)
    monkeypatch.setattr("core.clock.now", lambda: late)
    client, dana = sign_in(olive), danas_account.debtor

    answer = client.post(f"/people/{dana.ref}/call/", {"idempotency_key": "c1", "point": mobile(dana).pk})

    html = answer.content.decode()
    assert answer.status_code == 422 and "This call is not allowed now" in html and "8:00 AM" in html
    assert not Interaction.objects.exists()


def test_opening_the_page_takes_nothing_in_hand_and_calling_does(
    olive: User, pavel: User, danas_account: Account, sign_in: SignIn, noon: datetime
) -> None:
    client, dana = sign_in(olive), danas_account.debtor
    page(client, dana)
    assert not PersonHold.objects.exists()

    client.post(f"/people/{dana.ref}/call/", {"idempotency_key": "c1", "point": mobile(dana).pk})

    assert PersonHold.objects.get(released_at=None).user == olive
    other = sign_in(pavel)
    assert "Olive Marsh" in page(other, dana)
    refused = other.post(f"/people/{dana.ref}/call/", {"idempotency_key": "c2", "point": mobile(dana).pk})
    assert refused.status_code == 409 and Interaction.objects.count() == 1


def test_a_bankruptcy_banner_says_since_when_and_the_server_refuses_the_call(
    olive: User, danas_account: Account, sign_in: SignIn, noon: datetime
) -> None:
    client, dana = sign_in(olive), danas_account.debtor
    compliance.place_hold(debtor=dana, kind="BANKRUPTCY", at=noon - timedelta(days=3), by=None)

    html = page(client, dana)

    assert "Bankruptcy" in html and "Nov 14" in html and 'id="call-first"' not in html
    refused = client.post(f"/people/{dana.ref}/call/", {"idempotency_key": "c", "point": mobile(dana).pk})
    assert refused.status_code == 422 and not Interaction.objects.exists()


def test_the_attorneys_number_stands_in_place_of_hers(
    olive: User, danas_account: Account, sign_in: SignIn, noon: datetime
) -> None:
    from contacts import services

    dana = danas_account.debtor
    services.add_attorney(
        debtor=dana, accounts=[danas_account], name="Rita Cole", phone="9155550160", by=olive, at=noon
    )

    html = page(sign_in(olive), dana)

    assert "Rita Cole" in html and "(915) 555-0160" in html and 'id="call-first"' not in html


def test_guarantor_and_co_obligor_are_shown_with_their_role(
    olive: User, danas_account: Account, gus: Debtor, sign_in: SignIn, noon: datetime
) -> None:
    AccountParty.objects.create(account=danas_account, debtor=gus, role="GUARANTOR")
    client = sign_in(olive)

    assert "Gus Okafor" in page(client, danas_account.debtor)
    assert "guarantees it with Dana Reyes" in page(client, gus)


def test_the_script_keeps_its_version_and_hides_the_balance_until_read(
    olive: User, danas_account: Account, sign_in: SignIn, noon: datetime
) -> None:
    version = script(at=noon)
    client, dana = sign_in(olive), danas_account.debtor

    client.post(f"/people/{dana.ref}/call/", {"idempotency_key": "c", "point": mobile(dana).pk})
    call = Interaction.objects.get()
    assert call.script_version == version
    client.post(f"/people/{dana.ref}/identity/", {"facts": ["address", "birth_date"]})
    html = page(client, dana)
    assert "is a debt collector" in html and "$250.00" not in html
    client.post(f"/people/{dana.ref}/script/", {"step": "disclosure"})

    assert "The balance is <mark>$250.00</mark>" in page(client, dana)


def test_a_step_about_the_debt_is_refused_before_the_disclosure(
    olive: User, danas_account: Account, sign_in: SignIn, noon: datetime
) -> None:
    script(at=noon)
    client, dana = sign_in(olive), danas_account.debtor
    client.post(f"/people/{dana.ref}/call/", {"idempotency_key": "c", "point": mobile(dana).pk})

    refused = client.post(f"/people/{dana.ref}/script/", {"step": "greeting", "to": "reason"})

    assert refused.status_code == 422 and Interaction.objects.get().script_step == ""


@pytest.mark.parametrize("on_call", [False, True])
def test_the_page_costs_the_same_for_ten_events_and_for_a_thousand(
    olive: User, danas_account: Account, northwind: Portfolio, sign_in: SignIn, noon: datetime, on_call: bool
) -> None:
    client, dana = sign_in(olive), danas_account.debtor
    script(at=noon)
    if on_call:
        talk(danas_account, by=olive, at=noon)

    def cost(events: int) -> int:
        Interaction.objects.bulk_create(
            Interaction(
                debtor=dana, account=danas_account, kind="CALL", state="CLOSED", ended_at=noon,
                started_at=noon - timedelta(hours=n + 1), disposition_id="no-answer", officer=olive,
                dialed="+19155550142",
            )
            for n in range(events)
        )  # fmt: skip
        with CaptureQueriesContext(connection) as seen:
            page(client, dana)
        return len(seen)

    page(client, dana)
    few = cost(10)
    assert cost(990) == few
    assert few <= 12


def test_the_timeline_goes_on_and_tells_what_we_said(
    olive: User, danas_account: Account, sign_in: SignIn, noon: datetime
) -> None:
    client, dana = sign_in(olive), danas_account.debtor
    for n in range(45):
        Interaction.objects.create(
            debtor=dana, account=danas_account, kind="NOTE", state="CLOSED", started_at=noon - timedelta(hours=n),
            note=f"Note number {n} ends here",
        )  # fmt: skip
    seen: list[str] = []
    path = f"/people/{dana.ref}/timeline/?tab=notes"
    while path:
        html = client.get(path, headers={"HX-Request": "true"}).content.decode()
        seen += re.findall(r"Note number (\d+) ends", html)
        more = re.search(r'id="tl-more" href="([^"]+)"', html)
        path = more[1].replace("&amp;", "&") if more else ""

    assert seen == [str(n) for n in range(45)]
    told = client.get(f"/people/{dana.ref}/timeline/?tab=told", headers={"HX-Request": "true"}).content.decode()
    assert "Note number" not in told


def test_events_of_a_debt_that_is_not_hers_to_see_stay_hidden(
    olive: User, danas_account: Account, south: Any, sign_in: SignIn, noon: datetime
) -> None:
    other = make.portfolio("Southern Water", team=south, creditor=make.organization("Southern Water"))
    hidden = make.account("77.00", debtor=danas_account.debtor, portfolio=other)
    Interaction.objects.create(
        debtor=danas_account.debtor,
        account=hidden,
        kind="NOTE",
        state="CLOSED",
        started_at=noon,
        note="About the water",
    )

    html = page(sign_in(olive), danas_account.debtor)

    assert "About the water" not in html and "Southern Water" not in html


def test_compliance_reads_and_cannot_act(cora: User, danas_account: Account, sign_in: SignIn, noon: datetime) -> None:
    client, dana = sign_in(cora), danas_account.debtor
    html = page(client, dana)

    assert 'id="call-first"' not in html and "$250.00" in html
    assert client.post(f"/people/{dana.ref}/call/", {"idempotency_key": "c"}).status_code == 403


def test_a_caller_with_a_known_number_opens_the_person(
    olive: User, danas_account: Account, sign_in: SignIn, noon: datetime
) -> None:
    client = sign_in(olive)

    known = client.post("/calls/inbound/", {"idempotency_key": "1", "number": "(915) 555-0142"})
    assert known["Location"] == f"/people/{danas_account.debtor.ref}/"
    again = client.post("/calls/inbound/", {"idempotency_key": "2", "number": "not a number"})
    assert again.status_code == 422


def test_skipping_is_refused_while_a_call_is_open(
    olive: User, danas_account: Account, sign_in: SignIn, noon: datetime
) -> None:
    client, dana = sign_in(olive), danas_account.debtor
    dial(danas_account, by=olive, at=noon)

    refused = client.post(f"/people/{dana.ref}/skip/")

    assert refused.status_code == 422 and "how the call ended" in refused.content.decode()


def test_the_parts_of_the_priority_add_up_on_the_page(
    olive: User, danas_account: Account, sign_in: SignIn, noon: datetime
) -> None:
    from strategies import services as work
    from strategies.models import WorkItem

    work.refresh_people([danas_account.debtor_id], noon)
    item = WorkItem.objects.get()

    html = page(sign_in(olive), danas_account.debtor)

    assert f"Priority {item.priority}" in html and sum(item.reasons.values()) == item.priority

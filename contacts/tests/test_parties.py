"""Who is on the line decides what may be said: the stricter of the law, the client's rule and the house's."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

import pytest
from django.test import Client

from accounts.models import Account, AccountParty, Debtor, Portfolio
from collections_crm import testing as make
from compliance import services as compliance
from compliance.models import ContactEvent
from contacts import parties, services
from contacts.models import Interaction, PartyRule
from contacts.parties import ALL, MESSAGE, NOTHING, Known
from payments import services as payments
from users.models import User

from .stories import dial, outcome, talk

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


@pytest.mark.parametrize(
    ("party", "known", "says", "source"),
    [
        ("consumer", Known(), ALL, "law"),
        ("interpreter", Known(), ALL, "law"),
        ("spouse", Known(), ALL, "law"),
        ("parent", Known(minor=True), ALL, "law"),
        ("parent", Known(), NOTHING, "law"),
        ("executor", Known(), NOTHING, "law"),
        ("executor", Known(deceased=True), MESSAGE, "house"),
        ("executor", Known(deceased=True, on_record=frozenset({"EXECUTOR"})), ALL, "law"),
        ("guardian", Known(), MESSAGE, "house"),
        ("guardian", Known(on_record=frozenset({"POA"})), ALL, "law"),
        ("power_of_attorney", Known(), NOTHING, "law"),
        ("power_of_attorney", Known(on_record=frozenset({"POA"})), ALL, "law"),
        ("attorney", Known(), MESSAGE, "house"),
        ("attorney", Known(on_record=frozenset({"ATTORNEY"})), ALL, "law"),
        ("settlement_firm", Known(), NOTHING, "law"),
        ("settlement_firm", Known(on_record=frozenset({"ADVISER"})), ALL, "law"),
        ("stranger", Known(deceased=True, minor=True), NOTHING, "law"),
    ],
)
def test_what_may_be_said_to_whom(party: str, known: Known, says: str, source: str) -> None:
    said = parties.judge(party, known)

    assert (said.say, said.source) == (says, source) and said.words and said.cite


@pytest.mark.parametrize("party", [party.code for party in parties.PARTIES])
@pytest.mark.parametrize("rule", parties.ORDER)
def test_a_clients_rule_is_never_looser_than_the_law(party: str, rule: str) -> None:
    alone, both = parties.judge(party, Known()), parties.judge(party, Known(), {party: rule})

    assert parties.ORDER.index(both.say) == min(parties.ORDER.index(alone.say), parties.ORDER.index(rule))


def named(client: Client, account: Account, party: str) -> str:
    answer = client.post(f"/people/{account.debtor.ref}/party/", {"party": party}, headers={"HX-Request": "true"})
    assert answer.status_code == 200, answer.content.decode()[:300]
    return str(answer.content.decode())


def test_a_stranger_hears_nothing_and_the_screen_shows_nothing(
    olive: User, danas_account: Account, sign_in: SignIn, noon: datetime
) -> None:
    client = sign_in(olive)
    talk(danas_account, by=olive, at=noon)
    assert "$250.00" in client.get(f"/people/{danas_account.debtor.ref}/").content.decode()

    html = named(client, danas_account, "stranger")

    assert "250.00" not in html and "Say nothing about a debt" in html and "12 CFR 1006.6(d)(1)" in html
    assert "I am confirming how to reach Dana Reyes" in html and "The balance is" not in html
    assert 'aria-label="Debts"' not in html and "Promise to pay" not in html and "Someone else answered" in html
    assert "250.00" not in client.get(f"/people/{danas_account.debtor.ref}/").content.decode()


@pytest.mark.parametrize(("party", "step"), [("stranger", "ask how to reach"), ("attorney", "take a message")])
def test_while_a_third_party_listens_nothing_on_the_page_tells_of_a_debt(
    party: str, step: str, olive: User, danas_account: Account, sign_in: SignIn, noon: datetime
) -> None:
    client = sign_in(olive)
    dana = danas_account.debtor
    other = make.account("90.00", portfolio=danas_account.portfolio)
    other.parties.create(debtor=dana, role="GUARANTOR")
    payments.record_payment(
        account=danas_account, amount=Decimal("10.00"), method="CHECK", effective_date=noon.date(), key="p",
        by=olive, at=noon,
    )  # fmt: skip
    services.add_note(debtor=dana, account=danas_account, text="Asked about the Northwind bill", by=olive, at=noon)
    dial(danas_account, by=olive, at=noon)
    creditor = danas_account.creditor.name
    before = client.get(f"/people/{dana.ref}/").content.decode()
    assert creditor in before and "Asked about" in before and "Next: check the identity" in before

    pages = [named(client, danas_account, party)]
    pages.append(client.get(f"/people/{dana.ref}/").content.decode())
    pages.append(client.get(f"/people/{dana.ref}/timeline/?tab=money", headers={"HX-Request": "true"}).content.decode())

    for html in pages:
        assert creditor not in html and "Northwind" not in html and "$••••" not in html and "Payment" not in html
        assert "Owes in total" not in html and "check the identity" not in html
        assert "Hidden while somebody else is on the line" in html
    assert f"Next: {step}" in pages[0] and f"Next: {step}" in pages[1]
    assert creditor in named(client, danas_account, "consumer")


def test_the_talk_with_a_stranger_counts_as_one_with_a_third_party(
    olive: User, danas_account: Account, noon: datetime
) -> None:
    call = talk(danas_account, by=olive, at=noon)
    call = services.on_the_line(call=call, party="stranger", by=olive, at=noon)

    with pytest.raises(services.OutcomeRefused, match="may not hear"):
        services.close_call(call=call, disposition=outcome("promise"), note="", by=olive, at=noon)
    services.close_call(call=call, disposition=outcome("someone-else"), note="", by=olive, at=noon)

    event = ContactEvent.objects.filter(kind="call").get()
    assert event.outcome == "conversation_third_party" and event.facts["party"] == "stranger"


def test_an_attorney_not_on_record_gives_the_name_and_then_only_the_attorney_is_written_to(
    olive: User, danas_account: Account, noon: datetime
) -> None:
    from strategies.desk import services as desk

    call = services.on_the_line(call=dial(danas_account, by=olive, at=noon), party="attorney", by=olive, at=noon)
    agreed = desk.Agreed(accounts=[danas_account], attorney_name="Ruth Amos", attorney_phone="(915) 555-0177")

    desk.wrap_up(call=call, disposition=outcome("attorney"), note="", by=olive, at=noon, agreed=agreed)

    call.refresh_from_db()
    assert not call.right_party and call.facts["party"]["say"] == MESSAGE
    assert not compliance.may_contact(
        debtor=danas_account.debtor, channel="letter", at=noon, occasion="send", accounts=[danas_account], record=False
    ).allowed


def test_gus_with_papers_on_every_debt_hears_them_and_without_one_he_does_not(
    olive: User, danas_account: Account, gus: Debtor, northwind: Portfolio, noon: datetime
) -> None:
    second = make.account("87.65", debtor=danas_account.debtor, portfolio=northwind)
    paper = {"debtor": gus, "role": "POA", "may_hear_balance": True}
    AccountParty.objects.create(account=danas_account, **paper)
    call = services.start_call(
        debtor=danas_account.debtor, point=None, accounts=[danas_account, second], by=olive, at=noon, direction="in"
    )

    one = services.on_the_line(call=call, party="power_of_attorney", by=olive, at=noon).facts["party"]["say"]
    other = AccountParty.objects.create(account=second, **paper)
    both = services.on_the_line(call=call, party="power_of_attorney", by=olive, at=noon).facts["party"]["say"]
    AccountParty.objects.filter(pk=other.pk).update(valid_until=date(2026, 11, 16))
    over = services.on_the_line(call=call, party="power_of_attorney", by=olive, at=noon).facts["party"]["say"]

    assert (one, both, over) == (NOTHING, ALL, NOTHING)
    call.refresh_from_db()
    assert [row["say"] for row in call.facts["parties"]] == [NOTHING, ALL, NOTHING]


def test_northwind_does_not_let_us_talk_to_a_spouse_and_the_screen_says_whose_rule_it_is(
    olive: User, ada: User, cora: User, danas_account: Account, northwind: Portfolio, sign_in: SignIn, noon: datetime
) -> None:
    facts = {"portfolio": northwind.pk, "party": "spouse", "say": "MESSAGE", "idempotency_key": "k1"}
    assert sign_in(cora).post("/who-may-hear/", facts).status_code == 403
    assert sign_in(ada).post("/who-may-hear/", {**facts, "party": "consumer"}).status_code == 422
    assert sign_in(ada).post("/who-may-hear/", facts).status_code == 303
    dial(danas_account, by=olive, at=noon)

    html = named(sign_in(olive), danas_account, "spouse")

    assert "Client rule" in html and "Take a message. Say nothing about a debt." in html
    sign_in(ada).post("/who-may-hear/", {**facts, "say": "ALL", "idempotency_key": "k2"})
    assert not PartyRule.objects.exists()
    assert "A spouse counts as the person." in named(sign_in(olive), danas_account, "spouse")


def test_somebody_elses_call_or_an_unknown_party_is_refused(
    olive: User, pavel: User, danas_account: Account, sign_in: SignIn, noon: datetime
) -> None:
    call = dial(danas_account, by=olive, at=noon)

    with pytest.raises(services.PartyMistake):
        services.on_the_line(call=call, party="neighbor", by=olive, at=noon)
    answer = sign_in(pavel).post(f"/people/{danas_account.debtor.ref}/party/", {"party": "spouse"})

    assert answer.status_code == 404 and "party" not in Interaction.objects.get().facts

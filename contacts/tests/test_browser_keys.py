"""The frequent jobs at keystroke level (D11): a real browser, and every key is counted."""

from datetime import date, timedelta
from typing import Any

import pytest

from accounts.models import Account, Debtor
from contacts.models import Dispute, Interaction
from payments.models import Payment, Promise

from .conftest import CHROMIUM, Hands

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine (set CHROMIUM)"),
]


def open_person(hands: Hands, live_server: Any, debtor: Debtor) -> None:
    hands.page.goto(f"{live_server.url}/people/{debtor.ref}/")
    hands.settle()


def test_no_answer_takes_three_keys_and_two_from_the_second_person_on(hands: Hands, people: list[Account]) -> None:
    hands.press("n", "c", "1")

    assert hands.keys == 3
    first = Interaction.objects.get()
    assert (first.debtor_id, first.disposition_id, first.state) == (people[0].debtor_id, "no-answer", "CLOSED")
    second = hands.page.url
    assert f"P-{people[0].debtor_id}" not in second and "/people/P-" in second

    hands.press("c", "1")
    assert Interaction.objects.filter(state="CLOSED").count() == 2 and hands.keys == 5


def test_a_promise_at_the_default_takes_eight_keys(hands: Hands, people: list[Account]) -> None:
    hands.press("n", "c", "F1", "F2", "Space", "p", "Enter", "Control+Enter")

    assert hands.keys == 8
    promise = Promise.objects.get()
    assert promise.account_id == people[0].pk and promise.method == "LINK"
    assert promise.due_date == date(2026, 11, 20) and promise.amount == people[0].portfolio.minimum_payment
    call = Interaction.objects.get(disposition="promise")
    assert call.verified_at is not None and call.script_version is not None and call.right_party
    assert f"P-{people[0].debtor_id}" not in hands.page.url


def test_a_known_caller_needs_two_keys_to_be_checked(hands: Hands, live_server: Any, people: list[Account]) -> None:
    hands.page.goto(f"{live_server.url}/calls/phone/")
    hands.page.fill("#number", "(915) 555-0142")
    hands.page.keyboard.press("Enter")  # the line rings: the person opens by herself
    hands.settle()
    assert hands.page.url.endswith(f"/people/P-{people[0].debtor_id}/")

    hands.press("F1", "F2")

    assert hands.keys == 2 and Interaction.objects.get().verified_at is not None


def test_a_dispute_takes_three_keys(hands: Hands, live_server: Any, people: list[Account]) -> None:
    open_person(hands, live_server, people[0].debtor)

    hands.press("x", "a", "Enter")

    assert hands.keys == 3
    dispute = Dispute.objects.get()
    assert (dispute.reason, dispute.account_id, dispute.state) == ("A", people[0].pk, "OPEN")
    people[0].refresh_from_db()
    assert people[0].status == "DISPUTED" and dispute.due_on == date(2026, 11, 17) + timedelta(days=30)


def test_a_plan_is_offered_agreed_and_read_back_in_few_keys(hands: Hands, people: list[Account]) -> None:
    hands.press("n", "c", "F1", "F2", "Space")
    before = hands.keys

    hands.press("o", "Enter")
    hands.page.check("#id_read_back", timeout=3000)
    hands.keys += 1
    hands.press("Control+Enter")

    assert hands.keys - before <= 6
    assert Interaction.objects.get(disposition="plan").debtor.plans.get().state == "ACTIVE"


def test_a_payment_from_the_account_takes_two_keys_and_the_amount(hands: Hands, people: list[Account]) -> None:
    hands.press("n", "c", "F1", "F2", "Space")
    before = hands.keys

    hands.press("$")
    hands.page.wait_for_selector("[name=amount]:focus")  # the default is what is due
    hands.press("Enter")

    assert hands.keys - before <= 3
    assert Payment.objects.get().account_id == people[0].pk


def test_the_seven_blocks_fit_one_page_at_1366_by_768(hands: Hands, people: list[Account]) -> None:
    hands.press("n", "c", "F1", "F2", "Space")
    page = hands.page

    tall = page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    wide = page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    blocks = {
        "parties": "#pane-a h2", "balances": ".facts", "promise or plan": ".facts > div:nth-child(3)",
        "restrictions": ".reach button.tag", "debts": ".debts tbody tr", "last contacts": ".tl > li",
        "next action": ".nba", "outcome": "#outcome-promise",
    }  # fmt: skip
    seen = {name: page.locator(css).first.bounding_box() for name, css in blocks.items()}

    assert tall and wide
    assert {name: box["y"] + min(box["height"], 20) <= 768 for name, box in seen.items() if box} == dict.fromkeys(
        blocks, True
    )

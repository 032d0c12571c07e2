"""The frequent jobs at keystroke level (D11): a real browser, and every key is counted."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Account, Debtor
from collections_crm import testing as make
from contacts.models import Dispute, Interaction
from letters.models import Message
from letters.tests.scene import reachable
from payments import services as payments
from payments.models import Payment, Promise
from users.models import User

from .conftest import CHROMIUM, Hands

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine (set CHROMIUM)"),
]


def open_person(hands: Hands, live_server: Any, debtor: Debtor) -> None:
    hands.page.goto(f"{live_server.url}/people/{debtor.ref}/")
    hands.settle()


def make_promise(account: Account) -> Promise:
    """A promise that a letter can be about."""
    return payments.make_promise(
        account=account, amount=Decimal("60.00"), due_date=date(2026, 11, 27), method="LINK", by=None, at=make.NOON
    )


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


def test_a_letter_takes_at_most_three_keys(hands: Hands, live_server: Any, people: list[Account]) -> None:
    reachable(people[0].debtor, people[0])
    make_promise(people[0])
    open_person(hands, live_server, people[0].debtor)

    hands.press("l")
    hands.page.wait_for_selector("#letter-preview h2")  # the best one is chosen and shown
    hands.press("Control+Enter")
    hands.page.wait_for_selector("#letter-sent")

    assert hands.keys <= 3
    message = Message.objects.get()
    assert (message.debtor_id, message.planned_by) == (people[0].debtor_id, User.objects.get(username="olive"))


def test_the_outcome_and_the_skip_of_a_moment_ago_are_taken_back_with_one_key(
    hands: Hands, people: list[Account]
) -> None:
    hands.press("n", "c", "1")
    before = hands.keys

    hands.press("u")

    assert hands.keys - before == 1 and f"P-{people[0].debtor_id}" in hands.page.url
    again = Interaction.objects.get(state="OPEN")
    assert again.corrects is not None and again.corrects.disposition_id == "no-answer"
    hands.press("3")
    assert Interaction.objects.filter(disposition="busy").exists()

    skipped = hands.page.url
    hands.press("j")
    assert hands.page.url != skipped
    hands.press("u")
    assert hands.page.url.split("?")[0] == skipped.split("?")[0]


def test_who_is_on_the_line_takes_one_key(hands: Hands, people: list[Account]) -> None:
    hands.press("n", "c", "F1", "F2", "Space")
    assert "$250.00" in hands.page.content()
    before = hands.keys

    hands.press("Shift+X")

    assert hands.keys - before == 1
    assert "250.00" not in hands.page.content() and "Say nothing about a debt" in hands.page.inner_text("#pane-b")


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

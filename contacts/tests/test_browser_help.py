"""Help at keystroke level: distress in one key, the lead told without reloading, a question and its answer."""

from collections.abc import Callable

import pytest

from accounts.models import Account
from compliance.models import Hold
from contacts.models import Interaction, LeadRequest, LockedNote
from users.models import User

from .conftest import CHROMIUM, Hands

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine (set CHROMIUM)"),
]
Sit = Callable[[User, str], Hands]
SOON = 25_000


def test_distress_takes_one_key_even_while_typing_and_the_lead_is_told(
    hands: Hands, people: list[Account], lee: User, sit_down: Sit
) -> None:
    lead = sit_down(lee, "/people/")
    hands.press("n", "c", "F1", "F2", "Space")
    assert "$250.00" in hands.page.content()
    hands.page.focus("#id_note")
    hands.page.keyboard.type("She cannot go on")
    before = hands.keys

    hands.press("F9")

    assert hands.keys - before == 1
    assert "250.00" not in hands.page.content()
    assert hands.page.locator("#care blockquote").is_visible() and "988" in hands.page.inner_text("#care")
    assert Hold.objects.get(lifted_at=None).source == "distress"
    assert LockedNote.objects.get().text == "She cannot go on"
    lead.page.wait_for_selector("#lead-calls .note", timeout=SOON)
    assert "Dana Reyes is in distress" in lead.page.inner_text("#lead-calls")

    hands.press("8", "Control+Enter")

    assert Interaction.objects.get().disposition_id == "distress"


def test_before_the_session_ends_it_is_said_and_kept_with_one_button(hands: Hands, people: list[Account]) -> None:
    page = hands.page
    page.clock.install()
    page.reload()
    hands.settle()

    page.clock.fast_forward("26:00")
    assert not page.locator("#stay").is_visible()
    page.clock.fast_forward("01:30")
    assert "You will be signed out in 2 minutes" in page.inner_text("#alerts")
    page.click("#stay")

    page.wait_for_selector("#stay", state="detached")
    page.clock.fast_forward("26:00")
    assert not page.locator("#stay").is_visible()


def test_a_question_goes_to_the_lead_and_the_answer_comes_without_reloading(
    hands: Hands, people: list[Account], lee: User, sit_down: Sit
) -> None:
    lead = sit_down(lee, "/people/")
    hands.press("n", "q")
    hands.page.keyboard.type("May I waive the fee?")
    hands.press("Control+Enter")
    assert LeadRequest.objects.get().words == "May I waive the fee?"

    lead.page.wait_for_selector("#lead-calls .note", timeout=SOON)
    lead.page.click("#lead-calls button")
    lead.settle()
    assert "May I waive the fee?" in lead.page.inner_text("#main")
    lead.page.check("[name=approved][value=yes]")
    lead.page.fill("[name=words]", "Once")
    lead.press("Control+Enter")

    hands.page.wait_for_selector("#asked >> text=Once", timeout=SOON)
    assert "Lee Sandoval" in hands.page.inner_text("#asked")

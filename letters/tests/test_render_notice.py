"""The validation notice is complete, adds up and names its last day, or is not printed (12 CFR 1006.34)."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from core.dates import validation_period_end
from letters.render import Letterhead, NoticeData, NoticeIncomplete, render_notice
from letters.render.notice import notice_item

AT = datetime(2026, 11, 23, 15, tzinfo=UTC)
HEAD = Letterhead(name="Larkfield Recovery, Inc.", address="400 Elm Street, Dallas, TX 75202")


def _notice(**changes: Any) -> NoticeData:
    whole: dict[str, Any] = {
        "collector_name": "Larkfield Recovery, Inc.",
        "collector_address_lines": ("400 Elm St", "Dallas, TX 75202"),
        "consumer_name": "Dana Reyes",
        "consumer_address_lines": ("2210 Magoffin Ave", "El Paso, TX 79901"),
        "current_creditor": "Northwind Energy",
        "creditor_on_itemization_date": "Northwind Energy",
        "product": "electric account",
        "account_number_truncated": "ending 3306",
        "itemization_kind": "last_statement",
        "itemization_date": date(2026, 3, 31),
        "amount_on_itemization_date": Decimal("2234.56"),
        "interest": Decimal("75.00"),
        "fees": Decimal("25.00"),
        "payments": Decimal("40.00"),
        "credits": Decimal("10.00"),
        "current_amount": Decimal("2284.56"),
        "sent_on": date(2026, 11, 23),
        "validation_end": date(2026, 12, 31),
        "reference": "L-58213",
    }
    return NoticeData(**(whole | changes))


def _made(notice: NoticeData, lang: str = "en", reverse: str = "") -> Any:
    return render_notice(notice=notice, reverse=reverse, context={}, lang=lang, letterhead=HEAD, timestamp=AT)


@pytest.mark.parametrize("lang", ["en", "es"])
def test_the_sample_of_the_bureau_prints_on_one_side(lang: str) -> None:
    made = _made(_notice(), lang)

    assert made.pages == 1
    assert "2,234.56" in made.text and "\u2212$50.00" in made.text and "2,284.56" in made.text


def test_the_prescribed_phrases_are_word_for_word() -> None:
    item = notice_item(_notice(), lang="en", reverse=[], head=0)

    prompts = [prompt["text"] for prompt in item["response"]["prompts"]]
    assert item["response"]["heading"] == "How do you want to respond?"
    assert item["response"]["check-all"] == "Check all that apply:"
    assert prompts[:5] == [
        "I want to dispute the debt because I think:",
        "This is not my debt.",
        "The amount is wrong.",
        "Other (please describe on reverse or attach additional information).",
        "I want you to send me the name and address of the original creditor.",
    ]
    assert item["lead"].startswith("Larkfield Recovery, Inc. is a debt collector. We are trying to collect a debt")
    assert "December 31, 2026" in str(item["questions"])


@pytest.mark.parametrize(
    ("change", "token"),
    [
        ({"current_amount": Decimal("2284.57")}, "current_amount"),
        ({"current_amount": Decimal("2284.55")}, "current_amount"),
        ({"interest": None}, "itemization_interest"),
        ({"fees": Decimal("-1.00")}, "itemization_fees"),
        ({"credits": Decimal("10.001")}, "itemization_credits"),
        ({"payments": Decimal("NaN")}, "itemization_payments"),
        ({"consumer_name": " "}, "consumer_name"),
        ({"consumer_address_lines": ("El Paso",)}, "consumer_mailing_address"),
        ({"collector_address_lines": ()}, "collector_mailing_address"),
        ({"account_number_truncated": "4111 1111 1111 1111"}, "account_number_truncated"),
        ({"creditor_on_itemization_date": ""}, "creditor_on_itemization_date"),
        ({"itemization_date": None}, "itemization_date"),
        ({"itemization_date": date(2026, 11, 24)}, "itemization_date"),
        ({"itemization_kind": "placement"}, "itemization_date"),
        ({"validation_end": date(2026, 12, 30)}, "validation_end_date"),
        ({"validation_end": None}, "validation_end_date"),
        ({"sent_on": None}, "sent_on"),
    ],
)
def test_an_incomplete_notice_is_refused_and_names_the_field(change: dict[str, Any], token: str) -> None:
    with pytest.raises(NoticeIncomplete) as refused:
        _made(_notice(**change))

    assert refused.value.fields == (token,)


def test_the_end_date_may_be_later_than_the_law_asks_but_never_earlier() -> None:
    assert validation_period_end(date(2026, 11, 23)) == date(2026, 12, 31)
    assert _made(_notice(validation_end=date(2027, 1, 4))).pages == 1


def test_state_disclosures_stand_on_the_reverse_with_the_front_reference() -> None:
    made = _made(_notice(), reverse="Massachusetts: you may ask us not to call you at work.")
    front = notice_item(_notice(), lang="en", reverse=[{"t": "p", "c": []}], head=0)

    assert made.pages == 2
    assert front["reverse-note"] == "Notice: See reverse side for important information."
    assert notice_item(_notice(), lang="en", reverse=[], head=0)["reverse-note"] == ""

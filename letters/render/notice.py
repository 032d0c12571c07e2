"""The facts of a validation notice, the refusal of an incomplete one, and its data for notice.typ.

Source: 12 CFR 1006.34, Model Form B-1, compliance/validation_notice.md. Tokens of section 2 name the fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from babel.numbers import format_decimal, get_currency_symbol

from core.dates import validation_period_end
from letters.merge_fields import LOCALES, date_text
from letters.render.notice_words import WORDS, a_product
from letters.render.result import NoticeIncomplete

ITEMIZATION_KINDS = frozenset({"last_statement", "charge_off", "last_payment", "transaction", "judgment"})
CONTENT_TOKENS = frozenset(
    {
        "collector_name",
        "collector_mailing_address",
        "consumer_name",
        "consumer_mailing_address",
        "initial_disclosure",
        "creditor_on_itemization_date",
        "account_number_truncated",
        "current_creditor",
        "itemization_date",
        "amount_on_itemization_date",
        "itemization_interest",
        "itemization_fees",
        "itemization_payments",
        "itemization_credits",
        "current_amount",
        "validation_end_date",
        "assumed_valid_statement",
        "dispute_right_statement",
        "original_creditor_right_statement",
        "cfpb_website_statement",
        "response_heading",
        "check_all_heading",
        "dispute_prompt_intro",
        "dispute_prompt_not_mine",
        "dispute_prompt_amount_wrong",
        "dispute_prompt_other",
        "original_creditor_prompt",
        "response_mailing_addresses",
    }
)
_CARD_NUMBER = re.compile(r"(?:\d[ -]?){12,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeData:
    """Everything printed on one notice. Amounts are Decimal of two decimals in `currency`, never negative.

    `payments` and `credits` since the itemization date are printed as one line, as on B-1, and kept apart here.
    `sent_on` is the day of mailing; `validation_end` may be later than the law's end, never earlier.
    `prescribed` is a time-barred disclosure whose words the law prescribes (the only text added to the front);
    `financial_product` False leaves out the two items only consumer financial products ask for.
    """

    collector_name: str
    collector_address_lines: tuple[str, ...]
    consumer_name: str
    consumer_address_lines: tuple[str, ...]
    current_creditor: str
    creditor_on_itemization_date: str
    product: str
    account_number_truncated: str
    itemization_kind: str
    itemization_date: date | None
    amount_on_itemization_date: Decimal | None
    interest: Decimal | None
    fees: Decimal | None
    payments: Decimal | None
    credits: Decimal | None
    current_amount: Decimal | None
    sent_on: date | None
    validation_end: date | None
    currency: str = "USD"
    reference: str = ""
    collector_phone: str = ""
    collector_hours: str = ""
    collector_website: str = ""
    electronic_url: str = ""
    prescribed: str = ""
    financial_product: bool = True
    offer_spanish: bool = True


def check_notice(notice: NoticeData) -> None:
    """Raises NoticeIncomplete naming each token that is missing, doubtful or a cent off."""
    missing = tuple(_missing(notice))
    if missing:
        raise NoticeIncomplete(missing)


def _missing(notice: NoticeData) -> Iterator[str]:
    texts = {
        "collector_name": notice.collector_name,
        "consumer_name": notice.consumer_name,
        "current_creditor": notice.current_creditor,
        "creditor_on_itemization_date": notice.creditor_on_itemization_date or not notice.financial_product,
        "account_number_truncated": notice.account_number_truncated,
        "product": notice.product,
        "collector_mailing_address": _has_lines(notice.collector_address_lines),
        "consumer_mailing_address": _has_lines(notice.consumer_address_lines),
    }
    yield from (name for name, text in texts.items() if not (text.strip() if isinstance(text, str) else text))
    if _CARD_NUMBER.search(notice.account_number_truncated):
        yield "account_number_truncated"
    if _wrong_date(notice):
        yield "itemization_date"
    yield from _wrong_amounts(notice)
    yield from _wrong_end(notice)


def _wrong_date(notice: NoticeData) -> bool:
    if notice.itemization_date is None or notice.itemization_kind not in ITEMIZATION_KINDS:
        return True
    return notice.sent_on is not None and notice.itemization_date > notice.sent_on


def _has_lines(lines: tuple[str, ...]) -> bool:
    return len([line for line in lines if line.strip()]) >= 2


def _wrong_amounts(notice: NoticeData) -> Iterator[str]:
    amounts = {
        "amount_on_itemization_date": notice.amount_on_itemization_date,
        "itemization_interest": notice.interest,
        "itemization_fees": notice.fees,
        "itemization_payments": notice.payments,
        "itemization_credits": notice.credits,
        "current_amount": notice.current_amount,
    }
    wrong = [name for name, amount in amounts.items() if not _is_cents(amount)]
    yield from wrong
    if not wrong:
        start, interest, fees, payments, credits_, now = (amount or Decimal(0) for amount in amounts.values())
        if start + interest + fees - payments - credits_ != now:
            yield "current_amount"


def _is_cents(amount: Decimal | None) -> bool:
    if not isinstance(amount, Decimal) or not amount.is_finite() or amount < 0:
        return False
    return amount == amount.quantize(Decimal("0.01"))


def _wrong_end(notice: NoticeData) -> Iterator[str]:
    if notice.sent_on is None:
        yield "sent_on"
    elif notice.validation_end is None or notice.validation_end < validation_period_end(notice.sent_on):
        yield "validation_end_date"


def notice_item(notice: NoticeData, *, lang: str, reverse: list[dict[str, Any]], head: int) -> dict[str, Any]:
    """The notice as data for notice.typ. Raises NoticeIncomplete before anything is laid out."""
    check_notice(notice)
    words = WORDS[lang]
    end = date_text(notice.validation_end, lang) if notice.validation_end else ""
    return {
        "layout": "notice",
        "lang": lang,
        "head": head,
        "subject": words["title"],
        "collector": _collector(notice, words),
        "to": [notice.consumer_name, *notice.consumer_address_lines],
        "to-word": words["to"],
        "reference": [words["reference"], notice.reference] if notice.reference else [],
        "lead": words["lead"].format(collector=notice.collector_name, creditor=notice.current_creditor),
        "information": _information(notice, words),
        "rows": _rows(notice, words, lang),
        "total": _money(notice.current_amount, notice, lang) | {"label": words["total"]},
        "prescribed": notice.prescribed,
        "reverse-note": words["reverse"] if reverse else "",
        "reverse": reverse,
        "questions": _questions(notice, words, end),
        "response": _response(notice, words),
    }


def _collector(notice: NoticeData, words: dict[str, str]) -> dict[str, Any]:
    phone = notice.collector_phone
    if phone and notice.collector_hours:
        phone = words["phone_hours"].format(phone=phone, hours=notice.collector_hours)
    contact = [line for line in (phone, notice.collector_website) if line]
    return {"lines": [notice.collector_name, *notice.collector_address_lines], "contact": contact}


def _information(notice: NoticeData, words: dict[str, str]) -> dict[str, str]:
    creditor = notice.creditor_on_itemization_date or notice.current_creditor
    account = words["account"].format(
        product=notice.product,
        a_product=a_product(notice.product),
        creditor=creditor,
        account=notice.account_number_truncated,
    )
    return {"heading": words["information"], "account": account}


def _rows(notice: NoticeData, words: dict[str, str], lang: str) -> list[dict[str, str]]:
    assert notice.itemization_date is not None and notice.payments is not None and notice.credits is not None
    day = date_text(notice.itemization_date, lang)
    rows = (
        ("then", "", notice.amount_on_itemization_date),
        ("interest", "+", notice.interest),
        ("fees", "+", notice.fees),
        ("paid", "\u2212", notice.payments + notice.credits),
    )
    return [
        {"label": words[key].format(date=day), "sign": sign} | _money(amount, notice, lang)
        for key, sign, amount in rows
    ]


def _money(amount: Decimal | None, notice: NoticeData, lang: str) -> dict[str, str]:
    assert amount is not None  # check_notice has seen it
    symbol = get_currency_symbol(notice.currency, locale=LOCALES[lang])
    return {"currency": symbol, "amount": format_decimal(amount, "#,##0.00", locale=LOCALES[lang])}


def _questions(notice: NoticeData, words: dict[str, str], end: str) -> list[dict[str, Any]]:
    url = notice.electronic_url
    dispute = words["dispute_electronic"].format(url=url) if url else ""
    request = words["else_electronic"].format(url=url) if url else ""
    other = [words["else_1"].format(end=end, electronic=request)]
    if notice.financial_product:
        other.append(words["else_2"])
    other.append(words["options"])
    if notice.offer_spanish and words["spanish"]:
        other.append(words["spanish"] + ".")
    disputes = [words["dispute_1"].format(end=end), words["dispute_2"].format(end=end, electronic=dispute)]
    return [
        {"heading": words["dispute_heading"], "bullets": [_parts(text) for text in disputes]},
        {"heading": words["else_heading"], "bullets": [_parts(text) for text in other]},
    ]


def _parts(text: str) -> list[dict[str, Any]]:
    return [{"text": part, "bold": at % 2 == 1} for at, part in enumerate(text.split("*")) if part]


def _response(notice: NoticeData, words: dict[str, str]) -> dict[str, Any]:
    boxes = [("because", 0), ("not_mine", 1), ("amount_wrong", 1), ("other", 1), ("original", 0), ("enclosed", 0)]
    prompts: list[dict[str, Any]] = [{"text": words[key], "indent": indent, "box": True} for key, indent in boxes]
    if notice.reference:
        payee = words["payee"].format(collector=notice.collector_name.rstrip("."), reference=notice.reference)
        prompts.append({"text": payee, "indent": 1, "box": False})
    if notice.offer_spanish and words["spanish_prompt"]:
        prompts.append({"text": words["spanish_prompt"] + ".", "indent": 0, "box": True})
    keys = {"heading": "respond", "mail-to": "mail_to", "check-all": "check_all"}
    return {name: words[key] for name, key in keys.items()} | {"prompts": prompts}

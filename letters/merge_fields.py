"""The names that templates and scripts may use: a flat, documented table of strings.

A context is `{"person": {"name": "…"}, "today": "…"}`: strings, lists of strings, or lists of flat dicts of
strings (the item fields below). Money and dates arrive already written out for the reader's language
(`money_text`, `date_text`, `moment_text`). Nothing else reaches a template: no objects, no methods.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from babel.numbers import format_currency

Context = dict[str, Any]
LOCALES = {"en": "en_US", "es": "es_US"}
LANGUAGES = tuple(LOCALES)


@dataclass(frozen=True, slots=True)
class Field:
    """One name for the editor's chips. `kinds` empty: allowed everywhere. `items`: names inside a list."""

    name: str
    label: str
    example: str | tuple[str, ...] | tuple[dict[str, str], ...]
    example_es: str | tuple[str, ...] | tuple[dict[str, str], ...] | None = None
    kinds: frozenset[str] = frozenset()
    items: frozenset[str] = frozenset()
    is_list: bool = False


class ContextError(ValueError):
    """A context carries a name that is not documented, or a value that is not text."""


KINDS: dict[str, str] = {
    "validation_notice": "Validation notice",
    "promise_confirmation": "Promise, written down",
    "promise_reminder": "Promise reminder",
    "broken_promise": "Missed promise",
    "plan_confirmation": "Payment plan, written terms",
    "installment_reminder": "Installment reminder",
    "payment_received": "Payment received",
    "paid_in_full": "Paid in full",
    "returned_payment": "Returned payment",
    "cease_acknowledgment": "Stop of contact, confirmed",
    "dispute_acknowledgment": "Dispute received",
    "original_creditor_answer": "Original creditor answer",
    "callback_confirmation": "Call-back, confirmed",
    "stop_confirmation": "Stop of texts, confirmed",
    "help_answer": "Help, answered",
    "script": "Call script",
    "general": "Other letter",
}
CHANNELS = ("POST", "EMAIL", "SMS")

_PROMISE = frozenset({"promise_confirmation", "promise_reminder", "broken_promise", "script"})
_PLAN = frozenset({"plan_confirmation", "installment_reminder", "script"})
_INSTALLMENT = frozenset({"installment_reminder", "script"})
_PAYMENT = frozenset({"payment_received", "paid_in_full", "returned_payment", "script"})
_CALLBACK = frozenset({"callback_confirmation", "script"})
_REQUEST = frozenset({"cease_acknowledgment", "dispute_acknowledgment", "original_creditor_answer"})

_INSTALLMENTS = tuple(
    {"number": number, "due_date": due, "amount": amount}
    for number, due, amount in (
        ("1", "November 27, 2026", "$120.00"),
        ("2", "December 27, 2026", "$120.00"),
        ("3", "January 27, 2027", "$120.00"),
        ("4", "February 27, 2027", "$66.17"),
    )
)
_INSTALLMENTS_ES = tuple(
    row | {"due_date": due}
    for row, due in zip(
        _INSTALLMENTS,
        ("27 de noviembre de 2026", "27 de diciembre de 2026", "27 de enero de 2027", "27 de febrero de 2027"),
        strict=True,
    )
)

FIELDS: tuple[Field, ...] = (
    Field("today", "Date of the letter", "November 17, 2026", "17 de noviembre de 2026"),
    Field("person.name", "Full name", "Marisol Vega-Ortiz"),
    Field("person.first_name", "First name", "Marisol"),
    Field(
        "person.address_lines",
        "Postal address, in lines",
        ("2210 Magoffin Ave, Apt 4", "El Paso, TX 79901"),
        is_list=True,
    ),
    Field("debt.reference", "Our reference", "L-58213"),
    Field("debt.reference_masked", "Account number, last digits", "ending 3306", "terminada en 3306"),
    Field("debt.creditor", "Creditor today", "Tallgrass Bank"),
    Field("debt.original_creditor", "Original creditor", "Tallgrass Bank"),
    Field("debt.original_creditor_address", "Address of the original creditor", "PO Box 410, Tulsa, OK 74101"),
    Field("debt.product", "What the debt is from", "credit card", "tarjeta de crédito"),
    Field("debt.balance", "Balance today", "$426.17"),
    Field("debt.itemization.date", "Itemization date", "March 31, 2026", "31 de marzo de 2026"),
    Field("debt.itemization.amount", "Amount on that date", "$501.17"),
    Field("debt.itemization.interest", "Interest since", "$20.00"),
    Field("debt.itemization.fees", "Fees since", "$5.00"),
    Field("debt.itemization.payments", "Payments since", "$100.00"),
    Field("debt.itemization.credits", "Credits since", "$0.00"),
    Field("promise.amount", "Promised amount", "$120.00", kinds=_PROMISE),
    Field(
        "promise.due_date", "Promised day", "Friday, November 27, 2026", "viernes, 27 de noviembre de 2026", _PROMISE
    ),
    Field("promise.method", "How it will be paid", "debit card", "tarjeta de débito", _PROMISE),
    Field("promise.made_on", "Day of the promise", "November 17, 2026", "17 de noviembre de 2026", _PROMISE),
    Field("plan.reference", "Plan reference", "A-4410", kinds=_PLAN),
    Field("plan.total", "Total in the plan", "$426.17", kinds=_PLAN),
    Field("plan.amount", "Usual installment", "$120.00", kinds=_PLAN),
    Field("plan.frequency", "How often", "every month", "cada mes", _PLAN),
    Field("plan.count", "Number of installments", "4", kinds=_PLAN),
    Field("plan.method", "How it is paid", "debit card", "tarjeta de débito", _PLAN),
    Field("plan.agreed_on", "Day of agreement", "November 17, 2026", "17 de noviembre de 2026", _PLAN),
    Field("plan.first_due", "First day", "November 27, 2026", "27 de noviembre de 2026", _PLAN),
    Field("plan.last_amount", "Last installment", "$66.17", kinds=_PLAN),
    Field("plan.last_due", "Last day", "February 27, 2027", "27 de febrero de 2027", _PLAN),
    Field(
        "plan.installments",
        "All installments",
        _INSTALLMENTS,
        _INSTALLMENTS_ES,
        _PLAN,
        frozenset({"number", "due_date", "amount"}),
        is_list=True,
    ),
    Field("installment.number", "Installment number", "2", kinds=_INSTALLMENT),
    Field("installment.amount", "Installment amount", "$120.00", kinds=_INSTALLMENT),
    Field(
        "installment.due_date",
        "Installment day",
        "Sunday, December 27, 2026",
        "domingo, 27 de diciembre de 2026",
        _INSTALLMENT,
    ),
    Field("payment.amount", "Paid amount", "$120.00", kinds=_PAYMENT),
    Field("payment.received_on", "Day it arrived", "November 27, 2026", "27 de noviembre de 2026", _PAYMENT),
    Field("payment.method", "How it was paid", "debit card", "tarjeta de débito", _PAYMENT),
    Field("payment.reference", "Payment reference", "R-90233", kinds=_PAYMENT),
    Field("payment.balance_after", "Balance after it", "$306.17", kinds=_PAYMENT),
    Field("payment.returned_on", "Day it came back", "December 1, 2026", "1 de diciembre de 2026", _PAYMENT),
    Field(
        "payment.return_reason",
        "Why it came back",
        "the account did not have enough money",
        "la cuenta no tenía suficiente dinero",
        _PAYMENT,
    ),
    Field(
        "callback.when",
        "Time of the call",
        "Wednesday, November 18 at 10:00 AM, El Paso time",
        "miércoles, 18 de noviembre a las 10:00 a. m., hora de El Paso",
        _CALLBACK,
    ),
    Field("callback.phone_masked", "Number we will call", "(•••) •••-0142", kinds=_CALLBACK),
    Field("request.received_on", "Day we received it", "November 9, 2026", "9 de noviembre de 2026", _REQUEST),
    Field("notice.validation_end", "End of the validation period", "December 31, 2026", "31 de diciembre de 2026"),
    Field("firm.name", "Our name", "Larkfield Recovery, Inc."),
    Field("firm.short_name", "Our short name, for texts", "Larkfield Recovery"),
    Field("firm.address", "Our address", "400 Elm Street, Suite 210, Dallas, TX 75202"),
    Field("firm.phone", "Our phone", "(214) 555-0100"),
    Field("firm.hours", "Our hours", "Mon–Fri 8–6 Central", "lunes a viernes, 8 a 6, hora central"),
    Field("firm.website", "Our website", "pay.larkfield.example"),
    Field("firm.email", "Our e-mail", "help@larkfield.example"),
    Field("firm.licence_lines", "Licence lines", ("Texas third-party collector bond 20240117",), is_list=True),
    Field("officer.name", "Officer", "Olive Hart"),
    Field("link.pay", "Payment link", "https://pay.larkfield.example/p/7QkX"),
    Field("link.opt_out", "Opt-out link", "https://pay.larkfield.example/stop/7QkX"),
    Field("legal.initial_disclosure", "First disclosure, 12 CFR 1006.18(e)(1)", ""),
    Field("legal.subsequent_disclosure", "Later disclosure, 12 CFR 1006.18(e)(2)", ""),
    Field("legal.opt_out_instructions", "Opt-out line, 12 CFR 1006.6(e)", ""),
    Field("legal.state_disclosures", "State disclosures", ""),
)
BY_NAME: dict[str, Field] = {field.name: field for field in FIELDS}


def fields_for(kind: str) -> tuple[Field, ...]:
    """The names a template of this kind may use, in the order of the editor's chips."""
    return tuple(field for field in FIELDS if not field.kinds or kind in field.kinds or kind == "general")


def complete(context: Mapping[str, Any]) -> Context:
    """The context with every documented name present; absent ones are "" or an empty list.

    Raises ContextError when a name is not in FIELDS or a value is not text (or a list of texts).
    """
    whole = _copied(_BLANK)
    for name, value in _flat(context):
        if name not in BY_NAME:
            raise ContextError(f"{name} is not a documented merge field.")
        _put(whole, name, _checked(BY_NAME[name], value))
    return whole


def _copied(group: Context) -> Context:
    return {k: _copied(v) if isinstance(v, dict) else list(v) if isinstance(v, list) else v for k, v in group.items()}


def sample_context(lang: str = "en") -> Context:
    """An invented person with every name filled, for previews and tests. lang: en or es."""
    whole: Context = {}
    for field in FIELDS:
        value = field.example_es if lang == "es" and field.example_es is not None else field.example
        _put(whole, field.name, list(value) if isinstance(value, tuple) else value)
    return whole


def money_text(amount: Decimal, currency: str, lang: str) -> str:
    """Money as letters write it: $3,206.26, two decimals, minus sign U+2212 before the currency sign."""
    if currency == "USD" and amount.as_tuple().exponent == -2:  # as both locales write it; Babel takes its time
        text = f"${abs(amount):,.2f}"
        return "\u2212" + text if amount < 0 else text
    text = format_currency(abs(amount), currency, locale=LOCALES[lang])
    return _plain_spaces("\u2212" + text if amount < 0 else text)


@lru_cache(maxsize=1024)
def date_text(day: date, lang: str, *, weekday: bool = False) -> str:
    """A day as letters write it: November 27, 2026 (Friday, November 27, 2026 with its weekday)."""
    return _plain_spaces(format_date(day, "full" if weekday else "long", locale=LOCALES[lang]))


def moment_text(moment: datetime, zone: str, lang: str) -> str:
    """A moment at the reader's place: Friday, November 27, 2026, 9:42 AM. `zone` is an IANA name."""
    local = moment.astimezone(ZoneInfo(zone))
    clock = format_time(local, "short", locale=LOCALES[lang])
    return f"{date_text(local.date(), lang, weekday=True)}, {_plain_spaces(clock)}"


def _plain_spaces(text: str) -> str:
    return text.replace("\u202f", "\u00a0")


def _put(whole: Context, name: str, value: Any) -> None:
    *parents, last = name.split(".")
    place = whole
    for parent in parents:
        place = place.setdefault(parent, {})
    place[last] = value


def _blank() -> Context:
    whole: Context = {}
    for field in FIELDS:
        _put(whole, field.name, [] if field.is_list else "")
    return whole


_BLANK = _blank()


def _flat(context: Mapping[str, Any], prefix: str = "") -> Iterable[tuple[str, Any]]:
    for key, value in context.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _checked(field: Field, value: Any) -> Any:
    if not field.is_list:
        if type(value) is not str:
            raise ContextError(f"{field.name} is not text.")
        return value
    if not isinstance(value, list | tuple):
        raise ContextError(f"{field.name} is not a list.")
    return [_checked_item(field, item) for item in value]


def _checked_item(field: Field, item: Any) -> Any:
    if not field.items and type(item) is str:
        return item
    if isinstance(item, Mapping) and set(item) == field.items and all(type(v) is str for v in item.values()):
        return dict(item)
    raise ContextError(f"An item of {field.name} is not what is documented.")

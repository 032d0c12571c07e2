"""From the cells of one line to a row with its values, flags and problems. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from accounts.placement_checks import check_dates, check_money, check_place
from accounts.placement_columns import DATE_FIELDS, MONEY_FIELDS, Cell, ColumnMap
from accounts.placement_errors import CellFault
from accounts.placement_rows import Defaults, Phone, PlacementRow, Problem, Row, RowError, Value, worst
from accounts.placement_tables import MAX_CELL, Line
from accounts.placement_values import (
    EMPTY_WORDS,
    SHEET_ERRORS,
    is_firm,
    proper_case,
    read_amount,
    read_date,
    read_days,
    read_rate,
    read_reference,
    read_ssn,
    split_name,
)
from core.text import FORMULA_STARTS, TextError, clean, normalise_email, normalise_phone

LENGTHS = {
    "reference": 60,
    "first_name": 80,
    "last_name": 80,
    "full_name": 160,
    "company": 160,
    "address1": 160,
}
OTHER_LENGTH = 120
EXTRA_LENGTH = 500
RAW_LENGTH = 2_000
PHONE_KINDS = {"phone": "unknown", "phone_cell": "cell", "phone_home": "home", "phone_work": "work"}
COMPONENTS = ("principal", "interest", "fees", "costs")
MATERIAL_MONEY = frozenset({*COMPONENTS, "balance"})
ITEMIZED = frozenset({"itemization_amount", "interest_since", "fees_since", "payments_since", "credits_since"})
HARMLESS_DATES = frozenset({"open_date", "as_of"})
ITEMIZATION_KINDS = {
    "laststatement": "last_statement",
    "statement": "last_statement",
    "chargeoff": "charge_off",
    "lastpayment": "last_payment",
    "payment": "last_payment",
    "transaction": "transaction",
    "judgment": "judgment",
    "judgement": "judgment",
}
_TOTAL_STARTS = ("total", "grand total", "subtotal", "trailer", "record count", "end of file", "eof", "sum ")
_CONTROLS = dict.fromkeys((*range(9), 11, 12, *range(14, 32), *range(127, 160)), "\ufffd")


class RowReader:
    """Reads lines of one file by one map. Ages and future dates are judged at the placement date."""

    def __init__(self, headers: Sequence[str], column_map: ColumnMap, *, placed_on: date, defaults: Defaults) -> None:
        self.headers = tuple(headers)
        self.map = column_map
        self.placed_on = placed_on
        self.defaults = defaults
        self.fields = tuple(column_map.columns.get(header) for header in self.headers)
        self.has_address = bool(column_map.fields() & {"address1", "city_state_zip", "zip", "city"})

    def read(self, line: Line) -> Row:
        """The row of a line."""
        work = _Work(self, line)
        if line.fault:
            work.problem("rejected", "row", f"Line {line.number} {line.fault}.")
            return work.result()
        if not work.fits():
            return work.result()
        work.read_cells()
        if work.reference and work.is_total():
            work.problem("rejected", "reference", "This looks like a line of totals, not a debt.")
            return work.result()
        work.read_name()
        work.read_facts()
        check_dates(work.values, self.placed_on, self.map.kind, work.problem, work.flag)
        check_money(work.values, self.defaults.currency, work.problem, work.flag)
        check_place(work.values, self.has_address, work.flag)
        return work.result()


class _Work:
    """The state of reading one row."""

    def __init__(self, reader: RowReader, line: Line) -> None:
        self.reader = reader
        self.line = line
        self.values: dict[str, Value] = {}
        self.texts: dict[str, str] = {}
        self.cells: dict[str, Cell] = {}
        self.extra: dict[str, str] = {}
        self.phones: list[Phone] = []
        self.emails: list[str] = []
        self.flags: list[str] = []
        self.problems: list[Problem] = []
        self.reference = ""

    def problem(self, outcome: str, field: str, reason: str) -> None:
        self.problems.append(Problem(outcome, field, reason))  # type: ignore[arg-type]

    def flag(self, name: str) -> None:
        if name not in self.flags:
            self.flags.append(name)

    def fits(self) -> bool:
        """Whether the row has as many cells as the file has columns; extra ones may be blank."""
        cells, width = self.line.cells, len(self.reader.headers)
        if len(cells) < width or any(str(cell).strip() for cell in cells[width:]):
            text = f"This row has {len(cells)} values, but the file has {width} columns."
            self.problem("rejected", "row", text)
            return False
        return True

    def read_cells(self) -> None:
        for header, name, cell in zip(self.reader.headers, self.reader.fields, self.line.cells, strict=False):
            if name is None:
                self.keep_extra(header, cell)
            elif isinstance(cell, str):
                self.read_text(header, name, cell)
            else:
                self.cells[name] = cell
                self.texts.setdefault(name, str(cell))
        try:
            self.reference = read_reference(self.cells.get("reference", ""))
        except CellFault as wrong:
            self.reference = self.texts.get("reference", "")[:60]
            self.problem("rejected", "reference", f"The account number {wrong.reason}.")
        if not self.reference and not self.problems:
            self.problem("rejected", "reference", "The row has no account number.")

    def read_text(self, header: str, name: str, cell: str) -> None:
        if not cell:
            return
        if len(cell) > MAX_CELL:
            self.problem("rejected", name, f"The {label(name)} is longer than any can be.")
            return
        try:
            text = clean(cell, LENGTHS.get(name, OTHER_LENGTH))
        except TextError as wrong:
            self.problem("rejected", name, f"{label(name).capitalize()}: {_lower_first(str(wrong))}")
            return
        if text in SHEET_ERRORS:
            self.problem("held", name, f"The {label(name)} holds a spreadsheet error, {text}.")
        elif name in PHONE_KINDS:
            self.read_phone(PHONE_KINDS[name], text)
        elif name == "email":
            self.read_email(text)
        elif text:
            self.texts[name] = text
            self.cells[name] = text

    def keep_extra(self, header: str, cell: Cell) -> None:
        try:
            text = clean(str(cell), EXTRA_LENGTH, multiline=True)
        except TextError:
            self.flag("bad_extra")
            return
        if text:
            self.extra[header] = text

    def read_phone(self, kind: str, text: str) -> None:
        if text.lower() in EMPTY_WORDS:
            return
        country = self.texts.get("country", self.reader.defaults.country).upper()
        number = normalise_phone(text, country if len(country) == 2 and country.isalpha() else "US")
        if number is None:
            self.flag("bad_phone")
        elif all(phone.number != number for phone in self.phones):
            self.phones.append(Phone(number, kind))

    def read_email(self, text: str) -> None:
        address = normalise_email(text)
        if address is None:
            self.flag("bad_email")
        elif address not in self.emails:
            self.emails.append(address)

    def is_total(self) -> bool:
        named = any(name in self.texts for name in ("first_name", "last_name", "full_name", "company"))
        return not named and self.reference.lower().startswith(_TOTAL_STARTS)

    def read_name(self) -> None:
        texts, values = self.texts, self.values
        customer = texts.get("customer_ref", "")
        company = texts.get("company", "") or self.reader.defaults.companies.get(customer, "")
        full = texts.get("full_name", "")
        first, last = texts.get("first_name", ""), texts.get("last_name", "")
        if not company and full and is_firm(full):
            company, full = full, ""
        if full and not last:
            first, last, certain = split_name(full)
            if not certain and first:
                self.flag("name_order_guessed")
        if any(name[:1] in FORMULA_STARTS for name in (first, last, company, full) if name):
            self.flag("formula_text")
        values["company"] = company or None
        values["first_name"], values["last_name"] = proper_case(first), proper_case(last)
        values["customer_ref"] = customer or None
        values["debtor_kind"] = "company" if company or (customer and not last) else "person"
        if not (company or last or first):
            self.without_name(customer)
        self.read_co_borrower()

    def without_name(self, customer: str) -> None:
        if customer:
            self.values["company"] = customer
            self.flag("name_missing")
        else:
            self.problem("rejected", "last_name", "The row names nobody who owes.")

    def read_co_borrower(self) -> None:
        if self.texts.get("co_borrower"):
            first, last, _ = split_name(self.texts["co_borrower"])
            self.values["co_first_name"], self.values["co_last_name"] = proper_case(first), proper_case(last)

    def read_facts(self) -> None:
        defaults, texts, values = self.reader.defaults, self.texts, self.values
        for name in self.reader.map.columns.values():
            if name in MONEY_FIELDS:
                self.read_money(name)
            elif name in DATE_FIELDS:
                self.read_day(name)
        for name in ("address1", "address2", "city", "state", "zip", "city_state_zip", "country"):
            values[name] = texts.get(name, "")
        values["country"] = values["country"] or defaults.country
        values["language"] = (texts.get("language") or defaults.language).lower()
        values["product"] = texts.get("product") or defaults.product
        values["original_creditor"] = texts.get("original_creditor") or defaults.original_creditor
        values["currency"] = (texts.get("currency") or defaults.currency).upper()
        self.read_small_facts()

    def read_small_facts(self) -> None:
        for name, read in (("rate", read_rate), ("dpd", read_days)):
            if name in self.cells:
                try:
                    self.values[name] = read(self.cells[name])
                except CellFault:
                    self.flag(f"bad_{name}")
        if self.texts.get("ssn"):
            self.values["ssn"] = read_ssn(self.texts["ssn"])
            if self.values["ssn"] is None:
                self.flag("bad_ssn")
        if self.texts.get("disputed", "").lower() in ("yes", "y", "true", "1", "disputed"):
            self.values["disputed"] = True
            self.flag("disputed")
        self.read_itemization_kind()

    def read_itemization_kind(self) -> None:
        text = self.texts.get("itemization_kind", "")
        key = "".join(letter for letter in text.lower() if letter.isalpha()).removesuffix("date")
        if text and key not in ITEMIZATION_KINDS:
            self.problem("held", "itemization_kind", "The kind of itemization date is none of the five.")
        elif text:
            self.values["itemization_kind"] = ITEMIZATION_KINDS[key]

    def read_money(self, name: str) -> None:
        try:
            amount = read_amount(self.cells.get(name, ""), self.reader.map.number_style)
        except CellFault as wrong:
            if name in MATERIAL_MONEY or name in ITEMIZED:
                outcome = "rejected" if name in MATERIAL_MONEY else "held"
                self.problem(outcome, name, f"The {label(name)} {wrong.reason}.")
            else:
                self.flag(f"bad_{name}")
            return
        if amount is not None:
            self.values[name] = amount

    def read_day(self, name: str) -> None:
        try:
            day = read_date(self.cells.get(name, ""), self.reader.map.date_order, month_only=name == "open_date")
        except CellFault as wrong:
            if name in HARMLESS_DATES:
                self.flag(f"bad_{name}")
            else:
                self.problem("held", name, f"The {label(name)} {wrong.reason}.")
            return
        if day is not None:
            self.values[name] = day

    def raw(self) -> dict[str, str]:
        """The row as it stood, fit for the database; an SSN is masked but for its last four digits."""
        kept = {}
        for header, name, cell in zip(self.reader.headers, self.reader.fields, self.line.cells, strict=False):
            text = str(cell)
            if not text.isprintable():
                text = text.translate(_CONTROLS)
            if name == "ssn" and text.strip():
                text = "***-**-" + text.strip()[-4:]
            kept[header] = text if len(text) <= RAW_LENGTH else text[:RAW_LENGTH] + "\u2026"
        return kept

    def result(self) -> Row:
        gravest = worst(self.problems)
        flags, problems = tuple(self.flags), tuple(self.problems)
        if gravest is not None and gravest.outcome == "rejected":
            return RowError(
                self.line.number,
                self.reference,
                "rejected",
                gravest.field,
                gravest.reason,
                problems,
                flags,
                self.raw(),
            )
        return PlacementRow(
            self.line.number,
            self.reference,
            "held" if gravest else "accepted",
            gravest.field if gravest else None,
            gravest.reason if gravest else None,
            problems,
            flags,
            {name: value for name, value in self.values.items() if value not in (None, "")},
            tuple(self.phones),
            tuple(self.emails),
            self.extra,
            self.raw(),
        )


def label(name: str) -> str:
    """The words for a field: delinquency_date is delinquency date."""
    words = {"reference": "account number", "dpd": "days past due", "address1": "address", "ssn": "SSN"}
    return words.get(name) or name.replace("_", " ")


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]

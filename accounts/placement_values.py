"""Single cells of a placement file: amounts, dates, names, places. Pure; raises CellFault with a sentence."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from accounts.placement_columns import Cell, DateOrder, NumberStyle
from accounts.placement_errors import CellFault
from accounts.placement_zips import state_code
from core.money import CENT, MAX_AMOUNT

_POINT_AMOUNT = re.compile(r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,12})?(?:\.[0-9]{1,12})?")
_COMMA_AMOUNT = re.compile(r"(?:[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]{1,12})?(?:,[0-9]{1,12})?")
_PLAIN = re.compile(r"[0-9]{1,10}(?:\.[0-9]{2})?")
_SIGNS = re.compile(r"USD|EUR|[$\u20ac\u00a3]|\s")
_SHORTENED = re.compile(r"[0-9](?:\.[0-9]+)?[eE]\+?[0-9]{1,3}")
_NUMERIC_DATE = re.compile(r"([0-9]{1,4})[/.\-]([0-9]{1,2})[/.\-]([0-9]{1,4})")
_COMPACT_DATE = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_TIME_TAIL = re.compile(r"[T ][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?:Z| ?[AP]M)?\Z", re.IGNORECASE)
_WORD_DATES = ("%d %b %Y", "%d-%b-%Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d-%b-%y")
_MONTHS = ("%b-%Y", "%b %Y", "%B %Y")
_ZIP = re.compile(r"([0-9]{5})(?:[- ]?([0-9]{4}))?")
_CITY_STATE_ZIP = re.compile(r"(.{1,80}?)[, ]+([A-Za-z]{2})\.?[, ]+([0-9]{4,5}(?:-[0-9]{4})?)")
_SSN = re.compile(r"([0-9]{3})[- ]?([0-9]{2})[- ]?([0-9]{4})")
_FIRM = re.compile(
    r"\b(?:inc|llc|l\.l\.c|ltd|plc|llp|corp|corporation|company|co|gmbh|lp|pllc|pc|group|trust|partners)\b\.?\s*\Z",
    re.IGNORECASE,
)
_SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv|v|esq)\.?", re.IGNORECASE)
_NAME_PART = re.compile(r"(?:Mc)?[^\W\d_]+", re.UNICODE)
SHEET_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"})
EMPTY_WORDS = frozenset({"", "-", "n/a", "na", "null", "none", "nil", "(null)", "\\n"})


def read_amount(cell: Cell, style: NumberStyle) -> Decimal | None:
    """An amount in the file's own way of writing; blank is None. (1.00), -1.00 and 1.00- are negative."""
    if isinstance(cell, Decimal):
        return _in_range(cell)
    if isinstance(cell, date):
        raise CellFault("holds a date where an amount is expected", "rejected")
    if _PLAIN.fullmatch(cell):
        return Decimal(cell).quantize(CENT)
    text = _SIGNS.sub("", cell)
    if text.lower() in EMPTY_WORDS:
        return None
    negative, text = _sign(text)
    pattern = _POINT_AMOUNT if style == "1,234.56" else _COMMA_AMOUNT
    if not text or len(text) > 30 or pattern.fullmatch(text) is None or not text[-1].isascii():
        raise CellFault("is not an amount of money", "rejected")
    plain = text.replace(",", "") if style == "1,234.56" else text.replace(".", "").replace(",", ".")
    if plain in ("", "."):
        raise CellFault("is not an amount of money", "rejected")
    amount = _in_range(Decimal(plain))
    return -amount if negative else amount


def _sign(text: str) -> tuple[bool, str]:
    if text.startswith("(") and text.endswith(")"):
        return True, text[1:-1]
    if text.endswith(("CR", "cr")):
        return True, text[:-2]
    if text.startswith(("-", "\u2212")):
        return True, text[1:]
    if text.endswith("-"):
        return True, text[:-1]
    return False, text.removeprefix("+")


def _in_range(amount: Decimal) -> Decimal:
    if not amount.is_finite():
        raise CellFault("is not an amount of money", "rejected")
    if abs(amount) > MAX_AMOUNT:
        raise CellFault("is larger than any debt can be", "rejected")
    exact = amount.quantize(CENT)
    if exact != amount:
        raise CellFault("has a fraction of a cent", "rejected")
    return exact


def read_rate(cell: Cell) -> Decimal | None:
    """A yearly rate in percent as a fraction: 5.31 and 5.31% are 0.0531; blank is None."""
    text = str(cell).strip().rstrip("%").strip()
    if text.lower() in EMPTY_WORDS:
        return None
    if len(text) > 12 or re.fullmatch(r"[0-9]{1,3}(?:\.[0-9]{1,6})?", text) is None:
        raise CellFault("is not a rate in percent")
    return Decimal(text) / 100


def read_days(cell: Cell) -> int | None:
    """A whole number of days; blank is None."""
    text = str(cell).strip()
    if text.lower() in EMPTY_WORDS:
        return None
    if len(text) > 7 or re.fullmatch(r"[0-9]{1,5}(?:\.0+)?", text) is None:
        raise CellFault("is not a number of days")
    return int(text.partition(".")[0])


def read_date(cell: Cell, order: DateOrder, *, month_only: bool = False) -> date | None:
    """A day in the file's order, or as 2005-05-16, 20050516, 16-May-2005; blank is None.

    Years of two digits are 1950 to 2049. month_only also takes Apr-2017 and gives its first day.
    """
    if isinstance(cell, date):
        return cell
    if isinstance(cell, Decimal):
        cell = format(cell, "f")
    text = cell.strip()
    if text.lower() in EMPTY_WORDS:
        return None
    if len(text) > 40:
        raise CellFault("is not a date")
    return _read_date(text, order, month_only)


@lru_cache(maxsize=20_000)
def _read_date(text: str, order: DateOrder, month_only: bool) -> date:
    text = _TIME_TAIL.sub("", text)
    match = _NUMERIC_DATE.fullmatch(text) or _COMPACT_DATE.fullmatch(text)
    if match is None:
        return _worded_date(text, month_only)
    first, second, third = match.groups()
    if len(first) >= 3:
        year, month, day = first, second, third
    elif order == "DMY":
        day, month, year = first, second, third
    elif order == "MDY":
        month, day, year = first, second, third
    else:
        raise CellFault("is not written year, month, day")
    if len(year) not in (2, 4):
        raise CellFault("is not a date")
    full = int(year) + ((1900 if int(year) >= 50 else 2000) if len(year) == 2 else 0)
    return _day(full, int(month), int(day))


def _day(year: int, month: int, day: int) -> date:
    try:
        found = date(year, month, day)
    except ValueError as wrong:
        raise CellFault("is not a day that exists") from wrong
    if not 1900 <= year <= 2200:
        raise CellFault("lies in an impossible year")
    return found


def _worded_date(text: str, month_only: bool) -> date:
    for form in (*_WORD_DATES, *(_MONTHS if month_only else ())):
        try:
            found = datetime.strptime(text, form).date()  # noqa: DTZ007 - a day, not a moment
        except ValueError:
            continue
        return _day(found.year, found.month, found.day)
    raise CellFault("is not a date")


def read_reference(cell: Cell) -> str:
    """The creditor's account number as text, leading zeros kept; refused where a spreadsheet shortened it."""
    if isinstance(cell, date):
        raise CellFault("holds a date where the account number is expected", "rejected")
    if isinstance(cell, Decimal):
        if abs(cell) >= 10**15:
            raise CellFault("was stored as a number and lost its last digits", "rejected")
        return format(cell.normalize(), "f")
    if _SHORTENED.fullmatch(cell):
        raise CellFault("was shortened by a spreadsheet", "rejected")
    return cell


def read_zip(text: str) -> str | None:
    """Five digits, or nine when the last four say something; a zero lost in front is put back."""
    code = text.strip()
    if re.fullmatch(r"[0-9]{3,4}", code):
        code = code.zfill(5)
    match = _ZIP.fullmatch(code)
    if match is None or match[1] == "00000":
        return None
    return f"{match[1]}-{match[2]}" if match[2] and match[2] != "0000" else match[1]


def split_city_state_zip(text: str) -> tuple[str, str, str] | None:
    """Lake Mills, WI 53551 as city, state and ZIP, or None."""
    match = _CITY_STATE_ZIP.fullmatch(text.strip()) if len(text) <= 120 else None
    if match is None or state_code(match[2]) is None:
        return None
    return match[1].strip(" ,"), match[2], match[3]


def read_ssn(text: str) -> str | None:
    """Nine digits of a number that can have been issued, or None. With a 9 in front it is an ITIN."""
    match = _SSN.fullmatch(text.strip())
    if match is None or match[1] in ("000", "666") or match[2] == "00" or match[3] == "0000":
        return None
    return "".join(match.groups())


def is_firm(name: str) -> bool:
    """Whether a name ends like that of a firm."""
    return len(name) <= 200 and _FIRM.search(name) is not None


def split_name(name: str) -> tuple[str, str, bool]:
    """First and last name from "Last, First" or "First Last", and whether the order is certain."""
    parts = [part.strip() for part in name.split(",") if part.strip()]
    if len(parts) >= 2 and _SUFFIX.fullmatch(parts[1]):
        parts = [f"{parts[0]} {parts[1]}", *parts[2:]]
    if len(parts) >= 2:
        return " ".join(parts[1:]), parts[0], True
    words = (parts or [""])[0].split()
    return " ".join(words[:1]) if len(words) > 1 else "", " ".join(words[1:] or words), False


def proper_case(name: str) -> str:
    """MAURICE and maurice become Maurice, O'BRIEN O'Brien; a name in mixed letters stays as it is."""
    if not (name.isupper() or name.islower()) or len(name) < 3:
        return name
    return _NAME_PART.sub(_capital, name)


def _capital(match: re.Match[str]) -> str:
    word = match[0]
    if _SUFFIX.fullmatch(word) and word.upper() in ("II", "III", "IV"):
        return word.upper()
    if word[:2].lower() == "mc" and len(word) > 4:
        return "Mc" + word[2:].capitalize()
    return word.capitalize()

"""How we write money, numbers, days, times, phones and masked facts (DESIGN.md section 8). Pure."""

from __future__ import annotations

from datetime import date, datetime, time, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.numbers import format_currency

MINUS = "\u2212"
DASH = "\u2013"
DOT = "\u2022"

ZONE_WORDS = {
    "America/New_York": "Eastern",
    "America/Detroit": "Eastern",
    "America/Chicago": "Central",
    "America/Denver": "Mountain",
    "America/Boise": "Mountain",
    "America/Phoenix": "Arizona",
    "America/Los_Angeles": "Pacific",
    "America/Anchorage": "Alaska",
    "Pacific/Honolulu": "Hawaii",
    "America/Puerto_Rico": "Atlantic",
    "UTC": "UTC",
}


def money(amount: Decimal | int | None, currency: str = "USD") -> str:
    """`$3,206.26`, always two decimals, U+2212 before the sign; a dash for no amount.

    `amount` is in major units of `currency`. Rounds nothing that has two decimals. Raises TypeError on float.
    """
    if amount is None:
        return DASH
    exact = _exact(amount)
    text = f"{_prefix(currency or 'USD')}{abs(exact):,.2f}"
    return f"{MINUS}{text}" if exact < 0 else text


@lru_cache(maxsize=64)
def _prefix(currency: str) -> str:
    """What Babel writes before the digits: `$`, `€`, `CHF` (then a hard space). All of ours have two decimals."""
    prefix = format_currency(0, currency, locale="en_US").removesuffix("0.00")
    return prefix + "\u00a0" if prefix[-1:].isalpha() else prefix


def money_short(amount: Decimal | int | None, currency: str = "USD") -> str:
    """`$24.40M`, `$3.2k`, `$418`: for charts only; rounds half up to what is shown."""
    if amount is None:
        return DASH
    exact = _exact(amount)
    size, sign, symbol = abs(exact), MINUS if exact < 0 else "", _prefix(currency or "USD")
    for limit, mark, step in ((10**9, "B", "0.01"), (10**6, "M", "0.01"), (10**3, "k", "0.1")):
        scaled = (size / limit).quantize(Decimal(step), ROUND_HALF_UP)
        if scaled >= 1:
            return f"{sign}{symbol}{scaled}{mark}"
    return f"{sign}{symbol}{size.quantize(Decimal(1), ROUND_HALF_UP)}"


def number(value: Decimal | int | None) -> str:
    """`22,400`, with U+2212 for less than nothing; a dash for no value."""
    if value is None:
        return DASH
    return f"{value:,}".replace("-", MINUS)


def percent(share: Decimal | float | None, digits: int = 1) -> str:
    """`71.4%` from 0.714, rounded half up to `digits`; a dash when there is no base."""
    if share is None:
        return DASH
    step = Decimal(1).scaleb(-digits)
    return f"{(Decimal(str(share)) * 100).quantize(step, ROUND_HALF_UP)}%".replace("-", MINUS)


def points(change: Decimal | float | None, digits: int = 1) -> str:
    """`+2.1 points` from 0.021: a change between two rates."""
    if change is None:
        return DASH
    step = Decimal(1).scaleb(-digits)
    value = (Decimal(str(change)) * 100).quantize(step, ROUND_HALF_UP) + 0  # no minus before a zero
    return f"{'+' if value > 0 else ''}{value} points".replace("-", MINUS)


def day(value: date | datetime, today: date) -> str:
    """`Fri Nov 27` in the year of `today`, otherwise `Nov 27, 2029`."""
    if value.year == today.year:
        return f"{value:%a %b} {value.day}"
    return f"{value:%b} {value.day}, {value.year}"


def short_day(value: date | datetime, today: date) -> str:
    """`Nov 27` in the year of `today`, otherwise `Nov 27, 2029`: for tight columns."""
    return f"{value:%b} {value.day}" if value.year == today.year else day(value, today)


def letter_day(value: date | datetime) -> str:
    """`November 27, 2026`, as letters write it."""
    return f"{value:%B} {value.day}, {value.year}"


def clock_time(value: datetime | time) -> str:
    """`9:42 AM`."""
    return f"{value.hour % 12 or 12}:{value.minute:02d} {'AM' if value.hour < 12 else 'PM'}"


def hour_words(hours: float) -> str:
    """`8 AM`, `5:30 PM`, `noon`, `midnight` from hours after midnight, 0 to 24."""
    minutes = round(hours * 60)
    if minutes in (0, 1440):
        return "midnight"
    if minutes == 720:
        return "noon"
    whole, rest = divmod(minutes, 60)
    tail = f":{rest:02d}" if rest else ""
    return f"{whole % 12 or 12}{tail} {'AM' if whole < 12 else 'PM'}"


def zone(name: str | tzinfo) -> tzinfo:
    """The zone of an IANA name. Raises ZoneInfoNotFoundError for a name nobody knows."""
    return ZoneInfo(name) if isinstance(name, str) else name


def zone_words(name: str | tzinfo) -> str:
    """`Central` for America/Chicago; the city for a zone without a common name."""
    key = str(name)
    return ZONE_WORDS.get(key, key.rsplit("/", 1)[-1].replace("_", " "))


def time_at(value: datetime, where: str | tzinfo, place: str = "") -> str:
    """`9:42 AM, El Paso`: an aware moment as the clock on that wall shows it, with the place."""
    return f"{clock_time(value.astimezone(zone(where)))}, {place or zone_words(where)}"


def phone(value: str | None) -> str:
    """`(915) 555-0142` from E.164 or ten digits; other countries as `+44 20 …`; unreadable text stays."""
    text = (value or "").strip()
    digits = "".join(letter for letter in text if letter.isdigit())
    if len(digits) == 11 and digits[0] == "1":
        digits = digits[1:]
    elif text.startswith("+"):
        return _foreign(text)
    if len(digits) == 10:
        return f"({digits[:3]}) {digits[3:6]}-{digits[6:]}"
    return text


def mask_birth(value: date | None) -> str:
    """`••/••/1987`: a birth date of which only the year shows."""
    return f"{DOT * 2}/{DOT * 2}/{value.year}" if value else DASH


def mask_ssn(last4: str | None) -> str:
    """`•••-••-4417` from a number or its last four digits; never more than four."""
    kept = _tail(last4)
    return f"{DOT * 3}-{DOT * 2}-{kept}" if kept else DASH


def ending(value: str | None) -> str:
    """`ending 7715`: a bank account or card by its last four."""
    kept = _tail(value)
    return f"ending {kept}" if kept else DASH


def number_end(value: str) -> str:
    """`0763` of `NW-13500007-63`: the last four letters and digits of an account number, all of a shorter one."""
    return "".join(sign for sign in value if sign.isalnum())[-4:]


def mask_phone(value: str | None) -> str:
    """`(•••) •••-0142`."""
    kept = _tail(value)
    return f"({DOT * 3}) {DOT * 3}-{kept}" if kept else DASH


def mask_email(value: str | None) -> str:
    """`m••••@example.com`: the first letter and the domain; always four dots, so length tells nothing."""
    name, at, domain = (value or "").partition("@")
    return f"{name[:1]}{DOT * 4}@{domain}" if at and name else DASH


def _tail(value: str | None) -> str:
    digits = "".join(letter for letter in value or "" if letter.isdigit())
    return digits[-4:] if len(digits) >= 4 else ""


def _exact(amount: Decimal | int) -> Decimal:
    if isinstance(amount, float):
        raise TypeError("Money is a Decimal, never a float.")
    return Decimal(amount)


def _foreign(text: str) -> str:
    import phonenumbers  # heavy: only for numbers from other countries

    try:
        parsed = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        return text
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)

"""Money in exact decimals. The one place where a cent is rounded.

Every amount is a `Decimal` in major units (12.34) of a currency with two decimals; the currency code travels
beside it. No float ever enters: functions here refuse one.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from decimal import (
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
    InvalidOperation,
)
from typing import Literal, TypeVar

RoundingRule = Literal["half_up", "down", "up"]
Key = TypeVar("Key", bound=Hashable)

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
MAX_AMOUNT = Decimal("9999999999.99")
ROUNDING: dict[str, str] = {"half_up": ROUND_HALF_UP, "down": ROUND_DOWN, "up": ROUND_UP}

# ISO 4217 codes whose minor unit is the hundredth. A currency with none or three decimals (JPY, KWD) has no
# place in a column of two decimals, so it is refused rather than rounded.
_CODES = """
    USD EUR GBP CAD AUD NZD CHF MXN BRL TWD CNY HKD SGD INR PHP MYR THB IDR ILS ZAR SEK NOK DKK PLN CZK HUF
    RON BGN TRY AED SAR EGP NGN KES GHS MAD COP PEN ARS UYU DOP CRC GTQ HNL JMD TTD BBD BSD BZD XCD PAB
    UAH GEL KZT
"""
CURRENCIES = frozenset(_CODES.split())
_NO_DECIMALS = frozenset({"JPY", "KRW", "VND", "CLP", "ISK", "XAF", "XOF", "XPF", "UGX", "PYG", "RWF"})

_AMOUNT = re.compile(r"[0-9]{1,10}(\.[0-9]{1,2})?")
_WIDE = Context(prec=40)


class MoneyError(ValueError):
    """An amount or currency we do not take; the text is a sentence for the person who typed it."""


def parse_money(text: str) -> Decimal:
    """Read an amount typed in a form or sent to the API: ASCII digits and at most two decimals.

    No sign, no comma, no exponent, no spaces; whatever is doubtful is an error and never converted
    (RELIABILITY 12). Returns two decimals. Raises MoneyError.
    """
    if not text:
        raise MoneyError("Enter an amount, such as 125.00.")
    if len(text) > 13 or _AMOUNT.fullmatch(text) is None:
        raise MoneyError("Write the amount in digits with at most two decimals, such as 1250.00.")
    return Decimal(text).quantize(CENT)


def check_currency(code: str) -> str:
    """Return the ISO 4217 code when its minor unit is the hundredth. Raises MoneyError otherwise."""
    if code in CURRENCIES:
        return code
    if code in _NO_DECIMALS:
        raise MoneyError(f"{code} has no cents; only currencies with two decimals can be kept here.")
    raise MoneyError("This is not a currency code that can be used here, such as USD.")


def require_cents(amount: Decimal) -> Decimal:
    """Return the amount with two decimals when nothing is lost. Raises MoneyError on a fraction of a cent."""
    rounded = quantize(amount, "down")
    if rounded != amount:
        raise MoneyError("The amount has a fraction of a cent.")
    return rounded


def quantize(amount: Decimal, rule: RoundingRule = "half_up") -> Decimal:
    """Round to the cent by a named rule: half_up (halves away from zero), down, up. Raises MoneyError."""
    if not isinstance(amount, Decimal):
        raise MoneyError("Money is a Decimal; nothing else is rounded.")
    if rule not in ROUNDING:
        raise MoneyError(f"There is no rounding rule named {rule}.")
    try:
        rounded = amount.quantize(CENT, rounding=ROUNDING[rule], context=_WIDE)
    except InvalidOperation as wrong:
        raise MoneyError("This is not an amount of money.") from wrong
    if not rounded.is_finite():
        raise MoneyError("This is not an amount of money.")
    return rounded + ZERO  # -0.00 becomes 0.00


def split_evenly(total: Decimal, n: int, rule: RoundingRule = "half_up") -> list[Decimal]:
    """Split a total into n parts, each rounded by the rule; the last one takes the difference.

    money_rules.md examples M and N: 1028.05 in 3 is 342.68, 342.68, 342.69. Where rounding would leave
    nothing for the last part, the earlier parts are rounded down. Raises MoneyError.
    """
    if n < 1:
        raise MoneyError("The number of parts is at least one.")
    if require_cents(total) < ZERO:
        raise MoneyError("A total to be split is not negative.")
    part = quantize(_WIDE.divide(total, Decimal(n)), rule)
    if part * (n - 1) >= total:
        part = quantize(_WIDE.divide(total, Decimal(n)), "down")
    return [part] * (n - 1) + [require_cents(total - part * (n - 1))]


def pro_rata(total: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """Share a total in proportion to the weights; every cent is given out.

    Largest remainder: each share is cut to the cent, and the cents left go to the shares that lost most (the
    earlier first at a tie). 160.00 over 4550 / 6700 / 1200 is 58.47 / 86.11 / 15.42. Raises MoneyError.
    """
    if require_cents(total) < ZERO or any(weight < 0 for weight in weights):
        raise MoneyError("Shares are made from a total and weights that are not negative.")
    whole = sum(weights, Decimal(0))
    if whole == 0:
        raise MoneyError("There is nothing to share the amount over.")
    exact = [_WIDE.divide(_WIDE.multiply(total, weight), whole) for weight in weights]
    shares = [share.quantize(CENT, rounding=ROUND_FLOOR, context=_WIDE) for share in exact]
    left = int((total - sum(shares, ZERO)) / CENT)
    by_loss = sorted(range(len(shares)), key=lambda at: (shares[at] - exact[at], at))
    for at in by_loss[:left]:
        shares[at] += CENT
    return shares


def pro_rata_by(total: Decimal, weights: Mapping[Key, Decimal]) -> dict[Key, Decimal]:
    """As pro_rata, for named weights. Raises MoneyError."""
    return dict(zip(weights, pro_rata(total, list(weights.values())), strict=True))

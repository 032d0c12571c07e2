"""What must hold between the facts of a row: dates in order, money that adds up, a place that exists. Pure.

Each check gets the values read so far, may complete them, and reports through `problem` and `flag`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

from accounts.placement_rows import Value
from accounts.placement_values import read_zip, split_city_state_zip
from accounts.placement_zips import state_code, zip_fits_state
from core.dates import age_on
from core.money import CURRENCIES, MAX_AMOUNT, ZERO

Report = Callable[[str, str, str], None]
Flag = Callable[[str], None]

ADULT, OLDEST = 18, 115
AGREE_DAYS = 3
COMPONENTS = ("principal", "interest", "fees", "costs")
PAST_DATES = {
    "charge_off_date": "The charge-off date",
    "last_payment_date": "The last payment date",
    "open_date": "The opening date",
    "itemization_date": "The itemization date",
    "as_of": "The balance date",
}
US = frozenset({"US", "USA", "UNITED STATES"})


def check_dates(values: dict[str, Value], placed_on: date, kind: str, problem: Report, flag: Flag) -> None:
    """Judge dates and age at the placement date: the row's own, else the one given (DECISIONS 14)."""
    placed = _day(values, "placed_on") or placed_on
    if placed > placed_on:
        problem("held", "placed_on", "The placement date lies in the future.")
        placed = placed_on
    values["placed_on"] = placed
    for name, words in PAST_DATES.items():
        day = _day(values, name)
        if day is not None and day > placed:
            problem("held", name, f"{words} lies after the placement.")
    _check_birth(values, placed, problem)
    _check_delinquency(values, placed, kind, problem, flag)


def _check_birth(values: dict[str, Value], placed: date, problem: Report) -> None:
    born = _day(values, "birth_date")
    if born is None:
        return
    if born > placed:
        problem("held", "birth_date", "The birth date lies after the placement.")
        return
    age = age_on(born, placed)
    if age < ADULT:
        problem("held", "birth_date", f"The person was {age} at placement; under 18 a contract may not bind.")
    elif age > OLDEST:
        problem("held", "birth_date", f"The birth date makes the person {age} years old.")


def _check_delinquency(values: dict[str, Value], placed: date, kind: str, problem: Report, flag: Flag) -> None:
    since, days = _day(values, "delinquency_date"), values.get("dpd")
    counted = _day(values, "as_of") or placed
    if since is None and isinstance(days, int) and days > 0:
        since = values["delinquency_date"] = counted - timedelta(days=days)
    if since is None:
        return
    if since > placed:
        if kind == "invoices":
            flag("not_due")
        else:
            problem("held", "delinquency_date", "The delinquency date lies after the placement.")
    elif isinstance(days, int) and abs((counted - since).days - days) > AGREE_DAYS:
        flag("dpd_disagrees")
    opened = _day(values, "open_date")
    if opened is not None and since < opened.replace(day=1):
        problem("held", "delinquency_date", "The debt is past due from a day before it was opened.")


def check_money(values: dict[str, Value], currency: str, problem: Report, flag: Flag) -> None:
    """Complete balance or principal from the other, and hold what does not add up or is not owed."""
    code = str(values.get("currency") or currency)
    if code not in CURRENCIES:
        problem("held", "currency", f"{code[:12]} is not a currency that can be kept here.")
    elif code != currency:
        problem("held", "currency", f"The amounts are in {code}; this creditor's debts are in {currency}.")
    parts = {name: part for name in COMPONENTS if isinstance(part := values.get(name), Decimal)}
    balance = values.get("balance")
    if not isinstance(balance, Decimal):
        if "principal" not in parts:
            problem("rejected", "balance", "The row states no balance.")
            return
        balance = values["balance"] = sum(parts.values(), ZERO)
    elif "principal" not in parts:
        values["principal"] = balance - sum(parts.values(), ZERO)
        parts["principal"] = balance - sum(parts.values(), ZERO)
        if len(parts) > 1:
            flag("principal_derived")
    _judge(balance, parts, problem)


def _judge(balance: Decimal, parts: dict[str, Decimal], problem: Report) -> None:
    total = sum(parts.values(), ZERO)
    if balance > MAX_AMOUNT:
        problem("rejected", "balance", "The balance is larger than any debt can be.")
    elif balance < ZERO:
        problem("held", "balance", f"The balance is a credit of {-balance}; there is nothing to collect.")
    elif balance == ZERO:
        problem("held", "balance", "Nothing is owed.")
    elif total != balance:
        names = " and ".join(name for name, part in parts.items() if part)
        problem("held", "balance", f"The balance is {balance}, but {names} add up to {total}.")
    else:
        for name, part in parts.items():
            if part < ZERO:
                problem("held", name, f"The {name} is below zero.")


def check_place(values: dict[str, Value], has_address: bool, flag: Flag) -> None:
    """Bring the address into form; one without a street or a place is flagged no_address (no contact)."""
    combined = str(values.pop("city_state_zip", "") or "")
    if combined:
        found = split_city_state_zip(combined)
        if found is None:
            values["city"] = values.get("city") or combined
            flag("bad_zip")
        else:
            values["city"], values["state"], values["zip"] = found
    if str(values.get("country") or "US").upper() in US:
        values["country"] = "US"
        _check_us_place(values, flag)
    placed = values.get("zip") or (values.get("city") and values.get("state"))
    if not values.get("address1") or not placed:
        flag("no_address")
    if not has_address:
        flag("no_address")


def _check_us_place(values: dict[str, Value], flag: Flag) -> None:
    state_text, zip_text = str(values.get("state") or ""), str(values.get("zip") or "")
    state = state_code(state_text) if state_text else None
    code = read_zip(zip_text) if zip_text else None
    if state_text and state is None:
        flag("bad_state")
    if zip_text and code is None:
        flag("bad_zip")
    values["state"], values["zip"] = state, code
    if state and code and not zip_fits_state(code, state):
        flag("state_zip_mismatch")


def _day(values: dict[str, Value], name: str) -> date | None:
    day = values.get(name)
    return day if isinstance(day, date) else None

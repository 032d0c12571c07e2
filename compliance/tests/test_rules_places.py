"""Time zones by ZIP and area code, against the card book's truth."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from compliance import places
from compliance.rules.helpers import opening_hours
from compliance.tests.rules_cast import shared

Finder = Callable[[str, str, Iterable[str]], tuple[str, ...]]


def _rows() -> list[dict[str, str]]:
    with shared("data", "consumer_cards", "placement_2005-06-30.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _truth() -> dict[str, str]:
    with shared("data", "consumer_cards", "placement_truth_timezones.csv").open(newline="") as file:
        return {row["account_ref"]: row["time_zone"] for row in csv.DictReader(file)}


def _instants() -> list[dict[str, Any]]:
    text = shared("data", "consumer_cards", "call_hours_expected.json").read_text()
    instants: list[dict[str, Any]] = json.loads(text)["instants"]
    return instants


def _is_open(now: datetime, zone: str) -> bool:
    return 8 <= now.astimezone(ZoneInfo(zone)).hour < 21


def _zones(find: Finder, row: dict[str, str]) -> tuple[str, ...]:
    digits = re.sub(r"\D", "", row["Cell"])
    return find(row["ZIP"], row["St"], [f"+1{digits[-10:]}"] if digits else [])


def _callable(find: Finder, now: datetime) -> set[str]:
    return {row["Client Acct #"] for row in _rows() if all(_is_open(now, zone) for zone in _zones(find, row))}


def test_the_counts_of_the_card_book_lie_between_the_strict_and_the_loose_one() -> None:
    for instant in _instants():
        found = len(_callable(places.main_zones_for, datetime.fromisoformat(instant["utc"])))

        assert instant["callable_if_every_zone_of_the_area_code_must_fit_too"] <= found <= instant["callable_accounts"]


def test_nobody_is_called_outside_the_hours_of_their_zip() -> None:
    truth = _truth()
    for instant in _instants():
        now = datetime.fromisoformat(instant["utc"])

        assert [ref for ref in _callable(places.zones_for, now) if not _is_open(now, truth[ref])] == []


def test_the_engine_is_stricter_only_where_a_zip_or_an_area_code_is_split() -> None:
    for instant in _instants():
        now = datetime.fromisoformat(instant["utc"])
        left_out = _callable(places.main_zones_for, now) - _callable(places.zones_for, now)
        rows = {row["Client Acct #"]: row for row in _rows()}

        assert _callable(places.zones_for, now) <= _callable(places.main_zones_for, now)
        for ref in left_out:
            phone = _zones(lambda z, s, phones: places.phone_zones(next(iter(phones))), rows[ref])
            assert len(phone) > 1 or len(places.zip_zones(rows[ref]["ZIP"], rows[ref]["St"])) > 1, ref


@pytest.mark.parametrize(
    ("zip_code", "state", "phones", "zones"),
    [
        ("79901", "TX", ["+19155550101"], ("America/Denver",)),  # El Paso, area code 915
        ("79901", "TX", ["+13125550102"], ("America/Denver", "America/Chicago")),
        ("32501", "FL", ["+18505550101"], ("America/Chicago", "America/New_York")),  # Pensacola
        ("86515", "AZ", [], ("America/Denver", "America/Phoenix")),  # Navajo Nation
        ("83702", "ID", [], ("America/Denver",)),  # Boise keeps Denver's clock
        ("46204", "IN", [], ("America/New_York",)),  # Indianapolis
        ("", "TX", [], ("America/Chicago",)),  # unknown ZIP: the state's zone
        ("00000", "", ["+18005550101"], ()),  # toll-free numbers carry no place
        ("", "", ["+442079460000"], ()),
        ("79901-1234", "TX", [], ("America/Denver",)),
    ],
)
def test_where_a_zip_and_a_number_say_the_person_is(
    zip_code: str, state: str, phones: list[str], zones: tuple[str, ...]
) -> None:
    assert set(places.zones_for(zip_code, state, phones)) == set(zones)
    assert places.zones_for(zip_code, state, phones)[:1] == zones[:1] or zip_code == "86515"


def test_opening_minutes_for_lists_follow_the_clock_change() -> None:
    hours = partial(opening_hours, ["America/Denver", "America/Chicago"])

    assert hours(on=date(2026, 10, 31)) == (14 * 60, 26 * 60)  # 8 AM MDT to 9 PM CDT
    assert hours(on=date(2026, 11, 1)) == (15 * 60, 27 * 60)
    assert opening_hours([], on=date(2026, 11, 1)) is None

"""Text from outside: cleaned, made safe for spreadsheets, folded for matching."""

from __future__ import annotations

import unicodedata
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text import TextError, clean, csv_safe, fold, normalise_email, normalise_phone


def test_spaces_are_trimmed_and_letters_composed() -> None:
    assert clean("  Mun\u0303oz \n Dana\t", 40) == "Mu\u00f1oz Dana"
    assert clean("first\r\n\r\nsecond ", 40, multiline=True) == "first\n\nsecond"


@pytest.mark.parametrize(
    "text", ["Da\0na", "Dana\ud800", "Dana\u202egnp.exe", "\u2066Dana", "Da\x1bna", "Dana\x9f", "Dana\uffff"]
)
def test_characters_that_hide_or_break_things_are_refused(text: str) -> None:
    with pytest.raises(TextError, match=r"\.$"):
        clean(text, 100)


def test_too_long_a_text_is_refused_with_the_limit() -> None:
    assert clean("x" * 80, 80) == "x" * 80
    for text in ("x" * 81, "x" * 1_000_000, "\u0958" * 80):  # the last one grows when composed
        with pytest.raises(TextError, match="at most 80"):
            clean(text, 80)


@given(st.text(max_size=60))
def test_clean_text_stays_as_it_is_when_cleaned_again(text: str) -> None:
    try:
        once = clean(text, 200)
    except TextError:
        return
    assert clean(once, 200) == once == unicodedata.normalize("NFC", once)


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\0x", "\uff1d1", "\uff0b1", "\uff0d1", "\uff20x", "  =1"],
)
def test_no_exported_text_is_a_formula(cell: str) -> None:
    assert csv_safe(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["Dana", "", " ", "a=b", Decimal("-5.00"), 7, None])
def test_other_cells_pass_unchanged(cell: object) -> None:
    assert csv_safe(cell) is cell


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        ("(706) 555-0110", "+17065550110"),
        ("+1 920.555.0141", "+19205550141"),
        ("1-706-555-0110", "+17065550110"),
        ("706-555-0110 ext. 12", "+17065550110"),
        ("+44 20 7946 0958", "+442079460958"),
        ("011 44 20 7946 0958", "+442079460958"),
    ],
)
def test_a_phone_number_gets_its_international_form(raw: str, number: str) -> None:
    assert normalise_phone(raw) == number


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "(123) 456",
        "5551234",
        "0000000000",
        "1234567890",
        "7065550110123",
        "none",
        "+1 123 555 0110",
        "9" * 99,
    ],
)
def test_what_cannot_be_a_phone_number_is_none(raw: str) -> None:
    assert normalise_phone(raw) is None


def test_a_number_written_at_home_in_britain_is_read_there() -> None:
    assert normalise_phone("020 7946 0958", "GB") == "+442079460958"


@pytest.mark.parametrize("raw", ["none", "john(at)example.com", "a@b", "a..b@x.org", "a@-x.org", "", "x" * 300])
def test_what_cannot_be_an_address_is_none(raw: str) -> None:
    assert normalise_email(raw) is None


def test_an_address_is_kept_in_small_letters() -> None:
    assert normalise_email(" Dana.Cole+bills@Example.COM ") == "dana.cole+bills@example.com"
    assert normalise_email("x" * 65 + "@example.com") is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("  O\u2019BRIEN-Mu\u00f1oz ", "o'brien munoz"),
        ("\u0141\u00f3d\u017a", "Lodz"),
        ("Stra\u00dfe", "STRASSE"),
        ("S\u00f8ren", "Soren"),
        ("Jr.", "jr"),
    ],
)
def test_names_written_differently_fold_to_the_same(one: str, other: str) -> None:
    assert fold(one) == fold(other)

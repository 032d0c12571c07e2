"""What the small parts of every page say, and that words from outside stay words."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.conf import settings
from django.template import Context, Engine, Template
from django.test import RequestFactory

from core import context, formats, nav
from core.forms import MoneyField

NOVEMBER = date(2026, 11, 17)


def draw(source: str, **values: Any) -> str:
    return Template("{% load ui viz fmt %}" + source).render(Context(values))


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (Decimal("3206.26"), "USD", "$3,206.26"),
        (Decimal("-120"), "USD", "\u2212$120.00"),
        (Decimal("0"), "USD", "$0.00"),
        (Decimal("9999999999.99"), "USD", "$9,999,999,999.99"),
        (Decimal("45.5"), "EUR", "€45.50"),
        (Decimal("-45.5"), "GBP", "\u2212£45.50"),
        (Decimal("1045.5"), "CHF", "CHF\u00a01,045.50"),
        (None, "USD", "\u2013"),
    ],
)
def test_an_amount_has_two_decimals_and_a_true_minus(amount: Decimal | None, currency: str, shown: str) -> None:
    assert draw("{{ amount|money:currency }}", amount=amount, currency=currency) == shown


def test_a_float_is_never_taken_for_money() -> None:
    with pytest.raises(TypeError):
        formats.money(0.1)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("24400000", "$24.40M"),
        ("3206.26", "$3.2k"),
        ("418", "$418"),
        ("-1500000", "\u2212$1.50M"),
        ("999999", "$1.00M"),
        ("0", "$0"),
    ],
)
def test_charts_shorten_money(amount: str, shown: str) -> None:
    assert formats.money_short(Decimal(amount)) == shown


def test_a_rate_without_a_base_is_a_dash_and_a_half_rounds_up() -> None:
    assert formats.percent(None) == "\u2013"
    assert formats.percent(Decimal("0.7145")) == "71.5%"
    assert formats.points(Decimal("-0.006")) == "\u22120.6 points"
    assert formats.points(Decimal("0.021")) == "+2.1 points"


def test_a_day_names_its_weekday_this_year_and_its_year_otherwise() -> None:
    assert formats.day(date(2026, 11, 27), NOVEMBER) == "Fri Nov 27"
    assert formats.day(date(2029, 11, 27), NOVEMBER) == "Nov 27, 2029"
    assert formats.letter_day(date(2026, 11, 27)) == "November 27, 2026"


def test_the_clock_shown_is_the_one_on_danas_wall() -> None:
    moment = datetime(2026, 11, 17, 16, 42, tzinfo=UTC)

    assert formats.time_at(moment, "America/Denver", "El Paso") == "9:42 AM, El Paso"
    shown = draw('{% local_time zone "El Paso, TX" now=at %}', zone="America/Denver", at=moment)

    assert 'datetime="2026-11-17T09:42:00-07:00"' in shown
    assert "9:42 AM <small>El Paso, TX</small>" in shown


@pytest.mark.parametrize(
    ("hour", "shown"), [(0, "midnight"), (8, "8 AM"), (12, "noon"), (17.5, "5:30 PM"), (24, "midnight")]
)
def test_hours_are_said_as_people_say_them(hour: float, shown: str) -> None:
    assert formats.hour_words(hour) == shown


def test_noon_and_midnight_do_not_become_zero_oclock() -> None:
    assert formats.clock_time(time(0, 5)) == "12:05 AM"
    assert formats.clock_time(time(12, 0)) == "12:00 PM"


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("+19155550142", "(915) 555-0142"),
        ("9155550142", "(915) 555-0142"),
        ("+442079460958", "+44 20 7946 0958"),
        ("12 old text", "12 old text"),
        (None, ""),
    ],
)
def test_a_phone_reads_as_a_phone(stored: str | None, shown: str) -> None:
    assert draw("{{ value|phone }}", value=stored) == shown


def test_a_mask_shows_four_digits_and_no_more() -> None:
    assert formats.mask_ssn("078-05-4417") == "•••-••-4417"
    assert formats.mask_ssn("123") == "\u2013"
    assert formats.ending("4000056655667715") == "ending 7715"
    assert formats.mask_birth(date(1987, 3, 4)) == "••/••/1987"
    assert formats.mask_email("dana@example.com") == "d••••@example.com"


def test_a_tag_carries_a_glyph_and_words_not_color_alone() -> None:
    shown = draw('{% tag "Do not call" "stop" %}')

    assert 'class="tag stop"' in shown
    assert "#stop" in shown
    assert "Do not call" in shown


def test_words_from_outside_stay_words() -> None:
    evil = '<img src=x onerror="alert(1)">'

    shown = draw(
        '{% tag w "ok" %}{% badge w "ok" w w %}{% pips 1 7 "" w %}{% rail parts w %}'
        '{% icon "ok" w %}{% splitbar arms w %}',
        w=evil,
        parts=[(1, "c1")],
        arms=[(evil, 1, "c1")],
    )

    assert "<img" not in shown
    assert shown.count("&lt;img") >= 6


def test_a_badge_has_a_stable_id_and_loads_its_reasons_once() -> None:
    shown = draw('{% badge "From 5 PM" "hold" "why-phone-3" "/people/P-1/why/3/" %}')

    assert 'id="why-phone-3"' in shown
    assert 'popovertarget="why-phone-3-pop"' in shown
    assert 'hx-get="/people/P-1/why/3/" hx-trigger="toggle once"' in shown
    assert '<a href="/people/P-1/why/3/">' in shown


def test_nothing_a_tag_draws_needs_an_inline_style() -> None:
    shown = draw(
        '{% ruler opens 9.7 %}{% pips 3 7 %}{% rail parts "x" %}{% meter 60 75 "x" %}{% bar 5 %}{% sparkline s %}',
        opens=[(8, 21)],
        parts=[(64, "c1"), (36, "c0")],
        s=[1, 2, 3],
    )

    assert "style=" not in shown
    assert "<script" not in shown


def test_the_ruler_says_when_the_line_is_open() -> None:
    shown = draw("{% ruler opens now %}", opens=[(time(8), time(21))], now=time(9, 42))

    assert 'aria-label="Open 8 AM to 9 PM, their time. Now 9:42 AM."' in shown
    assert 'class="k" x="33.33%" width="54.17%"' in shown


def test_a_ruler_with_no_hours_says_closed() -> None:
    assert "Closed all day." in draw("{% ruler opens 9 %}", opens=[])


def test_used_up_calls_are_drawn_as_stopped() -> None:
    assert "viz pips stop" in draw("{% pips 7 7 %}")
    assert "viz pips c1" in draw("{% pips 6 7 %}")
    assert 'aria-label="6 of 7 calls"' in draw("{% pips 6 7 %}")


def test_the_parts_of_a_rail_fill_it() -> None:
    shown = draw('{% rail parts "Two debts" %}', parts=[(Decimal("2793.40"), "c1"), (Decimal("412.86"), "c3")])

    assert 'width="87.12%"' in shown
    assert 'x="87.12%" width="12.88%"' in shown


def test_pressing_the_sorted_column_turns_it_around_and_forgets_the_page() -> None:
    request = RequestFactory().get("/work/", {"sort": "late", "after": "abc", "view": "broken"})

    shown = draw('{% sort_head "Days late" "late" numeric=True %}', request=request)

    assert 'aria-sort="ascending"' in shown
    assert 'href="?sort=-late&amp;view=broken"' in shown


def test_an_unsorted_column_says_nothing_about_order() -> None:
    shown = draw('{% sort_head "Person" "name" %}', request=RequestFactory().get("/work/", {"sort": "-late"}))

    assert "aria-sort" not in shown
    assert 'href="?sort=name"' in shown


def test_a_key_is_announced_to_readers() -> None:
    assert draw('{% key "/|Ctrl+K" "Search" %}') == (
        ' data-key="/|Ctrl+K" data-key-label="Search" aria-keyshortcuts="/ Control+K"'
    )


class PromiseForm(forms.Form):
    amount = MoneyField(help_text="At most $1,164.20")


def test_a_wrong_field_is_tied_to_its_error_and_keeps_what_was_typed() -> None:
    form = PromiseForm({"amount": "12,5"})
    form.is_valid()

    shown = draw('{% include "components/field.html" with field=form.amount money="$" %}', form=form)

    assert 'aria-invalid="true"' in shown
    assert 'aria-describedby="id_amount-hint id_amount-error"' in shown
    assert 'id="id_amount-error" class="err"' in shown
    assert 'value="12,5"' in shown


def test_the_error_summary_leads_to_each_field() -> None:
    form = PromiseForm({"amount": ""})

    shown = draw('{% include "components/errsum.html" with form=form %}', form=form)

    assert 'href="#id_amount"' in shown
    assert 'id="errsum"' in shown
    assert 'tabindex="-1"' in shown


ROUTES = {"desk:my_day": "/work/", "desk:people": "/people/", "payments:arrangements": ""}


@pytest.fixture
def routes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nav, "safe_reverse", lambda name: ROUTES.get(name, ""))
    monkeypatch.setattr(nav, "_counters", {})
    monkeypatch.setattr(nav, "_counts", {})


def olive(**more: Any) -> SimpleNamespace:
    facts = {"pk": 7, "roles": frozenset({"officer"}), "is_authenticated": True, "display_name": "Olive Marsh"}
    return SimpleNamespace(
        **(facts | {"initials": "OM", "theme": "", "density": "compact", "single_keys": True} | more)
    )


@pytest.mark.usefixtures("routes")
def test_the_navigation_leaves_out_pages_that_do_not_exist() -> None:
    assert [item.label for item in nav.items_for(user=olive(), path="/work/")] == ["Work", "People"]


@pytest.mark.usefixtures("routes")
def test_the_navigation_marks_where_we_are() -> None:
    here = {item.label: item.current for item in nav.items_for(user=olive(), path="/people/P-204817/")}
    said = {i.label: i.current for i in nav.items_for(user=olive(), path="/people/", current="desk:my_day")}

    assert here == {"Work": False, "People": True}
    assert said == {"Work": True, "People": False}


@pytest.mark.usefixtures("routes")
def test_ada_the_admin_sees_no_people() -> None:
    assert nav.items_for(user=olive(roles=frozenset({"admin"})), path="/") == []


@pytest.mark.usefixtures("routes")
def test_waiting_work_is_counted_once_a_minute() -> None:
    asked = []

    def waiting(user: Any) -> int:
        asked.append(user.pk)
        return 1200

    nav.register_count(name="desk:my_day", count=waiting)
    first = nav.items_for(user=olive(), path="/work/")[0]
    nav.items_for(user=olive(), path="/work/")

    assert first.count == "999+"
    assert asked == [7]


def test_what_does_not_fit_in_the_bar_stands_under_more() -> None:
    items = nav.items_for(user=olive(roles=frozenset({"admin", "lead"})), path="/")

    shown, more = nav.split(items)

    assert len(items) > nav.PLACES
    assert len(shown) == nav.PLACES - 1
    assert shown + more == items
    assert nav.split(items[: nav.PLACES]) == (items[: nav.PLACES], [])


def test_no_two_pages_of_one_role_share_a_letter() -> None:
    for role in ("officer", "lead", "manager", "admin", "compliance", "client"):
        letters = [entry.letter for entry in nav.ENTRIES if role in entry.roles]
        assert len(letters) == len(set(letters)), role


def test_the_frame_never_takes_a_theme_it_does_not_know() -> None:
    request: Any = RequestFactory().get("/")
    request.user = olive(theme='dark" onload="x', density="huge", roles=frozenset({"officer", "lead"}))

    frame = context.shell(request)["shell"]

    assert (frame.theme, frame.density, frame.role) == ("", "normal", "Team lead, Officer")


def test_every_icon_named_in_a_template_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'<symbol id="([a-z]+)"', (settings.BASE_DIR / "static/icons.svg").read_text()))
    used = {
        name
        for file in (settings.BASE_DIR / "templates").rglob("*.html")
        for name in re.findall(r'{% icon "([^"]+)"', file.read_text())
    }

    assert used
    assert used <= sprite


def test_no_template_or_sheet_breaks_the_content_policy() -> None:
    for file in (settings.BASE_DIR / "templates").rglob("*.html"):
        source = file.read_text()
        assert " style=" not in source, file.name
        assert "hx-on" not in source, file.name
        assert "onclick=" not in source, file.name
        assert "<script>" not in source, file.name


def test_every_template_compiles() -> None:
    engine = Engine.get_default()
    root = settings.BASE_DIR / "templates"
    for folder in ("components", "errors", "layouts", "users", "core"):
        for file in (root / folder).rglob("*.html"):
            engine.get_template(str(file.relative_to(root)))


@pytest.mark.parametrize(
    ("number", "end"), [("NW-13500007-63", "0763"), ("DAY-001", "Y001"), ("AB7", "AB7"), ("--", ""), ("", "")]
)
def test_the_end_of_an_account_number_has_no_signs_in_it(number: str, end: str) -> None:
    assert formats.number_end(number) == end

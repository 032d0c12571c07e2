"""Filters and tags for money, numbers, days, times, phones and masked facts. Wording: core/formats.py."""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core import clock, formats

register = template.Library()


@register.filter
def money(amount: Decimal | int | None, currency: str = "USD") -> str:
    """`{{ balance|money:account.currency }}`: $3,206.26, minus U+2212; a dash for none."""
    return formats.money(amount if amount != "" else None, currency or "USD")


@register.filter
def money_short(amount: Decimal | int | None, currency: str = "USD") -> str:
    """`{{ placed|money_short }}`: $24.40M, for charts and their captions only."""
    return formats.money_short(amount, currency or "USD")


@register.filter
def number(value: Decimal | int | None) -> str:
    """`{{ count|number }}`: 22,400."""
    return formats.number(value if value != "" else None)


@register.filter
def counts(found: dict[str, Any] | None) -> str:
    """`{{ run.counts|counts }}`: 57 broken promise, 202 payment received; what a job counted, the zeros left out."""
    said = [(value, name.replace("_", " ")) for name, value in (found or {}).items() if value not in (0, "", None)]
    return ", ".join(f"{formats.number(value) if isinstance(value, int) else value} {name}" for value, name in said)


@register.filter
def zone_words(name: str) -> str:
    """`{{ team.time_zone|zone_words }}`: Central."""
    return formats.zone_words(name)


@register.filter
def percent(share: Any, digits: int = 1) -> str:
    """`{{ rate|percent }}`: 71.4% from 0.714."""
    return formats.percent(share, digits)


@register.filter
def points(change: Any, digits: int = 1) -> str:
    """`{{ change|points }}`: +2.1 points from 0.021."""
    return formats.points(change, digits)


@register.filter
def day(value: date | datetime | None, today: date | None = None) -> str:
    """`{{ due|day }}`: Fri Nov 27, or Nov 27, 2029 in another year. Moments in the active time zone."""
    return formats.day(_local(value), today or _today()) if value else formats.DASH


@register.filter
def short_day(value: date | datetime | None, today: date | None = None) -> str:
    """`{{ due|short_day }}`: Nov 27."""
    return formats.short_day(_local(value), today or _today()) if value else formats.DASH


@register.filter
def letter_day(value: date | datetime | None) -> str:
    """`{{ sent|letter_day }}`: November 27, 2026."""
    return formats.letter_day(_local(value)) if value else formats.DASH


@register.filter
def phone(value: str | None) -> str:
    """`{{ point.value|phone }}`: (915) 555-0142."""
    return formats.phone(value)


@register.filter
def tel(value: str | None) -> str:
    """`href="{{ point.value|tel }}"`: tel:+19155550142, from E.164 or ten digits."""
    digits = "".join(letter for letter in value or "" if letter.isdigit())
    return f"tel:+1{digits}" if len(digits) == 10 and not (value or "").startswith("+") else f"tel:+{digits}"


@register.filter
def mask_birth(value: date | None) -> str:
    """••/••/1987"""
    return formats.mask_birth(value)


@register.filter
def mask_ssn(value: str | None) -> str:
    """•••-••-4417"""
    return formats.mask_ssn(value)


@register.filter
def ending(value: str | None) -> str:
    """ending 7715"""
    return formats.ending(value)


@register.filter
def mask_phone(value: str | None) -> str:
    """(•••) •••-0142"""
    return formats.mask_phone(value)


@register.filter
def mask_email(value: str | None) -> str:
    """m••••@example.com"""
    return formats.mask_email(value)


@register.simple_tag
def at(value: datetime | None, where: str | tzinfo = "", place: str = "", date_first: bool = True) -> SafeString | str:
    """`{% at event.occurred_at person.zone "El Paso" %}`: <time> Tue Nov 17, 9:42 AM, El Paso.

    The clock of `where` (an IANA name; the active zone if empty) with the place named. `date_first=False`
    leaves the day out.
    """
    if value is None:
        return formats.DASH
    shown = value.astimezone(formats.zone(where) if where else timezone.get_current_timezone())
    named = place or (formats.zone_words(where) if where else "")
    parts = [formats.day(shown, clock.now().astimezone(shown.tzinfo).date())] if date_first else []
    parts += [formats.clock_time(shown), *([named] if named else [])]
    return format_html('<time datetime="{}">{}</time>', shown.isoformat(timespec="seconds"), ", ".join(parts))


@register.simple_tag
def local_time(where: str | tzinfo, place: str = "", now: datetime | None = None) -> SafeString:
    """`{% local_time person.zone "El Paso, TX" now=now %}`: 9:42 AM <small>El Paso, TX</small>, their clock."""
    shown = (now or clock.now()).astimezone(formats.zone(where))
    return format_html(
        '<time datetime="{}">{} <small>{}</small></time>',
        shown.isoformat(timespec="seconds"),
        formats.clock_time(shown),
        place or formats.zone_words(where),
    )


def _today() -> date:
    return timezone.localdate(clock.now())


def _local(value: date | datetime) -> date | datetime:
    return timezone.localtime(value) if isinstance(value, datetime) and timezone.is_aware(value) else value

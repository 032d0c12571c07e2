"""Plain words for sentences: days, times and places as people read them."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from compliance.rules.context import Context
    from compliance.rules.registry import Hit

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_ORDINALS = ("", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_ZONES = {
    "America/New_York": "Eastern", "America/Chicago": "Central", "America/Denver": "Mountain",
    "America/Los_Angeles": "Pacific", "America/Phoenix": "Arizona", "America/Anchorage": "Alaska",
    "Pacific/Honolulu": "Hawaii", "Europe/London": "UK", "America/Puerto_Rico": "Puerto Rico",
}  # fmt: skip
CHANNELS = {
    "call": "calls", "ringless_voicemail": "ringless voicemails", "sms": "texts", "email": "e-mails",
    "social_private": "private messages", "social_public": "public posts", "letter": "letters",
    "postcard": "postcards", "in_person": "visits",
}  # fmt: skip


def say_day(day: date, today: date) -> str:
    """ "Tue Nov 17", with the year when it is not this year's."""
    text = f"{_DAYS[day.weekday()]} {_MONTHS[day.month]} {day.day}"
    return text if day.year == today.year else f"{text}, {day.year}"


def say_time(local: datetime) -> str:
    """ "8:00 AM" of a local datetime."""
    return f"{local.hour % 12 or 12}:{local.minute:02d} {'AM' if local.hour < 12 else 'PM'}"


def say_minute(minute: int) -> str:
    """ "8:00 AM" of a minute of the day."""
    return f"{minute // 60 % 12 or 12}:{minute % 60:02d} {'AM' if minute % 1440 < 720 else 'PM'}"


def say_place(context: Context) -> str:
    """The city of the home address, else the name of the home zone."""
    home = context.place.addresses[0] if context.place.addresses else None
    key = str(context.home)
    if home is not None and home.city and key in home.tz:
        return home.city
    return _ZONES.get(key, key.rsplit("/", 1)[-1].replace("_", " "))


def ordinal(n: int) -> str:
    return _ORDINALS[n] if n < len(_ORDINALS) else f"{n}th"


def number(n: int) -> str:
    return _NUMBERS[n] if n < len(_NUMBERS) else str(n)


def say_instant(context: Context, moment: datetime) -> str:
    """ "Wed Nov 18, 8:00 AM El Paso time" in the home zone."""
    local = moment.astimezone(context.home)
    return f"{say_day(local.date(), context.today)}, {say_time(local)} {say_place(context)} time"


class Words(dict[str, Any]):
    """The words of one sentence: the rule's own, and common ones worked out when the text asks for them."""

    __slots__ = ("context", "hit", "opens")

    def __init__(self, context: Context, hit: Hit, opens: datetime | None) -> None:
        super().__init__(hit.words)
        self.context, self.hit, self.opens = context, hit, opens

    def __missing__(self, key: str) -> str:
        context = self.context
        if key == "free":
            return self._free()
        if key == "today":
            return say_day(context.today, context.today)
        if key == "now":
            return f"{say_time(context.locals[0])} {say_place(context)} time"
        if key == "contacts":
            return CHANNELS.get(context.action.channel, context.action.channel.replace("_", " "))
        if key == "who":
            return context.person.name or ("the person" if context.consumer_like else "this third party")
        if key == "to":
            return context.to or "this address"
        return "unknown"

    def _free(self) -> str:
        own, context = self.hit.next, self.context
        if own is None:
            return "a new fact"
        day = own.astimezone(context.home).date()
        if self.opens is not None and self.opens >= own and self.opens.astimezone(context.home).date() == day:
            return say_instant(context, self.opens)
        local = own.astimezone(context.home)
        return say_day(day, context.today) if local.hour < 6 else say_instant(context, own)

"""Ways to reach a person: each with its answer, its hours today, where it came from and how it went (F11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from accounts.models import ContactPoint
from compliance.rules import helpers
from compliance.rules.facts import Action, Event
from compliance.services import Answer
from core import formats

from .look import Look

ICONS = {"call": "phone", "sms": "text", "email": "mail", "letter": "letter"}
NEVER = {"call": "Do not call", "sms": "Do not text", "email": "Do not e-mail", "letter": "Do not write"}
KINDS = {"PHONE": "call", "EMAIL": "email", "ADDRESS": "letter"}
RESULTS = 5


@dataclass(frozen=True, slots=True)
class Way:
    """One way to reach a person, as the screen shows it. `answer` is compliance's; `opens` are hours of her day."""

    point: ContactPoint
    channel: str
    words: str
    badge: str
    kind: str
    sentence: str
    detail: str
    opens: list[tuple[float, float]]
    now: float
    results: list[str]
    allowed: bool
    first: bool = False

    @property
    def ident(self) -> str:
        return f"{self.channel}-{self.point.pk}"

    @property
    def icon(self) -> str:
        return ICONS[self.channel]


def ways(look: Look, *, zone: str, at: datetime) -> list[Way]:
    """All ways, the ones that may be used first; numbers that are off come last and stay visible."""
    found = [_way(look, point, channel, look.answers[point.pk, channel], zone, at) for point, channel in _pairs(look)]
    order = {"call": 0, "sms": 1, "email": 2, "letter": 3}
    ranks = {"ok": 0, "hold": 1, "stop": 2}

    def rank(way: Way) -> tuple[bool, int, bool, int, int]:
        off = not way.point.usable
        return off, order[way.channel], not way.point.preferred, ranks[way.kind], way.point.pk

    ordered = sorted(found, key=rank)
    best = next((w for w in ordered if w.channel == "call" and w.allowed), None)
    return [_first(way) if way is best else way for way in ordered]


def _first(way: Way) -> Way:
    values = {name: getattr(way, name) for name in Way.__slots__}
    return Way(**{**values, "first": True})


def _pairs(look: Look) -> list[tuple[ContactPoint, str]]:
    pairs = [(point, KINDS[point.kind]) for point in look.points]
    texts = {p.pk for p in look.points if p.usable and (p.pk, "sms") in look.answers}
    return pairs + [(point, "sms") for point in look.points if point.pk in texts]


def _way(look: Look, point: ContactPoint, channel: str, answer: Answer, zone: str, at: datetime) -> Way:
    badge, kind = badge_words(point, channel, answer, zone, at)
    local = at.astimezone(ZoneInfo(zone))
    opens: list[tuple[float, float]] = []
    if channel == "call" and point.usable and kind != "stop":
        opens = _hours(look, point, zone, at)
    return Way(
        point=point,
        channel=channel,
        words=_words(point, channel),
        badge=badge,
        kind=kind,
        sentence=answer.sentence,
        detail=_detail(look, point, channel, answer, at),
        opens=opens,
        now=local.hour + local.minute / 60,
        results=_results(look.history, point, zone, at),
        allowed=answer.allowed and point.usable,
    )


def badge_words(point: ContactPoint, channel: str, answer: Answer, zone: str, at: datetime) -> tuple[str, str]:
    """The answer in two or three words, and its color: now, from when, or never."""
    if not point.usable:
        return point.get_status_display(), "stop"
    if answer.allowed or answer.decision == "require":
        return ("Allowed now" if channel == "call" else "Allowed"), "ok"
    if answer.next_allowed is None:
        return NEVER[channel], "stop"
    there, here = answer.next_allowed.astimezone(ZoneInfo(zone)), at.astimezone(ZoneInfo(zone))
    if there.date() == here.date():
        minutes = there.hour + there.minute / 60
        return f"From {formats.hour_words(minutes)}", "hold"
    return f"From {formats.short_day(there, here.date())}", "hold"


def _words(point: ContactPoint, channel: str) -> str:
    if channel == "sms":
        return f"Text to …{point.value[-4:]}"
    if channel == "call":
        return formats.phone(point.value)
    return point.value


def _detail(look: Look, point: ContactPoint, channel: str, answer: Answer, at: datetime) -> str:
    if not point.usable:
        return f"{point.status_reason or point.get_status_display()}."
    if channel == "sms":
        return consent_words(look.history, point, "sms", at) or answer.sentence
    if channel == "letter":
        return f"{', '.join(point.address_lines[1:])}."
    use = point.get_use_display() if point.use != ContactPoint.Use.OTHER else point.get_kind_display()
    last = ""
    if point.last_result and point.last_result_at:
        said = point.last_result.replace("_", " ").replace("-", " ").capitalize()
        last = f" {said} {formats.short_day(point.last_result_at, at.date())}."
    return f"{use}. {point.get_source_display()}.{last}"


def consent_words(events: Sequence[Event], point: ContactPoint, scope: str, at: datetime) -> str:
    """`Agreed Sep 30.` when there is a consent in the history read; else empty."""
    for row in reversed(events):
        same = row.address in (None, "", point.value)
        if row.kind == "consent" and row.scope == scope and same:
            return f"Agreed {formats.short_day(row.at, at.date())}. Reply STOP works."
        if row.kind == "opt_out" and row.medium in (scope, "all_electronic") and same:
            return f"Opted out {formats.short_day(row.at, at.date())}."
    return ""


def _results(events: Sequence[Event], point: ContactPoint, zone: str, at: datetime) -> list[str]:
    today = at.astimezone(ZoneInfo(zone)).date()
    mine = [row for row in events if point.value in (row.to, row.from_) and row.outcome][-RESULTS:]
    return [
        f"{formats.short_day(row.at.astimezone(ZoneInfo(zone)), today)}: {row.outcome.replace('_', ' ')}"
        for row in reversed(mine)
    ]


def _hours(look: Look, point: ContactPoint, zone: str, at: datetime) -> list[tuple[float, float]]:
    where = ZoneInfo(zone)
    day = at.astimezone(where).date()
    spans = helpers.open_intervals(look.facts, Action("call", to=point.value), day, packs=look.rules)
    midnight = datetime(day.year, day.month, day.day, tzinfo=where)
    end = midnight + timedelta(days=1)
    return [(_hour(start, where), 24.0 if stop >= end else _hour(stop, where)) for start, stop in spans]


def _hour(moment: datetime, where: ZoneInfo) -> float:
    local = moment.astimezone(where)
    return local.hour + local.minute / 60

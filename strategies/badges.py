"""The word in the list for "may I call this person?": a prefilter from stored facts, not the verdict.

Claims, calls and messages ask compliance itself; the list only shows what its counters already say (DECISIONS 16).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from compliance import services as compliance
from compliance.services import Limits
from core import formats

from .queries import Row

HOLD_WORDS = {
    "DECEASED": ("Has died", "We were told that this person has died."),
    "ATTORNEY": ("Has attorney", "Represented by counsel. Write to the attorney only."),
    "BANKRUPTCY": ("Bankruptcy", "A bankruptcy is open. Nothing may be asked for."),
    "CEASE": ("Do not contact", "Asked us to stop."),
    "ID_THEFT": ("Identity theft", "Says the debt is somebody else's doing."),
    "BREATHING": ("Breathing space", "In a breathing space."),
    "COMPLAINT": ("Complaint open", "A complaint is being answered."),
    "DISPUTE": ("Disputed", "Disputes what is owed."),
    "HARDSHIP": ("Paused", "Paused because of hardship."),
    "NO_ADDRESS": ("No address", "We don't know where this person lives."),
    "INTERNAL": ("Paused", "Paused by us."),
}


@dataclass(frozen=True, slots=True)
class Badge:
    """Words, color and one sentence of reason."""

    words: str
    kind: str
    sentence: str = ""


ALLOWED = Badge("Allowed now", "ok", "It is within call hours there, and nothing forbids a call.")


def badge(row: Row, at: datetime, allowed: Limits) -> Badge:
    """May this person be called at `at`, as far as the list knows; `allowed` are the limits of the packs in force."""
    for kind in HOLD_WORDS:
        if row.holds and kind in row.holds:
            return Badge(HOLD_WORDS[kind][0], "stop", HOLD_WORDS[kind][1])
    if row.calls >= allowed.calls:
        return Badge("Not today", "stop", f"{row.calls} of {allowed.calls} calls used in {allowed.days} days.")
    if row.talked_at is not None:
        free = row.talked_at + timedelta(days=allowed.talk_days)
        return Badge(_from(free, row, at), "hold", f"We talked within the last {allowed.talk_days} days.")
    if not compliance.is_open(row.zone_key, at, allowed):
        opens = compliance.opens_at(row.zone_key, at, allowed)
        if opens is None:
            return Badge("Place unknown", "hold", "We don't know what time it is where this person is.")
        return Badge(_from(max(opens, row.not_before), row, at), "hold", _hours(allowed))
    if row.not_before > at:
        return Badge(_from(row.not_before, row, at), "hold", "Put off until then.")
    return ALLOWED


def _hours(allowed: Limits) -> str:
    opens, closes = (formats.hour_words(minutes / 60) for minutes in (allowed.opens, allowed.closes))
    return f"It is not between {opens} and {closes} there."


def _from(moment: datetime, row: Row, at: datetime) -> str:
    """`From 9:00 AM` on the person's own clock, or `From Nov 19` on another day."""
    zone = ZoneInfo(row.home_zone or row.zone_key.split("|")[0] or "UTC")
    there, here = moment.astimezone(zone), at.astimezone(zone)
    if there.date() == here.date():
        return f"From {formats.clock_time(there)}"
    return f"From {formats.short_day(there, here.date())}"

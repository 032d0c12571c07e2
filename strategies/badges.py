"""The word in the list for "may I call this person?": a prefilter from stored facts, not the verdict.

Claims, calls and messages ask compliance itself; the list only shows what its counters already say (DECISIONS 16).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from core import formats

from . import hours
from .queries import Row

CALL_CAP, CAP_DAYS = 7, 7  # 12 CFR 1006.14(b)(2)

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


ALLOWED = Badge("Allowed now", "ok", "It is between 8 AM and 9 PM there, and nothing forbids a call.")


def badge(row: Row, at: datetime) -> Badge:
    """May this person be called at `at`, as far as the list knows."""
    for kind in HOLD_WORDS:
        if row.holds and kind in row.holds:
            return Badge(HOLD_WORDS[kind][0], "stop", HOLD_WORDS[kind][1])
    if row.calls >= CALL_CAP:
        return Badge("Not today", "stop", f"{row.calls} of {CALL_CAP} calls used in {CAP_DAYS} days.")
    if row.talked_at is not None:
        free = row.talked_at + timedelta(days=CAP_DAYS)
        return Badge(_from(free, row, at), "hold", "We talked within the last 7 days.")
    if not hours.is_open(row.zone_key, at):
        opens = hours.opens_at(row.zone_key, at)
        if opens is None:
            return Badge("Place unknown", "hold", "We don't know what time it is where this person is.")
        return Badge(_from(max(opens, row.not_before), row, at), "hold", "It is not between 8 AM and 9 PM there.")
    if row.not_before > at:
        return Badge(_from(row.not_before, row, at), "hold", "Put off until then.")
    return ALLOWED


def _from(moment: datetime, row: Row, at: datetime) -> str:
    """`From 9:00 AM` on the person's own clock, or `From Nov 19` on another day."""
    zone = ZoneInfo(row.home_zone or row.zone_key.split("|")[0] or "UTC")
    there, here = moment.astimezone(zone), at.astimezone(zone)
    if there.date() == here.date():
        return f"From {formats.clock_time(there)}"
    return f"From {formats.short_day(there, here.date())}"

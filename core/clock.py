"""The one clock. Views, tasks and commands read it once and pass it on as `at=` or `on=`."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings


def now() -> datetime:
    """The present moment in UTC, moved by `up --clock` (CRM_CLOCK_OFFSET, seconds)."""
    return datetime.now(UTC) + timedelta(seconds=settings.CRM_CLOCK_OFFSET)


def today(zone: str, at: datetime | None = None) -> date:
    """The calendar day in an IANA zone at a moment (default: now)."""
    return (at or now()).astimezone(ZoneInfo(zone)).date()

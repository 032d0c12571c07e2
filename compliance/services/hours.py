"""Who is inside calling hours now, for prefilters of lists (decision 0007)."""

from datetime import datetime, timedelta

from accounts.models import Debtor
from compliance.rules import helpers


def open_zone_keys(at: datetime) -> frozenset[str]:
    """The zone keys in use whose calling hours are open in every zone now."""
    keys = Debtor.objects.order_by("zone_key").values_list("zone_key", flat=True).distinct()
    return frozenset(key for key in keys if key and is_open(key, at))


def is_open(zone_key: str, at: datetime) -> bool:
    """Are the default hours (8 to 21, end exclusive) open in every zone of a key?"""
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    minute = (at - midnight).total_seconds() / 60
    for shift in (0, 1):
        day = (midnight - timedelta(days=shift)).date()
        hours = helpers.opening_hours(zone_key.split("|"), on=day)
        if hours is not None and hours[0] <= minute + 1440 * shift < hours[1]:
            return True
    return False

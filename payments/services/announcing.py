"""Tell the rest of the product of money that came by itself (no officer waits at a screen for it): many at once.

The payment's row is the queue: a tick looks at what was recorded since the one before. Looking twice does no harm.
"""

from datetime import datetime, timedelta

from payments import signals
from payments.models import Payment

CHUNK = 1000
OVERLAP = timedelta(minutes=2)  # a transaction that took longer is found by the quarter-hourly refresh
LONGEST = timedelta(days=1)


def announce(*, at: datetime, since: datetime | None) -> dict[str, int]:
    """Announce what came from `since` (less an overlap; None: a day) until now. Returns how many payments."""
    start = max(since - OVERLAP, at - LONGEST) if since else at - LONGEST
    came = Payment.objects.filter(taken_by=None, recorded_at__gt=start, recorded_at__lte=at).order_by("pk")
    count, last = 0, 0
    while chunk := list(came.filter(pk__gt=last)[:CHUNK]):
        signals.money_came.send_robust(sender=Payment, payments=chunk, at=at)
        count, last = count + len(chunk), chunk[-1].pk
    return {"payments_announced": count}

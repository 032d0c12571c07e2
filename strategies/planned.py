"""What is planned for a day: people to call, call-backs, and messages that are due. For rules that may change."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from accounts.models import Account
from compliance.planned import Planned, Span
from compliance.services import Request
from letters import kinds
from letters.models import Message
from letters.states import State

from .models import Queue, WorkItem

# A call without a time of its own may be made all day: asked at the edges of the day and in its middle.
_MINUTES = (8 * 60, 12 * 60, 20 * 60 + 45)


def contacts(span: Span) -> Iterator[Planned]:
    """Calls first, the most urgent ahead, then messages. Four queries."""
    yield from _calls(span)
    yield from _messages(span)


def _calls(span: Span) -> Iterator[Planned]:
    rows = WorkItem.objects.visible_to(span.user).filter(state=WorkItem.State.OPEN, not_before__lt=span.until)
    if span.creditors is not None:
        rows = rows.filter(portfolio__creditor__slug__in=span.creditors)
    rows = rows.select_related("debtor", "account__portfolio__creditor").order_by("-priority", "pk")
    for row in rows[: span.most]:
        zone = ZoneInfo(row.debtor.home_zone or "America/New_York")
        own = row.due_at if row.queue == Queue.CALLBACK else row.not_before
        if own is not None and span.since <= own < span.until:
            moments: tuple[datetime, ...] = (own,)
        else:
            moments = tuple(_of_day(span.since, zone, minute) for minute in _MINUTES)
        what = "Call-back" if row.queue == Queue.CALLBACK else row.next_step or "Call"
        yield Planned(Request(row.debtor, "call", [row.account]), what, moments)


def _messages(span: Span) -> Iterator[Planned]:
    rows = Message.objects.visible_to(span.user).filter(
        state=State.QUEUED, due_at__gte=span.since, due_at__lt=span.until
    )
    if span.creditors is not None:
        rows = rows.filter(account__portfolio__creditor__slug__in=span.creditors)
    rows = rows.select_related("debtor", "contact_point", "account__portfolio__creditor").order_by("due_at", "pk")
    for row in rows[: span.most]:
        accounts: list[Account] = [row.account]
        request = Request(
            row.debtor, kinds.CHANNEL_IN_RULES[row.channel], accounts, row.contact_point, kinds.of(row.kind).purpose
        )
        yield Planned(request, f"{row.get_channel_display()}: {row.kind.replace('_', ' ')}", (row.due_at,))


def _of_day(since: datetime, zone: ZoneInfo, minute: int) -> datetime:
    """That minute of the person's clock, on the day that has its noon in the span."""
    day = (since + timedelta(hours=12)).astimezone(zone).date()
    return datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=zone).astimezone(UTC)

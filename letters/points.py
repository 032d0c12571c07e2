"""Which phone, e-mail or address a message goes to."""

from collections.abc import Iterable
from datetime import datetime

from accounts.models import ContactPoint
from letters.channels import Recipient
from letters.kinds import POINT_KIND

_TEXTABLE = (ContactPoint.Line.MOBILE, ContactPoint.Line.UNKNOWN, ContactPoint.Line.VOIP)


def fits(point: ContactPoint, channel: str) -> bool:
    """May this point take this channel at all: right kind, in use, a line that takes texts."""
    if point.kind != POINT_KIND[channel] or not point.usable:
        return False
    return channel != "sms" or (point.line in _TEXTABLE and point.value.startswith("+"))


def best(points: Iterable[ContactPoint], channel: str) -> ContactPoint | None:
    """The preferred one, then a checked one, then the newest; None when there is none."""
    return max((p for p in points if fits(p, channel)), key=_rank, default=None)


def _rank(point: ContactPoint) -> tuple[bool, bool, bool, datetime, int]:
    at_work = point.use == ContactPoint.Use.WORK or point.employer_provided
    return (point.preferred, not at_work, point.status == ContactPoint.Status.ACTIVE, point.source_at, point.pk)


def recipient(point: ContactPoint, name: str) -> Recipient:
    """The point as a channel's recipient."""
    if point.kind == ContactPoint.Kind.ADDRESS:
        return Recipient(name=name, address_lines=tuple(point.address_lines))
    if point.kind == ContactPoint.Kind.EMAIL:
        return Recipient(name=name, email=point.value)
    return Recipient(name=name, phone=point.value)


def shown(point: ContactPoint) -> str:
    """The point as one line, for the record of where it was sent."""
    return (", ".join(point.address_lines) or point.value)[:320]

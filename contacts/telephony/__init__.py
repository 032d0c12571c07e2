"""The telephone, behind one small door: `line().ring(...)` (STACK: adapters)."""

from django.conf import settings

from .base import Line, Ring
from .fake import FakeLine
from .link import SchemeLine

__all__ = ["Line", "Ring", "line"]


def line() -> Line:
    """The adapter of this installation: TELEPHONY["adapter"] is `fake` or `link`."""
    if settings.TELEPHONY["adapter"] == "link":
        return SchemeLine(scheme=settings.TELEPHONY["scheme"])
    return FakeLine()

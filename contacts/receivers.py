"""What happens elsewhere and ends a call for help."""

from typing import Any

from compliance.models import Hold
from compliance.signals import hold_lifted
from core import clock

from . import services


def connect() -> None:
    """Called once when the apps are loaded."""
    hold_lifted.connect(on_hold_lifted, dispatch_uid="contacts.hold_lifted")


def on_hold_lifted(sender: Any, *, hold: Hold, **_: Any) -> None:
    """The pause of a person in distress was ended on the compliance page."""
    services.lifted_elsewhere(hold=hold, at=clock.now())

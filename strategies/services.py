"""The writes of this app, one door: `from strategies import services as work`."""

from .claims import claim_next
from .counts import refresh_counts
from .handback import Handed, hand_back, move_work
from .holds import Claim, Held, claim, expire, extend, hold_of, pass_over, queue_of, release, takeover
from .items import (
    CallbackRefused,
    UndoRefused,
    alert,
    assign,
    due_callbacks,
    finish_item,
    finish_replies,
    flag_wrong_priority,
    hurry_replies,
    pass_on_callbacks,
    schedule_callback,
    snooze,
    undo,
)
from .refresh import refresh_all, refresh_people, weights

__all__ = [
    "CallbackRefused",
    "Claim",
    "Handed",
    "Held",
    "UndoRefused",
    "alert",
    "assign",
    "claim",
    "claim_next",
    "due_callbacks",
    "expire",
    "extend",
    "finish_item",
    "finish_replies",
    "flag_wrong_priority",
    "hand_back",
    "hold_of",
    "hurry_replies",
    "move_work",
    "pass_on_callbacks",
    "pass_over",
    "queue_of",
    "refresh_all",
    "refresh_counts",
    "refresh_people",
    "release",
    "schedule_callback",
    "snooze",
    "takeover",
    "undo",
    "weights",
]

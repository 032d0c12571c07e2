"""Writes about conversations, attempts and what people tell us."""

from .calls import (
    CallMistake,
    CallRefused,
    Inbound,
    callable_accounts,
    hand_over,
    locked,
    move_line,
    open_call,
    receive_call,
    start_call,
    toggle_hold,
)
from .closing import OutcomeRefused, allowed_outcome, close_call, close_locked, debts_of
from .disputes import ANSWERS, DisputeRefused, answer_dispute, open_dispute
from .identity import Fact, NotVerified, facts_on_record, verify
from .notes import NoteRefused, add_note, record_message, save_draft
from .requests import RequestRefused, add_attorney, stop_contact, wrong_party
from .scripting import (
    ScriptError,
    StepRefused,
    live_version,
    put_live,
    save_version,
    step_done,
    steps_of,
    unread,
)

__all__ = [
    "ANSWERS",
    "CallMistake",
    "CallRefused",
    "DisputeRefused",
    "Fact",
    "Inbound",
    "NotVerified",
    "NoteRefused",
    "OutcomeRefused",
    "RequestRefused",
    "ScriptError",
    "StepRefused",
    "add_attorney",
    "add_note",
    "allowed_outcome",
    "answer_dispute",
    "callable_accounts",
    "close_call",
    "close_locked",
    "debts_of",
    "facts_on_record",
    "hand_over",
    "live_version",
    "locked",
    "move_line",
    "open_call",
    "open_dispute",
    "put_live",
    "receive_call",
    "record_message",
    "save_draft",
    "save_version",
    "start_call",
    "step_done",
    "steps_of",
    "stop_contact",
    "toggle_hold",
    "unread",
    "verify",
    "wrong_party",
]

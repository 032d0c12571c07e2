"""Writes about conversations, attempts and what people tell us."""

from .budgets import BudgetRefused, budget_of, save_budget
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
from .closing import IN_DISTRESS, OutcomeRefused, allowed_outcome, close_call, close_locked, debts_of
from .disputes import ANSWERS, DisputeRefused, answer_dispute, open_dispute
from .distress import SOURCE as DISTRESS
from .distress import ReviewRefused, call_for_help, lifted_elsewhere, review
from .identity import Fact, NotVerified, facts_on_record, verify
from .lead import LeadMistake, answer_question, ask_lead, on_it
from .notes import NoteRefused, add_note, record_message, save_draft
from .party import PartyMistake, on_the_line, save_party_rule, silent
from .replies import answer_replies, finish_replies, receive_reply, reopen_replies
from .requests import RequestRefused, add_attorney, stop_contact, wrong_party
from .scripting import (
    ScriptError,
    StepRefused,
    live_version,
    pick_version,
    put_live,
    save_version,
    step_done,
    steps_of,
    unread,
)
from .undoing import binding, is_final, take_back
from .words import HelpWordsError, help_in, save_help_words

__all__ = [
    "ANSWERS",
    "BudgetRefused",
    "CallMistake",
    "CallRefused",
    "DISTRESS",
    "DisputeRefused",
    "Fact",
    "HelpWordsError",
    "IN_DISTRESS",
    "Inbound",
    "LeadMistake",
    "NotVerified",
    "NoteRefused",
    "OutcomeRefused",
    "PartyMistake",
    "RequestRefused",
    "ReviewRefused",
    "ScriptError",
    "StepRefused",
    "add_attorney",
    "add_note",
    "allowed_outcome",
    "answer_dispute",
    "answer_question",
    "answer_replies",
    "ask_lead",
    "binding",
    "budget_of",
    "call_for_help",
    "callable_accounts",
    "close_call",
    "close_locked",
    "debts_of",
    "facts_on_record",
    "finish_replies",
    "hand_over",
    "help_in",
    "is_final",
    "lifted_elsewhere",
    "live_version",
    "locked",
    "move_line",
    "on_it",
    "on_the_line",
    "open_call",
    "open_dispute",
    "pick_version",
    "put_live",
    "receive_call",
    "receive_reply",
    "record_message",
    "reopen_replies",
    "review",
    "save_budget",
    "save_draft",
    "save_help_words",
    "save_party_rule",
    "save_version",
    "silent",
    "start_call",
    "step_done",
    "steps_of",
    "stop_contact",
    "take_back",
    "toggle_hold",
    "unread",
    "verify",
    "wrong_party",
]

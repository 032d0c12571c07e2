"""Each conversation and attempt, what officers say, what people told us, and what officers ask their lead."""

from .budgets import BudgetSheet
from .help import HelpWords, LeadRequest, LockedNote, PartyRule
from .replies import Reply
from .talks import Disposition, Dispute, Draft, Interaction, Script, ScriptVersion

__all__ = [
    "BudgetSheet",
    "Dispute",
    "Disposition",
    "Draft",
    "HelpWords",
    "Interaction",
    "LeadRequest",
    "LockedNote",
    "PartyRule",
    "Reply",
    "Script",
    "ScriptVersion",
]

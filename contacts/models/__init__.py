"""Each conversation and attempt, what officers say, what people told us, and what officers ask their lead."""

from .help import HelpWords, LeadRequest, LockedNote
from .talks import Dispute, Disposition, Draft, Interaction, Script, ScriptVersion

__all__ = [
    "Dispute",
    "Disposition",
    "Draft",
    "HelpWords",
    "Interaction",
    "LeadRequest",
    "LockedNote",
    "Script",
    "ScriptVersion",
]

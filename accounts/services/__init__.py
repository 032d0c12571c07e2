"""Writes about debts, people and how to reach them; one module a subject."""

from .ageing import age_accounts
from .contact_points import ContactPointRefused, add_contact_point, refresh_places, set_contact_status
from .debts import (
    RECEIVABLE,
    AccountRefused,
    change_status,
    move_balance,
    placement_lines,
    post,
    post_collective,
    reverse,
    reverse_collective,
)
from .identifiers import add_identifier, reveal_identifier
from .payoffs import Payoff, payoff, quote

__all__ = [
    "RECEIVABLE",
    "AccountRefused",
    "ContactPointRefused",
    "Payoff",
    "add_contact_point",
    "add_identifier",
    "age_accounts",
    "change_status",
    "move_balance",
    "payoff",
    "placement_lines",
    "post",
    "post_collective",
    "quote",
    "refresh_places",
    "reveal_identifier",
    "reverse",
    "reverse_collective",
    "set_contact_status",
]

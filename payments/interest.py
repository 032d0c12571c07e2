"""Moved to accounts.interest, where payoff figures need it; the old name stays for those who read it here."""

from accounts.interest import (
    CappedInterest,
    InterestError,
    PaymentRow,
    Payoff,
    day_count,
    level_payment,
    merchants_rule,
    payoff,
    per_diem,
    scra_interest,
    simple_interest,
    us_rule,
)

__all__ = [
    "CappedInterest",
    "InterestError",
    "PaymentRow",
    "Payoff",
    "day_count",
    "level_payment",
    "merchants_rule",
    "payoff",
    "per_diem",
    "scra_interest",
    "simple_interest",
    "us_rule",
]

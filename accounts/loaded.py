"""Debts with their portfolio and creditor in one prepared statement, for a few: as select_related reads them."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from core import prepared

from .models import Account, Organization, Portfolio

_COUNTS = [len(kind._meta.concrete_fields) for kind in (Account, Portfolio)]


def debts(condition: str, values: Mapping[str, Any], types: Mapping[str, str]) -> list[Account]:
    """Debts that fit a condition on the row `a`, oldest first; `values` and `types` as in core.prepared.

    Debts of one portfolio share its row.
    """
    portfolios: dict[int, Portfolio] = {}
    found = []
    own, shared = _COUNTS
    for row in prepared.rows(_select(condition), values, types):
        account = prepared.read(Account, row[:own])
        portfolio = portfolios.get(account.portfolio_id)
        if portfolio is None:
            portfolio = portfolios[account.portfolio_id] = prepared.read(Portfolio, row[own : own + shared])
            portfolio.creditor = prepared.read(Organization, row[own + shared :])
        account.portfolio = portfolio
        found.append(account)
    return found


@cache
def _select(condition: str) -> str:
    wanted = [(Account, "a"), (Portfolio, "p"), (Organization, "o")]
    columns = ", ".join(prepared.columns(kind, alias) for kind, alias in wanted)
    return f"""SELECT {columns} FROM accounts_account a
JOIN accounts_portfolio p ON p.id = a.portfolio_id JOIN accounts_organization o ON o.id = p.creditor_id
WHERE {condition} ORDER BY a.id"""  # noqa: S608

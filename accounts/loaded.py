"""Debts with their portfolio and creditor in one prepared statement, for a few: as select_related reads them."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from core import prepared

from .models import Account, Organization, Portfolio

_KINDS = (Account, Portfolio, Organization)


def debts(condition: str, values: Mapping[str, Any], types: Mapping[str, str]) -> list[Account]:
    """Debts that fit a condition on the row `a`, oldest first; `values` and `types` as in core.prepared.

    Debts of one portfolio share its row.
    """
    portfolios: dict[int, Portfolio] = {}
    found = []
    for row in prepared.rows(_select(condition), values, types):
        account, portfolio, portfolio.creditor = prepared.read_all(row, _KINDS)
        account.portfolio = portfolios.setdefault(portfolio.pk, portfolio)
        found.append(account)
    return found


@cache
def _select(condition: str) -> str:
    columns = ", ".join(map(prepared.columns, _KINDS, "apo"))
    return f"""SELECT {columns} FROM accounts_account a
JOIN accounts_portfolio p ON p.id = a.portfolio_id JOIN accounts_organization o ON o.id = p.creditor_id
WHERE {condition} ORDER BY a.id"""  # noqa: S608

"""The debts a payment is about, locked; one prepared statement for debts and portfolios."""

from collections.abc import Iterable
from functools import cache

from accounts.models import Account, Portfolio
from core import prepared


def lock(ids: Iterable[int]) -> list[Account]:
    """These debts with their portfolios, locked in ascending order until the transaction ends."""
    found = prepared.rows(_sql(), {"ids": prepared.array(sorted(ids))}, {"ids": "bigint[]"})
    books: dict[int, Portfolio] = {}
    rows: list[Account] = []
    for values in found:
        account, book = prepared.read_all(values, (Account, Portfolio))
        account.portfolio = books.setdefault(book.pk, book)  # debts of one portfolio share its row
        rows.append(account)
    return rows


@cache
def _sql() -> str:
    chosen = f"{prepared.columns(Account, 'a')}, {prepared.columns(Portfolio, 'p')}"
    return (
        f"SELECT {chosen} FROM accounts_account a JOIN accounts_portfolio p ON p.id = a.portfolio_id "  # noqa: S608
        "WHERE a.id = ANY(%(ids)s) ORDER BY a.id FOR UPDATE OF a"
    )

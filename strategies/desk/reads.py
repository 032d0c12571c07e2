"""The rows behind the work screen, by written statements: building them as querysets costs more than running them."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import Http404

from accounts.access import portfolio_ids
from accounts.models import Account, AccountParty, ContactPoint, Debtor, Organization, Portfolio
from core import prepared
from users.models import User

_DEBT = (Account, Portfolio, Organization, Organization)
_DEBTS = f"""SELECT {", ".join(map(prepared.columns, _DEBT, "aboc"))} FROM accounts_account a
JOIN accounts_portfolio b ON b.id = a.portfolio_id
JOIN accounts_organization o ON o.id = b.creditor_id
JOIN accounts_organization c ON c.id = a.creditor_id
WHERE a.debtor_id = %(debtor)s AND (%(books)s IS NULL OR a.portfolio_id = ANY(%(books)s))
ORDER BY a.balance DESC, a.id"""
_DEBTOR = f"SELECT {prepared.columns(Debtor, 'd')} FROM accounts_debtor d WHERE d.id = %(debtor)s"
_POINTS = f"""SELECT {prepared.columns(ContactPoint, "p")} FROM accounts_contactpoint p
WHERE p.debtor_id = %(debtor)s ORDER BY p.id"""
_ROLE = (AccountParty, Debtor, Account, Debtor, Organization)
_ROLES = f"""SELECT {", ".join(map(prepared.columns, _ROLE, "qdaoc"))} FROM accounts_accountparty q
JOIN accounts_debtor d ON d.id = q.debtor_id
JOIN accounts_account a ON a.id = q.account_id
JOIN accounts_debtor o ON o.id = a.debtor_id
JOIN accounts_organization c ON c.id = a.creditor_id
WHERE (q.account_id = ANY(%(accounts)s) OR q.debtor_id = %(debtor)s) AND q.role <> 'PRIMARY' ORDER BY q.id"""
LARGEST = 2**63 - 1  # of bigint: the address may hold any number
_ONE = {"debtor": "bigint"}
_TYPES = {"debtor": "bigint", "books": "bigint[]"}


def person(*, user: User, debtor_id: int) -> tuple[Debtor, list[Account]]:
    """The person and her debts that this user may see, each with portfolio and creditor. Raises Http404.

    Whoever has a debt in a book of the user is visible; who only answers for one is asked for by `visible_to`.
    """
    if debtor_id > LARGEST:
        raise Http404
    ids = portfolio_ids(user)
    values = {"debtor": debtor_id, "books": None if ids is None else sorted(ids)}
    accounts = [_debt(row) for row in prepared.rows(_DEBTS, values, _TYPES)]
    if not accounts and not Debtor.objects.visible_to(user).filter(pk=debtor_id).exists():
        raise Http404
    debtor = prepared.read(Debtor, prepared.rows(_DEBTOR, {"debtor": debtor_id}, _ONE)[0])
    for account in accounts:
        account.debtor = debtor
    return debtor, accounts


def _debt(row: tuple[object, ...]) -> Account:
    account: Account
    account, account.portfolio, account.portfolio.creditor, account.creditor = prepared.read_all(row, _DEBT)
    return account


def roles(*, debtor_id: int, accounts: Sequence[int]) -> list[AccountParty]:
    """Who else belongs to these debts, and on whose debts this person is, each with person, debt and whose it is."""
    values = {"debtor": debtor_id, "accounts": list(accounts)}
    return [_role(row) for row in prepared.rows(_ROLES, values, {"debtor": "bigint", "accounts": "bigint[]"})]


def _role(row: tuple[object, ...]) -> AccountParty:
    party: AccountParty
    party, party.debtor, party.account, party.account.debtor, party.account.creditor = prepared.read_all(row, _ROLE)
    return party


def points(debtor_id: int) -> list[ContactPoint]:
    """All ways to reach a person, in the order in which we learned of them."""
    return [prepared.read(ContactPoint, row) for row in prepared.rows(_POINTS, {"debtor": debtor_id}, _ONE)]

"""The rows behind the work screen, by written statements: building them as querysets costs more than running them."""

from __future__ import annotations

from django.db.models import Model
from django.http import Http404

from accounts.access import portfolio_ids
from accounts.models import Account, ContactPoint, Debtor, Organization, Portfolio
from core import prepared
from users.models import User

_DEBTS = f"""SELECT {prepared.columns(Account, "a")}, {prepared.columns(Portfolio, "b")},
    {prepared.columns(Organization, "o")}, {prepared.columns(Organization, "c")}
FROM accounts_account a
JOIN accounts_portfolio b ON b.id = a.portfolio_id
JOIN accounts_organization o ON o.id = b.creditor_id
JOIN accounts_organization c ON c.id = a.creditor_id
WHERE a.debtor_id = %(debtor)s AND (%(books)s IS NULL OR a.portfolio_id = ANY(%(books)s))
ORDER BY a.balance DESC, a.id"""
_DEBTOR = f"SELECT {prepared.columns(Debtor, 'd')} FROM accounts_debtor d WHERE d.id = %(debtor)s"
_POINTS = f"""SELECT {prepared.columns(ContactPoint, "p")} FROM accounts_contactpoint p
WHERE p.debtor_id = %(debtor)s ORDER BY p.id"""
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


def _width(model: type[Model]) -> int:
    return len(model._meta.concrete_fields)


def _debt(row: tuple[object, ...]) -> Account:
    first = _width(Account)
    second, third = first + _width(Portfolio), _width(Organization)
    account: Account = prepared.read(Account, row[:first])
    account.portfolio = prepared.read(Portfolio, row[first:second])
    account.portfolio.creditor = prepared.read(Organization, row[second : second + third])
    account.creditor = prepared.read(Organization, row[second + third :])
    return account


def points(debtor_id: int) -> list[ContactPoint]:
    """All ways to reach a person, in the order in which we learned of them."""
    return [prepared.read(ContactPoint, row) for row in prepared.rows(_POINTS, {"debtor": debtor_id}, _ONE)]

"""Writes about debts, people and how to reach them."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from accounts import states
from accounts.models import Account
from core import audit, prepared, transitions
from core.prepared import array
from ledger import services as ledger
from ledger.models import Journal
from ledger.services import Line, Posting

RECEIVABLE = "receivable."
_MOVE = """UPDATE accounts_account SET balance = balance + %(change)s, version = version + 1,
    last_payment_date = COALESCE(%(paid_on)s, last_payment_date),
    last_payment_amount = COALESCE(%(paid)s, last_payment_amount)
WHERE id = %(id)s RETURNING balance, version, last_payment_date, last_payment_amount"""
_MOVE_TYPES = {"id": "bigint", "change": "numeric", "paid_on": "date", "paid": "numeric"}


_MOVE_MANY = """UPDATE accounts_account a SET balance = a.balance + m.change, version = a.version + 1
FROM (SELECT id, sum(change) AS change FROM unnest(%s::bigint[], %s::numeric[]) AS n(id, change) GROUP BY id) m
WHERE a.id = m.id"""


class AccountRefused(Exception):
    """The change does not fit what the account is."""


def post(
    *,
    account: Account,
    key: str,
    code: str,
    lines: Sequence[Line],
    effective_date: date,
    at: datetime,
    by: Any = None,
    memo: str = "",
    fresh: bool = False,
    last_payment: tuple[date, Decimal] | None = None,
) -> tuple[Journal, bool]:
    """Post a journal for an account and move its running balance in the same transaction.

    Money in the account's currency. `fresh`: the caller has looked for the key already. `last_payment` is set in
    the same UPDATE. Raises ledger.services.PostingRefused.
    """
    posting = Posting(
        key=key,
        code=code,
        subject_id=account.pk,
        currency=account.currency,
        effective_date=effective_date,
        lines=lines,
        memo=memo,
    )
    # Within a transaction a savepoint would protect nothing: what fails here after the first write fails it all.
    with nullcontext() if connection.in_atomic_block else transaction.atomic():
        journal, new = ledger.post(posting, at=at, actor_id=getattr(by, "pk", None), fresh=fresh)
        if new:
            move_balance(account, lines, last_payment=last_payment)
    return journal, new


@transaction.atomic
def post_collective(
    *,
    key: str,
    code: str,
    currency: str,
    lines: Sequence[Line],
    effective_date: date,
    at: datetime,
    by: Any = None,
    memo: str = "",
) -> Journal:
    """Post one journal about many accounts (each line names its own) and move their running balances.

    The caller has locked them in ascending order and knows that the key is new. Raises ledger.services.PostingRefused.
    """
    posting = Posting(
        key=key, code=code, subject_id=None, currency=currency, effective_date=effective_date, lines=lines, memo=memo
    )
    journal, _ = ledger.post(posting, at=at, actor_id=getattr(by, "pk", None), fresh=True)
    _move_many(lines)
    return journal


@transaction.atomic
def reverse_collective(
    *, journal_id: Any, key: str, code: str, effective_date: date, at: datetime, by: Any = None, memo: str = ""
) -> Journal:
    """Mirror a journal about a few accounts and move their balances back; the caller has locked them.

    Raises ledger.services.PostingRefused.
    """
    journal, new = ledger.reverse(
        journal_id=journal_id, key=key, code=code, effective_date=effective_date, at=at,
        actor_id=getattr(by, "pk", None), memo=memo,
    )  # fmt: skip
    if new:
        entries = journal.entries.filter(effective_date=journal.effective_date)
        _move_many([Line(e.account_id, e.debit, e.credit, subject_id=e.subject_id) for e in entries])
    return journal


@transaction.atomic
def reverse(
    *,
    account: Account,
    journal_id: Any,
    key: str,
    code: str,
    effective_date: date,
    at: datetime,
    by: Any = None,
    memo: str = "",
) -> tuple[Journal, bool]:
    """Mirror a journal of this account and move its balance back. Raises ledger.services.PostingRefused."""
    journal, new = ledger.reverse(
        journal_id=journal_id,
        key=key,
        code=code,
        effective_date=effective_date,
        at=at,
        actor_id=getattr(by, "pk", None),
        memo=memo,
    )
    if new:
        entries = journal.entries.filter(effective_date=journal.effective_date)
        move_balance(account, [Line(e.account_id, e.debit, e.credit) for e in entries])
    return journal, new


def _move_many(lines: Sequence[Line]) -> None:
    moved = [
        (line.subject_id, (line.debit or Decimal(0)) - (line.credit or Decimal(0)))
        for line in lines
        if line.subject_id is not None and line.account.startswith(RECEIVABLE)
    ]
    with connection.cursor() as cursor:
        cursor.execute(_MOVE_MANY, [array(one for one, _ in moved), array(change for _, change in moved)])


def move_balance(account: Account, lines: Sequence[Line], *, last_payment: tuple[date, Decimal] | None = None) -> None:
    """Add the receivable lines' debits less credits to the account's running balance; `account` gets the new one."""
    change = sum(
        ((x.debit or Decimal(0)) - (x.credit or Decimal(0)) for x in lines if x.account.startswith(RECEIVABLE)),
        Decimal(0),
    )
    if not change and last_payment is None:
        return
    paid_on, paid = last_payment or (None, None)
    values = {"id": account.pk, "change": change, "paid_on": paid_on, "paid": paid}
    moved = prepared.one(_MOVE, values, _MOVE_TYPES)
    if moved is None:
        raise AccountRefused("This debt is gone.")
    account.balance, account.version, account.last_payment_date, account.last_payment_amount = moved


def placement_lines(parts: Mapping[str, Decimal], *, party_id: int | None = None) -> list[Line]:
    """The opening lines of a placed debt: each part owed against what the creditor placed.

    A negative part (a credit the creditor grants) is posted the other way round.
    """
    lines: list[Line] = []
    for component, amount in parts.items():
        if amount > 0:
            lines.append(Line(f"{RECEIVABLE}{component}", debit=amount))
        elif amount < 0:
            lines.append(Line(f"{RECEIVABLE}{component}", credit=-amount))
    total = sum(parts.values(), Decimal(0))
    if total > 0:
        lines.append(Line("clearing.placed", credit=total, party_id=party_id))
    elif total < 0:
        lines.append(Line("clearing.placed", debit=-total, party_id=party_id))
    return lines


@transaction.atomic
def change_status(*, account: Account, to: str, at: datetime, by: Any = None, reason: str = "") -> None:
    """Move an account by the table in states.py. Raises core.transitions.NotAllowed or Overtaken."""
    old = account.status
    ended = {"closed_at": at} if to not in states.OPEN else {"closed_at": None} if old not in states.OPEN else {}
    transitions.move(account, to, table=states.TABLE, at=at, by=by, reason=reason, extra=ended)
    audit.record(
        "account.status_changed",
        actor=by,
        subject=account,
        data={"from": old, "to": to},
        reason=reason,
        person_id=account.debtor_id,
        portfolio_id=account.portfolio_id,
    )

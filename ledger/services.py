"""The one door for money: `post` and `reverse`. Nothing else in the project writes ledger tables."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID, uuid4

from django.db import connection, transaction

from core.ids import uuid7

from .models import Balance, Entry, Journal

_CARRIED = ("receivable.", "suspense.")


class PostingRefused(Exception):
    """The posting is not a balanced, positive, one-currency journal, or reverses what can't be reversed."""


@dataclass(frozen=True, slots=True)
class Line:
    """One debit or credit. Amount in the journal's currency, positive, two decimals."""

    account: str
    debit: Decimal | None = None
    credit: Decimal | None = None
    party_id: int | None = None


@dataclass(frozen=True, slots=True)
class Posting:
    """A journal to be: `key` is the business fact's own (`payment:<id>`), so a repeat changes nothing."""

    key: str
    code: str
    subject_id: int | None
    currency: str
    effective_date: date
    lines: Sequence[Line]
    memo: str = ""
    reverses: UUID | None = None
    id: UUID = field(default_factory=uuid4)


def _check(posting: Posting) -> None:
    if len(posting.lines) < 2:
        raise PostingRefused("A journal needs two lines or more.")
    total = Decimal(0)
    for line in posting.lines:
        amount = line.debit if line.debit is not None else line.credit
        if amount is None or (line.debit is not None) == (line.credit is not None):
            raise PostingRefused("A line is either a debit or a credit.")
        if amount <= 0 or amount != amount.quantize(Decimal("0.01")):
            raise PostingRefused("A line's amount is positive, with two decimals at most.")
        total += amount if line.debit is not None else -amount
    if total != 0:
        raise PostingRefused(f"Debits and credits differ by {abs(total)}.")


def digest(posting: Posting) -> str:
    """SHA-256 over the journal's money, kept on the journal so that `check_ledger` can name an altered one."""
    parts = [
        posting.key,
        posting.code,
        str(posting.subject_id),
        posting.currency,
        str(posting.effective_date),
    ]
    parts += sorted(
        f"{line.account}|{line.debit if line.debit is None else f'{line.debit:.2f}'}"
        f"|{line.credit if line.credit is None else f'{line.credit:.2f}'}"
        for line in posting.lines
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def post(posting: Posting, *, at: datetime, actor_id: int | None = None, fresh: bool = False) -> tuple[Journal, bool]:
    """Write one journal. Returns it and whether it is new; a key posted before returns the first journal unchanged.

    `fresh` says that the caller has looked already: then a repeat raises IntegrityError.
    Raises PostingRefused. The database proves debits = credits again at commit.
    """
    earlier = None if fresh else Journal.objects.filter(key=posting.key).first()
    if earlier is not None:
        return earlier, False
    return _write([posting], at, actor_id)[0], True


def post_many(postings: Sequence[Posting], *, at: datetime, actor_id: int | None = None) -> int:
    """Write many new journals at once (imports, nightly interest). Keys must be new: a repeat raises IntegrityError."""
    return len(_write(postings, at, actor_id))


def _write(postings: Sequence[Posting], at: datetime, actor_id: int | None) -> list[Journal]:
    """Check everything before anything is written, so that a refusal leaves an outer transaction usable."""
    for posting in postings:
        _check(posting)
    journals = [_journal(posting, at, actor_id) for posting in postings]
    with transaction.atomic(savepoint=False):
        Journal.objects.bulk_create(journals, batch_size=1000)
        Entry.objects.bulk_create([e for p in postings for e in _entries(p, at)], batch_size=2000)
        _carry(postings)
    return journals


def _journal(posting: Posting, at: datetime, actor_id: int | None) -> Journal:
    return Journal(
        id=posting.id,
        key=posting.key,
        code=posting.code,
        subject_id=posting.subject_id,
        currency=posting.currency,
        effective_date=posting.effective_date,
        posted_at=at,
        recorded_at=at,
        reverses_id=posting.reverses,
        memo=posting.memo[:200],
        actor_id=actor_id,
        digest=digest(posting),
    )


def _entries(posting: Posting, at: datetime) -> Iterable[Entry]:
    for line in posting.lines:
        yield Entry(
            id=uuid7(),
            journal_id=posting.id,
            account_id=line.account,
            subject_id=posting.subject_id,
            party_id=line.party_id,
            currency=posting.currency,
            debit=line.debit,
            credit=line.credit,
            effective_date=posting.effective_date,
            recorded_at=at,
        )


def _carry(postings: Sequence[Posting]) -> None:
    """Move the running balances, in ascending subject order so that two postings never deadlock."""
    moves: dict[tuple[int, str, str], Decimal] = defaultdict(Decimal)
    for posting in postings:
        for line in posting.lines:
            if posting.subject_id is not None and line.account.startswith(_CARRIED):
                key = (posting.subject_id, line.account, posting.currency)
                moves[key] += (line.debit or Decimal(0)) - (line.credit or Decimal(0))
    rows = [(subject, account, currency, amount) for (subject, account, currency), amount in sorted(moves.items())]
    if not rows:
        return
    with connection.cursor() as cursor:
        for start in range(0, len(rows), 1000):
            part = rows[start : start + 1000]
            values = ", ".join(["(%s, %s, %s, %s)"] * len(part))
            cursor.execute(
                "INSERT INTO ledger_balance (subject_id, account_id, currency, amount) "
                f"VALUES {values} ON CONFLICT (subject_id, account_id, currency) "
                "DO UPDATE SET amount = ledger_balance.amount + EXCLUDED.amount",
                [value for row in part for value in row],
            )


@transaction.atomic
def reverse(
    *,
    journal_id: UUID,
    key: str,
    code: str,
    effective_date: date,
    at: datetime,
    actor_id: int | None = None,
    memo: str = "",
) -> tuple[Journal, bool]:
    """Mirror a journal's own lines (never recalculated; money rule M-APPLY-4). A journal is reversed once.

    Raises PostingRefused when it was reversed before under another key, or would be dated before it.
    """
    original = Journal.objects.select_for_update().get(pk=journal_id)
    earlier = Journal.objects.filter(reverses=original).first()
    if earlier is not None:
        if earlier.key == key:
            return earlier, False
        raise PostingRefused("This was reversed already.")
    if original.reverses_id is not None:
        raise PostingRefused("A reversal can't be reversed; post a new journal.")
    if effective_date < original.effective_date:
        raise PostingRefused("A reversal can't be dated before what it reverses.")
    lines = [
        Line(account=e.account_id, debit=e.credit, credit=e.debit, party_id=e.party_id)
        for e in original.entries.filter(effective_date=original.effective_date).order_by("id")
    ]
    return post(
        Posting(
            key=key,
            code=code,
            subject_id=original.subject_id,
            currency=original.currency,
            effective_date=effective_date,
            lines=lines,
            memo=memo,
            reverses=original.pk,
        ),
        at=at,
        actor_id=actor_id,
    )


def lock_balances(subject_ids: Sequence[int]) -> list[Balance]:
    """The running balances of these subjects, locked in ascending order until the transaction ends."""
    rows = Balance.objects.filter(subject_id__in=subject_ids).order_by("subject_id", "account_id")
    return list(rows.select_for_update())

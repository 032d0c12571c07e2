"""The one door for money: `post`, `post_many`, `post_spread`, `reverse`. Nothing else writes ledger tables."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID, uuid4

from django.db import transaction

from . import writing
from .models import Balance, Journal

_CENT = Decimal("0.01")


class PostingRefused(Exception):
    """The posting is not a balanced, positive, one-currency journal, or reverses what can't be reversed."""


@dataclass(frozen=True, slots=True)
class Line:
    """One debit or credit. Amount in the journal's currency, positive, two decimals.

    `subject_id` is for collective journals, which have no subject of their own.
    """

    account: str
    debit: Decimal | None = None
    credit: Decimal | None = None
    party_id: int | None = None
    subject_id: int | None = None


@dataclass(frozen=True, slots=True)
class Posting:
    """A journal to be: `key` is the business fact's own (`payment:<id>`), so a repeat changes nothing.

    `at` and `actor_id` are for history loaded in bulk, where each journal has its own; else the call's hold.
    """

    key: str
    code: str
    subject_id: int | None
    currency: str
    effective_date: date
    lines: Sequence[Line]
    memo: str = ""
    reverses: UUID | None = None
    at: datetime | None = None
    actor_id: int | None = None
    id: UUID = field(default_factory=uuid4)


@dataclass(frozen=True, slots=True)
class Spread:
    """A collective journal to be: `account` is debited an amount for each subject, `against` credited their sum.

    `subjects` and `amounts` (positive, two decimals, in the currency) are texts of PostgreSQL arrays of one length,
    as a query gives them with `array_agg(...)::text`: a million rows need not become a million objects.
    """

    key: str
    code: str
    currency: str
    account: str
    against: str
    subjects: str
    amounts: str
    effective_date: date
    memo: str = ""
    id: UUID = field(default_factory=uuid4)


def _check(posting: Posting) -> None:
    if len(posting.lines) < 2:
        raise PostingRefused("A journal needs two lines or more.")
    total = Decimal(0)
    for line in posting.lines:
        amount = line.debit if line.debit is not None else line.credit
        if amount is None or (line.debit is not None) == (line.credit is not None):
            raise PostingRefused("A line is either a debit or a credit.")
        if amount <= 0 or amount != amount.quantize(_CENT):
            raise PostingRefused("A line's amount is positive, with two decimals at most.")
        if line.subject_id is not None and posting.subject_id is not None:
            raise PostingRefused("Lines have a subject of their own only in a journal that has none.")
        total += amount if line.debit is not None else -amount
    if total != 0:
        raise PostingRefused(f"Debits and credits differ by {abs(total)}.")


def digest(posting: Posting) -> str:
    """SHA-256 over the journal's money, kept on the journal so that `check_ledger` can name an altered one."""
    parts = _head(posting, posting.subject_id)
    parts += sorted(map(_line_text, posting.lines))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _head(posting: "Posting | Spread", subject_id: int | None) -> list[str]:
    return [posting.key, posting.code, str(subject_id), posting.currency, str(posting.effective_date)]


def _line_text(line: Line) -> str:
    debit = line.debit if line.debit is None else f"{line.debit:.2f}"
    credit = line.credit if line.credit is None else f"{line.credit:.2f}"
    own = "" if line.subject_id is None else f"|{line.subject_id}"
    return f"{line.account}|{debit}|{credit}{own}"


def post(posting: Posting, *, at: datetime, actor_id: int | None = None, fresh: bool = False) -> tuple[Journal, bool]:
    """Write one journal. Returns it and whether it is new; a key posted before returns the first journal unchanged.

    `fresh` says that the caller has looked already: then a repeat raises IntegrityError.
    Raises PostingRefused before anything is written. The database proves debits = credits again.
    """
    _check(posting)
    earlier = None if fresh else Journal.objects.filter(key=posting.key).first()
    if earlier is not None:
        return earlier, False
    journal = _journal(posting, at, actor_id)
    writing.one(posting, journal.digest, at, actor_id)
    return journal, True


def post_many(postings: Sequence[Posting], *, at: datetime, actor_id: int | None = None) -> int:
    """Write many new journals by COPY (imports, the demo); how many. Keys must be new: a repeat raises IntegrityError.

    The same checks, digests, triggers and running balances as `post`; all or none. Raises PostingRefused before
    anything is written. It moves no balance of a debt: accounts.services does, or the caller who makes the debts.
    """
    for posting in postings:
        _check(posting)
    if postings:
        with transaction.atomic(savepoint=False):
            writing.many(postings, [digest(posting) for posting in postings], at, actor_id)
    return len(postings)


def post_spread(posting: Spread, *, at: datetime, actor_id: int | None = None) -> int:
    """Write one new collective journal (month-end interest) in one statement; how many subjects it is about.

    The same digest, triggers and running balances as `post_many`. A key posted before, a subject named twice or an
    amount that is not positive raises IntegrityError or another DatabaseError and writes nothing. It moves no balance
    of a debt: accounts.services does. Raises PostingRefused.
    """
    if posting.subjects == "{}" or not posting.account.startswith(writing.CARRIED):
        raise PostingRefused("A spread is about one subject or more, and its account is one whose balances are kept.")
    with transaction.atomic(savepoint=False):
        return writing.spread(posting, "\n".join([*_head(posting, None), ""]), at, actor_id)


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
    if original.subject_id is None and original.code == Journal.Code.INTEREST:
        raise PostingRefused("This journal is about many debts; correct one of them with a journal of its own.")
    if original.reverses_id is not None:
        raise PostingRefused("A reversal can't be reversed; post a new journal.")
    if effective_date < original.effective_date:
        raise PostingRefused("A reversal can't be dated before what it reverses.")
    many = original.subject_id is None
    lines = [
        Line(e.account_id, e.credit, e.debit, party_id=e.party_id, subject_id=e.subject_id if many else None)
        for e in original.entries.filter(effective_date=original.effective_date).order_by("id")
    ]
    posted = post(
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
    if original.code == Journal.Code.INTEREST:
        writing.accrue_back(original)
    return posted


def lock_balances(subject_ids: Sequence[int]) -> list[Balance]:
    """The running balances of these subjects, locked in ascending order until the transaction ends."""
    rows = Balance.objects.filter(subject_id__in=subject_ids).order_by("subject_id", "account_id")
    return list(rows.select_for_update())

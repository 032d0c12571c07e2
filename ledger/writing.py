"""How journals get into the tables: one by one prepared statement, many by COPY. Only ledger.services calls this."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import connection

from core import copying, prepared
from core.ids import uuid7

from .models import Entry, Journal

if TYPE_CHECKING:
    from .services import Posting, Spread

CARRIED = ("receivable.", "suspense.")
_ZERO = Decimal(0)

# The journal, its lines and the running balances they move, in one round trip.
_ONE = """
WITH journal AS (
    INSERT INTO ledger_journal (id, key, code, subject_id, currency, effective_date, posted_at, recorded_at,
        reverses_id, memo, actor_id, digest)
    VALUES (%(id)s, %(key)s, %(code)s, %(subject)s, %(currency)s, %(day)s, %(at)s, %(at)s, %(reverses)s, %(memo)s,
        %(actor)s, %(digest)s)
), entry AS (
    INSERT INTO ledger_entry (id, journal_id, account_id, subject_id, party_id, currency, debit, credit,
        effective_date, recorded_at)
    SELECT line.id, %(id)s, line.account, coalesce(line.subject, %(subject)s), line.party, %(currency)s, line.debit,
        line.credit, %(day)s, %(at)s
    FROM unnest(%(ids)s, %(accounts)s, %(subjects)s, %(parties)s, %(debits)s, %(credits)s)
        AS line (id, account, subject, party, debit, credit)
), moved AS (
    INSERT INTO ledger_balance AS b (subject_id, account_id, currency, amount, accrued_to)
    SELECT move.subject, move.account, %(currency)s, move.amount, move.accrued_to
    FROM unnest(%(of)s, %(moved)s, %(amounts)s, %(accrued)s) AS move (subject, account, amount, accrued_to)
    ON CONFLICT (subject_id, account_id, currency) DO UPDATE SET amount = b.amount + EXCLUDED.amount,
        accrued_to = greatest(b.accrued_to, EXCLUDED.accrued_to)
)
SELECT 1
"""
_ONE_TYPES = {
    "id": "uuid", "key": "text", "code": "text", "subject": "bigint", "currency": "text", "day": "date",
    "at": "timestamptz", "reverses": "uuid", "memo": "text", "actor": "bigint", "digest": "text",
    "ids": "uuid[]", "accounts": "text[]", "subjects": "bigint[]", "parties": "bigint[]", "debits": "numeric[]",
    "credits": "numeric[]", "of": "bigint[]", "moved": "text[]", "amounts": "numeric[]", "accrued": "date[]",
}  # fmt: skip
_CARRY = """
INSERT INTO ledger_balance AS b (subject_id, account_id, currency, amount, accrued_to)
SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::numeric[], %s::date[])
ON CONFLICT (subject_id, account_id, currency) DO UPDATE SET amount = b.amount + EXCLUDED.amount,
    accrued_to = greatest(b.accrued_to, EXCLUDED.accrued_to)
"""
# One amount for each of many subjects against one line: the same rows, digest and balances as `many` writes, but no
# row of it passes through Python. Ids follow the first one's time, so that the newest end of the index takes them.
_SPREAD = """
WITH line AS MATERIALIZED (
    SELECT subject, amount, row_number() OVER () AS n
    FROM unnest(%(subjects)s::bigint[], %(amounts)s::numeric(14, 2)[]) AS given (subject, amount)
), whole AS MATERIALIZED (
    SELECT sum(amount) AS amount, count(*) AS lines FROM line
), said AS (
    SELECT %(account)s || '|' || amount || '|None|' || subject AS line FROM line
    UNION ALL SELECT %(against)s || '|None|' || amount FROM whole
), journal AS (
    INSERT INTO ledger_journal (id, key, code, subject_id, currency, effective_date, posted_at, recorded_at,
        reverses_id, memo, actor_id, digest)
    SELECT %(id)s, %(key)s, %(code)s, NULL, %(currency)s, %(day)s, %(at)s, %(at)s, NULL, %(memo)s, %(actor)s,
        encode(sha256(convert_to(%(head)s || string_agg(line, chr(10) ORDER BY line COLLATE "C"), 'UTF8')), 'hex')
    FROM said
), entry AS (
    INSERT INTO ledger_entry (id, journal_id, account_id, subject_id, party_id, currency, debit, credit,
        effective_date, recorded_at)
    SELECT (%(stem)s || lpad(to_hex(n), 12, '0'))::uuid, %(id)s::uuid, %(account)s, subject, NULL::bigint,
        %(currency)s, amount, NULL, %(day)s::date, %(at)s::timestamptz FROM line
    UNION ALL
    SELECT (%(stem)s || lpad('0', 12, '0'))::uuid, %(id)s::uuid, %(against)s, NULL, NULL, %(currency)s, NULL, amount,
        %(day)s::date, %(at)s::timestamptz FROM whole
), moved AS (
    INSERT INTO ledger_balance AS b (subject_id, account_id, currency, amount, accrued_to)
    SELECT subject, %(account)s, %(currency)s, amount, %(accrued)s::date FROM line ORDER BY subject
    ON CONFLICT (subject_id, account_id, currency) DO UPDATE SET amount = b.amount + EXCLUDED.amount,
        accrued_to = greatest(b.accrued_to, EXCLUDED.accrued_to)
)
SELECT lines FROM whole
"""
_BACK = """
UPDATE ledger_balance b SET accrued_to = (
    SELECT max(e.effective_date) FROM ledger_entry e JOIN ledger_journal j ON j.id = e.journal_id
    WHERE e.subject_id = b.subject_id AND e.account_id = b.account_id AND e.debit IS NOT NULL AND j.code = 'INTEREST'
        AND NOT EXISTS (SELECT 1 FROM ledger_journal r WHERE r.reverses_id = j.id))
WHERE subject_id = %(subject)s AND accrued_to IS NOT NULL
"""
_JOURNAL = (
    "id", "key", "code", "subject_id", "currency", "effective_date", "posted_at", "recorded_at", "reverses_id",
    "memo", "actor_id", "digest",
)  # fmt: skip
_ENTRY = (
    "id", "journal_id", "account_id", "subject_id", "party_id", "currency", "debit", "credit", "effective_date",
    "recorded_at",
)  # fmt: skip


def one(posting: "Posting", digest: str, at: datetime, actor_id: int | None) -> None:
    """Write one checked posting in one statement."""
    moves = _moves([posting])
    lines, array = posting.lines, prepared.array
    values: Mapping[str, Any] = {
        "id": posting.id,
        "key": posting.key,
        "code": posting.code,
        "subject": posting.subject_id,
        "currency": posting.currency,
        "day": posting.effective_date,
        "at": at,
        "reverses": posting.reverses,
        "memo": posting.memo[:200],
        "actor": actor_id,
        "digest": digest,
        "ids": array(uuid7() for _ in lines),
        "accounts": array(line.account for line in lines),
        "subjects": array(line.subject_id for line in lines),
        "parties": array(line.party_id for line in lines),
        "debits": array(line.debit for line in lines),
        "credits": array(line.credit for line in lines),
        "of": array(subject for subject, _, _, _, _ in moves),
        "moved": array(account for _, account, _, _, _ in moves),
        "amounts": array(amount for _, _, _, amount, _ in moves),
        "accrued": array(accrued for _, _, _, _, accrued in moves),
    }
    prepared.one(_ONE, values, _ONE_TYPES)


def many(postings: Sequence["Posting"], digests: Sequence[str], at: datetime, actor_id: int | None) -> None:
    """Write checked postings by COPY: journals, entries, then the running balances in ascending subject order."""
    rows = (
        (
            p.id, p.key, p.code, p.subject_id, p.currency, p.effective_date, p.at or at, p.at or at, p.reverses,
            p.memo[:200], p.actor_id if p.actor_id is not None else actor_id, digest,
        )
        for p, digest in zip(postings, digests, strict=True)
    )  # fmt: skip
    copying.copy(Journal, _JOURNAL, rows)
    lines = (
        (
            uuid7(), p.id, line.account, p.subject_id if line.subject_id is None else line.subject_id, line.party_id,
            p.currency, line.debit, line.credit, p.effective_date, p.at or at,
        )
        for p in postings
        for line in p.lines
    )  # fmt: skip
    copying.copy(Entry, _ENTRY, lines)
    moves = _moves(postings)
    if moves:
        with connection.cursor() as cursor:
            cursor.execute(_CARRY, [prepared.array(column) for column in zip(*moves, strict=True)])


def spread(posting: "Spread", head: str, at: datetime, actor_id: int | None) -> int:
    """Write one checked spread in one statement; how many subjects it touched."""
    with connection.cursor() as cursor:
        cursor.execute(
            _SPREAD,
            {
                "subjects": posting.subjects, "amounts": posting.amounts, "account": posting.account,
                "against": posting.against, "id": posting.id, "key": posting.key, "code": posting.code,
                "currency": posting.currency, "day": posting.effective_date, "at": at, "memo": posting.memo[:200],
                "actor": actor_id, "head": head, "stem": str(uuid7())[:24],
                "accrued": posting.effective_date if posting.code == Journal.Code.INTEREST else None,
            },
        )  # fmt: skip
        return int(cursor.fetchone()[0])


def accrue_back(reversed_one: Journal) -> None:
    """Interest of a debt was reversed: its balance is accrued up to the posting before it again."""
    with connection.cursor() as cursor:
        cursor.execute(_BACK, {"subject": reversed_one.subject_id})


def _moves(postings: Sequence["Posting"]) -> list[tuple[int, str, str, Decimal, Any]]:
    """What each running balance moves by, in ascending order so that two postings never deadlock."""
    amounts: dict[tuple[int, str, str], Decimal] = defaultdict(Decimal)
    accrued: dict[tuple[int, str, str], Any] = {}
    for posting in postings:
        for line in posting.lines:
            subject = posting.subject_id if line.subject_id is None else line.subject_id
            if subject is None or not line.account.startswith(CARRIED):
                continue
            key = (subject, line.account, posting.currency)
            amounts[key] += (line.debit or _ZERO) - (line.credit or _ZERO)
            if posting.code == Journal.Code.INTEREST and line.debit is not None:
                accrued[key] = max(accrued.get(key, posting.effective_date), posting.effective_date)
    return [(*key, amount, accrued.get(key)) for key, amount in sorted(amounts.items())]

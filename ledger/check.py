"""Prove the ledger: journals balance, digests match, running balances equal the sum of entries."""

from collections.abc import Iterator

from django.db import connection

from .models import Entry, Journal
from .services import Line, Posting, digest

_UNBALANCED = """
SELECT j.id, coalesce(sum(e.debit), 0), coalesce(sum(e.credit), 0), count(e.id)
  FROM ledger_journal j LEFT JOIN ledger_entry e ON e.journal_id = j.id
 GROUP BY j.id HAVING coalesce(sum(e.debit), 0) <> coalesce(sum(e.credit), 0) OR count(e.id) < 2
"""
_DRIFTED = """
SELECT coalesce(b.subject_id, s.subject_id), coalesce(b.account_id, s.account_id),
       coalesce(b.amount, 0), coalesce(s.amount, 0)
  FROM (SELECT subject_id, account_id, currency, sum(coalesce(debit, 0)) - sum(coalesce(credit, 0)) AS amount
          FROM ledger_entry
         WHERE subject_id IS NOT NULL AND (account_id LIKE 'receivable.%%' OR account_id LIKE 'suspense.%%')
         GROUP BY 1, 2, 3) s
  FULL JOIN ledger_balance b USING (subject_id, account_id, currency)
 WHERE coalesce(b.amount, 0) <> coalesce(s.amount, 0)
"""
_ACCRUED = """
SELECT b.subject_id, b.accrued_to, s.last
  FROM ledger_balance b LEFT JOIN (
    SELECT e.subject_id, e.account_id, max(e.effective_date) AS last
      FROM ledger_entry e JOIN ledger_journal j ON j.id = e.journal_id
     WHERE j.code = 'INTEREST' AND e.debit IS NOT NULL
       AND NOT EXISTS (SELECT 1 FROM ledger_journal r WHERE r.reverses_id = j.id)
     GROUP BY 1, 2) s USING (subject_id, account_id)
 WHERE b.accrued_to IS DISTINCT FROM s.last
"""


def problems(*, digests: bool = True) -> Iterator[str]:
    """One sentence for each thing that is wrong, naming its row."""
    with connection.cursor() as cursor:
        cursor.execute(_UNBALANCED)
        for journal, debit, credit, lines in cursor.fetchall():
            yield f"journal {journal} does not balance: {debit} debit, {credit} credit, {lines} lines"
        cursor.execute(_DRIFTED.replace("%%", "%"))
        for subject, account, kept, summed in cursor.fetchall():
            yield f"balance of subject {subject} in {account} is kept as {kept}, entries sum to {summed}"
        cursor.execute(_ACCRUED)
        for subject, kept, last in cursor.fetchall():
            yield f"interest of subject {subject} is kept as accrued to {kept}, its last posting is of {last}"
    if digests:
        yield from _altered()


def _altered() -> Iterator[str]:
    last = None
    while True:
        rows = Journal.objects.order_by("id")
        batch = list((rows.filter(id__gt=last) if last else rows)[:2000])
        if not batch:
            return
        last = batch[-1].id
        entries: dict[object, list[Entry]] = {}
        for entry in Entry.objects.filter(journal_id__in=[j.id for j in batch]):
            entries.setdefault(entry.journal_id, []).append(entry)
        for journal in batch:
            many = journal.subject_id is None
            lines = [
                Line(e.account_id, e.debit, e.credit, subject_id=e.subject_id if many else None)
                for e in entries.get(journal.id, [])
            ]
            posting = Posting(
                journal.key, journal.code, journal.subject_id, journal.currency, journal.effective_date, lines
            )
            if digest(posting) != journal.digest:
                yield f"journal {journal.id} was altered: its lines no longer match its digest"

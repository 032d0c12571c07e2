"""Double entry. It knows nothing of debt: a `subject_id` is just a number to group by.

Source of the form: two positive columns, debit and credit, a journal that balances by currency,
corrections only by reversal (TigerBeetle's and hordak's design, RELIABILITY 13–15).
"""

from typing import ClassVar
from uuid import uuid4

import pgtrigger
from django.db import models

from core import clock
from core.ids import uuid7
from core.models import AppendOnly
from core.triggers import append_only

# Twice, because one alone can be walked round: a statement writes whole journals, and at commit a new journal is whole.
_WHOLE = """
SELECT journal_id, sum(coalesce(debit, 0)) AS debits, sum(coalesce(credit, 0)) AS credits, count(*) AS lines
  INTO sums FROM written GROUP BY journal_id
 HAVING sum(coalesce(debit, 0)) <> sum(coalesce(credit, 0)) OR count(*) < 2 OR min(currency) <> max(currency) LIMIT 1;
IF FOUND THEN
    RAISE EXCEPTION 'journal % does not balance: % debit, % credit, % lines',
        sums.journal_id, sums.debits, sums.credits, sums.lines USING ERRCODE = 'check_violation';
END IF;
RETURN NULL;
"""
_BALANCED = """
SELECT sum(coalesce(debit, 0)) AS debits, sum(coalesce(credit, 0)) AS credits, count(*) AS lines
  INTO sums FROM ledger_entry WHERE journal_id = NEW.id AND effective_date = NEW.effective_date;
IF sums.lines < 2 OR sums.debits <> sums.credits THEN
    RAISE EXCEPTION 'journal % does not balance: % debit, % credit, % lines',
        NEW.id, sums.debits, sums.credits, sums.lines USING ERRCODE = 'check_violation';
END IF;
RETURN NULL;
"""


class LedgerAccount(models.Model):
    """A line of the chart of accounts, e.g. `receivable.principal`."""

    class Group(models.TextChoices):
        RECEIVABLE = "receivable", "Owed by the person"
        CLEARING = "clearing", "Placed by the creditor"
        TRUST = "trust", "Money held in trust"
        PAYABLE = "payable", "Owed to the creditor"
        SUSPENSE = "suspense", "Money not yet applied"
        INCOME = "income", "Income"
        EXPENSE = "expense", "Adjustments and losses"

    code = models.CharField(max_length=60, primary_key=True)
    name = models.CharField(max_length=80)
    group = models.CharField(max_length=12, choices=Group.choices)
    position = models.PositiveSmallIntegerField(default=100)

    class Meta:
        ordering = ["position", "code"]

    def __str__(self) -> str:
        return self.code


class Journal(AppendOnly):
    """One money event. `key` makes it happen once; `reverses` makes a reversal happen once.

    A collective journal (a month's interest of many debts) has no subject; its entries have one each.
    """

    class Code(models.TextChoices):
        PLACEMENT = "PLACEMENT", "Placed"
        PAYMENT = "PAYMENT", "Payment"
        RETURN = "RETURN", "Returned payment"
        REVERSAL = "REVERSAL", "Reversal"
        FEE = "FEE", "Fee"
        INTEREST = "INTEREST", "Interest"
        ADJUSTMENT = "ADJUSTMENT", "Adjustment"
        WRITE_OFF = "WRITE_OFF", "Written off"
        APPLY = "APPLY", "Applied from unapplied money"

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    key = models.CharField(max_length=120)
    code = models.CharField(max_length=12, choices=Code.choices)
    subject_id = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3)
    effective_date = models.DateField()
    posted_at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=clock.now)
    reverses = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="reversed_by")
    memo = models.CharField(max_length=200, blank=True)
    actor_id = models.BigIntegerField(null=True)
    digest = models.CharField(max_length=64)

    class Meta:
        triggers: ClassVar = [
            *append_only(),
            pgtrigger.Trigger(
                name="balanced",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                timing=pgtrigger.Deferred,
                func=_BALANCED,
                declare=[("sums", "record")],
            ),
        ]
        indexes = [
            models.Index(fields=["subject_id", "effective_date"], name="journal_subject"),
            models.Index(fields=["code", "posted_at"], name="journal_code_posted"),
            models.Index(fields=["recorded_at"], name="journal_recorded"),
        ]
        constraints = [models.UniqueConstraint(fields=["key"], name="journal_key_once")]  # and no index for LIKE

    def __str__(self) -> str:
        return f"{self.code} {self.pk}"


class Entry(AppendOnly):
    """One line of a journal: exactly one of debit and credit, and it is positive. Partitioned by effective month.

    `effective_date` and `recorded_at` repeat the journal's, so that balances need no join.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    journal = models.ForeignKey(Journal, on_delete=models.PROTECT, related_name="entries")
    account = models.ForeignKey(LedgerAccount, on_delete=models.PROTECT, related_name="+", db_index=False)
    subject_id = models.BigIntegerField(null=True)
    party_id = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3)
    debit = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    credit = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    effective_date = models.DateField()
    recorded_at = models.DateTimeField(default=clock.now)

    class Meta:
        triggers: ClassVar = [
            *append_only(),
            pgtrigger.Trigger(
                name="whole",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                level=pgtrigger.Statement,
                referencing=pgtrigger.Referencing(new="written"),  # type: ignore[no-untyped-call]
                func=_WHOLE,
                declare=[("sums", "record")],
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(debit__isnull=False, debit__gt=0, credit__isnull=True)
                | models.Q(credit__isnull=False, credit__gt=0, debit__isnull=True),
                name="entry_one_side",
            )
        ]
        indexes = [
            models.Index(fields=["subject_id", "effective_date"], name="entry_subject"),
            models.Index(fields=["account", "effective_date"], name="entry_account"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.debit or ''}|{self.credit or ''}"


class Balance(models.Model):
    """The running balance of one subject in one receivable or suspense account: debits − credits.

    Written only by ledger.services in the transaction of the posting; `check_ledger` proves it. `accrued_to`: the
    latest day up to which an INTEREST journal that stands put interest into this balance.
    """

    subject_id = models.BigIntegerField()
    account = models.ForeignKey(LedgerAccount, on_delete=models.PROTECT, related_name="+", db_index=False)
    currency = models.CharField(max_length=3)
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    accrued_to = models.DateField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subject_id", "account", "currency"], name="balance_once")]

    def __str__(self) -> str:
        return f"{self.subject_id} {self.account_id} {self.amount}"

"""The debts: their parts, their age, what they were on any day."""

from datetime import date

import pgtrigger
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Upper

from accounts import buckets, states
from accounts.access import VisibleQuerySet
from core import clock, formats
from core.ids import uuid7
from core.models import AppendOnly

from .debtors import Debtor
from .organizations import Organization, Placement, Portfolio

SNAPSHOT_FIELDS = ("status", "balance", "delinquency_date", "bucket")


class Component(models.Model):
    """A part a balance can have: principal, interest, fees, costs, and those an admin adds (F5)."""

    code = models.SlugField(max_length=40, primary_key=True)
    name = models.CharField(max_length=60, unique=True)
    position = models.PositiveSmallIntegerField(default=100)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["position", "code"]

    def __str__(self) -> str:
        return self.code

    @property
    def ledger_account(self) -> str:
        return f"receivable.{self.code}"


def _night_of_change() -> list[pgtrigger.Trigger]:
    """Note the portfolio's night on what is new, or when something that snapshots keep has changed."""
    func = "SELECT night INTO NEW.changed_in_night FROM accounts_portfolio WHERE id = NEW.portfolio_id; RETURN NEW;"
    changed = pgtrigger.AnyChange(*SNAPSHOT_FIELDS)
    return [
        pgtrigger.Trigger(name="night_of_birth", when=pgtrigger.Before, operation=pgtrigger.Insert, func=func),
        pgtrigger.Trigger(
            name="night_of_change",
            when=pgtrigger.Before,
            operation=pgtrigger.UpdateOf(*SNAPSHOT_FIELDS),  # type: ignore[no-untyped-call]
            condition=changed,
            func=func,
        ),
    ]


class Account(models.Model):
    """One debt of one debtor group to one creditor. Money in the account's currency.

    `balance` is the running total of its receivable components, written in the transaction of each
    posting by accounts.services.post and proved by `check_ledger`. Days past due are derived from
    `delinquency_date`; `bucket` is what the nightly run last put it in. `changed_in_night` is the portfolio's night
    in which something that snapshots keep last changed; a trigger writes it.
    """

    class ItemizationKind(models.TextChoices):
        LAST_STATEMENT = "last_statement", "Last statement"
        CHARGE_OFF = "charge_off", "Charge-off"
        LAST_PAYMENT = "last_payment", "Last payment"
        TRANSACTION = "transaction", "Transaction"
        JUDGMENT = "judgment", "Judgment"

    portfolio = models.ForeignKey(Portfolio, on_delete=models.PROTECT, related_name="accounts", db_index=False)
    placement = models.ForeignKey(Placement, on_delete=models.PROTECT, related_name="accounts", null=True)
    creditor = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+", db_index=False)
    debtor = models.ForeignKey(Debtor, on_delete=models.PROTECT, related_name="accounts")
    reference = models.CharField(max_length=60)
    product = models.CharField(max_length=60, blank=True)
    original_creditor = models.CharField(max_length=120, blank=True)
    status = models.CharField(max_length=10, choices=states.Status.choices, default=states.Status.NEW)
    currency = models.CharField(max_length=3, default="USD")
    placed_amount = models.DecimalField(max_digits=14, decimal_places=2)
    balance = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    placed_on = models.DateField()
    opened_on = models.DateField(null=True, blank=True)
    delinquency_date = models.DateField(null=True, blank=True)
    charge_off_date = models.DateField(null=True, blank=True)
    last_payment_date = models.DateField(null=True, blank=True)
    last_payment_amount = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    limitation_date = models.DateField(null=True, blank=True)
    interest_rate = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    itemization_date = models.DateField(null=True, blank=True)
    itemization_kind = models.CharField(max_length=16, choices=ItemizationKind.choices, blank=True)
    itemization_amount = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    itemization_interest = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    itemization_fees = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    itemization_payments = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    itemization_credits = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    bucket = models.CharField(max_length=10, default="", blank=True)
    bucket_on = models.DateField(null=True, blank=True)
    draw = models.DecimalField(max_digits=9, decimal_places=8)
    needs_decision = models.CharField(max_length=200, blank=True)
    extra = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    closed_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=0)
    changed_in_night = models.PositiveIntegerField(default=0, db_default=0, editable=False)

    portfolio_path = "portfolio"
    objects = VisibleQuerySet.as_manager()

    class Meta:
        triggers = _night_of_change()
        constraints = [
            models.UniqueConstraint(fields=["creditor", "reference"], name="account_reference_once"),
            models.CheckConstraint(condition=models.Q(draw__gte=0, draw__lt=1), name="account_draw"),
        ]
        indexes = [
            models.Index(fields=["portfolio", "status"], name="account_portfolio_status"),
            models.Index(
                fields=["portfolio", "bucket", "delinquency_date"],
                condition=models.Q(status__in=sorted(states.OPEN)),
                name="account_ageing",
            ),
            models.Index(fields=["portfolio", "changed_in_night"], name="account_changed"),
            # Of the capitals, so that it serves searching by a part only. On the column itself the planner takes it
            # for equality, too, where it is a thousand times slower than account_reference_once.
            GinIndex(OpClass(Upper("reference"), name="gin_trgm_ops"), name="account_reference_upper"),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def ref(self) -> str:
        return f"L-{self.pk}"

    @property
    def reference_end(self) -> str:
        """The end of the creditor's account number, as the desk and letters name it."""
        return formats.number_end(self.reference)

    @property
    def masked_reference(self) -> str:
        return f"ending {self.reference_end}" if len(self.reference) > 4 else self.reference

    @property
    def is_open(self) -> bool:
        return self.status in states.OPEN

    @property
    def is_collectable(self) -> bool:
        """Open, owed, and not waiting for a person's decision."""
        return self.status in states.WORKABLE and self.balance > 0 and not self.needs_decision

    def days_past_due(self, on: date) -> int:
        """Calendar days from the delinquency date to `on`; 0 when not past due or unknown (KPI: DPD)."""
        return buckets.dpd(self.delinquency_date, on)

    def get_absolute_url(self) -> str:
        return f"/people/P-{self.debtor_id}/debts/L-{self.pk}/"


class AccountSnapshot(AppendOnly):
    """What an account was over a stretch of days: a row whenever something in it changed (DECISIONS 21).

    Partitioned by month of `valid_from`. The end of a stretch is the start of the next one, so rows
    are never updated: the view of a day takes the newest row with valid_from <= day.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account_id = models.BigIntegerField()
    portfolio_id = models.BigIntegerField()
    valid_from = models.DateField()
    month_end = models.BooleanField(default=False)
    status = models.CharField(max_length=10)
    balance = models.DecimalField(max_digits=14, decimal_places=2)
    delinquency_date = models.DateField(null=True)
    bucket = models.CharField(max_length=10, blank=True)
    recorded_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [
            models.Index(fields=["account_id", "-valid_from"], name="snapshot_account"),
            models.Index(fields=["portfolio_id", "valid_from"], name="snapshot_portfolio"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} from {self.valid_from}"


class Document(AppendOnly):
    """A paper as it was: letters as sent, proofs, uploads. The bytes lie in the data folder under their hash (F28)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    debtor = models.ForeignKey(Debtor, on_delete=models.PROTECT, related_name="documents", null=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="documents", null=True)
    kind = models.CharField(max_length=40)
    name = models.CharField(max_length=160)
    content_type = models.CharField(max_length=80)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    pages = models.PositiveSmallIntegerField(default=0)
    added_at = models.DateTimeField(default=clock.now)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    portfolio_path = "account__portfolio"
    objects = VisibleQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["debtor", "-added_at"], name="document_debtor")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Quote(AppendOnly):
    """A payoff figure we gave: as of which day, with its parts, so that a letter prints the same (F27)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="quotes")
    good_through = models.DateField()
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    parts = models.JSONField()
    accrued = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    def __str__(self) -> str:
        return f"quote {self.pk}"

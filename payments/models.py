"""Money in, and what people agreed to pay. Amounts in the account's currency, two decimals."""

from decimal import Decimal

from django.conf import settings
from django.db import models

from accounts.access import VisibleQuerySet
from accounts.models import Account, Debtor, Portfolio
from core import clock

from .states import BatchState, InstallmentState, PaymentState, PlanState, PromiseState


class Method(models.TextChoices):
    ACH = "ACH", "Bank transfer"
    CARD = "CARD", "Card"
    CHECK = "CHECK", "Check"
    CASH = "CASH", "Cash"
    LINK = "LINK", "Payment link"
    DIRECT = "DIRECT", "Paid to the creditor"


class PaymentBatch(models.Model):
    """Payments entered together: it closes at its control total and posts when a second person releases it (F58)."""

    name = models.CharField(max_length=80)
    portfolio = models.ForeignKey("accounts.Portfolio", on_delete=models.PROTECT, null=True, related_name="+")
    control_total = models.DecimalField(max_digits=14, decimal_places=2)
    control_count = models.PositiveIntegerField(null=True, blank=True)
    received_on = models.DateField()
    state = models.CharField(max_length=9, choices=BatchState.choices, default=BatchState.OPEN)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(default=clock.now)
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    released_at = models.DateTimeField(null=True, blank=True)

    portfolio_path = "portfolio"
    objects = VisibleQuerySet.as_manager()

    class Meta:
        ordering = ["-entered_at"]
        constraints = [
            models.CheckConstraint(condition=models.Q(control_total__gt=0), name="batch_control_total"),
            models.CheckConstraint(
                condition=models.Q(released_by=None) | ~models.Q(released_by=models.F("entered_by")),
                name="batch_four_eyes",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class BatchLine(models.Model):
    batch = models.ForeignKey(PaymentBatch, on_delete=models.CASCADE, related_name="lines")
    number = models.PositiveIntegerField()
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    method = models.CharField(max_length=6, choices=Method.choices, default=Method.CHECK)
    reference = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="batchline_once"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="batchline_amount"),
        ]

    def __str__(self) -> str:
        return f"line {self.number}"


class Payment(models.Model):
    """Money received. Never edited: a returned one gets a mirror journal and keeps its row.

    `effective_date` is when the money counts, `recorded_at` when we knew. `retry_of`: the first of the debits that were
    presented again after a return.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="payments", db_index=False)
    debtor = models.ForeignKey(Debtor, on_delete=models.PROTECT, related_name="payments", db_index=False)
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    currency = models.CharField(max_length=3)
    method = models.CharField(max_length=6, choices=Method.choices)
    state = models.CharField(max_length=8, choices=PaymentState.choices, default=PaymentState.POSTED)
    effective_date = models.DateField()
    received_at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=clock.now)
    key = models.CharField(max_length=120)
    provider = models.CharField(max_length=30, blank=True)
    provider_ref = models.CharField(max_length=80, blank=True)
    batch_line = models.OneToOneField(BatchLine, on_delete=models.PROTECT, null=True, related_name="payment")
    direction = models.JSONField(default=dict)
    allocation = models.JSONField(default=dict)
    unapplied = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    journal_id = models.UUIDField()
    retry_of = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="retries", db_index=False
    )
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    portfolio_path = "account__portfolio"
    objects = VisibleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="payment_amount"),
            models.CheckConstraint(
                condition=models.Q(unapplied__gte=0, unapplied__lte=models.F("amount")),
                name="payment_unapplied",
            ),
            models.UniqueConstraint(
                fields=["provider", "provider_ref"],
                condition=~models.Q(provider_ref=""),
                name="payment_provider_once",
            ),
            models.UniqueConstraint(fields=["key"], name="payment_key_once"),  # unique=True would index it for LIKE too
        ]
        indexes = [
            models.Index(fields=["account", "-effective_date"], name="payment_account"),
            models.Index(fields=["debtor", "-effective_date"], name="payment_debtor"),
            models.Index(fields=["recorded_at"], name="payment_recorded"),
            models.Index(fields=["effective_date"], name="payment_effective"),
            models.Index(fields=["retry_of"], condition=models.Q(retry_of__isnull=False), name="payment_retry"),
        ]

    def __str__(self) -> str:
        return f"payment {self.pk}"


class PaymentReturn(models.Model):
    """The same money gone again: NSF, chargeback (F61). One per payment.

    `fee` is what was charged for it (0.00: nothing) and `fee_words` why; taken back when `fee_back_journal_id` is set.
    """

    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, related_name="returned")
    code = models.CharField(max_length=10)
    reason = models.CharField(max_length=120)
    returned_on = models.DateField()
    recorded_at = models.DateTimeField(default=clock.now)
    journal_id = models.UUIDField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    fee = models.DecimalField(max_digits=14, decimal_places=2, default=Decimal(0), db_default=Decimal(0))
    fee_words = models.CharField(max_length=300, blank=True, default="", db_default="")
    fee_journal_id = models.UUIDField(null=True)
    fee_back_journal_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(fee=0, fee_journal_id=None) | models.Q(fee__gt=0, fee_journal_id__isnull=False),
                name="return_fee_posted",
            )
        ]

    def __str__(self) -> str:
        return f"return {self.pk}"


class ReturnFeeTerms(models.Model):
    """What the agreements of a portfolio's debts allow for a payment that came back; no row or no amount: nothing."""

    portfolio = models.OneToOneField(Portfolio, on_delete=models.PROTECT, related_name="return_fee_terms")
    amount = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    agreement = models.CharField(max_length=120, blank=True)
    changed_at = models.DateTimeField(default=clock.now)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount=None) | (models.Q(amount__gt=0) & ~models.Q(agreement="")),
                name="return_fee_agreed",
            )
        ]

    def __str__(self) -> str:
        return f"return fee of {self.portfolio_id}"


class StayInterest(models.Model):
    """Interest of days that bore none by themselves (a bankruptcy), posted by a person who says why.

    `periods`: [first day, first day after] of each; `amount` in the account's currency, in `journal_id`.
    """

    class Outcome(models.TextChoices):
        DISMISSED = "DISMISSED", "The case was dismissed"
        CLOSED = "CLOSED", "The case was closed without a discharge"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="stay_interest")
    periods = models.JSONField()
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    outcome = models.CharField(max_length=9, choices=Outcome.choices)
    reason = models.CharField(max_length=200)
    posted_on = models.DateField()
    recorded_at = models.DateTimeField(default=clock.now)
    posted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    journal_id = models.UUIDField(unique=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(amount__gt=0), name="stay_interest_amount")]

    def __str__(self) -> str:
        return f"stay interest {self.pk}"


class Applied(models.Model):
    """Held money of a payment that went to a debt later, in one posting (over one or several debts of the person).

    `journal_id` moved it; when the payment comes back, `undone_journal_id` moved it back.
    """

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="applied")
    number = models.PositiveSmallIntegerField()
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    parts = models.JSONField()
    effective_date = models.DateField()
    recorded_at = models.DateTimeField(default=clock.now)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    journal_id = models.UUIDField()
    undone_journal_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["payment", "number"], name="applied_once"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="applied_amount"),
        ]

    def __str__(self) -> str:
        return f"payment {self.payment_id}, {self.number}"


class Promise(models.Model):
    """Amount and date a person promised. Judged on net money received by the due date plus grace (F49)."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="promises")
    debtor = models.ForeignKey(Debtor, on_delete=models.PROTECT, related_name="promises")
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    currency = models.CharField(max_length=3)
    due_date = models.DateField()
    grace_until = models.DateField()
    method = models.CharField(max_length=6, choices=Method.choices, default=Method.LINK)
    state = models.CharField(max_length=9, choices=PromiseState.choices, default=PromiseState.OPEN)
    minimum_due = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    paid = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    made_at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=clock.now)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    interaction_id = models.BigIntegerField(null=True)
    judged_at = models.DateTimeField(null=True, blank=True)
    replaced_by = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaces")

    portfolio_path = "account__portfolio"
    objects = VisibleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="promise_amount"),
            models.CheckConstraint(condition=models.Q(grace_until__gte=models.F("due_date")), name="promise_grace"),
            models.UniqueConstraint(fields=["account"], condition=models.Q(state="OPEN"), name="one_open_promise"),
        ]
        indexes = [
            models.Index(fields=["state", "grace_until"], name="promise_to_judge"),
            models.Index(fields=["debtor", "-made_at"], name="promise_debtor"),
            models.Index(fields=["made_at"], name="promise_made"),
            models.Index(fields=["due_date"], name="promise_due"),
        ]

    def __str__(self) -> str:
        return f"promise {self.pk}"


class Plan(models.Model):
    """An arrangement over one or several debts of a person (F50, F57)."""

    class Every(models.TextChoices):
        WEEKLY = "weekly", "Every week"
        BIWEEKLY = "biweekly", "Every 2 weeks"
        SEMIMONTHLY = "semimonthly", "Twice a month"
        MONTHLY = "monthly", "Every month"

    debtor = models.ForeignKey(Debtor, on_delete=models.PROTECT, related_name="plans")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="plans")
    state = models.CharField(max_length=9, choices=PlanState.choices, default=PlanState.ACTIVE)
    total = models.DecimalField(max_digits=14, decimal_places=2)
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    currency = models.CharField(max_length=3)
    every = models.CharField(max_length=11, choices=Every.choices)
    first_date = models.DateField()
    last_date = models.DateField()
    count = models.PositiveSmallIntegerField()
    method = models.CharField(max_length=6, choices=Method.choices, default=Method.LINK)
    grace_days = models.PositiveSmallIntegerField(default=5)
    agreed_at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=clock.now)
    agreed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    interaction_id = models.BigIntegerField(null=True)
    read_back_at = models.DateTimeField(null=True, blank=True)
    read_back = models.TextField(max_length=1000, blank=True)
    terms_channel = models.CharField(max_length=5, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=200, blank=True)

    portfolio_path = "account__portfolio"
    objects = VisibleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(total__gt=0, amount__gt=0, count__gt=0, last_date__gte=models.F("first_date")),
                name="plan_terms",
            ),
            models.UniqueConstraint(
                fields=["debtor"],
                condition=models.Q(state__in=["ACTIVE", "SLIPPING"]),
                name="one_open_plan",
            ),
        ]
        indexes = [models.Index(fields=["state", "last_date"], name="plan_state")]

    def __str__(self) -> str:
        return self.ref

    @property
    def ref(self) -> str:
        return f"A-{self.pk}"


class PlanDebt(models.Model):
    """How much of a plan's total is for which debt. Debts with a lower `position` are paid first, equal ones shared.

    `left_at`: it was disputed then and is no part of the payments to come; what it got before still counts.
    """

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="debts")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="plan_debts")
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    position = models.PositiveSmallIntegerField(default=0)
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "account"], name="plandebt_once"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="plandebt_amount"),
        ]

    def __str__(self) -> str:
        return f"plan {self.plan_id} debt {self.account_id}"


class Installment(models.Model):
    """One dated part of a plan; paid, late or missed by itself."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="installments")
    number = models.PositiveSmallIntegerField()
    due_date = models.DateField()
    moved_from = models.DateField(null=True, blank=True)
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    paid = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    state = models.CharField(max_length=9, choices=InstallmentState.choices, default=InstallmentState.DUE)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["plan", "number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="installment_once"),
            models.CheckConstraint(
                condition=models.Q(amount__gt=0, paid__gte=0, paid__lte=models.F("amount")),
                name="installment_paid",
            ),
        ]
        indexes = [models.Index(fields=["state", "due_date"], name="installment_due")]

    def __str__(self) -> str:
        return f"{self.plan_id}/{self.number}"

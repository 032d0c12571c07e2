"""Day facts and targets: dashboards read these, never the live tables. Rebuilt ten days back each night."""

from django.conf import settings
from django.db import models

from accounts.models import Portfolio
from core import clock
from core.models import JobRun, WorkRow
from users.models import Team


class Activity(models.Model):
    """What was done on one day: the measures. Money net of returns, by posted day (K 4.4)."""

    on = models.DateField()
    officer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", null=True)
    portfolio = models.ForeignKey(Portfolio, on_delete=models.CASCADE, related_name="+")
    currency = models.CharField(max_length=3, default="USD")
    worked = models.PositiveIntegerField(default=0)
    attempts = models.PositiveIntegerField(default=0)
    contacts = models.PositiveIntegerField(default=0)
    right_party = models.PositiveIntegerField(default=0)
    inbound = models.PositiveIntegerField(default=0)
    inbound_right_party = models.PositiveIntegerField(default=0)
    promise_talks = models.PositiveIntegerField(default=0)
    promise_talks_due = models.PositiveIntegerField(default=0)
    promise_talks_kept = models.PositiveIntegerField(default=0)
    promises = models.PositiveIntegerField(default=0)
    promised = models.DecimalField(max_digits=16, decimal_places=2, default=0)
    plans = models.PositiveIntegerField(default=0)
    matured = models.PositiveIntegerField(default=0)
    kept = models.PositiveIntegerField(default=0)
    matured_amount = models.DecimalField(max_digits=16, decimal_places=2, default=0)
    kept_amount = models.DecimalField(max_digits=16, decimal_places=2, default=0)
    collected = models.DecimalField(max_digits=16, decimal_places=2, default=0)
    payments = models.PositiveIntegerField(default=0)
    returned = models.PositiveIntegerField(default=0)
    blocked = models.PositiveIntegerField(default=0)
    decisions = models.PositiveIntegerField(default=0)
    built_at = models.DateTimeField(default=clock.now)

    class Meta:
        abstract = True


class DailyOfficerFact(Activity):
    """What one officer did on one day for one portfolio."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["on", "officer", "portfolio"], name="officerfact_once", nulls_distinct=False
            )
        ]
        indexes = [models.Index(fields=["portfolio", "on"], name="officerfact_portfolio")]

    def __str__(self) -> str:
        return f"{self.on} {self.officer_id}"


class DailyBucketFact(Activity):
    """The same by the bucket in which each debt was when the day began; the officer's facts are their sums.

    A debt's bucket on a day is that of its delinquency date as the day before left it (a debt placed on the day: as
    placed), so nothing done on a day moves what was done on it to another bucket.
    """

    bucket = models.CharField(max_length=10)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["on", "officer", "portfolio", "bucket"], name="bucketfact_once", nulls_distinct=False
            )
        ]
        indexes = [models.Index(fields=["portfolio", "bucket", "on"], name="bucketfact_portfolio")]

    def __str__(self) -> str:
        return f"{self.on} {self.officer_id} {self.bucket}"


class DailyPortfolioFact(models.Model):
    """The open debts of one portfolio in one bucket at the end of one day."""

    on = models.DateField()
    portfolio = models.ForeignKey(Portfolio, on_delete=models.CASCADE, related_name="+")
    bucket = models.CharField(max_length=10)
    accounts = models.PositiveIntegerField(default=0)
    balance = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    in_plan = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    paused = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    built_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["on", "portfolio", "bucket"], name="portfoliofact_once")]

    def __str__(self) -> str:
        return f"{self.on} {self.portfolio_id} {self.bucket}"


class DailyMessageFact(models.Model):
    """How messages of one day and channel ended."""

    on = models.DateField()
    portfolio = models.ForeignKey(Portfolio, on_delete=models.CASCADE, related_name="+")
    channel = models.CharField(max_length=5)
    state = models.CharField(max_length=9)
    messages = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["on", "portfolio", "channel", "state"], name="messagefact_once")]

    def __str__(self) -> str:
        return f"{self.on} {self.channel} {self.state}"


class MonthFact(models.Model):
    """The activity of one month and portfolio, added up from its day facts: what the trend of 24 months reads (P13)."""

    month = models.DateField(help_text="First day of the month")
    portfolio = models.ForeignKey(Portfolio, on_delete=models.CASCADE, related_name="+")
    currency = models.CharField(max_length=3, default="USD")
    collected = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    matured = models.PositiveIntegerField(default=0)
    kept = models.PositiveIntegerField(default=0)
    attempts = models.PositiveIntegerField(default=0)
    right_party = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["portfolio", "month"], name="monthfact_once")]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.portfolio_id}"


class ReachFact(models.Model):
    """How far one portfolio was worked in one period: debts that could be worked on a day of it, and those tried.

    Distinct debts do not add up over days, so each period (day, week, month, quarter) is counted by itself (K 4.2).
    """

    kind = models.CharField(max_length=7)
    start = models.DateField(help_text="First day of the period")
    portfolio = models.ForeignKey(Portfolio, on_delete=models.CASCADE, related_name="+")
    eligible = models.PositiveIntegerField(default=0)
    tried = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "start", "portfolio"], name="reachfact_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.start} {self.portfolio_id}"


class FactsVersion(models.Model):
    """Which version of the facts of one subject stands: a new code whenever a build wrote something.

    Finished parts of the board are kept under it, so they are made anew when, and only when, their facts changed.
    """

    ACTIVITY, AGEING, CURVES, TARGETS = "activity", "ageing", "curves", "targets"
    LOOKED = "looked"  # when balances were looked at last, whether something had changed or not

    subject = models.CharField(max_length=20, primary_key=True)
    code = models.UUIDField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.subject} {self.code}"


class DailyShiftFact(models.Model):
    """How long one officer was signed on, by the day the stretch began where their team works."""

    on = models.DateField()
    officer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    signed_seconds = models.PositiveIntegerField(default=0)
    productive_seconds = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["on", "officer"], name="shiftfact_once")]

    def __str__(self) -> str:
        return f"{self.on} {self.officer_id}"


class DailyRuleFact(models.Model):
    """How often a rule stopped a contact on one day."""

    on = models.DateField()
    portfolio = models.ForeignKey(Portfolio, on_delete=models.CASCADE, related_name="+")
    rule_id = models.CharField(max_length=60)
    stopped = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["on", "portfolio", "rule_id"], name="rulefact_once")]

    def __str__(self) -> str:
        return f"{self.on} {self.rule_id}"


class RollFact(models.Model):
    """Where the open balances of the last month end are on one day: dollars and debts as they were then (F105)."""

    PAID, LEFT = "paid", "left"

    on = models.DateField()
    opened_on = models.DateField(help_text="The month end the rows start from")
    portfolio = models.ForeignKey(Portfolio, on_delete=models.CASCADE, related_name="+")
    from_bucket = models.CharField(max_length=10)
    to_bucket = models.CharField(max_length=10, help_text="A bucket, paid, or left (closed or recalled)")
    accounts = models.PositiveIntegerField(default=0)
    balance = models.DecimalField(max_digits=18, decimal_places=2, default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["on", "portfolio", "from_bucket", "to_bucket"], name="rollfact_once")
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.from_bucket} {self.to_bucket}"


class VintageFact(models.Model):
    """Net money of the debts placed in one month, by full months since each was placed (F106)."""

    portfolio = models.ForeignKey(Portfolio, on_delete=models.CASCADE, related_name="+")
    placed_month = models.DateField()
    k = models.PositiveSmallIntegerField()
    accounts = models.PositiveIntegerField(default=0)
    placed = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    collected = models.DecimalField(max_digits=18, decimal_places=2, default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["portfolio", "placed_month", "k"], name="vintagefact_once")]

    def __str__(self) -> str:
        return f"{self.placed_month} {self.k}"


class Target(models.Model):
    """What a team, an officer or a portfolio should collect in a month (F107)."""

    month = models.DateField(help_text="First day of the month")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, blank=True, related_name="targets")
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="targets"
    )
    portfolio = models.ForeignKey(Portfolio, on_delete=models.CASCADE, null=True, blank=True, related_name="targets")
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    currency = models.CharField(max_length=3, default="USD")
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-month"]
        constraints = [
            models.UniqueConstraint(
                fields=["month", "team", "officer", "portfolio"], name="target_once", nulls_distinct=False
            ),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="target_amount"),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.amount}"


class JobRequest(WorkRow):
    """Somebody asked for a scheduled job now. The row is the queue; its runs carry who asked (F114)."""

    class State(models.TextChoices):
        QUEUED = "QUEUED", "Waiting"
        RUNNING = "RUNNING", "Running"
        DONE = "DONE", "Done"
        FAILED = "FAILED", "Failed"

    job = models.CharField(max_length=60)
    state = models.CharField(max_length=7, choices=State.choices, default=State.QUEUED)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=clock.now)
    run = models.ForeignKey(JobRun, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["job"], condition=models.Q(state__in=["QUEUED", "RUNNING"]), name="jobrequest_one_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.job} asked {self.pk}"

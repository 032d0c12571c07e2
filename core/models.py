"""What every app leans on: audit, jobs, idempotency, status history. No domain words in here."""

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models

from . import clock
from .ids import uuid7
from .triggers import append_only


class AppendOnly(models.Model):
    """Rows are only ever added: the application's role has no UPDATE or DELETE, and a trigger refuses both."""

    append_only: ClassVar[bool] = True

    class Meta:
        abstract = True


class AuditEvent(AppendOnly):
    """One thing somebody or something did, written in the transaction of the change. Partitioned by month of `at`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = models.DateTimeField(default=clock.now)
    action = models.CharField(max_length=80)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    actor_name = models.CharField(max_length=150, blank=True)
    actor_roles = models.CharField(max_length=100, blank=True)
    subject_type = models.CharField(max_length=60, blank=True)
    subject_id = models.CharField(max_length=60, blank=True)
    person_id = models.BigIntegerField(null=True)
    portfolio_id = models.BigIntegerField(null=True)
    data = models.JSONField(default=dict)
    reason = models.CharField(max_length=500, blank=True)
    ip = models.GenericIPAddressField(null=True)
    request_id = models.CharField(max_length=40, blank=True)

    class Meta:
        triggers = append_only()
        indexes = [
            models.Index(fields=["at"], name="audit_at"),
            models.Index(fields=["subject_type", "subject_id", "at"], name="audit_subject"),
            models.Index(fields=["person_id", "at"], name="audit_person"),
            models.Index(fields=["actor", "at"], name="audit_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.pk}"


class AuditLink(AppendOnly):
    """The hash chain over the audit: link n hashes event n together with link n−1. Written by a job each minute."""

    position = models.BigIntegerField(primary_key=True)
    event_id = models.UUIDField(unique=True)
    event_at = models.DateTimeField()
    hash = models.CharField(max_length=64)

    class Meta:
        triggers = append_only()

    def __str__(self) -> str:
        return f"link {self.position}"


class StatusChange(AppendOnly):
    """Who moved what from which status to which, when and why."""

    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    field = models.CharField(max_length=40, default="status")
    from_status = models.CharField(max_length=30)
    to_status = models.CharField(max_length=30)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=clock.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        triggers = append_only()
        indexes = [models.Index(fields=["subject_type", "subject_id", "at"], name="statuschange_subject")]

    def __str__(self) -> str:
        return f"{self.subject_type} {self.subject_id}: {self.from_status} → {self.to_status}"


class WorkRow(models.Model):
    """A thing to be done later. The row is the queue: claim, lease and fence are in core/work.py.

    A subclass adds `state` with its own choices and says which are open in core.work.WorkKind.
    """

    due_at = models.DateTimeField(default=clock.now)
    tries = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        abstract = True


class JobRun(models.Model):
    """One period of one scheduled job. The unique row is what makes two beats harmless."""

    class State(models.TextChoices):
        RUNNING = "RUNNING", "Running"
        DONE = "DONE", "Done"
        FAILED = "FAILED", "Failed"

    job = models.CharField(max_length=60)
    period = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    started_at = models.DateTimeField(default=clock.now)
    finished_at = models.DateTimeField(null=True)
    counts = models.JSONField(default=dict)
    error = models.CharField(max_length=500, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "period"], name="jobrun_once")]
        indexes = [models.Index(fields=["job", "-started_at"], name="jobrun_latest")]

    def __str__(self) -> str:
        return f"{self.job} {self.period:%Y-%m-%d %H:%M:%S}"

    @property
    def seconds(self) -> float:
        """How long it took; 0 while it runs."""
        return (self.finished_at - self.started_at).total_seconds() if self.finished_at else 0.0


class JobSetting(models.Model):
    """An admin's switch and hours for one scheduled job; hours are UTC, end exclusive, 0–24 means always."""

    job = models.CharField(max_length=60, primary_key=True)
    enabled = models.BooleanField(default=True)
    from_hour = models.PositiveSmallIntegerField(default=0)
    until_hour = models.PositiveSmallIntegerField(default=24)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(from_hour__lte=23, until_hour__gte=1, until_hour__lte=24),
                name="jobsetting_hours",
            )
        ]

    def __str__(self) -> str:
        return self.job

    def covers(self, at: datetime) -> bool:
        """Is the job on at this UTC moment?"""
        if not self.enabled:
            return False
        if self.from_hour < self.until_hour:
            return self.from_hour <= at.hour < self.until_hour
        return at.hour >= self.from_hour or at.hour < self.until_hour


class IdempotencyKey(models.Model):
    """One submitted form or API call that must have its effect once. Kept 30 days."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    route = models.CharField(max_length=100)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=clock.now, db_index=True)
    status = models.PositiveSmallIntegerField(null=True)
    location = models.CharField(max_length=500, blank=True)
    body = models.BinaryField(null=True)
    content_type = models.CharField(max_length=100, blank=True)
    headers = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "route", "key"], name="idempotency_once")]

    def __str__(self) -> str:
        return f"{self.route} {self.pk}"

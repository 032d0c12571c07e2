"""A placement file on its way in: stored, checked row by row, released by a second person, loaded."""

from django.conf import settings
from django.db import models

from accounts.access import VisibleQuerySet
from core import clock
from core.models import WorkRow

from .debts import Account
from .organizations import Organization, Placement, Portfolio


class ColumnMap(models.Model):
    """How a creditor's files name and write their columns."""

    creditor = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="column_maps")
    name = models.CharField(max_length=80)
    headers_digest = models.CharField(max_length=64, blank=True)
    layout = models.JSONField()
    updated_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["creditor", "name"], name="columnmap_once")]

    def __str__(self) -> str:
        return self.name


class ImportFile(WorkRow):
    """One uploaded file. The same bytes for the same creditor open their first import."""

    class State(models.TextChoices):
        MAPPING = "MAPPING", "Match the columns"
        TO_CHECK = "TO_CHECK", "Waiting to be checked"
        CHECKING = "CHECKING", "Checking"
        READY = "READY", "Ready to release"
        TO_LOAD = "TO_LOAD", "Waiting to load"
        LOADING = "LOADING", "Loading"
        LOADED = "LOADED", "Loaded"
        FAULTED = "FAULTED", "Not readable"
        DISCARDED = "DISCARDED", "Discarded"

    creditor = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="imports")
    portfolio = models.ForeignKey(Portfolio, on_delete=models.PROTECT, related_name="imports")
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.MAPPING)
    layout = models.JSONField(default=dict)
    map_name = models.CharField(max_length=80, blank=True)
    placed_on = models.DateField()
    control_count = models.PositiveIntegerField(null=True, blank=True)
    control_total = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    fault = models.CharField(max_length=500, blank=True)
    notice_gaps = models.JSONField(default=list)
    rows_read = models.PositiveIntegerField(default=0)
    accepted = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    duplicates = models.PositiveIntegerField(default=0)
    total = models.DecimalField(max_digits=16, decimal_places=2, default=0)
    loaded_rows = models.PositiveIntegerField(default=0)
    loaded_line = models.PositiveIntegerField(default=0)
    release_reason = models.CharField(max_length=300, blank=True)
    placement = models.OneToOneField(
        Placement, on_delete=models.PROTECT, null=True, blank=True, related_name="import_file"
    )
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(default=clock.now)
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    released_at = models.DateTimeField(null=True)
    loaded_at = models.DateTimeField(null=True)

    portfolio_path = "portfolio"
    objects = VisibleQuerySet.as_manager()

    class Meta:
        ordering = ["-uploaded_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["creditor", "sha256"],
                condition=~models.Q(state__in=["DISCARDED", "FAULTED"]),
                name="import_bytes_once",
            ),
            models.CheckConstraint(
                condition=models.Q(released_by=None) | ~models.Q(released_by=models.F("uploaded_by")),
                name="import_four_eyes",
            ),
        ]
        indexes = [models.Index(fields=["state", "due_at"], name="import_due")]

    def __str__(self) -> str:
        return f"import {self.pk}"


class ImportRow(models.Model):
    """One row of the file with the verdict it got, and the account it became."""

    class Outcome(models.TextChoices):
        ACCEPTED = "ACCEPTED", "Accepted"
        HELD = "HELD", "Held for a decision"
        REJECTED = "REJECTED", "Rejected"
        DUPLICATE = "DUPLICATE", "Duplicate"

    import_file = models.ForeignKey(ImportFile, on_delete=models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()
    reference = models.CharField(max_length=60, blank=True)
    outcome = models.CharField(max_length=9, choices=Outcome.choices)
    field = models.CharField(max_length=60, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    flags = models.JSONField(default=list)
    values = models.JSONField(default=dict)
    raw = models.JSONField(default=dict)
    amount = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    person_match = models.BigIntegerField(null=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="import_rows")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["import_file", "line"], name="importrow_once")]
        indexes = [models.Index(fields=["import_file", "outcome", "line"], name="importrow_outcome")]

    def __str__(self) -> str:
        return f"line {self.line} of {self.import_file_id}"

"""The rules as rows: packs and their versions (DECISIONS 20). The first version of each came as a file."""

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from core import clock

_FIXED = ("pack_id", "number", "text", "digest", "creditors", "author_id", "source_id")
_TEXT_CHANGES = (
    "OLD.state <> 'DRAFT' AND (" + ", ".join(f"OLD.{name}" for name in _FIXED) + ") IS DISTINCT FROM ("
    + ", ".join(f"NEW.{name}" for name in _FIXED) + ")"
)  # fmt: skip


class RulePack(models.Model):
    """One pack of rules by its name. `mark` says in a few letters which versions are approved.

    The mark is a digest of the approved versions (number, text, binding, moment); every read of facts
    brings the marks along, so that each process notices a change with its next question.
    """

    slug = models.SlugField(max_length=40, unique=True)
    mark = models.CharField(max_length=32, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.slug


class RulePackVersion(models.Model):
    """One text of a pack: drafted by one person, approved by another, in force from a moment on.

    The text stands still once it is proposed. A version ends when the next one begins; going back is a
    new version with an old text. `author` is empty for what came with the product.
    """

    class State(models.TextChoices):
        DRAFT = "DRAFT", "Draft"
        PROPOSED = "PROPOSED", "Waits for approval"
        APPROVED = "APPROVED", "Approved"
        WITHDRAWN = "WITHDRAWN", "Withdrawn"

    pack = models.ForeignKey(RulePack, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=120)
    text = models.TextField(max_length=400_000)
    digest = models.CharField(max_length=64)
    creditors = ArrayField(models.CharField(max_length=120), default=list)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    note = models.CharField(max_length=500, blank=True)
    source = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(default=clock.now)
    saved_at = models.DateTimeField(default=clock.now)
    proposed_at = models.DateTimeField(null=True)
    effective_from = models.DateTimeField(null=True)
    approver = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    approved_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_why = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["pack", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["pack", "number"], name="rulepackversion_once"),
            models.UniqueConstraint(
                fields=["pack", "effective_from"],
                condition=Q(state="APPROVED"),
                name="rulepackversion_one_a_moment",
            ),
            models.CheckConstraint(
                condition=Q(approver=None) | Q(author=None) | ~Q(approver=F("author")),
                name="rulepackversion_two_people",
            ),
            models.CheckConstraint(
                condition=~Q(state="APPROVED") | Q(approved_at__isnull=False, effective_from__isnull=False),
                name="rulepackversion_approved_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state="APPROVED") | Q(number=1, author=None) | Q(approver__isnull=False),
                name="rulepackversion_approved_by",
            ),
            models.CheckConstraint(
                condition=Q(approver=None) | Q(effective_from__gte=F("approved_at")),
                name="rulepackversion_not_in_the_past",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="stays", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="text_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(_TEXT_CHANGES),
            ),
            pgtrigger.Protect(
                name="approved_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state="APPROVED") & ~pgtrigger.Q(new__state="WITHDRAWN"),
            ),
            pgtrigger.Protect(
                name="withdrawn_stays", operation=pgtrigger.Update, condition=pgtrigger.Q(old__state="WITHDRAWN")
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name under which verdicts store it: pack, number and the first letters of the digest."""
        return f"{self.pack.slug}@{self.number}.{self.digest[:8]}"

"""Help for the officer and for a person in distress: calls for the lead, locked notes, the firm's approved words."""

from django.conf import settings
from django.db import models

from accounts.access import VisibleQuerySet
from accounts.models import Account, Debtor, Portfolio
from core import clock
from core.models import AppendOnly
from core.triggers import append_only

from .talks import Interaction


class HelpWords(AppendOnly):
    """What we say to a person in distress or danger, and who can help. A save is a new row; the newest counts."""

    class Language(models.TextChoices):
        ENGLISH = "en", "English"
        SPANISH = "es", "Spanish"

    language = models.CharField(max_length=2, choices=Language.choices)
    say = models.CharField(max_length=1000)
    lines = models.CharField(max_length=1500, help_text="One a line: number | who | when")
    made_at = models.DateTimeField(default=clock.now)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        triggers = append_only()
        indexes = [models.Index(fields=["language", "-made_at"], name="helpwords_newest")]

    def __str__(self) -> str:
        return f"help words {self.pk}"


class LeadRequest(models.Model):
    """An officer's call for the lead: a person in distress, or a question. Answered once, then it stays.

    A distress call also names who reviews the pause (`reviewer`) and by when (`review_on`, the person's own day).
    """

    class Kind(models.TextChoices):
        DISTRESS = "DISTRESS", "Distress or danger"
        QUESTION = "QUESTION", "Question"

    class State(models.TextChoices):
        OPEN = "OPEN", "Waits"
        ANSWERED = "ANSWERED", "Answered"

    kind = models.CharField(max_length=8, choices=Kind.choices)
    debtor = models.ForeignKey(Debtor, on_delete=models.PROTECT, related_name="lead_requests")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", db_index=False)
    call = models.ForeignKey(Interaction, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    words = models.CharField(max_length=1000, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField(default=clock.now)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    seen_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=1000, blank=True)
    approved = models.BooleanField(null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    answered_at = models.DateTimeField(null=True)
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    review_on = models.DateField(null=True)

    portfolio_path = "account__portfolio"
    objects = VisibleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["debtor"], condition=models.Q(kind="DISTRESS", state="OPEN"), name="one_open_distress"
            ),
        ]
        indexes = [
            models.Index(fields=["asked_at"], condition=models.Q(state="OPEN"), name="leadrequest_open"),
            models.Index(fields=["asked_by", "-asked_at"], name="leadrequest_mine"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class PartyRule(models.Model):
    """What a client lets us say to somebody around the person (parties.PARTIES); without a row the law alone counts."""

    portfolio = models.ForeignKey(Portfolio, on_delete=models.CASCADE, related_name="party_rules")
    party = models.CharField(max_length=20)
    say = models.CharField(
        max_length=7, choices=[("NOTHING", "Nothing about a debt"), ("MESSAGE", "Take a message only")]
    )
    made_at = models.DateTimeField(default=clock.now)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)

    portfolio_path = "portfolio"
    objects = VisibleQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["portfolio", "party"], name="partyrule_once")]

    def __str__(self) -> str:
        return f"{self.party} {self.say}"


class LockedNote(AppendOnly):
    """What was said in distress: kept apart from the timeline, read by leads and compliance only, never changed."""

    debtor = models.ForeignKey(Debtor, on_delete=models.PROTECT, related_name="locked_notes")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", db_index=False)
    interaction = models.ForeignKey(Interaction, on_delete=models.PROTECT, related_name="locked_notes")
    text = models.TextField(max_length=4000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(default=clock.now)

    portfolio_path = "account__portfolio"
    objects = VisibleQuerySet.as_manager()

    class Meta:
        triggers = append_only()

    def __str__(self) -> str:
        return f"locked note {self.pk}"

"""Calls, what officers say on them, their outcomes, disputes and drafts."""

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.access import VisibleQuerySet
from accounts.models import Account, ContactPoint, Debtor
from core import clock


class Disposition(models.Model):
    """The coded outcome of an interaction, and what follows from it (F35, F111)."""

    class Group(models.TextChoices):
        NOBODY = "NOBODY", "Nobody reached"
        ANSWERED = "ANSWERED", "Somebody answered"
        OTHER = "OTHER", "Other"

    class Follow(models.TextChoices):
        NONE = "", "Nothing"
        PROMISE = "PROMISE", "Amount and date"
        PLAN = "PLAN", "A plan"
        PAYMENT = "PAYMENT", "A payment"
        CALLBACK = "CALLBACK", "A time to call back"
        DISPUTE = "DISPUTE", "A reason"
        STOP = "STOP", "Spoken or written, which debts"
        ATTORNEY = "ATTORNEY", "The attorney's name"
        WRONG_PARTY = "WRONG_PARTY", "Whose number it is not"
        NOTE = "NOTE", "A note"

    code = models.SlugField(max_length=30, primary_key=True)
    label = models.CharField(max_length=60)
    group = models.CharField(max_length=8, choices=Group.choices)
    digit = models.CharField(max_length=1, blank=True)
    call_outcome = models.CharField(max_length=40, help_text="The outcome the contact rules count")
    right_party = models.BooleanField(default=False)
    follow = models.CharField(max_length=11, choices=Follow.choices, blank=True)
    note_required = models.BooleanField(default=False)
    next_step = models.CharField(max_length=60, blank=True)
    retry_hours = models.PositiveSmallIntegerField(default=24)
    queue = models.CharField(max_length=20, blank=True)
    position = models.PositiveSmallIntegerField(default=100)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["group", "position", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["group", "digit"],
                condition=~models.Q(digit="") & models.Q(active=True),
                name="disposition_digit",
            )
        ]

    def __str__(self) -> str:
        return self.label


class Script(models.Model):
    """What an officer says on one kind of call; the words are in its versions (F33)."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=80)
    used_for = models.CharField(max_length=40, blank=True)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ScriptVersion(models.Model):
    """One version of a script: steps as data. A live version is never edited; a save makes the next number."""

    class State(models.TextChoices):
        DRAFT = "DRAFT", "Draft"
        LIVE = "LIVE", "In use"
        RETIRED = "RETIRED", "Retired"

    script = models.ForeignKey(Script, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    steps = models.JSONField()
    state = models.CharField(max_length=7, choices=State.choices, default=State.DRAFT)
    change_note = models.CharField(max_length=200, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    live_from = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["script", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["script", "number"], name="scriptversion_once"),
            models.UniqueConstraint(fields=["script"], condition=models.Q(state="LIVE"), name="scriptversion_one_live"),
        ]

    def __str__(self) -> str:
        return f"{self.script_id} v{self.number}"


class Interaction(models.Model):
    """The record of an attempt or conversation, or a note. Closed, it is only corrected by a linked one."""

    class Kind(models.TextChoices):
        CALL = "CALL", "Call"
        NOTE = "NOTE", "Note"
        MESSAGE = "MESSAGE", "Message"

    class State(models.TextChoices):
        OPEN = "OPEN", "Going on"
        CLOSED = "CLOSED", "Ended"

    debtor = models.ForeignKey(Debtor, on_delete=models.PROTECT, related_name="interactions", db_index=False)
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, related_name="interactions", db_index=False
    )
    account_ids = ArrayField(models.BigIntegerField(), default=list)
    kind = models.CharField(max_length=7, choices=Kind.choices)
    state = models.CharField(max_length=6, choices=State.choices, default=State.OPEN)
    direction = models.CharField(max_length=3, choices=[("out", "Out"), ("in", "In")], default="out")
    contact_point = models.ForeignKey(
        ContactPoint, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    dialed = models.CharField(max_length=320, blank=True)
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    recorded_at = models.DateTimeField(default=clock.now)
    disposition = models.ForeignKey(Disposition, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    right_party = models.BooleanField(default=False)
    verified_at = models.DateTimeField(null=True, blank=True)
    verified_facts = models.JSONField(default=list)
    script_version = models.ForeignKey(
        ScriptVersion, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    script_step = models.CharField(max_length=40, blank=True)
    steps_done = models.JSONField(default=dict)
    note = models.TextField(max_length=4000, blank=True)
    corrects = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="corrections", db_index=False
    )
    verdict_id = models.UUIDField(null=True)
    call_ref = models.CharField(max_length=60, blank=True)
    facts = models.JSONField(default=dict)

    portfolio_path = "account__portfolio"
    objects = VisibleQuerySet.as_manager()

    class Meta:
        triggers = [
            pgtrigger.Protect(
                name="closed_stays",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__state="CLOSED"),
            )
        ]
        indexes = [
            models.Index(fields=["debtor", "-started_at"], name="interaction_debtor"),
            models.Index(fields=["officer", "-started_at"], name="interaction_officer"),
            models.Index(fields=["started_at"], name="interaction_started"),
            models.Index(fields=["account", "-started_at"], name="interaction_account"),
            models.Index(fields=["corrects"], condition=models.Q(corrects__isnull=False), name="interaction_corrects"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["officer"],
                condition=models.Q(kind="CALL", state="OPEN"),
                name="one_open_call_per_officer",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Dispute(models.Model):
    """The person contests a debt or part of it; the reason sets what stops, who answers and by when (F69, J4)."""

    class Reason(models.TextChoices):
        NOT_MINE = "N", "Not mine"
        AMOUNT = "A", "The amount is wrong"
        PAID = "P", "Already paid"
        FRAUD = "F", "Fraud or identity theft"
        OTHER = "O", "Something else"

    class State(models.TextChoices):
        OPEN = "OPEN", "Open"
        ANSWERED = "ANSWERED", "Answered"
        WITHDRAWN = "WITHDRAWN", "Withdrawn"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="disputes")
    debtor = models.ForeignKey(Debtor, on_delete=models.PROTECT, related_name="disputes")
    reason = models.CharField(max_length=1, choices=Reason.choices)
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    written = models.BooleanField(default=False)
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    words = models.CharField(max_length=1000, blank=True)
    evidence_asked = models.JSONField(default=list)
    received_at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=clock.now)
    due_on = models.DateField()
    owner_role = models.CharField(max_length=20, default="lead")
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    answer = models.CharField(max_length=2000, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    portfolio_path = "account__portfolio"
    objects = VisibleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account"], condition=models.Q(state="OPEN"), name="one_open_dispute"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="dispute_amount"),
        ]
        indexes = [models.Index(fields=["state", "due_on"], name="dispute_due")]

    def __str__(self) -> str:
        return self.ref

    @property
    def ref(self) -> str:
        return f"D-{self.pk}"


class Draft(models.Model):
    """What an officer was typing about a person: kept on a crash, handed back at sign-off."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="drafts")
    debtor = models.ForeignKey(Debtor, on_delete=models.CASCADE, related_name="+")
    text = models.TextField(max_length=4000)
    saved_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "debtor"], name="draft_once")]

    def __str__(self) -> str:
        return f"draft {self.pk}"

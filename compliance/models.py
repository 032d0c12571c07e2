"""What the rules read, and what they answered.

Compliance owns the contact history its rules read (DECISIONS 19): contacts and letters write it
through `compliance.services`.
"""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from accounts.models import Account, ContactPoint, Debtor, Organization, Portfolio
from core import clock
from core.ids import uuid7
from core.models import AppendOnly, WorkRow
from core.triggers import append_only

from .pack_models import RulePack as RulePack
from .pack_models import RulePackVersion as RulePackVersion


class Channel(models.TextChoices):
    CALL = "call", "Call"
    SMS = "sms", "Text"
    EMAIL = "email", "E-mail"
    LETTER = "letter", "Letter"
    IN_PERSON = "in_person", "Visit"


class ContactEvent(AppendOnly):
    """One thing that happened between us and a person, as the rules count it.

    `kind`, `outcome` and `facts` are those of compliance VECTORS.md (call, sms, email, letter,
    validation_notice, undeliverable, consent, revoke, opt_out, opt_in, cease, dispute,
    verification_sent, rnd_check, third_party_disclosure …). `at` is when it happened, `recorded_at`
    when we knew.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    debtor = models.ForeignKey(Debtor, on_delete=models.PROTECT, related_name="contact_events", db_index=False)
    account_ids = ArrayField(models.BigIntegerField(), default=list)
    kind = models.CharField(max_length=30)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=clock.now)
    direction = models.CharField(max_length=3, choices=[("out", "Out"), ("in", "In")], default="out")
    outcome = models.CharField(max_length=40, blank=True)
    contact_point = models.ForeignKey(
        ContactPoint,
        on_delete=models.DO_NOTHING,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    address = models.CharField(max_length=320, blank=True)
    facts = models.JSONField(default=dict)
    source_type = models.CharField(max_length=40, blank=True)
    source_id = models.CharField(max_length=60, blank=True)
    verdict_id = models.UUIDField(null=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )

    class Meta:
        triggers = append_only()
        indexes = [
            models.Index(fields=["debtor", "at"], name="contactevent_debtor"),
            models.Index(fields=["at", "kind"], name="contactevent_at"),
            models.Index(fields=["source_type", "source_id"], name="contactevent_source"),
            GinIndex(fields=["account_ids"], name="contactevent_accounts"),
            models.Index(  # what people told us is read whatever its age, contacts only of the last 100 days
                fields=["debtor", "at"],
                name="contactevent_said",
                condition=~models.Q(
                    kind__in=("call", "attempt", "ringless_voicemail", "sms", "email", "letter", "in_person")
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Hold(models.Model):
    """A reason we must not act. On one account, or (account empty) on everything of the person."""

    class Kind(models.TextChoices):
        CEASE = "CEASE", "Asked us to stop"
        ATTORNEY = "ATTORNEY", "Has an attorney"
        BANKRUPTCY = "BANKRUPTCY", "Bankruptcy"
        DECEASED = "DECEASED", "Has died"
        DISPUTE = "DISPUTE", "Disputed"
        COMPLAINT = "COMPLAINT", "Complaint open"
        HARDSHIP = "HARDSHIP", "Hardship pause"
        BREATHING_SPACE = "BREATHING", "Breathing space"
        IDENTITY_THEFT = "ID_THEFT", "Identity theft"
        NO_ADDRESS = "NO_ADDRESS", "No address"
        INTERNAL = "INTERNAL", "Paused by us"

    debtor = models.ForeignKey(Debtor, on_delete=models.PROTECT, related_name="holds")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, blank=True, related_name="holds")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    lifted_at = models.DateTimeField(null=True, blank=True)
    facts = models.JSONField(default=dict)
    reason = models.CharField(max_length=300, blank=True)
    source = models.CharField(max_length=60, blank=True)
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    recorded_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [
            models.Index(fields=["debtor"], condition=models.Q(lifted_at=None), name="hold_open"),
            models.Index(fields=["kind", "since"], name="hold_kind"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["debtor", "account", "kind"],
                condition=models.Q(lifted_at=None),
                name="hold_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Preference(models.Model):
    """What a person asked of us: times, places, a medium. Ends, or is withdrawn; never edited."""

    class Kind(models.TextChoices):
        INCONVENIENT_TIME = "INCONVENIENT_TIME", "Not at these times"
        CONVENIENT_TIME = "CONVENIENT_TIME", "These times are fine"
        INCONVENIENT_PLACE = "INCONVENIENT_PLACE", "Not at this place"
        EMPLOYER_PROHIBITS = "EMPLOYER_PROHIBITS", "Employer does not allow it"
        LOCATION = "LOCATION", "Where the person is now"

    debtor = models.ForeignKey(Debtor, on_delete=models.CASCADE, related_name="preferences")
    contact_point = models.ForeignKey(ContactPoint, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=18, choices=Kind.choices)
    facts = models.JSONField(default=dict)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    words = models.CharField(max_length=300, blank=True)
    source = models.CharField(max_length=60, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    recorded_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["debtor"], condition=models.Q(withdrawn_at=None), name="preference_live")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class VerdictRecord(AppendOnly):
    """What was asked, answered, and on which facts; for every act, refused act, claim and message. By month."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    asked_at = models.DateTimeField()
    debtor_id = models.BigIntegerField()
    account_ids = ArrayField(models.BigIntegerField(), default=list)
    channel = models.CharField(max_length=20)
    purpose = models.CharField(max_length=40, default="collect")
    contact_point_id = models.BigIntegerField(null=True)
    occasion = models.CharField(max_length=20)
    decision = models.CharField(max_length=8)
    rule_id = models.CharField(max_length=60, blank=True)
    next_allowed = models.DateTimeField(null=True)
    findings = models.JSONField(default=list)
    required_content = models.JSONField(default=list)
    facts = models.JSONField(default=dict)
    packs = models.TextField(blank=True)
    asked_by_id = models.BigIntegerField(null=True)
    act_type = models.CharField(max_length=40, blank=True)
    act_id = models.CharField(max_length=60, blank=True)

    class Meta:
        triggers = append_only()
        indexes = [
            models.Index(fields=["debtor_id", "asked_at"], name="verdict_debtor"),
            models.Index(fields=["asked_at"], name="verdict_at"),
            models.Index(fields=["decision", "rule_id", "asked_at"], name="verdict_rule"),
        ]

    def __str__(self) -> str:
        return f"{self.decision} {self.pk}"


class Override(models.Model):
    """Leave to act once against a presumption or a house rule: asked with a reason, given by a second person (F97)."""

    debtor = models.ForeignKey(Debtor, on_delete=models.PROTECT, related_name="overrides")
    account_ids = ArrayField(models.BigIntegerField(), default=list)
    channel = models.CharField(max_length=20, choices=Channel.choices)
    rule_ids = ArrayField(models.CharField(max_length=60), default=list)
    reason = models.CharField(max_length=300)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    requested_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField(null=True)
    approved = models.BooleanField(null=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-requested_at", "-pk"]
        indexes = [
            models.Index(fields=["debtor", "channel"], condition=models.Q(used_at=None), name="override_open"),
            models.Index(fields=["requested_at"], name="override_requested"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(decided_by=None) | ~models.Q(decided_by=models.F("requested_by")),
                name="override_two_people",
            ),
            models.CheckConstraint(
                condition=models.Q(approved=None, decided_by=None, decided_at=None)
                | models.Q(approved__isnull=False, decided_by__isnull=False, decided_at__isnull=False),
                name="override_decided_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"override {self.pk}"

    @property
    def state(self) -> str:
        """In words: asked, given, refused or used."""
        if self.used_at is not None:
            return "Used"
        return {None: "Asked for", True: "Given", False: "Refused"}[self.approved]


class AuditDay(models.Model):
    """What the auditor found when it judged a day's acts again: how many, and how many should not have been."""

    day = models.DateField(unique=True)
    contacts = models.PositiveIntegerField(default=0)
    breaches = models.PositiveIntegerField(default=0)
    breaches_now = models.PositiveIntegerField(default=0)
    without_decision = models.PositiveIntegerField(default=0)
    run_at = models.DateTimeField()

    class Meta:
        ordering = ["-day"]

    def __str__(self) -> str:
        return f"audit of {self.day}"

    @property
    def rate(self) -> int:
        """Breaches per 10,000 contacts, rounded up, by what was known at the time."""
        return -(-self.breaches * 10_000 // self.contacts) if self.contacts else 0


class AuditFinding(models.Model):
    """One act that a rule forbade, by what was known then or (basis "now") by what is known now."""

    class Basis(models.TextChoices):
        THEN = "then", "As known then"
        NOW = "now", "As known now"

    event_id = models.UUIDField()
    day = models.DateField()
    at = models.DateTimeField()
    debtor = models.ForeignKey(Debtor, on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=20)
    rule_id = models.CharField(max_length=60)
    basis = models.CharField(max_length=4, choices=Basis.choices)
    citation = models.CharField(max_length=200)
    sentence = models.CharField(max_length=600)
    by_id = models.BigIntegerField(null=True)
    verdict_id = models.UUIDField(null=True)
    said_then = models.CharField(max_length=8, blank=True)
    found_at = models.DateTimeField()

    class Meta:
        ordering = ["-day", "-at", "pk"]
        indexes = [models.Index(fields=["day", "rule_id"], name="auditfinding_day")]
        constraints = [
            models.UniqueConstraint(fields=["event_id", "rule_id", "basis"], name="auditfinding_once"),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.event_id}"


class EvidenceSample(WorkRow):
    """A random sample of debts and its evidence pack, made in the background (F102).

    The population is every debt with an outbound contact in the period that fits the filter, as recorded when the
    sample was asked for; `seed` lets anybody draw the same sample again (services.sampling says how).
    """

    class State(models.TextChoices):
        QUEUED = "QUEUED", "Waiting"
        WORKING = "WORKING", "Being made"
        DONE = "DONE", "Ready"
        FAILED = "FAILED", "Failed"

    creditor = models.ForeignKey(
        Organization, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    portfolio = models.ForeignKey(
        Portfolio, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    channel = models.CharField(max_length=20, choices=Channel.choices, blank=True)
    since = models.DateField()
    until = models.DateField()
    size = models.PositiveSmallIntegerField(default=60)
    seed = models.CharField(max_length=40)
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    population = models.PositiveIntegerField(null=True)
    account_ids = ArrayField(models.BigIntegerField(), default=list)
    done = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    bytes = models.PositiveBigIntegerField(default=0)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(state__in=("QUEUED", "WORKING")), name="sample_due")
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(since__lte=models.F("until"), size__gte=1, size__lte=500), name="sample_sane"
            )
        ]

    def __str__(self) -> str:
        return f"evidence sample {self.pk}"

"""Everything we send: the templates with their versions, and the messages, which are their own queue."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Coalesce

from accounts.access import VisibleQuerySet
from accounts.models import Account, ContactPoint, Debtor, Document
from core import clock, crypto
from core.models import WorkRow

from . import states


class Channel(models.TextChoices):
    POST = "post", "Post"
    EMAIL = "email", "E-mail"
    SMS = "sms", "Text"


class Template(models.Model):
    """One thing we may send, by one channel. Its words are in versions, one live per language (F38)."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=80)
    channel = models.CharField(max_length=5, choices=Channel.choices)
    kind = models.CharField(max_length=40)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name", "channel"]

    def __str__(self) -> str:
        return self.name


class TemplateVersion(models.Model):
    """The words in one language. A live version is never edited; a save makes the next number."""

    class State(models.TextChoices):
        DRAFT = "DRAFT", "Draft"
        LIVE = "LIVE", "In use"
        RETIRED = "RETIRED", "Retired"

    template = models.ForeignKey(Template, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    lang = models.CharField(max_length=10, default="en")
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField(max_length=20_000)
    tokens = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    state = models.CharField(max_length=7, choices=State.choices, default=State.DRAFT)
    change_note = models.CharField(max_length=200, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    live_from = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["template", "lang", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["template", "lang", "number"], name="templateversion_once"),
            models.UniqueConstraint(
                fields=["template", "lang"], condition=models.Q(state="LIVE"), name="templateversion_one_live"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template_id} {self.lang} v{self.number}"


class Message(WorkRow):
    """Something to be sent, being sent or sent. The row is the queue (DECISIONS 2).

    `key` is the business fact's own (`promise-reminder:<promise>:sms`), so planning twice plans once.
    """

    debtor = models.ForeignKey(Debtor, on_delete=models.PROTECT, related_name="messages")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="messages")
    account_ids = ArrayField(models.BigIntegerField(), default=list)
    channel = models.CharField(max_length=5, choices=Channel.choices)
    kind = models.CharField(max_length=40)
    template = models.ForeignKey(Template, on_delete=models.PROTECT, related_name="messages")
    version = models.ForeignKey(TemplateVersion, on_delete=models.PROTECT, null=True, related_name="messages")
    contact_point = models.ForeignKey(ContactPoint, on_delete=models.PROTECT, null=True, related_name="messages")
    sent_to = models.CharField(max_length=320, blank=True)
    key = models.CharField(max_length=120, unique=True)
    state = models.CharField(max_length=9, choices=states.State.choices, default=states.State.QUEUED)
    expires_at = models.DateTimeField(null=True, blank=True)
    subject_type = models.CharField(max_length=40, blank=True)
    subject_id = models.BigIntegerField(null=True, blank=True)
    facts = models.JSONField(default=dict, blank=True)
    planned_at = models.DateTimeField(default=clock.now)
    planned_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    run = models.CharField(max_length=60, blank=True)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, related_name="+")
    provider_ref = models.CharField(max_length=120, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    verdict_id = models.UUIDField(null=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    # What was made ready for the channel, from then until it is known whether it went out (services/preparing.py).
    prepared = models.JSONField(null=True, blank=True)

    portfolio_path = "account__portfolio"
    objects = VisibleQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(state__in=["QUEUED", "SENDING"]), name="message_due"),
            models.Index(fields=["debtor", "-planned_at"], name="message_debtor"),
            models.Index(fields=["account", "kind"], name="message_account"),
            models.Index(fields=["state", "-planned_at"], name="message_state"),
            models.Index(fields=["run"], name="message_run"),
            models.Index(fields=["-planned_at", "-id"], name="message_planned"),
            models.Index(Coalesce("sent_at", "finished_at"), name="message_ended"),
            models.Index(fields=["provider_ref"], condition=~models.Q(provider_ref=""), name="message_provider_ref"),
        ]

    def __str__(self) -> str:
        return f"message {self.pk}"


class Receipt(models.Model):
    """What a provider or the post told us later: delivered, returned, bounced."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="receipts")
    kind = models.CharField(max_length=20)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=clock.now)
    code = models.CharField(max_length=60, blank=True)
    provider_event = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "kind", "provider_event"], name="receipt_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class ProviderEvent(WorkRow):
    """What a provider told us: a receipt, a bounce, a return, or what somebody wrote back. The row is the queue.

    `event_id` is the provider's own, so the same event twice is one row. What it said is encrypted.
    """

    channel = models.CharField(max_length=5, choices=Channel.choices)
    event_id = models.CharField(max_length=120)
    kind = models.CharField(max_length=20)
    reference = models.CharField(max_length=120, blank=True)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField(default=clock.now)
    payload = models.TextField()
    state = models.CharField(max_length=7, choices=states.EventState.choices, default=states.EventState.NEW)
    message = models.ForeignKey(Message, on_delete=models.PROTECT, null=True, related_name="provider_events")
    outcome = models.CharField(max_length=200, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "event_id"], name="providerevent_once")]
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(state__in=["NEW", "WORKING"]), name="providerevent_due"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    def seal(self, said: str) -> None:
        """Keep what the provider said, readable only in this row."""
        self.payload = crypto.encrypt(said, row=self._place)

    def said(self) -> str:
        """What the provider said. Raises crypto.Unreadable."""
        return crypto.decrypt(self.payload, row=self._place)

    @property
    def _place(self) -> str:
        return f"letters.providerevent.payload.{self.channel}.{self.event_id}"

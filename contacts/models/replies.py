"""What people write back and somebody has to answer."""

from django.conf import settings
from django.db import models

from accounts.models import Debtor
from core import clock


class Reply(models.Model):
    """A text or an e-mail that came in and waits for an answer; its words are in the contact history.

    `key` is the provider's event and the person, so that an event that is told again makes no second one. It ends
    ANSWERED (somebody wrote to the person, or talked with the person) or DONE (somebody said that nothing is left to
    do). `event_id` names the ContactEvent.
    """

    class State(models.TextChoices):
        OPEN = "OPEN", "To answer"
        ANSWERED = "ANSWERED", "Answered"
        DONE = "DONE", "Done"

    debtor = models.ForeignKey(Debtor, on_delete=models.PROTECT, related_name="replies", db_index=False)
    channel = models.CharField(max_length=5, choices=[("sms", "Text"), ("email", "E-mail")])
    key = models.CharField(max_length=120, unique=True)
    event_id = models.UUIDField()
    received_at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=clock.now)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        indexes = [models.Index(fields=["debtor"], condition=models.Q(state="OPEN"), name="reply_open")]

    def __str__(self) -> str:
        return f"reply {self.pk}"

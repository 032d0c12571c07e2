"""What providers tell us, and the indexes by which a receipt and the facts of a minute find their messages."""

import django.db.models.deletion
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Coalesce

import core.clock

CHANNELS = [("post", "Post"), ("email", "E-mail"), ("sms", "Text")]
STATES = [
    ("NEW", "Waiting"),
    ("WORKING", "Being read"),
    ("DONE", "Taken in"),
    ("IGNORED", "Nothing to do"),
    ("FAILED", "Not understood"),
]


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("letters", "0002_prepared")]

    operations = [
        migrations.CreateModel(
            name="ProviderEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("due_at", models.DateTimeField(default=core.clock.now)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("lease_token", models.UUIDField(blank=True, null=True)),
                ("last_error", models.CharField(blank=True, max_length=300)),
                ("channel", models.CharField(choices=CHANNELS, max_length=5)),
                ("event_id", models.CharField(max_length=120)),
                ("kind", models.CharField(max_length=20)),
                ("reference", models.CharField(blank=True, max_length=120)),
                ("occurred_at", models.DateTimeField()),
                ("received_at", models.DateTimeField(default=core.clock.now)),
                ("payload", models.TextField()),
                ("state", models.CharField(choices=STATES, default="NEW", max_length=7)),
                ("outcome", models.CharField(blank=True, max_length=200)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "message",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="provider_events",
                        to="letters.message",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(state__in=["NEW", "WORKING"]), fields=["due_at"], name="providerevent_due"
                    )
                ],
                "constraints": [models.UniqueConstraint(fields=["channel", "event_id"], name="providerevent_once")],
            },
        ),
        AddIndexConcurrently("message", models.Index(Coalesce("sent_at", "finished_at"), name="message_ended")),
        AddIndexConcurrently(
            "message",
            models.Index(condition=~models.Q(provider_ref=""), fields=["provider_ref"], name="message_provider_ref"),
        ),
    ]

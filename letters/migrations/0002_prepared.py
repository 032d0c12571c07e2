"""What was made ready for a channel stays with the message until its outcome is known."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("letters", "0001_initial")]

    operations = [
        migrations.AddField("message", "prepared", models.JSONField(blank=True, null=True)),
        migrations.AddIndex("message", models.Index(fields=["-planned_at", "-id"], name="message_planned")),
    ]

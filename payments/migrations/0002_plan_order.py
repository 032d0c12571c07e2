"""Which debt of a plan is paid first, and the words that were read back."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_initial")]
    operations = [
        migrations.AddField(
            "plan", "read_back", models.TextField(blank=True, max_length=1000, default=""), preserve_default=False
        ),
        migrations.AddField("plandebt", "position", models.PositiveSmallIntegerField(default=0)),
    ]

"""How a call with a person in distress ends: one outcome that asks for nothing."""

from typing import Any

from django.db import migrations


def add(apps: Any, editor: Any) -> None:
    model = apps.get_model("contacts", "Disposition")
    taken = model.objects.filter(group="NOBODY", digit="8", active=True).exclude(code="distress").exists()
    model.objects.get_or_create(
        code="distress",
        defaults={
            "label": "In distress or danger", "group": "NOBODY", "digit": "" if taken else "8",
            "call_outcome": "conversation", "right_party": False, "follow": "", "note_required": False,
            "next_step": "Wait for the review", "retry_hours": 168, "queue": "review", "position": 80,
        },
    )  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("contacts", "0003_help")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]

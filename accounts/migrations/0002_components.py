"""The four parts every balance can have, and references that start where they can be told from counts."""

from typing import Any

from django.db import migrations

PARTS = [
    ("principal", "Principal", 10),
    ("interest", "Interest", 20),
    ("fees", "Fees", 30),
    ("costs", "Costs", 40),
]
STARTS = {"accounts_debtor": 200001, "accounts_account": 500001}


def add(apps: Any, editor: Any) -> None:
    model = apps.get_model("accounts", "Component")
    model.objects.bulk_create([model(code=c, name=n, position=p) for c, n, p in PARTS], ignore_conflicts=True)
    for table, start in STARTS.items():
        editor.execute(f"ALTER TABLE {table} ALTER COLUMN id RESTART WITH {start}")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]

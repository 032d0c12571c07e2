"""The chart of accounts every installation starts with."""

from typing import Any

from django.db import migrations

CHART = [
    ("receivable.principal", "Principal", "receivable", 10),
    ("receivable.interest", "Interest", "receivable", 20),
    ("receivable.fees", "Fees", "receivable", 30),
    ("receivable.costs", "Costs", "receivable", 40),
    ("clearing.placed", "Placed by creditors", "clearing", 200),
    ("trust.cash", "Trust account", "trust", 300),
    ("trust.direct", "Paid to the creditor", "trust", 310),
    ("suspense.unapplied", "Unapplied money", "suspense", 400),
    ("income.interest", "Interest added", "income", 500),
    ("income.fees", "Fees added", "income", 510),
    ("expense.adjustment", "Adjustments", "expense", 600),
    ("expense.write_off", "Written off", "expense", 610),
]


def add(apps: Any, editor: Any) -> None:
    model = apps.get_model("ledger", "LedgerAccount")
    model.objects.bulk_create(
        [model(code=c, name=n, group=g, position=p) for c, n, g, p in CHART], ignore_conflicts=True
    )


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]

"""Leave room on the pages of running balances: a new amount then stays on its page and no index is written.

At a month's end a third of the rows (interest beside principal and fees) gets a new amount at once. Pages written
before keep their form until VACUUM has made room in them.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("ledger", "0005_fewer_indexes")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE ledger_balance SET (fillfactor = 70)", "ALTER TABLE ledger_balance RESET (fillfactor)"
        )
    ]

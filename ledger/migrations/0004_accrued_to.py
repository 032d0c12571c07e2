"""Write on each interest balance up to which day interest is in it; until now only the journals knew."""

from django.db import migrations

FILL = """
UPDATE ledger_balance b SET accrued_to = j.last FROM (
    SELECT subject_id, max(effective_date) AS last FROM ledger_journal j
    WHERE code = 'INTEREST' AND subject_id IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM ledger_journal r WHERE r.reverses_id = j.id)
    GROUP BY subject_id) j
WHERE b.subject_id = j.subject_id AND b.account_id = 'receivable.interest' AND b.accrued_to IS NULL
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_whole_journals")]
    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]

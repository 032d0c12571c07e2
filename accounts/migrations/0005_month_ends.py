from django.db import migrations, models

NEWEST = """
UPDATE accounts_portfolio p SET month_ended_on =
    (SELECT max(valid_from) FROM accounts_accountsnapshot s WHERE s.portfolio_id = p.id AND s.month_end)
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_nights")]
    operations = [
        migrations.AddField(
            model_name="portfolio",
            name="month_ended_on",
            field=models.DateField(blank=True, editable=False, null=True),
        ),
        migrations.RunSQL(NEWEST, migrations.RunSQL.noop),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("strategies", "0006_replies_queue"),
    ]

    operations = [
        migrations.AlterField(
            model_name="queuecount",
            name="queue",
            field=models.CharField(
                choices=[
                    ("callbacks", "Call-backs due"),
                    ("replies", "Replies to answer"),
                    ("broken-promises", "Broken promises"),
                    ("new", "New this week"),
                    ("plans-at-risk", "Plans at risk"),
                    ("disputes", "Disputes answered"),
                    ("skip", "No working number"),
                    ("review", "To review"),
                    ("general", "To work"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="workitem",
            name="queue",
            field=models.CharField(
                choices=[
                    ("callbacks", "Call-backs due"),
                    ("replies", "Replies to answer"),
                    ("broken-promises", "Broken promises"),
                    ("new", "New this week"),
                    ("plans-at-risk", "Plans at risk"),
                    ("disputes", "Disputes answered"),
                    ("skip", "No working number"),
                    ("review", "To review"),
                    ("general", "To work"),
                ],
                max_length=20,
            ),
        ),
    ]

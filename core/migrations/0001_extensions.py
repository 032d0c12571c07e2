"""Extensions the project uses; made here only where the role may, else by whoever set up the database."""

from typing import Any

from django.db import migrations

EXTENSIONS = ("pg_trgm", "unaccent", "btree_gist", "citext")


def create_missing(apps: Any, editor: Any) -> None:
    with editor.connection.cursor() as cursor:
        cursor.execute("SELECT extname FROM pg_extension")
        present = {row[0] for row in cursor.fetchall()}
        for name in EXTENSIONS:
            if name not in present:
                cursor.execute(f"CREATE EXTENSION IF NOT EXISTS {name}")


class Migration(migrations.Migration):
    dependencies = []
    operations = [migrations.RunPython(create_missing, migrations.RunPython.noop)]

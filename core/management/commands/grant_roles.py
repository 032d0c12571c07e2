"""`manage.py grant_roles`: give crm_app and crm_read their privileges and make the monthly partitions.

Run by the owner after each migrate. crm_app gets SELECT and INSERT on append-only tables, all four
on the others, writes partitions through their parent only, and may not create, own or truncate anything
(RELIABILITY 41).
"""

from datetime import timedelta
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import connection

from core import clock
from core.partitions import PARTITIONED, close_to_writes, ensure


def append_only_tables() -> list[str]:
    """Every table whose model says append_only, partitions included."""
    names = [m._meta.db_table for m in apps.get_models() if getattr(m, "append_only", False)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, p.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
            "JOIN pg_class p ON p.oid = i.inhparent WHERE p.relname = ANY(%s)",
            [list(PARTITIONED)],
        )
        parts = cursor.fetchall()
    return names + [child for child, parent in parts if parent in names]


def _missing_roles() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolname FROM pg_roles WHERE rolname IN ('crm_app', 'crm_read')")
        found = {row[0] for row in cursor.fetchall()}
    return sorted({"crm_app", "crm_read"} - found)


class Command(BaseCommand):
    help = "Grant the application and read roles their privileges; make monthly partitions."

    def handle(self, *args: Any, **options: Any) -> None:
        today = clock.now().date()
        made = ensure(today - timedelta(days=800), today + timedelta(days=400))
        missing = _missing_roles()
        if missing:
            self.stdout.write(f"{made} partitions made; no such roles: {', '.join(missing)}.")
            return
        statements = [
            "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
            "GRANT USAGE ON SCHEMA public TO crm_app, crm_read",
            "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM crm_app, crm_read",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO crm_app",
            "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO crm_app",
            "GRANT SELECT ON ALL TABLES IN SCHEMA public TO crm_read",
            "REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM crm_app",
        ]
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            for table in append_only_tables():
                cursor.execute(f'REVOKE UPDATE, DELETE ON "{table}" FROM crm_app')
        close_to_writes()
        self.stdout.write(f"Privileges granted; {made} partitions made.")

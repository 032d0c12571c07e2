"""Bring database and static files up to date in one process: `python -m collections_crm.local.prepare`.

Runs as the owner of the tables (DATABASE_URL is the owner's here).
"""

import sys

import django
from django.core.management import call_command, get_commands
from django.core.management.base import CommandError
from django.db import DatabaseError, connection

from core.memory import settle


def main() -> int:
    """migrate, grant_roles (where there is a role to grant to), ship_content, load_rule_packs, collectstatic."""
    django.setup()
    settle()  # the migrations make models by the thousand, and each full round of the collector would walk over ours
    try:
        call_command("migrate", interactive=False, verbosity=1)
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_roles WHERE rolname IN ('crm_app', 'crm_read')")
            row = cursor.fetchone()
        if "grant_roles" not in get_commands():
            sys.stdout.write("There is no grant_roles command yet; going on without it.\n")
        elif row and row[0] == 2:
            call_command("grant_roles")
        else:
            sys.stdout.write("The roles crm_app and crm_read don't exist on this server; nothing to grant.\n")
        if "ship_content" in get_commands():
            call_command("ship_content")
        call_command("load_rule_packs")
    except (CommandError, DatabaseError) as error:
        sys.stdout.write(f"The database could not be brought up to date: {error}\n")
        return 1
    call_command("collectstatic", interactive=False, verbosity=0)
    return 0


if __name__ == "__main__":
    sys.exit(main())

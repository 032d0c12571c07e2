"""`manage.py check_ledger`: prove the ledger; exit 1 and name the row when something is wrong."""

from typing import Any

from django.core.management.base import BaseCommand

from ledger.check import problems
from ledger.models import Journal


class Command(BaseCommand):
    help = "Prove that journals balance, were not altered, and that running balances equal their entries."

    def handle(self, *args: Any, **options: Any) -> None:
        found = 0
        for problem in problems():
            found += 1
            self.stdout.write(problem)
        if found:
            self.stdout.write(f"WRONG: {found} problems.")
            raise SystemExit(1)
        self.stdout.write(f"OK: {Journal.objects.count()} journals proved.")

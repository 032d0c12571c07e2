"""`manage.py verify_audit`: recompute the audit's hash chain; exit 1 and name the row when it is broken."""

from typing import Any

from django.core.management.base import BaseCommand

from core import chain


class Command(BaseCommand):
    help = "Recompute the audit's hash chain and name every altered or missing row."

    def handle(self, *args: Any, **options: Any) -> None:
        report = chain.verify()
        for problem in report.problems:
            self.stdout.write(problem)
        if report.problems:
            self.stdout.write(f"BROKEN: {len(report.problems)} problems in {report.links} links.")
            raise SystemExit(1)
        self.stdout.write(f"OK: {report.links} events linked, {report.unsealed} wait for the next seal.")

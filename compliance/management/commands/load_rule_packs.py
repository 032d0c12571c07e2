"""Take in the rule packs of this release: `manage.py load_rule_packs`."""

from typing import Any

from django.core.management.base import BaseCommand

from compliance import rulebooks
from compliance.services import rule_packs
from core import clock


class Command(BaseCommand):
    help = "Load packs that are not there yet; let a changed text wait for approval. A second run does nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        rows = rule_packs.load_shipped(rulebooks.shipped().texts, at=clock.now())
        for row in rows:
            self.stdout.write(f"{row.pack.slug}, version {row.number}: {row.get_state_display()}")
        if not rows:
            self.stdout.write("Nothing new.")

"""Put the letters' templates and the call scripts that come with the product into the database, once."""

from typing import Any

from django.core.management.base import BaseCommand

from collections_crm.demo import content
from core import clock


class Command(BaseCommand):
    help = "Ship templates and scripts. Languages that have a version already are left alone."

    def handle(self, *args: Any, **options: Any) -> None:
        made = content.ship(at=clock.now())
        self.stdout.write(f"{made['templates']} template versions and {made['scripts']} script versions were added.")

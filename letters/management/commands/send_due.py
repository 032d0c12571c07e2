"""Send what is due now, for a cron in place of beat: `python3 manage.py send_due [--seconds N] [--limit N]`."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from core import clock
from letters import services


class Command(BaseCommand):
    help = "Send the letters, e-mails and texts that are due; prints the counts by outcome as JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How long and how many at most."""
        parser.add_argument("--seconds", type=float, default=45.0)
        parser.add_argument("--limit", type=int, default=10_000)

    def handle(self, *args: Any, **options: Any) -> None:
        """Safe beside workers and other runs of itself: a message is claimed by one of them."""
        at = clock.now()
        counts = services.take_in(at=at) | services.send_due(at=at, **{k: options[k] for k in ("seconds", "limit")})
        self.stdout.write(json.dumps(counts, sort_keys=True))

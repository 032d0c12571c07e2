"""Load an invented portfolio with a year of history: `manage.py load_demo --accounts 20000`."""

import argparse
import time
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from accounts.models import Account
from collections_crm.demo import after, load, staff
from core import clock


class Command(BaseCommand):
    help = "Load invented people, debts and twelve months of history into an empty database."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--accounts", type=int, default=20_000, help="how many (default 20000, at most 1000000)")
        parser.add_argument("--months", type=int, default=12, help="months of history (default 12)")
        parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same people")
        parser.add_argument("--if-empty", action="store_true", help="do nothing when there are accounts")

    def handle(self, *args: Any, **options: Any) -> None:
        size = load.Size(options["accounts"], options["months"], options["seed"])
        if not 1 <= size.accounts <= 1_000_000 or not 1 <= size.months <= 60:
            raise CommandError("--accounts goes from 1 to 1000000, --months from 1 to 60.")
        if options["if_empty"] and Account.objects.exists() and not load.unfinished():
            self.stdout.write("There are accounts already; nothing was loaded.")
            return
        began, now = time.monotonic(), clock.now()
        call_command("ship_content", stdout=self.stdout)
        try:
            world, counts = load.load(size, now=now, say=self._say)
            after.work(world, say=self._say)
            logins = staff.set_passwords(staff.make())
        except (load.DemoRefused, ValueError) as refused:
            raise CommandError(str(refused)) from refused
        load.finish(clock.now())
        seconds = time.monotonic() - began
        self._say(f"{sum(counts.values()):,} rows in {seconds:.0f} s")
        self.stdout.write(logins)

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

"""Load a placement file from the command line: the same steps as in the browser, the same two persons."""

import json
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.services import cli
from accounts.services.imports import ImportRefused


class Command(BaseCommand):
    help = "Upload, check and (with --release-by) release and load a placement file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--creditor", required=True, help="the creditor's name; made when it is new")
        parser.add_argument("--portfolio", default="", help="the portfolio's name; made when it is new")
        parser.add_argument("--map", default="", help="a saved column map of the creditor")
        parser.add_argument("--by", default="", help="who uploads (user name); default: the first administrator")
        parser.add_argument(
            "--release-by", default="", help="who releases; somebody else. Without it nothing is loaded"
        )
        parser.add_argument("--placed-on", type=date.fromisoformat, default=None, help="YYYY-MM-DD; default: today")
        parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
        request = cli.Request(
            path=path,
            creditor=options["creditor"],
            portfolio=options["portfolio"],
            map_name=options["map"],
            by=options["by"],
            release_by=options["release_by"],
            placed_on=options["placed_on"],
        )
        try:
            report = cli.run(request, wait=time.sleep)
        except ImportRefused as refused:
            raise CommandError(str(refused)) from refused
        if options["json"]:
            self.stdout.write(json.dumps(report))
        else:
            self._say(report)
        if not report["accepted"]:
            sys.exit(1)

    def _say(self, report: dict[str, Any]) -> None:
        if report["fault"]:
            self.stdout.write(f"Nothing was loaded: {report['fault']}")
        self.stdout.write(
            f"Import {report['import']} ({report['state']}): {report['rows']:,} rows, {report['accepted']:,} accepted, "
            f"{report['held']:,} held, {report['rejected']:,} rejected, {report['duplicates']:,} duplicates, "
            f"{report['total']} accepted in money."
        )
        for line in report["lines"]:
            if line["outcome"] != "accepted":
                self.stdout.write(
                    f"  line {line['line']}: {line['reference']}: {line['outcome']}: {line['field']}: {line['reason']}"
                )

"""Judge a period's contacts again: `manage.py audit_contacts --since 2025-11-24 --until 2026-11-24`."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError, CommandParser

from compliance import auditor
from compliance.auditor import Report
from core import clock


class Command(BaseCommand):
    help = "Judge all outbound contacts of a period again from raw history and print what was found."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--since", type=date.fromisoformat, help="first UTC day (default: a year before --until)")
        parser.add_argument("--until", type=date.fromisoformat, help="the day after the last (default: today)")

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.now()
        until: date = options["until"] or now.astimezone(UTC).date()
        since: date = options["since"] or until - timedelta(days=365)
        if since >= until:
            raise CommandError("--since has to be before --until.")
        report = auditor.audit_period(since=since, until=until, at=now)
        for line in _lines(report, since, until):
            self.stdout.write(line)
        if report.wrong("then") or report.wrong("now"):
            raise SystemExit(1)


def _lines(report: Report, since: date, until: date) -> list[str]:
    counts = report.counts()
    rules = Counter((b.finding.rule_id, b.basis) for b in report.breaches)
    last = until - timedelta(days=1)
    return [
        f"{counts['contacts']:,} acts from {since} to {last} judged again",
        *(f"  {channel}: {number:,}" for channel, number in report.channels.most_common()),
        *(f"  on {day}, when the clocks changed: {report.days[day]:,}" for day in clock_changes(since, until)),
        f"{counts['breaches']:,} breaches as known then ({per_10_000(counts['breaches'], counts['contacts'])} per "
        f"10,000), {counts['breaches_now']:,} as known now",
        *(f"  {rule} ({basis}): {number:,}" for (rule, basis), number in rules.most_common()),
        f"{counts['without_decision']:,} acts of this system without a stored decision",
    ]


def per_10_000(breaches: int, contacts: int) -> str:
    """Breaches per 10,000 contacts with two decimals; 0 when there was no contact."""
    return f"{breaches * 10_000 / contacts:.2f}" if contacts else "0"


def clock_changes(since: date, until: date, zone: str = "America/Chicago") -> list[date]:
    """The days of the period on which the clocks of the zone were moved."""
    tz = ZoneInfo(zone)

    def offset(day: date) -> timedelta | None:
        return datetime(day.year, day.month, day.day, tzinfo=tz).utcoffset()

    days = (since + timedelta(days=n) for n in range((until - since).days))
    return [day for day in days if offset(day) != offset(day + timedelta(days=1))]

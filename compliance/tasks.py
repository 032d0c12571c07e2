"""Compliance's scheduled tasks. Each is one call."""

from datetime import datetime, timedelta

from celery import shared_task

from core import jobs

from . import auditor, services
from .models import AuditDay

_BACK = 3  # days: late records arrive


@shared_task
def audit_day(**_: object) -> None:
    """Judge yesterday's contacts again from raw history."""
    jobs.tick("compliance.audit_day", 86400, _audit)


@shared_task
def build_samples(**_: object) -> None:
    """Make the evidence packs that wait."""
    jobs.tick("compliance.build_samples", 60, lambda at: services.build_samples(at=at))


def _audit(at: datetime) -> dict[str, int]:
    """Yesterday, and the days before it that were not audited yet."""
    yesterday = at.date() - timedelta(days=1)
    days = [yesterday - timedelta(days=n) for n in range(_BACK)]
    done = set(AuditDay.objects.filter(day__in=days[1:]).values_list("day", flat=True))
    total: dict[str, int] = {"days": 0}
    for day in days:
        if day in done:
            continue
        for name, count in auditor.audit_day(day=day, at=at).items():
            total[name] = total.get(name, 0) + count
        total["days"] += 1
    return total

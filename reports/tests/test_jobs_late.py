"""When the jobs monitor says that a job is late."""

from datetime import datetime, timedelta

import pytest

from collections_crm import testing as make
from core.models import JobRun
from reports import job_services

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def ran(job: str, at: datetime) -> None:
    JobRun.objects.create(job=job, period=at, started_at=at, finished_at=at, state="DONE")


def late(at: datetime) -> dict[str, bool]:
    return {line.name: line.late for line in job_services.overview(at=at)}


@pytest.mark.parametrize(
    ("job", "fine", "too_long"),
    [
        ("letters.send_due", 1.5 * MINUTE, 2 * MINUTE),  # each 15 s
        ("payments.judge", 30 * MINUTE, 32 * MINUTE),  # each 15 minutes
        ("core.sweep", 75 * MINUTE, 77 * MINUTE),  # each hour, though beat asks each 5 minutes
        ("core.prove", timedelta(hours=24, minutes=15), timedelta(hours=24, minutes=17)),
    ],
)
def test_a_job_is_late_by_its_own_interval(job: str, fine: timedelta, too_long: timedelta) -> None:
    ran(job, make.NOON)

    assert not late(make.NOON + fine)[job]
    assert late(make.NOON + too_long)[job]


def test_a_job_that_never_ran_is_late_only_when_the_system_runs_for_long_enough() -> None:
    assert not any(late(make.NOON).values()), "nothing ran yet: the system starts"
    ran("core.seal_audit", make.NOON)

    assert not late(make.NOON + 70 * MINUTE)["core.sweep"]
    assert late(make.NOON + 80 * MINUTE)["core.sweep"]

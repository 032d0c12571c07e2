"""The jobs monitor: what each scheduled job did, its switch and hours, and running one now (F114)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module

from celery import current_app
from django.db import IntegrityError, transaction
from django.db.models import Count, Min

from core import audit, jobs, work
from core.models import JobRun, JobSetting
from users.models import User

from .models import JobRequest

GRACE = timedelta(minutes=15)  # what a job of an hour or a day may be behind
KIND = work.WorkKind(JobRequest, ready=("QUEUED",), leased="RUNNING", lease=timedelta(minutes=15), max_tries=3)
WORDS = {
    "letters.send_due": "Sends letters, e-mails and texts that are due",
    "accounts.run_imports": "Reads and loads placement files",
    "strategies.plan_reminders": "Plans reminders of promises and plan payments",
    "compliance.audit_day": "Looks back at the day's contacts with what is known now",
    "compliance.build_samples": "Packs the evidence of random samples",
    "payments.judge": "Judges promises and plan payments",
    "payments.month_end": "Posts the interest of the month that is over",
    "payments.announce": "Tells work and letters of money that came by itself",
    "strategies.refresh_work": "Brings the worklist up to date",
    "strategies.release_holds": "Gives back people nobody works on",
    "accounts.nightly": "Ages the debts and keeps their daily picture",
    "reports.build_days": "Adds up the day for the board",
    "core.seal_audit": "Seals the audit trail",
    "core.sweep": "Forgets what is past its keep time",
    "core.prove": "Proves audit trail and ledger",
    "reports.sweep_asked": "Runs the jobs that somebody asked for",
    "reports.rebuild": "Adds the last ten days up anew, each night",
    "load_demo": "Loads the invented portfolio",
}


def schedule() -> dict[str, tuple[str, int, str]]:
    """Job name to task path, seconds between runs, queue: the beat schedule of the Celery app.

    Beat asks for a job of an hour or a day more often than it runs; an asking expires with the job's own interval.
    """
    beat = current_app.conf.beat_schedule
    return {name: (one["task"], int(one["options"]["expires"]), one["options"]["queue"]) for name, one in beat.items()}


class JobRefused(Exception):
    """The job can't be changed or run; the text is a sentence."""


@dataclass(frozen=True, slots=True)
class JobLine:
    """One scheduled job as the monitor shows it. `late`: overdue by two intervals, or GRACE if that is less."""

    name: str
    words: str
    every: timedelta
    queue: str
    setting: JobSetting
    last: JobRun | None
    failed_today: int
    waiting: bool
    age: timedelta | None
    late: bool

    @property
    def every_words(self) -> str:
        """Its interval: "15 s", "5 min", "1 h"."""
        return interval(int(self.every.total_seconds()))


def overview(*, at: datetime) -> list[JobLine]:
    """Every job with its last run; one that never ran is as old as the first run of all. Five queries."""
    last = {run.job: run for run in JobRun.objects.order_by("job", "-started_at").distinct("job")}
    settings = JobSetting.objects.in_bulk()
    since = JobRun.objects.filter(started_at__gte=at - timedelta(days=1), state=JobRun.State.FAILED)
    failed = dict(since.values("job").annotate(n=Count("pk")).values_list("job", "n"))
    open_ = set(JobRequest.objects.filter(state__in=("QUEUED", "RUNNING")).values_list("job", flat=True))
    first = JobRun.objects.aggregate(first=Min("started_at"))["first"] or at
    return [
        _line(name, last.get(name), settings.get(name), failed.get(name, 0), name in open_, at, first)
        for name in schedule()
    ]


def interval(seconds: int) -> str:
    """Seconds in the largest unit that divides them."""
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds and seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def parts() -> list[tuple[JobRun, str]]:
    """Runs that are no job of the schedule by themselves, newest of each with its words: what jobs do in parts.

    The nightly rebuild of facts, each zone's night, the month end, the demo's load. One query.
    """
    known = set(schedule())
    newest = JobRun.objects.exclude(job__in=known).order_by("job", "-started_at").distinct("job")
    return [(run, words_of(run.job)) for run in newest]


def words_of(name: str) -> str:
    """What a job does, in words; the part of a job says whose part it is."""
    if name in WORDS:
        return WORDS[name]
    whole, _, part = name.partition(" ")
    return f"{WORDS[whole]}: {part.replace('_', ' ')}" if part and whole in WORDS else name


def _line(
    name: str,
    last: JobRun | None,
    setting: JobSetting | None,
    failed: int,
    waiting: bool,
    at: datetime,
    first: datetime,
) -> JobLine:
    _, seconds, queue = schedule()[name]
    every = timedelta(seconds=seconds)
    kept = setting or JobSetting(job=name)
    age = at - last.started_at if last else None
    due = every + min(2 * every, GRACE) + timedelta(minutes=1)
    late = kept.covers(at) and (at - first if age is None else age) > due
    return JobLine(name, words_of(name), every, queue, kept, last, failed, waiting, age, late)


@transaction.atomic
def save_setting(*, job: str, enabled: bool, from_hour: int, until_hour: int, by: User, at: datetime) -> JobSetting:
    """Switch a job on or off and set its hours (UTC, end exclusive). Raises JobRefused for a job or hours not ours."""
    _known(job)
    if not (0 <= from_hour <= 23 and 1 <= until_hour <= 24) or from_hour == until_hour:
        raise JobRefused("Hours go from 0 to 23 and until 1 to 24, and differ.")
    row, _ = JobSetting.objects.update_or_create(
        pk=job, defaults={"enabled": enabled, "from_hour": from_hour, "until_hour": until_hour}
    )
    data = {"job": job, "enabled": enabled, "from_hour": from_hour, "until_hour": until_hour}
    audit.record("job.changed", actor=by, data=data, at=at)
    return row


@transaction.atomic
def ask(*, job: str, by: User, at: datetime) -> JobRequest:
    """Have a worker run the job now. A request that waits already is returned. Raises JobRefused for no such job."""
    _known(job)
    from .tasks import run_asked

    try:
        with transaction.atomic():
            row = JobRequest.objects.create(job=job, asked_by=by, asked_at=at, due_at=at)
    except IntegrityError:
        return JobRequest.objects.get(job=job, state__in=("QUEUED", "RUNNING"))
    audit.record("job.asked", actor=by, data={"job": job}, at=at)
    work.wake(run_asked)
    return row


def run_asked(*, at: datetime) -> dict[str, int]:
    """Run what people asked for. The job's own rows are its queue, so a rerun repeats nothing that is done."""
    rows = work.claim(KIND, at=at, limit=5)
    done, failed = work.each(rows, lambda row: _run(row, at))
    return {"asked": done, "failed": failed}


def _run(row: JobRequest, at: datetime) -> None:
    before = set(JobRun.objects.filter(job=row.job, asked_by=row.asked_by_id).values_list("pk", flat=True))
    path, _, name = schedule()[row.job][0].rpartition(".")
    with jobs.asked_by(row.asked_by):
        getattr(import_module(path), name).run()
    run = JobRun.objects.filter(job=row.job, asked_by=row.asked_by_id).exclude(pk__in=before).first()
    state = "FAILED" if run is None or run.state == JobRun.State.FAILED else "DONE"
    work.finish(KIND, pk=row.pk, token=row.lease_token, state=state, run=run)


def _known(job: str) -> None:
    if job not in schedule():
        raise JobRefused("There is no such job.")

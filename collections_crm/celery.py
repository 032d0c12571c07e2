"""The Celery app, the queue names and the whole beat schedule on one screen.

Celery only wakes workers up; the rows in PostgreSQL are the queue (DECISIONS 2). Each tick is
UTC and becomes a JobRun row, so 0, 1 or 2 beats are all safe.
"""

import os
from enum import StrEnum

from celery import Celery
from celery.signals import worker_process_init

from core.memory import settle

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "collections_crm.settings")


class Queue(StrEnum):
    DEFAULT = "default"
    LETTERS = "letters"
    IMPORTS = "imports"
    NIGHTLY = "nightly"


app = Celery("collections_crm")
app.conf.update(
    task_default_queue=Queue.DEFAULT,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_ignore_result=True,
    accept_content=["json"],
    task_serializer="json",
    task_time_limit=600,
    task_soft_time_limit=540,
    broker_transport_options={"visibility_timeout": 900, "socket_timeout": 5, "socket_connect_timeout": 2},
    broker_connection_retry_on_startup=True,
    worker_soft_shutdown_timeout=20,
    worker_cancel_long_running_tasks_on_connection_loss=True,
    worker_max_tasks_per_child=2000,
    worker_hijack_root_logger=False,
    timezone="UTC",
    enable_utc=True,
    task_publish_retry_policy={"max_retries": 1, "interval_start": 0.1},
)

app.config_from_object("collections_crm.celery_config")
app.autodiscover_tasks()

# job name -> (task, seconds between ticks, queue). Admins switch a job off or set its hours in /jobs/.
SCHEDULE: dict[str, tuple[str, int, Queue]] = {
    "letters.send_due": ("letters.tasks.send_due", 15, Queue.LETTERS),
    "strategies.plan_reminders": ("strategies.tasks.plan_reminders", 3600, Queue.LETTERS),
    "accounts.run_imports": ("accounts.tasks.run_imports", 15, Queue.IMPORTS),
    "payments.judge": ("payments.tasks.judge", 900, Queue.DEFAULT),
    "payments.month_end": ("payments.tasks.month_end", 3600, Queue.NIGHTLY),
    "payments.announce": ("payments.tasks.announce", 15, Queue.DEFAULT),
    "strategies.refresh_work": ("strategies.tasks.refresh_work", 900, Queue.NIGHTLY),
    "strategies.release_holds": ("strategies.tasks.release_holds", 30, Queue.DEFAULT),
    "accounts.nightly": ("accounts.tasks.nightly", 3600, Queue.NIGHTLY),
    "compliance.audit_day": ("compliance.tasks.audit_day", 86400, Queue.NIGHTLY),
    "compliance.build_samples": ("compliance.tasks.build_samples", 60, Queue.NIGHTLY),
    "reports.build_days": ("reports.tasks.build_days", 60, Queue.DEFAULT),
    "reports.sweep_asked": ("reports.tasks.sweep_asked", 60, Queue.DEFAULT),
    "core.seal_audit": ("core.tasks.seal_audit", 60, Queue.DEFAULT),
    "core.sweep": ("core.tasks.sweep", 3600, Queue.DEFAULT),
    "core.prove": ("core.tasks.prove", 86400, Queue.NIGHTLY),
}

# An hour's job is asked for every five minutes: its JobRun row lets it happen once, also after a restart.
LONGEST = 300

app.conf.beat_schedule = {
    name: {"task": task, "schedule": float(min(every, LONGEST)), "options": {"queue": queue.value, "expires": every}}
    for name, (task, every, queue) in SCHEDULE.items()
}


@worker_process_init.connect
def _settle(**_: object) -> None:
    settle()

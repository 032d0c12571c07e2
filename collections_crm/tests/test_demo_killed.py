"""kill -9 of a real load_demo, three times: it goes on where it was, nothing is doubled, nothing is forgotten."""

import os
import re
import signal
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.models import Count

from accounts.models import Account, AccountSnapshot, ContactPoint, Debtor, Placement, Portfolio
from collections_crm.demo.organizations import BOOKS
from contacts.models import Disposition, Interaction
from core.models import JobRun
from ledger.check import problems
from ledger.models import Journal
from letters.models import Message
from strategies.models import WorkItem
from users.models import Shift

ACCOUNTS, CHUNK = 45, 15
PASSWORD = "walnut summer kettle"
SCRIPT = """
import os, signal, sys
import django
django.setup()
from django.core.management import call_command
from collections_crm.demo import after, load, tables
load.CHUNK = int(sys.argv[2])
def die(*args, **facts):
    os.kill(os.getpid(), signal.SIGKILL)
flush, seen = tables.Desk.flush, []
def flushing(desk):
    counts = flush(desk)
    seen.append(1)
    if sys.argv[1] == "chunk" and len(seen) == 2:
        die()  # all rows of the second chunk are written, none is committed
    return counts
tables.Desk.flush = flushing
if sys.argv[1] == "after":
    after._worklist = die  # the nights and shifts are written, the worklist is not
if sys.argv[1] == "end":
    load.finish = die
call_command("load_demo", "--accounts", sys.argv[3])
"""
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _as_migrated() -> None:
    """What migrations brought; the flush of an earlier test took it."""
    import_module("ledger.migrations.0002_chart").add(apps, None)
    import_module("contacts.migrations.0002_dispositions").add(apps, None)
    import_module("contacts.migrations.0004_distress_outcome").add(apps, None)
    with connection.schema_editor() as editor:
        import_module("accounts.migrations.0002_components").add(apps, editor)


def load_demo(killed_in: str, data: Path) -> int:
    """Run it in a process of its own that dies at this place; its exit code."""
    server = urlsplit(os.environ["DATABASE_URL"])
    address = urlunsplit(server._replace(path=f"/{connection.settings_dict['NAME']}"))
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, killed_in, str(CHUNK), str(ACCOUNTS)],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DATABASE_URL": address, "CRM_DATA": str(data), "DEMO_PASSWORD": PASSWORD},
        stdout=subprocess.DEVNULL,
        timeout=300,
        check=False,
    )
    return done.returncode


def test_killed_three_times_it_ends_as_if_nothing_had_happened(tmp_path: Path) -> None:
    assert load_demo("chunk", tmp_path) == -signal.SIGKILL
    assert CHUNK <= Account.objects.count() < 2 * CHUNK  # the first chunk, whole, and nothing of the second
    first = set(Account.objects.values_list("pk", flat=True))
    assert list(problems()) == []

    assert load_demo("after", tmp_path) == -signal.SIGKILL
    shifts = Shift.objects.count()
    assert load_demo("end", tmp_path) == -signal.SIGKILL
    assert JobRun.objects.get(job="load_demo").state != "DONE"
    assert load_demo("", tmp_path) == 0

    assert JobRun.objects.get(job="load_demo").state == "DONE"
    assert Account.objects.count() == ACCOUNTS
    assert first <= set(Account.objects.values_list("pk", flat=True))
    assert list(problems()) == []
    _nothing_doubled()
    assert Shift.objects.count() == shifts
    _nothing_forgotten()


def _nothing_doubled() -> None:
    assert Portfolio.objects.count() == len(BOOKS)
    assert set(Portfolio.objects.values_list("night", flat=True)) == {3}
    assert Journal.objects.filter(code="PLACEMENT").count() == ACCOUNTS
    boxes = [
        v for v in ContactPoint.objects.filter(kind="EMAIL").values_list("value", flat=True) if re.search(r"\d@", v)
    ]
    assert len(boxes) == len(set(boxes))
    for model, once in (
        (Shift, ("user", "started_at")),
        (WorkItem, ("debtor", "state")),
        (Message, ("key",)),
        (Debtor, ("folded_name", "birth_date", "created_at")),
        (AccountSnapshot, ("account_id", "valid_from")),
        (Disposition, ("code",)),
    ):
        twice = model.objects.values(*once).annotate(n=Count("pk")).filter(n__gt=1)
        assert not twice.exists(), (model, list(twice[:3]))
    for placement in Placement.objects.annotate(n=Count("accounts")):
        assert placement.accounts_count == placement.n


def _nothing_forgotten() -> None:
    """Each call of the last weeks lies in a shift, those of the first process too; the first chunk has its work."""
    since = Shift.objects.order_by("started_at").values_list("started_at", flat=True)[0]
    calls = Interaction.objects.filter(kind="CALL", started_at__gt=since).exclude(officer=None)
    assert calls.exists()
    for call in calls:
        covering = Shift.objects.filter(user=call.officer_id, started_at__lte=call.started_at)
        assert any(shift.ended_at is None or shift.ended_at >= call.started_at for shift in covering)
    assert WorkItem.objects.filter(state="OPEN").exists()

"""kill -9 of a process that loads a file, for real: what it saved stays, the rest comes later, nothing twice."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

from accounts.models import Account, ImportFile, Organization, Portfolio
from accounts.services.running import work_imports
from accounts.tests.placement_files import line, table
from collections_crm import testing as make
from core import clock
from ledger.check import problems
from ledger.models import Journal

ROWS = 1500
pytestmark = pytest.mark.django_db(transaction=True)


def _start(path: Path, data: Path) -> subprocess.Popen[bytes]:
    server = urlsplit(os.environ["DATABASE_URL"])
    url = urlunsplit(server._replace(path=f"/{connection.settings_dict['NAME']}"))
    environment = os.environ | {
        "DATABASE_URL": url,
        "CRM_DATA": str(data),
        "DJANGO_SETTINGS_MODULE": "collections_crm.settings",
    }
    command = [sys.executable, "-m", "django", "import_placement", str(path), "--creditor", "Northwind Energy"]
    return subprocess.Popen(
        [*command, "--by", "ada", "--release-by", "max"],
        cwd=settings.BASE_DIR,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def test_a_load_killed_in_the_middle_is_finished_by_the_next_worker(tmp_path: Path) -> None:
    import_module("ledger.migrations.0002_chart").add(apps, None)  # the flush of an earlier test took it
    team = make.team("North")
    make.user("Ada Lindgren", "admin")
    make.user("Max Feldman", "manager", team=team)
    path = tmp_path / "placement.csv"
    path.write_bytes(table(*(line(Account=f"NE-{n}", Last_Name=f"Cole{n}") for n in range(ROWS))))

    process = _start(path, tmp_path)
    deadline = time.monotonic() + 60
    while not Account.objects.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()

    row = ImportFile.objects.get()
    saved = Account.objects.count()
    assert row.state == "LOADING"
    assert 0 < saved < ROWS
    assert row.loaded_rows == saved == Journal.objects.count()

    ImportFile.objects.update(lease_until=clock.now() - timedelta(seconds=1))
    work_imports(at=clock.now())

    row.refresh_from_db()
    assert row.placement is not None
    assert (row.state, row.loaded_rows, row.placement.accounts_count) == ("LOADED", ROWS, ROWS)
    assert Account.objects.count() == Journal.objects.count() == ROWS
    assert list(problems()) == []
    assert Portfolio.objects.count() == Organization.objects.count() == 1

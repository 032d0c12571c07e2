"""A pytest plugin (named in pytest.ini): the tests' own throw-away PostgreSQL, and what was skipped.

It starts before pytest-django reads the settings, hence the early hook and the plugin. The server is a child
of pytest's main thread: it goes when pytest goes, kill -9 included. Workers of xdist inherit its address.
`CRM_TEST_DATABASE_URL` (a superuser's) runs the tests on a server of yours instead.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import psycopg2
import pytest
from django.core.management import call_command

from .postgres import SUPERUSER, THROW_AWAY, Postgres
from .processes import stop
from .roles import APP, OWNER, READ, make_extensions, make_roles

_PREFIX = "crm-test-"
_KEY = "dGhpcyBrZXkgaXMgb25seSBmb3IgdGVzdHMgb2theSE="  # 32 bytes
_ENVIRONMENT = {
    "SECRET_KEY": "only-for-tests-" + "x" * 50,
    "CRM_FIELD_KEYS": f"k1:{_KEY}",
    "CRM_INDEX_KEY": _KEY,
    "CRM_FIRST_RUN_TOKEN": "first-run-in-tests",
    "CRM_DB_OPTIONS": "-c crm.test=on",  # the append-only triggers let the test database be emptied
    "CRM_CONN_MAX_AGE": "0",
    "CELERY_BROKER_URL": "memory://",
}
_NOT_OURS = ("CACHE_URL", "CRM_CLOCK", "CRM_CLOCK_OFFSET", "CRM_PRODUCTION", "DEBUG", "DATABASE_READ_URL")

# These take from a quarter of a minute to two minutes each. Begun last, one would be run while the other process idles.
_LONG = {
    name: place
    for place, name in enumerate((
        "test_faults_up.py", "test_inputs_forms.py", "test_browser_axe.py", "test_browser_day.py",
        "test_browser_keys.py", "test_browser_help.py", "test_sweep_routes.py", "test_local_up.py",
        "test_inputs_canary.py", "test_faults.py", "test_imports.py", "test_local_bootstrap.py", "test_board.py",
        "test_local_cluster.py", "test_eighth_call.py", "test_demo_rules.py", "test_demo.py", "test_demo_year.py",
        "test_privileges.py",
    ))
}  # fmt: skip


class _Running:
    folder: Path | None = None
    lock: IO[str] | None = None
    server: subprocess.Popen[bytes] | None = None


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """Start the cluster and set the environment; in an xdist worker both are there already."""
    if "PYTEST_XDIST_WORKER" in os.environ or _Running.folder is not None:
        return
    _sweep()
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    _Running.folder = folder
    _Running.lock = (folder / "lock").open("w")
    fcntl.flock(_Running.lock, fcntl.LOCK_EX)
    for name in _NOT_OURS:
        os.environ.pop(name, None)
    url = os.environ.get("CRM_TEST_DATABASE_URL") or _start(folder)
    os.environ.update(_ENVIRONMENT | {"CRM_DATA": str(folder / "data"), "DATABASE_URL": url})
    os.environ["DATABASE_OWNER_URL"] = url


def pytest_unconfigure() -> None:
    """Stop at once (nothing in it is worth a checkpoint) and leave no folder behind."""
    if _Running.server is not None:
        stop(_Running.server, ladder=[(signal.SIGQUIT, 10)])
        _Running.server = None
    if _Running.folder is not None:
        shutil.rmtree(_Running.folder, ignore_errors=True)
        _Running.folder = None


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--nightly", action="store_true", help="also the long fault and load tests (≤ 60 minutes)")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The long files first; without --nightly (or `-m nightly`) the tests marked so are left out."""
    items.sort(key=lambda item: _LONG.get(item.path.name, len(_LONG)))
    if config.getoption("--nightly") or "nightly" in config.option.markexpr:
        return
    long = [item for item in items if item.get_closest_marker("nightly")]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The last word before pytest's closing line: how many tests did not run, and why."""
    reasons = Counter(_reason(report) for report in terminalreporter.stats.get("skipped", []))
    terminalreporter.write_line(f"tests skipped: {sum(reasons.values())}")
    for reason, count in reasons.most_common():
        terminalreporter.write_line(f"  {count} × {reason}")


def _reason(report: pytest.TestReport) -> str:
    where = report.longrepr
    return where[2].removeprefix("Skipped: ") if isinstance(where, tuple) else str(where)


def migrated(connection: Any) -> str:
    """The name of a database with all migrations. Whoever wants it first makes it, the others wait and copy it."""
    usual, name = connection.settings_dict["NAME"], Path(os.environ["CRM_DATA"]).parent.name
    with Path(os.environ["CRM_DATA"]).with_name("migrated").open("a+") as done:
        fcntl.flock(done, fcntl.LOCK_EX)
        if done.seek(0, os.SEEK_END) == 0:  # looked at under the lock, not when it was opened
            with connection.cursor() as cursor:
                cursor.execute(f'CREATE DATABASE "{name}"')
            connection.close()
            connection.settings_dict["NAME"] = name
            call_command("migrate", interactive=False, verbosity=0)
            connection.close()
            connection.settings_dict["NAME"] = usual
            done.write("done")
    return name


def _start(folder: Path) -> str:
    """The URL of a new cluster: crm_owner may make databases there, template1 has the extensions."""
    server = Postgres(
        data=folder / "postgres",
        sockets=folder,
        log=folder / "postgres.log",
        settings=THROW_AWAY,
    )
    server.init()
    _Running.server = server.start()
    connection = psycopg2.connect(server.url(role=SUPERUSER, database="template1"))
    connection.autocommit = True
    with connection.cursor() as cursor:
        make_roles(cursor)
        make_extensions(cursor)
        cursor.execute(f"ALTER ROLE {OWNER} CREATEDB")
        cursor.execute(f"GRANT {APP}, {READ} TO {OWNER}")
        cursor.execute(f"ALTER SCHEMA public OWNER TO {OWNER}")
    connection.close()
    return server.url(role=OWNER, database="postgres")


def _sweep() -> None:
    """Folders of test runs that were killed: their lock is free."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError), (folder / "lock").open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)

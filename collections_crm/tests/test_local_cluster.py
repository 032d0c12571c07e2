"""The embedded PostgreSQL and who may use it, on real clusters of the test."""

import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import psycopg2
import pytest
from django.conf import settings

from collections_crm.local.cluster import borrowed, embedded
from collections_crm.local.folders import Folders
from collections_crm.local.postgres import SUPERUSER, Postgres
from collections_crm.local.processes import IS_ROOT, stop
from collections_crm.local.roles import APP, on_server
from collections_crm.local.trouble import Trouble
from collections_crm.tests.local_helpers import bare_environment, wait_until


def _row(url: str, statement: str) -> tuple[object, ...]:
    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return tuple(cursor.fetchone() or ()) if cursor.description else ()
    finally:
        connection.close()


def _folders(tmp_path: Path) -> Folders:
    folders = Folders(tmp_path / "data")
    folders.make()
    return folders


def test_crm_app_owns_nothing_makes_nothing_and_never_waits_for_long(tmp_path: Path) -> None:
    with borrowed(_folders(tmp_path)) as urls:
        assert _row(urls.app, "SHOW lock_timeout") == ("5s",)
        assert _row(urls.app, "SHOW statement_timeout") == ("30s",)
        assert _row(urls.app, "SHOW idle_in_transaction_session_timeout") == ("1min",)
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            _row(urls.app, "CREATE TABLE mine (n int)")
        _row(urls.owner, "CREATE TABLE debts (n int)")
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            _row(urls.app, "DROP TABLE debts")


def test_the_cluster_writes_durably_and_checks_its_pages(tmp_path: Path) -> None:
    with borrowed(_folders(tmp_path)) as urls:
        for name in ("fsync", "full_page_writes", "synchronous_commit", "data_checksums"):
            assert _row(urls.app, f"SHOW {name}") == ("on",), name


def test_a_command_stops_the_server_it_started_and_leaves_the_rows(tmp_path: Path) -> None:
    folders = _folders(tmp_path)

    with borrowed(folders) as urls:
        _row(urls.owner, "CREATE TABLE debts AS SELECT 250.00 AS balance")
    assert not embedded(folders).answers()

    with borrowed(folders) as urls:
        assert str(_row(urls.owner, "SELECT balance FROM debts")[0]) == "250.00"


def test_a_second_command_uses_the_server_of_the_first(tmp_path: Path) -> None:
    folders = _folders(tmp_path)

    with borrowed(folders) as first:
        began = _row(first.app, "SELECT pg_postmaster_start_time()")
        with borrowed(folders) as second:
            assert _row(second.app, "SELECT pg_postmaster_start_time()") == began
        assert embedded(folders).answers()


def test_a_killed_postmaster_loses_no_acknowledged_row(tmp_path: Path) -> None:
    server = embedded(_folders(tmp_path))
    server.init()
    child = server.start()
    url = server.url(role=SUPERUSER, database="postgres")
    _row(url, "CREATE TABLE paid AS SELECT generate_series(1, 1000) AS n")

    child.send_signal(signal.SIGKILL)
    child.wait()
    again = server.start()

    assert _row(url, "SELECT count(*) FROM paid") == (1000,)
    stop(again, ladder=[(signal.SIGQUIT, 10)])


def test_a_pid_file_of_a_dead_server_is_no_obstacle(tmp_path: Path) -> None:
    server = embedded(_folders(tmp_path))
    server.init()
    somebody = subprocess.Popen(["sleep", "300"])  # has the dead server's number now
    (server.data / "postmaster.pid").write_text(f"{somebody.pid}\n{server.data}\n")
    (server.sockets / ".s.PGSQL.5432.lock").write_text(f"{somebody.pid}\n")

    try:
        child = server.start()

        assert server.answers()
        assert somebody.poll() is None
        stop(child, ladder=[(signal.SIGQUIT, 10)])
    finally:
        somebody.kill()
        somebody.wait()


def test_a_half_made_cluster_is_made_anew(tmp_path: Path) -> None:
    server = embedded(_folders(tmp_path))
    half = server.data.with_name("postgres.new")
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")

    server.init()

    assert (server.data / "global" / "pg_control").exists()
    assert not half.exists()


def test_the_server_dies_with_whoever_started_it(tmp_path: Path) -> None:
    folders = _folders(tmp_path)
    script = (
        "import time; from pathlib import Path; from collections_crm.local.cluster import embedded\n"
        "from collections_crm.local.folders import Folders\n"
        f"s = embedded(Folders(Path({str(folders.data)!r}))); s.init(); c = s.start(); print(c.pid, flush=True)\n"
        "time.sleep(300)"
    )
    starter = subprocess.Popen(
        [sys.executable, "-c", script], cwd=settings.BASE_DIR, env=bare_environment(), stdout=subprocess.PIPE, text=True
    )
    assert starter.stdout is not None
    postmaster = psutil.Process(int(starter.stdout.readline()))

    starter.send_signal(signal.SIGKILL)
    starter.wait()

    wait_until(lambda: not postmaster.is_running(), seconds=30, what="PostgreSQL to go")
    starter.stdout.close()


def test_a_path_too_long_for_a_socket_gets_a_short_folder(tmp_path: Path) -> None:
    folders = Folders(tmp_path / ("a very long name " * 8))
    folders.make()

    assert len(str(folders.sockets)) < 90
    assert folders.sockets.stat().st_mode & 0o777 == 0o700
    with borrowed(folders) as urls:
        assert _row(urls.app, "SELECT current_user") == ("crm_app",)
    folders.sockets.rmdir()


@pytest.mark.skipif(not IS_ROOT, reason="only root has to leave root")
def test_root_without_user_namespaces_runs_the_server_as_nobody() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)  # nobody has to get in
        for part, mode in (("cluster", 0o777), ("run", 0o700)):
            (folder / part).mkdir()
            (folder / part).chmod(mode)
        log = folder / "log"
        server = Postgres(data=folder / "cluster" / "pg", sockets=folder / "run", log=log, leave_root="nobody")
        server.init()

        child = server.start()

        assert psutil.Process(child.pid).username() == "nobody"
        stop(child, ladder=[(signal.SIGQUIT, 10)])


def test_a_server_somebody_else_runs_is_worked_on_as_crm_app(tmp_path: Path) -> None:
    with borrowed(_folders(tmp_path)) as ours:
        superuser = ours.owner.replace("crm_owner@", f"{SUPERUSER}@")

        urls, notes = on_server(url=superuser)

        assert notes == []
        assert _row(urls.app, "SELECT current_user, session_user::text") == (APP, SUPERUSER)
        assert _row(urls.app, "SHOW statement_timeout") == ("30s",)
        assert _row(urls.owner, "SELECT current_user") == (SUPERUSER,)


def test_an_owner_who_may_not_make_roles_is_told_so(tmp_path: Path) -> None:
    with borrowed(_folders(tmp_path)) as ours:
        urls, notes = on_server(url=ours.owner)

    assert urls.app == ours.owner
    assert notes == ["Web and workers log in as the tables' owner; a role crm_app would part them."]


def test_a_server_that_does_not_answer_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="The server of DATABASE_URL can't be used"):
        on_server(url=f"postgresql://postgres@/crm?host={tmp_path}")

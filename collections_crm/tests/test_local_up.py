"""`manage.py up`, for real: every process of the system on a folder of the test."""

import signal
import urllib.request
from pathlib import Path

import psycopg2
import pytest

from collections_crm.local.cluster import embedded, urls
from collections_crm.local.folders import Folders
from collections_crm.tests.local_helpers import Copy, copy, manage, wait_until


def _get(running: Copy, path: str) -> tuple[int, str]:
    with urllib.request.urlopen(f"http://127.0.0.1:{running.port}{path}", timeout=20) as answer:
        return answer.status, answer.read().decode()


def _sql(url: str, statement: str) -> object:
    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            row = cursor.fetchone() if cursor.description else None
            return row[0] if row else None
    finally:
        connection.close()


def test_up_serves_pages_as_crm_app_and_leaves_nothing_when_asked_to_stop(tmp_path: Path) -> None:
    with copy(tmp_path / "data", "--no-demo") as running:
        folders = Folders(running.data)
        url = urls(embedded(folders)).app

        assert _get(running, "/healthz")[0] == 200
        assert _get(running, "/readyz")[0] == 200
        assert "Code for the first-run page" in running.said
        users = "SELECT string_agg(DISTINCT usename, ',') FROM pg_stat_activity WHERE backend_type = 'client backend'"
        assert _sql(url, users) == "crm_app"
        assert (running.data / "secrets.env").stat().st_mode & 0o777 == 0o600

        second = manage("up", "--data", str(running.data), "--port", "1")
        assert second.returncode == 1
        assert f"Another `manage.py up on port {running.port}` is using the folder" in second.stdout
        neighbor = manage("up", "--data", str(tmp_path / "other"), "--port", str(running.port))
        assert neighbor.returncode == 1
        assert f"Port {running.port} is taken" in neighbor.stdout

        assert running.terminate() == 0
        assert running.said.endswith("Stopping.\nStopped.\n")
        assert running.alive() == []


@pytest.mark.nightly
def test_the_second_up_finds_what_the_first_one_kept(tmp_path: Path) -> None:
    with copy(tmp_path / "data", "--no-demo") as first:
        owner = urls(embedded(Folders(first.data))).owner
        _sql(owner, "CREATE TABLE kept AS SELECT 'by Olive' AS who")
        secrets = (first.data / "secrets.env").read_text()

    with copy(tmp_path / "data", "--no-demo") as second:
        assert _sql(urls(embedded(Folders(second.data))).owner, "SELECT who FROM kept") == "by Olive"
        assert (second.data / "secrets.env").read_text() == secrets


@pytest.mark.nightly
def test_two_copies_run_side_by_side_and_one_may_leave(tmp_path: Path) -> None:
    with copy(tmp_path / "one", "--no-demo") as one, copy(tmp_path / "two", "--no-demo") as two:
        _sql(urls(embedded(Folders(one.data))).owner, "CREATE TABLE only_here (n int)")

        there = _sql(urls(embedded(Folders(two.data))).owner, "SELECT to_regclass('only_here')")
        assert there is None
        assert one.terminate() == 0
        assert _get(two, "/readyz")[0] == 200


@pytest.mark.nightly
def test_kill_minus_nine_of_the_supervisor_leaves_nothing_running(tmp_path: Path) -> None:
    with copy(tmp_path / "data", "--no-demo") as running:
        assert len(running.alive()) >= 5

        running.process.send_signal(signal.SIGKILL)
        running.process.wait()

        wait_until(lambda: not running.alive(), seconds=40, what="the children to go")

    with copy(tmp_path / "data", "--no-demo") as again:
        assert _get(again, "/readyz")[0] == 200


@pytest.mark.nightly
def test_a_killed_server_process_comes_back_and_pages_answer_again(tmp_path: Path) -> None:
    with copy(tmp_path / "data", "--no-demo") as running:
        for word in ("pginstall", "valkey-server", "gunicorn", "celery:app worker", "celery:app beat"):
            killed = running.child(word)
            killed.send_signal(signal.SIGKILL)
            wait_until(lambda killed=killed: not killed.is_running(), seconds=10, what="it to be dead")  # type: ignore[misc]

        def answers() -> bool:
            try:
                return _get(running, "/readyz")[0] == 200
            except OSError:
                return False

        wait_until(answers, seconds=60, what="the pages to answer again")
        for word in ("valkey-server", "celery:app worker", "celery:app beat"):
            wait_until(lambda word=word: _has(running, word), seconds=60, what=f"{word} to be back")  # type: ignore[misc]
        running.remember()


def _has(running: Copy, word: str) -> bool:
    try:
        running.child(word)
    except AssertionError:
        return False
    return True

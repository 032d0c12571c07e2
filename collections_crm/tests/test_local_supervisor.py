"""The supervisor with small children of the test, and what the two commands make of their words."""

import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collections_crm.local import keys
from collections_crm.local.commands import take_data
from collections_crm.local.environment import clock_offset
from collections_crm.local.processes import spawn
from collections_crm.local.supervisor import Service, Stopped, Supervisor
from collections_crm.local.testing import in_parallel
from collections_crm.local.trouble import Trouble
from collections_crm.tests.local_helpers import wait_until


def _service(tmp_path: Path, name: str, code: str) -> Service:
    log = tmp_path / f"{name}.log"

    def start() -> subprocess.Popen[bytes]:
        return spawn([sys.executable, "-c", code], log=log)

    return Service(name=name, start=start, ready=lambda: True, ladder=[(signal.SIGTERM, 5)], log=log)


def _ending(tmp_path: Path, name: str) -> str:
    """A child that writes its name to a list when it is asked to end."""
    return (
        "import signal, sys, time\n"
        f"def end(*_):\n    open({str(tmp_path / 'order')!r}, 'a').write({name + ' '!r}); sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, end); print('up', flush=True); time.sleep(300)"
    )


def test_children_are_stopped_in_the_reverse_of_their_start(tmp_path: Path) -> None:
    supervisor = Supervisor(say=lambda text: None)
    for name in ("postgres", "valkey", "web"):
        service = _service(tmp_path, name, _ending(tmp_path, name))
        service.ready = lambda log=service.log: log.exists() and "up" in log.read_text()  # type: ignore[misc]
        supervisor.start(service)

    supervisor.stop_all()

    assert (tmp_path / "order").read_text().split() == ["web", "valkey", "postgres"]


def test_a_child_that_keeps_crashing_is_started_again_more_and_more_slowly(tmp_path: Path) -> None:
    said: list[str] = []
    supervisor = Supervisor(say=said.append)

    def say(text: str) -> None:
        said.append(text)
        supervisor.stopping = len(said) == 2

    supervisor.say = say
    supervisor.start(_service(tmp_path, "web", "import sys; sys.exit(3)"))

    supervisor.watch()
    supervisor.stop_all()

    assert said[0].startswith("web stopped by itself (code 3); starting it again in 1 s.")
    assert said[1].startswith("web stopped by itself (code 3); starting it again in 2 s.")


def test_a_child_that_will_not_end_is_killed_with_its_children(tmp_path: Path) -> None:
    stubborn = (
        "import signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(300)']).pid, flush=True)\n"
        "time.sleep(300)"
    )
    said: list[str] = []
    supervisor = Supervisor(say=said.append)
    service = _service(tmp_path, "worker", stubborn)
    service.ladder = [(signal.SIGTERM, 0.5)]
    supervisor.start(service)
    wait_until(lambda: service.log.read_text().endswith("\n"), seconds=20, what="the grandchild")
    grandchild = Path("/proc") / service.log.read_text().strip() / "cmdline"

    supervisor.stop_all()

    assert said == ["worker had to be killed."]
    wait_until(lambda: not grandchild.exists() or not grandchild.read_bytes(), seconds=10, what="it to go")


def test_a_step_is_given_up_when_somebody_asks_to_stop(tmp_path: Path) -> None:
    supervisor = Supervisor(say=lambda text: None)
    threading.Timer(0.5, lambda: setattr(supervisor, "stopping", True)).start()

    with pytest.raises(Stopped):
        supervisor.step("load_demo", [sys.executable, "-c", "import time; time.sleep(300)"], env={}, log=None)


def test_secrets_are_made_once_and_readable_by_us_alone(tmp_path: Path) -> None:
    first = keys.load(tmp_path / "secrets.env")

    assert keys.load(tmp_path / "secrets.env") == first
    assert (tmp_path / "secrets.env").stat().st_mode & 0o777 == 0o600
    assert set(first) == set(keys.NAMES)
    assert len(first["SECRET_KEY"]) >= 50


def test_a_lost_line_of_the_secrets_is_made_again_and_the_others_stay(tmp_path: Path) -> None:
    first = keys.load(tmp_path / "secrets.env")
    kept = [f"{name}={value}\n" for name, value in first.items() if name != "CRM_FIRST_RUN_TOKEN"]
    (tmp_path / "secrets.env").write_text("".join(kept))

    second = keys.load(tmp_path / "secrets.env")

    assert second["CRM_FIELD_KEYS"] == first["CRM_FIELD_KEYS"]
    assert second["CRM_FIRST_RUN_TOKEN"] != first["CRM_FIRST_RUN_TOKEN"]


def test_the_clock_is_moved_by_the_distance_to_the_moment_asked_for() -> None:
    asked = datetime(2030, 3, 10, 7, 30, tzinfo=UTC)

    for text in ("2030-03-10T07:30", "2030-03-10T02:30:00-05:00", "2030-03-10T07:30:00Z"):
        distance = (asked - datetime.now(UTC)).total_seconds()
        assert abs(clock_offset(text) - distance) < 60


def test_a_moment_nobody_can_read_is_refused() -> None:
    with pytest.raises(Trouble, match="isn't an ISO moment"):
        clock_offset("next tuesday")


@pytest.mark.parametrize(
    ("words", "data", "rest"),
    [
        (["migrate", "--data", "two", "core"], "two", ["migrate", "core"]),
        (["migrate", "--data=two"], "two", ["migrate"]),
        (["migrate", "--database", "default"], "", ["migrate", "--database", "default"]),
    ],
)
def test_any_command_can_be_pointed_at_another_folder(words: list[str], data: str, rest: list[str]) -> None:
    assert take_data(words) == (data, rest)


def test_data_without_a_folder_is_refused() -> None:
    with pytest.raises(Trouble, match="--data needs a folder"):
        take_data(["migrate", "--data"])


@pytest.mark.parametrize("words", [["-n", "4"], ["-n0"], ["--pdb"], ["a/test_b.py::test_c"], ["-p", "no:xdist"]])
def test_pytest_runs_on_two_processes_unless_told_otherwise(words: list[str]) -> None:
    both = ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"]
    assert in_parallel([]) == both
    assert in_parallel(["core", "-k", "money"]) == both
    assert in_parallel(words) == []
